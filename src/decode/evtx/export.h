// Events of a Windows event log as text: JSON lines as evtx_dump writes them, or XML. One work unit at a
// time, the same records as Reader (reader.h) gives, with the same receipt.
//
// A template becomes a program once (export_program.h); a record only copies its pieces and renders its
// values. What no program fits is exported from its tree (export_tree.h); both ways give the same text. No
// output depends on the units before it. One Exporter a worker.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "decode/evtx/carve.h"
#include "decode/evtx/export_json.h"
#include "decode/evtx/export_xml.h"
#include "decode/evtx/plan.h"
#include "event/evidence.h"

namespace landwarden::decode::evtx {

enum class ExportFormat : std::uint8_t { jsonl, xml };

/// What can be asked of a record before it is written.
struct RecordHead {
  Time time;
  std::string_view event_id, channel, host;  ///< as the record shows them
};

struct ExportOptions {
  ExportFormat format = ExportFormat::jsonl;
  JsonStyle json;
  /// Which records are wanted; unset: all.
  std::function<bool(const RecordHead&)> wanted;
  unsigned ansi_codepage = 1252;  ///< of the machines that wrote the logs (ansi.h)
  bool always_tree = false;       ///< sends every record the long way; for tests that compare
};

class Exporter {
 public:
  /// Takes text that is ready, in pieces of whole records, while a unit is at work; may take it out of `out`.
  using Drain = std::function<void(TextOut& out)>;

  explicit Exporter(ExportOptions options);

  /// Appends the records of `bytes`, which stand at `offset` of the source, a line or an element each, and
  /// adds to `receipt`. `drain`, if given, is called when much has come together. Returns how many were
  /// written.
  std::uint64_t unit(Bytes bytes, std::uint64_t offset, event::Receipt& receipt, TextOut& out,
                     const Drain& drain = {});

  /// The same for records that were carved (Reader::decode_carved). They are marked: "lw.carved":true behind
  /// the event's object, a comment in front of its element.
  std::uint64_t carved(Bytes bytes, std::span<const CarvedPiece> pieces, event::Receipt& receipt,
                       TextOut& out, const Drain& drain = {});

 private:
  struct Programs {
    bool made[2] = {};
    std::optional<Program> program[2];  ///< embedded, whole
    std::optional<SystemParts> system;
  };

  /// Whether it was written; nothing of it stays in `out` if it could not be.
  [[nodiscard]] Parsed<bool> add_carved(const CarvedRecord& record, TextOut& out);
  void end_unit();
  [[nodiscard]] Parsed<bool> record(std::size_t at, std::size_t size, TextOut& out);
  [[nodiscard]] Parsed<bool> by_tree(std::size_t begin, std::size_t end, Time written, TextOut& out);
  /// Nothing: the record has to take the long way.
  [[nodiscard]] Parsed<std::optional<bool>> by_program(std::size_t begin, std::size_t end, Time written,
                                                       TextOut& out);
  [[nodiscard]] const Program* program(Plan& plan, bool whole);
  [[nodiscard]] Programs& programs(const Plan& plan);
  [[nodiscard]] bool take_values(const Instance& instance, const Program& program, unsigned which);
  [[nodiscard]] static bool fits(const Program& outer, const Program& inner);
  [[nodiscard]] bool wanted(const Tree& tree, const SystemParts& parts, const Values& values, Time written);

  ExportOptions options_;
  AnsiText unit_ansi_;    ///< of values that programs render; stays as long as the unit
  AnsiText record_ansi_;  ///< of definitions and trees
  PlanCache plans_;
  std::unordered_map<const Plan*, std::unique_ptr<Programs>> programs_;
  struct Known {
    const Plan* plan = nullptr;
    Programs* programs = nullptr;
  };
  static constexpr std::size_t kKnown = 256;
  Known known_[kKnown];
  std::size_t text_bytes_ = 0;
  Bytes chunk_;
  std::vector<RawValue> values_[2] = {std::vector<RawValue>(limits::kEvtxSubstitutions),
                                      std::vector<RawValue>(limits::kEvtxSubstitutions)};
  RecordTree tree_;
  std::string texts_[4];
  bool values_only_ = false;  ///< of the record at hand
  bool carving_ = false;
  std::vector<std::byte> piece_;  ///< around a carved piece whose chunk's front is not there
};

/// What stands before and behind all records together.
[[nodiscard]] std::string_view export_begin(ExportFormat format);
[[nodiscard]] std::string_view export_end(ExportFormat format);

}  // namespace landwarden::decode::evtx
