#include "decode/evtx/stream_pattern.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/assert.h"
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

void StreamPattern::add_piece(Bytes chunk, std::size_t& at, std::size_t until, Piece piece) {
  piece.at = static_cast<std::uint32_t>(bytes_.size());
  piece.bytes = static_cast<std::uint32_t>(until - at);
  pieces_.push_back(piece);
  const Bytes bytes = chunk.subspan(at, until - at);
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  at = until;
}

/// Notes the names that stand in the piece added last, which ends at `until`.
void StreamPattern::add_names(Bytes chunk, std::size_t until, const StreamNotes& notes) {
  const Piece& piece = pieces_.back();
  const std::size_t from = until - piece.bytes;
  while (names_.size() < notes.names.size()) {
    const NameUse& use = notes.names[names_.size()];
    const std::size_t at = begin_ + use.at;
    if (at >= until) break;
    const auto offset = load<std::uint32_t>(chunk.data() + at);
    names_.push_back({static_cast<std::uint32_t>(piece.at + (at - from)), offset,
                      static_cast<std::uint32_t>(name_text_.size()),
                      static_cast<std::uint32_t>(use.size_and_text.size())});
    name_text_.insert(name_text_.end(), use.size_and_text.begin(), use.size_and_text.end());
  }
}

bool StreamPattern::learn(Bytes chunk, std::uint32_t number, std::size_t begin, const StreamNotes& notes,
                          std::span<const RawValue> literals, Place::Kind place, Plan* plan) {
  if (std::ranges::any_of(notes.names, &NameUse::here)) return false;
  pieces_.clear();
  bytes_.clear();
  names_.clear();
  name_text_.clear();
  begin_ = begin;
  order_.resize(literals.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::ranges::sort(order_, {}, [&](std::uint16_t i) { return literals[i].data; });
  std::size_t at = begin;
  auto size = notes.sizes.begin();
  const auto add = [&](std::size_t until, Piece piece) {
    add_piece(chunk, at, until, piece);
    add_names(chunk, until, notes);
  };
  const auto add_sizes = [&](std::size_t until) {
    for (; size != notes.sizes.end() && *size < until; ++size) {
      add(*size, {.then = Piece::size});
      at += 4;
    }
  };
  for (const std::uint16_t index : order_) {
    const RawValue& literal = literals[index];
    const std::size_t first = begin_of(chunk, literal);
    add_sizes(first);
    add(first, {.then = Piece::literal, .type = literal.type, .number = index});
    at = static_cast<std::size_t>(literal.data - chunk.data()) + literal.size;
  }
  add_sizes(notes.end);
  add(notes.end, {});
  LW_ASSERT(names_.size() == notes.names.size());
  literals_ = literals.size();
  marked_end_ = notes.marked_end;
  place_ = place;
  plan_ = plan;
  move_to(number);
  return true;
}

/// From here on names stand where those of the chunk that was looked at last do.
void StreamPattern::move_to(std::uint32_t number) {
  names_end_ = 0;
  for (const Name& name : names_) {
    std::memcpy(bytes_.data() + name.at, &name.offset, sizeof name.offset);
    names_end_ = std::max<std::size_t>(names_end_, std::size_t{name.offset} + 1);
  }
  chunk_ = number;
}

/// Whether the piece's bytes stand at `at`, but for where names stand: there are names of the same text.
/// `name`: the first that may be in it; moves on.
bool StreamPattern::same_but_offsets(const Piece& piece, Bytes chunk, std::size_t at, std::size_t& name) {
  std::size_t from = piece.at;
  const std::size_t end = std::size_t{piece.at} + piece.bytes;
  for (; name < names_.size() && names_[name].at < end; ++name) {
    Name& wanted = names_[name];
    if (!same_bytes(chunk.data() + at, bytes_.data() + from, wanted.at - from)) return false;
    at += wanted.at - from;
    const auto offset = load<std::uint32_t>(chunk.data() + at);
    const auto found = name_at(chunk, offset);
    if (!found || found->size() != wanted.size ||
        !same_bytes(found->data(), name_text_.data() + wanted.text, wanted.size)) {
      return false;
    }
    wanted.offset = offset;
    at += sizeof offset;
    from = wanted.at + sizeof offset;
  }
  return same_bytes(chunk.data() + at, bytes_.data() + from, end - from);
}

bool StreamPattern::match(Bytes chunk, std::uint32_t number, std::size_t begin, std::size_t end,
                          std::vector<RawValue>& literals) {
  const bool known = number == chunk_;
  // A name defined inside the stream would be followed by its text.
  if ((known && begin < names_end_) || end > chunk.size() || begin > end) return false;
  literals.resize(literals_);
  std::size_t at = begin, name = 0;
  for (const Piece& piece : pieces_) {
    if (end - at < piece.bytes) return false;
    const bool same = known ? same_bytes(chunk.data() + at, bytes_.data() + piece.at, piece.bytes)
                            : same_but_offsets(piece, chunk, at, name);
    if (!same) return false;
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
  if (!marked_end_ && at != end) return false;
  if (known) return true;
  if (std::ranges::any_of(names_, [&](const Name& used) { return used.offset >= begin; })) return false;
  move_to(number);
  return true;
}

}  // namespace landwarden::decode::evtx
