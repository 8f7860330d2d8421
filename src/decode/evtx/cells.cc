#include "decode/evtx/cells.h"

#include <smmintrin.h>

namespace landwarden::decode::evtx {
Described describe(const std::byte* descriptors, std::uint32_t count, std::uint32_t at, Cell* out) {
  static_assert(sizeof(Cell) == 8 && offsetof(Cell, described) == 4);
  const __m128i without_unused = _mm_set1_epi32(0x00ff'ffff), sizes_only = _mm_set1_epi32(0xffff);
  const __m128i plain = _mm_set1_epi32(static_cast<int>(kFirstSpecial - 1));
  const __m128i ansi = _mm_set1_epi32(value_type::kAnsi);
  __m128i place = _mm_set1_epi32(static_cast<int>(at)), specials = _mm_setzero_si128();
  std::uint32_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const __m128i four = _mm_and_si128(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(descriptors + 4 * std::size_t{i})), without_unused);
    const __m128i sizes = _mm_and_si128(four, sizes_only);
    __m128i sums = _mm_add_epi32(sizes, _mm_slli_si128(sizes, 4));
    sums = _mm_add_epi32(_mm_add_epi32(sums, _mm_slli_si128(sums, 8)), place);
    const __m128i places = _mm_sub_epi32(sums, sizes);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), _mm_unpacklo_epi32(places, four));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i + 2), _mm_unpackhi_epi32(places, four));
    const __m128i odd =
        _mm_or_si128(_mm_cmpgt_epi32(four, plain), _mm_cmpeq_epi32(_mm_srli_epi32(four, 16), ansi));
    specials = _mm_sub_epi32(specials, odd);  // true is -1
    place = _mm_shuffle_epi32(sums, 0xff);
  }
  specials = _mm_add_epi32(specials, _mm_srli_si128(specials, 8));
  specials = _mm_add_epi32(specials, _mm_srli_si128(specials, 4));
  Described found{static_cast<std::uint32_t>(_mm_cvtsi128_si32(place)),
                  static_cast<std::uint32_t>(_mm_cvtsi128_si32(specials))};
  for (; i < count; ++i) {
    const std::uint32_t one = load<std::uint32_t>(descriptors + 4 * std::size_t{i}) & 0xff'ffff;
    out[i] = {found.end, one};
    found.end += one & 0xffff;
    found.specials += is_odd(one) ? 1 : 0;
  }
  return found;
}

std::uint64_t special_slots(std::span<const Cell> cells) {
  std::uint64_t slots = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (is_odd(cells[i].described)) slots |= std::uint64_t{1} << std::min(i, kRestOfSlots);
  }
  return slots;
}

bool has_ansi(std::span<const Cell> cells) {
  return std::any_of(cells.begin(), cells.end(), [](const Cell& cell) {
    return (cell.type() & ~value_type::kArray) == value_type::kAnsi && cell.size() != 0;
  });
}

}  // namespace landwarden::decode::evtx
