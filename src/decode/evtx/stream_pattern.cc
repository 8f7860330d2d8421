#include "decode/evtx/stream_pattern.h"

#include <algorithm>
#include <numeric>

#include "base/same_bytes.h"

namespace landwarden::decode::evtx {
namespace {

/// Where the bytes begin that say how long a value is, or the value if it says so itself.
std::size_t begin_of(Bytes chunk, const RawValue& literal) {
  const auto at = static_cast<std::size_t>(literal.data - chunk.data());
  switch (literal.type) {
    case value_type::kText:
    case value_type::kAnsi:
    case value_type::kBinary:
    case value_type::kXml:
      return at - 2;
    default:
      return at;
  }
}

}  // namespace

void StreamPattern::add_piece(std::size_t& at, std::size_t until, Piece piece) {
  piece.at = static_cast<std::uint32_t>(at);
  piece.bytes = static_cast<std::uint32_t>(until - at);
  pieces_.push_back(piece);
  at = until;
}

bool StreamPattern::learn(Bytes chunk, std::size_t begin, const StreamNotes& notes,
                          std::span<const RawValue> literals, Place::Kind place, Plan* plan) {
  std::size_t names_end = 0;
  for (const NameUse& name : notes.names) {
    if (name.here) return false;
    names_end = std::max<std::size_t>(names_end, load<std::uint32_t>(chunk.data() + begin + name.at) + 1);
  }
  pieces_.clear();
  order_.resize(literals.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::ranges::sort(order_, {}, [&](std::uint16_t i) { return literals[i].data; });
  std::size_t at = begin;
  auto size = notes.sizes.begin();
  const auto add_sizes = [&](std::size_t until) {
    for (; size != notes.sizes.end() && *size < until; ++size) {
      add_piece(at, *size, {.then = Piece::size});
      at += 4;
    }
  };
  for (const std::uint16_t number : order_) {
    const RawValue& literal = literals[number];
    const std::size_t first = begin_of(chunk, literal);
    add_sizes(first);
    add_piece(at, first, {.then = Piece::literal, .type = literal.type, .number = number});
    at = static_cast<std::size_t>(literal.data - chunk.data()) + literal.size;
  }
  add_sizes(notes.end);
  add_piece(at, notes.end, {});
  literals_ = literals.size();
  names_end_ = names_end;
  marked_end_ = notes.marked_end;
  place_ = place;
  plan_ = plan;
  return true;
}

bool StreamPattern::match(Bytes chunk, std::size_t begin, std::size_t end,
                          std::vector<RawValue>& literals) const {
  // A name defined inside the stream would be followed by its text.
  if (begin < names_end_ || end > chunk.size() || begin > end) return false;
  literals.resize(literals_);
  std::size_t at = begin;
  for (const Piece& piece : pieces_) {
    if (end - at < piece.bytes || !same_bytes(chunk.data() + at, chunk.data() + piece.at, piece.bytes)) {
      return false;
    }
    at += piece.bytes;
    if (piece.then == Piece::size) {
      if (end - at < 4) return false;
      at += 4;
    } else if (piece.then == Piece::literal) {
      const auto size = literal_size(chunk, at, end, piece.type);
      if (!size || *size == 0 || *size > 0xffff) return false;
      literals[piece.number] = {chunk.data() + at, static_cast<std::uint32_t>(*size), piece.type};
      at += *size;
    }
  }
  return marked_end_ || at == end;
}

}  // namespace landwarden::decode::evtx
