#include "decode/raw_texts.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/text.h"
#include "event/renderings.h"

namespace landwarden::decode {
namespace {

constexpr char16_t kLongS = 0x017F, kKelvin = 0x212A;  // the units beyond ASCII that fold to a letter of it

/// How rare a character, folded, is in event logs: a letter of the alphabet more is a factor of the root of
/// two. From ' ' to '~'; capitals do not occur.
int rarity(char16_t unit) {
  static constexpr std::string_view kRarity =
      "lqrvtruvrrqutlmpkllmmnnonnouwtvuuzzzzzzzzzzzzzzzzzzzzzzzzzzxlwzrzknkkilnnjrqlkkilsjijmolomqvwuy";
  return unit >= ' ' && unit <= '~' ? kRarity[unit - ' '] - 'a' : 'z' - 'a';
}

std::u16string longest_ascii(std::string_view folded) {
  std::string_view best;
  for (std::size_t begin = 0; begin < folded.size();) {
    std::size_t end = begin;
    while (end < folded.size() && folded[end] > 0 && folded[end] < 0x7F) ++end;
    if (end - begin > best.size()) best = folded.substr(begin, end - begin);
    begin = end + 1;
  }
  return {best.begin(), best.end()};
}

/// The low bytes of all units that fold to an ASCII character.
std::vector<std::uint8_t> low_bytes_of(char16_t unit) {
  std::vector<std::uint8_t> out = {static_cast<std::uint8_t>(unit)};
  if (unit >= 'a' && unit <= 'z') out.push_back(static_cast<std::uint8_t>(unit - 'a' + 'A'));
  if (unit == 'k') out.push_back(kKelvin & 0xFF);
  if (unit == 's') out.push_back(kLongS & 0xFF);
  return out;
}

/// Whether the folded units stand at `at`.
bool begins_with(const unsigned char* at, const std::u16string& units) {
  for (const char16_t wanted : units) {
    char16_t unit = 0;
    std::memcpy(&unit, at, sizeof unit);
    at += sizeof unit;
    if (unit != wanted && (unit < 'A' || text::fold(unit) != wanted)) return false;
  }
  return true;
}

}  // namespace

std::optional<RawTexts> RawTexts::make(std::span<const std::string> texts) {
  std::vector<Needle> needles;
  for (const std::string& text : texts) {
    Needle needle{.units = longest_ascii(text::folded(text))};
    const std::string plain(needle.units.begin(), needle.units.end());
    if (plain.size() < kShortest || event::may_be_rendered(plain)) return std::nullopt;
    int best = -1;
    for (std::size_t i = 0; i == 0 || i + kLookedAt <= plain.size(); ++i) {
      int rare = 0;
      for (std::size_t j = i; j < std::min(i + kLookedAt, plain.size()); ++j) rare += rarity(needle.units[j]);
      if (rare > best) {
        best = rare;
        needle.first = i;
      }
    }
    needles.push_back(std::move(needle));
  }
  if (needles.empty() || needles.size() > 0xFFFF) return std::nullopt;
  // Needles that end alike share a group, so that the groups together let few characters pass.
  const auto looked_at = [](const Needle& needle) {
    std::u16string units = needle.units.substr(needle.first, kLookedAt);
    std::ranges::reverse(units);
    return units;
  };
  std::ranges::stable_sort(needles, {}, looked_at);
  std::vector<std::size_t> numbers = {0};
  for (std::size_t i = 1; i < needles.size(); ++i) {
    numbers.push_back(numbers.back() + (looked_at(needles[i]) != looked_at(needles[i - 1]) ? 1 : 0));
  }
  RawTexts out;
  const std::size_t distinct = numbers.back() + 1;
  for (std::size_t i = 0; i < needles.size(); ++i) {
    out.look_for(std::move(needles[i]), numbers[i] * kGroups / distinct);
  }
  return out;
}

void RawTexts::look_for(Needle needle, std::size_t group) {
  const auto bit = static_cast<std::uint8_t>(1U << group);
  for (std::size_t i = 0; i < kLookedAt; ++i) {
    if (needle.first + i == needle.units.size()) {
      for (std::uint8_t& groups : halves_[i].low) groups |= bit;
      for (std::uint8_t& groups : halves_[i].high) groups |= bit;
      continue;
    }
    for (const std::uint8_t byte : low_bytes_of(needle.units[needle.first + i])) {
      halves_[i].low[byte & 15] |= bit;
      halves_[i].high[byte >> 4] |= bit;
    }
  }
  std::uint64_t units = 0;
  std::memcpy(&units, needle.units.data() + needle.first, kShortestBytes);
  std::uint16_t& first = first_needle_[hash_of(units)];
  needle.next = first;
  needles_.push_back(std::move(needle));
  first = static_cast<std::uint16_t>(needles_.size());
}

/// Of the first three units of eight bytes; the same for all that fold to the same.
std::size_t RawTexts::hash_of(std::uint64_t units) {
  if ((units & 0xFF80'FF80'FF80) != 0) {
    for (unsigned shift = 0; shift < 48; shift += 16) {
      const auto unit = static_cast<char16_t>(units >> shift);
      const std::uint64_t letter = unit == kKelvin ? 'k' : unit == kLongS ? 's' : unit;
      units ^= (unit ^ letter) << shift;
    }
  }
  // Small letters; what else this makes the same is told apart later.
  return ((units << 16) | 0x20'0020'0020'0000) * 0x9E3779B97F4A7C15ULL >> 54;
}

/// Whether the characters looked for of one that lies in data[begin, end) stand at `at`, and the rest around.
inline bool RawTexts::stands_at(const unsigned char* data, std::size_t begin, std::size_t end,
                                std::size_t at) const {
  if (end - at < kShortestBytes) return false;
  std::uint64_t units = 0;
  std::memcpy(&units, data + at, 4);
  units |= std::uint64_t{data[at + 4]} << 32 | std::uint64_t{data[at + 5]} << 40;
  const std::uint16_t first = first_needle_[hash_of(units)];
  return first != 0 && is_one_of(first, data, begin, end, at);
}

/// Whether one of the needles with the same hash as the one before `next` stands there.
bool RawTexts::is_one_of(std::uint16_t next, const unsigned char* data, std::size_t begin, std::size_t end,
                         std::size_t at) const {
  for (; next != 0; next = needles_[next - 1].next) {
    const Needle& needle = needles_[next - 1];
    if (at - begin < 2 * needle.first) continue;
    const std::size_t from = at - 2 * needle.first;
    if (end - from >= 2 * needle.units.size() && begins_with(data + from, needle.units)) return true;
  }
  return false;
}

/// As may_be_in(), of places from `at` on.
bool RawTexts::find(const unsigned char* data, std::size_t begin, std::size_t end, std::size_t at) const {
  for (; at < end; at += 2) {
    if (stands_at(data, begin, end, at)) return true;
  }
  return false;
}

#if defined(__x86_64__)
namespace {

constexpr std::size_t kBlock = 32;  // characters

/// The bytes that stand `places` before those of `now`, in front of which `before` stands.
template <int places>
[[gnu::target("avx2"), gnu::always_inline]] inline __m256i shifted(__m256i before, __m256i now) {
  return _mm256_alignr_epi8(now, _mm256_permute2x128_si256(before, now, 0x21), 16 - places);
}

[[gnu::target("avx2"), gnu::always_inline]] inline __m256i twice(const void* table) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(static_cast<const __m128i*>(table)));
}

}  // namespace

/// Marks in `blocks` blocks of 32 characters the last of those looked for. Two loads of sixteen table rows
/// replace a look-up for each character.
[[gnu::target("avx2")]] void RawTexts::mark(const unsigned char* data, std::size_t blocks,
                                            std::uint32_t* marks) const {
  static_assert(kLookedAt == 4);
  const __m256i low0 = twice(&halves_[0].low), high0 = twice(&halves_[0].high);
  const __m256i low1 = twice(&halves_[1].low), high1 = twice(&halves_[1].high);
  const __m256i low2 = twice(&halves_[2].low), high2 = twice(&halves_[2].high);
  const __m256i low3 = twice(&halves_[3].low), high3 = twice(&halves_[3].high);
  const __m256i byte = _mm256_set1_epi16(0xFF), half = _mm256_set1_epi8(15), zero = _mm256_setzero_si256();
  __m256i before0 = zero, before1 = zero, before2 = zero;
  for (std::size_t i = 0; i < blocks; ++i, data += 2 * kBlock) {
    const auto* from = reinterpret_cast<const __m256i*>(data);
    const __m256i front = _mm256_and_si256(_mm256_loadu_si256(from), byte);
    const __m256i back = _mm256_and_si256(_mm256_loadu_si256(from + 1), byte);
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(front, back), 0xD8);
    const __m256i lower = _mm256_and_si256(bytes, half);
    const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
    const auto groups = [&](__m256i low, __m256i high) __attribute__((target("avx2"), always_inline)) {
      return _mm256_and_si256(_mm256_shuffle_epi8(low, lower), _mm256_shuffle_epi8(high, upper));
    };
    const __m256i groups0 = groups(low0, high0), groups1 = groups(low1, high1), groups2 = groups(low2, high2);
    const __m256i all =
        _mm256_and_si256(_mm256_and_si256(shifted<3>(before0, groups0), shifted<2>(before1, groups1)),
                         _mm256_and_si256(shifted<1>(before2, groups2), groups(low3, high3)));
    before0 = groups0, before1 = groups1, before2 = groups2;
    marks[i] = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(all, zero)));
  }
}

/// As may_be_in(), of text as far as there are whole blocks; moves `at` on to where a look is still needed.
bool RawTexts::find_marked(const unsigned char* data, std::size_t size, std::size_t begin, std::size_t end,
                           std::size_t& at) const {
  constexpr std::size_t kBytes = 2 * kBlock, kBefore = 2 * (kLookedAt - 1);
  std::array<std::uint32_t, 32> marks;
  // The last character looked for of a short text may lie right behind the end.
  while (at <= end && size - at >= kBytes) {
    const std::size_t blocks = std::min({marks.size(), (size - at) / kBytes, (end - at) / kBytes + 1});
    mark(data + at, blocks, marks.data());
    for (std::size_t i = 0; i < blocks; ++i) {
      for (std::uint32_t some = marks[i]; some != 0; some &= some - 1) {
        const std::size_t last = at + kBytes * i + 2 * static_cast<std::size_t>(std::countr_zero(some));
        if (last <= end && stands_at(data, begin, end, last - kBefore)) return true;
      }
    }
    at += kBytes * blocks;
    if (at > end) break;
    at -= kBefore;  // they look back at what was before
  }
  return false;
}
#endif

bool RawTexts::may_be_in(std::span<const std::byte> bytes, std::size_t begin, std::size_t end) const {
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t at = begin;
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2") != 0;
  if (wide && find_marked(data, bytes.size(), begin, end, at)) return true;
#endif
  return find(data, begin, end, at);
}

bool RawTexts::may_be_in(std::string_view utf8) const {
  std::vector<unsigned char> units;
  for (std::size_t i = 0; i < utf8.size();) {
    const char32_t c = text::next_code_point(utf8, i);
    const char32_t unit = c < 0x10000 ? c : 0xD800;  // no part of a text of ASCII
    units.push_back(static_cast<unsigned char>(unit & 0xFF));
    units.push_back(static_cast<unsigned char>(unit >> 8 & 0xFF));
  }
  return find(units.data(), 0, units.size(), 0);
}

}  // namespace landwarden::decode
