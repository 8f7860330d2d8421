// Where events come from and what became of them: sources, references to records, receipts.
//
// A receipt is made for every source, also when reading failed half-way: nothing is lost silently.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace landwarden::event {

/// Index into the list of sources of one run, given in the order in which they were found. Never printed.
struct SourceId {
  std::uint32_t value = 0;
  auto operator<=>(const SourceId&) const = default;
};

/// Bytes that could not be decoded: they stay where they are, this says where and why.
struct Quarantined {
  std::uint64_t offset = 0;  ///< in the decompressed source
  std::uint64_t size = 0;    ///< 0 where the extent is not known
  std::string reason;
};

/// Something found often, told once with how often.
struct Counted {
  std::string what;
  std::uint64_t count = 0;
};

/// What one source gave. Counters add up whatever order its work units were done in.
struct Receipt {
  std::string source;  ///< as the user named it, "!/member" for what lies in an archive
  std::string kind;    ///< "evtx", "json lines (winlogbeat)" …; empty if it is not evidence
  std::uint64_t bytes = 0;
  std::uint64_t records_seen = 0;
  std::uint64_t records_decoded = 0;
  std::uint64_t records_quarantined = 0;
  std::uint64_t records_carved = 0;  ///< of the decoded ones: found where no live record stands
  /// The first few, by offset; records_quarantined counts all.
  std::vector<Quarantined> quarantined;
  /// Things a reader should know though nothing was lost: dirty header, bad checksum …, each once with a
  /// count in it.
  std::vector<std::string> notes;
  /// Damage that was read across ("wrong checksum of a chunk's records"), sorted; counts add up over workers.
  std::vector<Counted> damage;
  /// Set when the source could not be read to its end.
  std::vector<Error> errors;
  bool not_evidence = false;  ///< recognised as something else, or as nothing; `kind` or a note says what

  /// Adds what another worker saw of the same source.
  void add(const Receipt& other);
};

/// How many quarantined places a receipt lists one by one.
inline constexpr std::size_t kQuarantineListed = 20;

/// Counts one record that could not be decoded and lists its place while there is room.
void quarantine(Receipt& receipt, Quarantined entry);
/// Counts damage of a kind; nothing is lost by it.
void count_damage(Receipt& receipt, std::string_view what, std::uint64_t count = 1);

}  // namespace landwarden::event
