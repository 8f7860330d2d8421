// Streams without a template (records that Windows wrote whole), known again by their bytes: what comes from
// the same program differs in values and in the sizes that follow from them, and between chunks in where the
// names stand that it refers to. Then the values are taken where they must stand, and nothing is parsed.
//
// A pattern owns its bytes. One worker.

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
  bool learn(Bytes chunk, std::uint32_t number, std::size_t begin, const StreamNotes& notes,
             std::span<const RawValue> literals, Place::Kind place, Plan* plan);

  /// Whether parsing chunk[begin, end) would give the same tree but for the literals; they are replaced by
  /// those that stand there. `number` is the chunk's, another for each.
  [[nodiscard]] bool match(Bytes chunk, std::uint32_t number, std::size_t begin, std::size_t end,
                           std::vector<RawValue>& literals);

  [[nodiscard]] Plan* plan() const { return plan_; }
  [[nodiscard]] Place::Kind place() const { return place_; }

 private:
  /// Bytes that must be the same, and what follows them.
  struct Piece {
    enum Then : std::uint8_t { end, size, literal } then = end;
    std::uint8_t type = 0;     ///< of the literal
    std::uint16_t number = 0;  ///< of the literal
    std::uint32_t at = 0;      ///< offset in bytes_
    std::uint32_t bytes = 0;
  };
  /// A name that the stream refers to by its offset in the chunk.
  struct Name {
    std::uint32_t at = 0;      ///< of the offset, in bytes_
    std::uint32_t offset = 0;  ///< in the chunk that is looked at
    std::uint32_t text = 0;    ///< in name_text_
    std::uint32_t size = 0;
  };
  void add_piece(Bytes chunk, std::size_t& at, std::size_t until, Piece piece);
  void add_names(Bytes chunk, std::size_t until, const StreamNotes& notes);
  [[nodiscard]] bool same_but_offsets(const Piece& piece, Bytes chunk, std::size_t at, std::size_t& name);
  void move_to(std::uint32_t number);

  std::vector<Piece> pieces_;
  std::vector<std::byte> bytes_;      ///< of the pieces, with the offsets of names in the chunk `chunk_`
  std::vector<Name> names_;           ///< as they stand in bytes_
  std::vector<std::byte> name_text_;  ///< sizes and texts
  std::uint32_t chunk_ = 0;
  std::size_t begin_ = 0;             ///< of the stream, while learning
  std::vector<std::uint16_t> order_;  ///< of the literals, as they stand in the stream; room while learning
  std::size_t literals_ = 0;
  std::size_t names_end_ = 0;  ///< no name that it uses stands at or behind this offset of the chunk
  bool marked_end_ = false;    ///< it ended with the token for that, not with its bytes
  Place::Kind place_ = Place::event;
  Plan* plan_ = nullptr;
};

}  // namespace landwarden::decode::evtx
