#include "decode/evtx/seen_instance.h"

#include <emmintrin.h>

#include <algorithm>

#include "base/same_bytes.h"

namespace landwarden::decode::evtx {
namespace {
constexpr std::size_t kDescriptor = 4;
}  // namespace

bool SeenInstance::learn(const std::byte* descriptors, std::span<const Cell> cells, const std::byte* values,
                         std::span<const std::uint16_t> watched) {
  count_ = 0;
  watched_count_ = 0;
  shapes_.fill({});
  fixed_.clear();
  if (cells.empty() || watched.size() > watched_.size()) return false;
  const std::uint32_t begin = cells.front().at, end = cells.back().at;
  std::uint32_t shift = 0, fixed_begin = end - begin, fixed_end = 0;
  for (const std::uint16_t slot : watched) {
    if (slot + std::size_t{1} >= cells.size()) return false;
    const std::uint32_t at = cells[slot].at - begin, size = cells[slot].size();
    // Of short ones eight bytes are read, whatever they have.
    if (size != 0 && shift + 8 * size <= 64 && at + 8 <= end - begin) {
      watched_[watched_count_++] = {at, shift, ~std::uint64_t{0} >> (64 - 8 * size)};
      shift += 8 * size;
    } else {
      fixed_begin = std::min(fixed_begin, at);
      fixed_end = std::max(fixed_end, at + size);
    }
  }
  fixed_at_ = fixed_begin;
  if (fixed_end > fixed_begin) fixed_.assign(values + fixed_begin, values + fixed_end);
  descriptors_.assign(descriptors, descriptors + kDescriptor * (cells.size() - 1));
  cells_.assign(cells.begin(), cells.end());
  for (Cell& cell : cells_) cell.at -= begin;
  cells_.resize((cells_.size() + 3) / 4 * 4);
  count_ = static_cast<std::uint32_t>(cells.size());
  return true;
}

bool SeenInstance::take(const std::byte* descriptors, std::uint32_t count, const std::byte* values,
                        std::size_t room, std::uint32_t at, Cell* out) const {
  if (count != count_ || !same_bytes(descriptors, descriptors_.data(), descriptors_.size())) return false;
  const auto last = load<std::uint32_t>(descriptors + descriptors_.size()) & 0xff'ffff;
  if (last >> 16 != value_type::kBinXml || (last & 0xffff) == 0) return false;
  if (cells_[count - 1].at + (last & 0xffff) > room) return false;
  if (!same_bytes(values + fixed_at_, fixed_.data(), fixed_.size())) return false;
  static_assert(sizeof(Cell) == 8 && offsetof(Cell, at) == 0);
  const __m128i places = _mm_set_epi32(0, static_cast<int>(at), 0, static_cast<int>(at));
  const auto* from = reinterpret_cast<const __m128i*>(cells_.data());
  auto* to = reinterpret_cast<__m128i*>(out);
  for (const auto* const behind = from + cells_.size() / 2; from != behind; from += 2, to += 2) {
    _mm_storeu_si128(to, _mm_add_epi32(_mm_loadu_si128(from), places));
    _mm_storeu_si128(to + 1, _mm_add_epi32(_mm_loadu_si128(from + 1), places));
  }
  out[count - 1].described = last;
  return true;
}

}  // namespace landwarden::decode::evtx
