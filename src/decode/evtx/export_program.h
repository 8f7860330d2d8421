// A template definition as a program that writes text: pieces that are the same for every record, escaped
// once, and between them the values of its slots, rendered straight from the chunk's bytes.
//
// The compilers (export_json.h, export_xml.h) make programs, run() executes them. A program owns its text and
// says of each slot what it may hold; a record that holds something else takes the long way over
// export_tree.h. Immutable once made, but for the note which inner program was found to fit.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/evtx/export_text.h"

namespace landwarden::decode::evtx {

/// A part of a program's text.
struct Piece {
  std::uint32_t at = 0;
  std::uint32_t size = 0;
};

struct Step {
  enum Kind : std::uint8_t {
    literal,    ///< before
    leaf,       ///< before, a value or `empty`, after
    depends,    ///< the next `count` steps are left out if the slot is null
    object,     ///< JSON: before, a value with attributes (objects[count])
    attribute,  ///< XML: before, a value, after; nothing if it is empty
    embed,      ///< the embedded stream's own program
    close,      ///< JSON: ends an object; one that stayed empty becomes null
  };
  Kind kind = literal;
  bool dependent = false;  ///< left out if its own slot is null
  bool comma = false;      ///< `before` begins with a comma that the first member of an object does not have
  std::uint16_t slot = 0;
  std::uint32_t count = 0;
  Piece before, after, empty;
};

/// An element with attributes out of slots, as JSON.
struct ObjectStep {
  struct Attribute {
    Piece key;  ///< "name":
    bool is_slot = false;
    std::uint16_t slot = 0;
    Piece literal;  ///< its value if it is no slot
  };
  std::vector<Attribute> attributes;
  Piece open;           ///< in front of the attributes
  Piece between;        ///< between attributes and content
  Piece close;          ///< behind the attributes, if there is no content
  Piece close_content;  ///< behind attributes and content
  Piece plain;          ///< in front of the content if there are no attributes
  bool content_is_slot = false;
  std::uint16_t content_slot = 0;
  Piece content;  ///< literal; empty: there is none
};

struct Program {
  /// What a slot may hold.
  enum SlotUse : std::uint8_t { plain = 0, list = 1, stream = 2 };

  std::vector<Step> steps;
  std::vector<ObjectStep> objects;
  std::string text;
  std::vector<std::uint8_t> slots;  ///< SlotUse; 0xff: unused
  std::optional<std::uint16_t> stream_slot;
  /// JSON: keys beside the embedded stream, and the keys of this program's own root.
  std::vector<std::string> beside;
  std::string root_key;
  mutable const Program* fits = nullptr;  ///< the inner program last found to share no key with `beside`

  [[nodiscard]] std::string_view of(Piece piece) const {
    return std::string_view(text).substr(piece.at, piece.size);
  }
};

/// The values of one instance.
struct Values {
  const RawValue* values = nullptr;
  std::uint32_t count = 0;

  [[nodiscard]] RawValue at(std::uint16_t slot) const { return slot < count ? values[slot] : RawValue{}; }
  [[nodiscard]] bool is_null(std::uint16_t slot) const {
    return slot < count && values[slot].type == value_type::kNull;
  }
};

/// Writes what `outer` makes of its values, with `inner` (may be null) where the embedded stream stands.
/// `readable` is behind the last byte of the chunk.
template <bool json>
void run(const Program& outer, const Values& outer_values, const Program* inner, const Values& inner_values,
         const std::byte* readable, TextOut& out);

/// Puts a program together: pieces of text collect until a step needs them.
class ProgramMaker {
 public:
  explicit ProgramMaker(Program& program) : program_(program) {}

  [[nodiscard]] TextOut& text() { return pending_; }
  /// Makes a step of the text collected so far.
  void flush();
  /// The text collected so far, for the next step.
  [[nodiscard]] Piece take();
  [[nodiscard]] Piece keep(std::string_view text);
  /// Adds a step whose `before` is the text collected so far.
  void add(Step step);
  /// The comma before a member that may turn out to be the first: what follows is a step of its own.
  void comma_unless_first();
  /// What is added until end_guard() is left out if the slot is null.
  [[nodiscard]] std::size_t begin_guard(std::uint16_t slot);
  void end_guard(std::size_t guard);
  /// Says that a slot is used so; false if it is used too often.
  [[nodiscard]] bool use(std::uint16_t slot, Program::SlotUse use);
  [[nodiscard]] bool too_large() const;

 private:
  Program& program_;
  TextOut pending_;
  bool comma_ = false;
  std::vector<std::uint32_t> uses_;
};

}  // namespace landwarden::decode::evtx
