// Streams without a template (records that Windows wrote whole), known again by their bytes: in one chunk,
// what comes from the same program differs in values and in the sizes that follow from them, and in nothing
// else. Then the values are taken where they must stand, and nothing is parsed.
//
// A pattern views the chunk that it was learnt in and is of use there only. One worker.

#pragma once

#include <span>
#include <vector>

#include "decode/evtx/binxml.h"
#include "decode/evtx/field_walk.h"

namespace landwarden::decode::evtx {

struct Plan;

class StreamPattern {
 public:
  /// Learns from the stream at `begin`, as it was just parsed: `literals` are its values that may differ, all
  /// with a byte at least. False if it defines names of its own: then no other stream is like it.
  bool learn(Bytes chunk, std::size_t begin, const StreamNotes& notes, std::span<const RawValue> literals,
             Place::Kind place, Plan* plan);

  /// Whether parsing chunk[begin, end) would give the same tree but for the literals; they are replaced by
  /// those that stand there.
  [[nodiscard]] bool match(Bytes chunk, std::size_t begin, std::size_t end,
                           std::vector<RawValue>& literals) const;

  [[nodiscard]] Plan* plan() const { return plan_; }
  [[nodiscard]] Place::Kind place() const { return place_; }

 private:
  /// Bytes that must be the same, and what follows them.
  struct Piece {
    enum Then : std::uint8_t { end, size, literal } then = end;
    std::uint8_t type = 0;     ///< of the literal
    std::uint16_t number = 0;  ///< of the literal
    std::uint32_t at = 0;      ///< offset in the chunk
    std::uint32_t bytes = 0;
  };
  void add_piece(std::size_t& at, std::size_t until, Piece piece);

  std::vector<Piece> pieces_;
  std::vector<std::uint16_t> order_;  ///< of the literals, as they stand in the stream; room while learning
  std::size_t literals_ = 0;
  std::size_t names_end_ = 0;  ///< no name that it uses stands at or behind this offset
  bool marked_end_ = false;    ///< it ended with the token for that, not with its bytes
  Place::Kind place_ = Place::event;
  Plan* plan_ = nullptr;
};

}  // namespace landwarden::decode::evtx
