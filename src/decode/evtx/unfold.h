// The long way round for records that take no short cut (no template, several embedded streams, names out of
// values …): their tree is walked with the values at hand.
//
// Gives the same fields, in the same order, as plans and layouts do. A value is rendered only when somebody
// asks for its text. One a worker: it keeps its memory from record to record.

#pragma once

#include <string>
#include <vector>

#include "decode/evtx/plan.h"

namespace landwarden::decode::evtx {

/// A field of the record unfolded last: a raw value that is yet to be rendered, or text.
struct FieldValue {
  std::uint32_t name_at = 0, name_size = 0;
  std::uint32_t text_at = 0, text_size = 0;
  RawValue raw;  ///< views the chunk or a plan; no data: it is text
  bool null = false;
};

/// Room for what one level of embedded streams needs.
struct StreamRoom {
  Tree tree;
  std::vector<RawValue> values;
};

class Unfolded {
 public:
  /// All fields of the record whose stream is chunk[begin, end), in order of appearance.
  [[nodiscard]] Parsed<void> unfold(Bytes chunk, std::size_t begin, std::size_t end, PlanCache& plans);

  /// Whether a template's definition was missing or damaged, so that its values have no names.
  [[nodiscard]] bool values_only() const { return values_only_; }
  [[nodiscard]] const std::vector<FieldValue>& fields() const { return fields_; }
  [[nodiscard]] std::string_view name(const FieldValue& field) const {
    return std::string_view(text_).substr(field.name_at, field.name_size);
  }
  /// The text of a field that has no raw value.
  [[nodiscard]] std::string_view text(const FieldValue& field) const {
    return std::string_view(text_).substr(field.text_at, field.text_size);
  }
  /// The text of the first field of that name, rendered; empty if there is none.
  [[nodiscard]] std::string find_text(std::string_view name) const;
  [[nodiscard]] const FieldValue* find(std::string_view name) const;

 private:
  bool values_only_ = false;
  std::vector<FieldValue> fields_;
  std::string text_;  ///< names and texts
  std::vector<StreamRoom> rooms_ = std::vector<StreamRoom>(limits::kEvtxStreamDepth + 1);
};

}  // namespace landwarden::decode::evtx
