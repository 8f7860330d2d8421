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

/// How rare a character is in event logs.
int rarity(char16_t unit) {
  static constexpr std::string_view kCommonFirst = "eitsronaclmdpuwfghyvbkx-.\\/ :0123456789jqz";
  const auto at = kCommonFirst.find(static_cast<char>(unit));
  return at == std::string_view::npos ? 60 : static_cast<int>(at);
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
  if (unit == 'k') out.push_back(0x2A);  // U+212A, the sign of the kelvin
  if (unit == 's') out.push_back(0x7F);  // U+017F, the long s
  return out;
}

/// Whether the folded units stand at `at`.
bool stands_at(const std::u16string& units, const unsigned char* at) {
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
  if (needles.empty()) return std::nullopt;
  // Needles that are alike share a group, so that the groups together let the fewest bytes pass.
  const auto looked_at = [](const Needle& needle) { return needle.units.substr(needle.first, kLookedAt); };
  std::ranges::stable_sort(needles, {}, looked_at);
  std::vector<std::size_t> numbers = {0};
  for (std::size_t i = 1; i < needles.size(); ++i) {
    numbers.push_back(numbers.back() + (looked_at(needles[i]) != looked_at(needles[i - 1]) ? 1 : 0));
  }
  RawTexts out;
  const std::size_t distinct = numbers.back() + 1;
  for (std::size_t i = 0; i < needles.size(); ++i) {
    out.look_for(std::move(needles[i]), numbers[i] * out.groups_.size() / distinct);
  }
  for (std::size_t i = 0; i < kLookedAt; ++i) {
    for (std::size_t byte = 0; byte < out.ascii_[i].size(); ++byte)
      out.ascii_[i][byte] = out.halves_[i].low[byte & 15] & out.halves_[i].high[byte >> 4];
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
  groups_[group].push_back(std::move(needle));
}

std::uint8_t RawTexts::groups_at(const unsigned char* data) const {
  std::uint8_t groups = 0xFF;
  for (std::size_t i = 0; i < kLookedAt; ++i) {
    groups &= halves_[i].low[data[2 * i] & 15] & halves_[i].high[data[2 * i] >> 4];
  }
  return groups;
}

/// Calls `take` with where needles of these groups begin. `at`: of the first of the characters looked for.
template <class Take>
void RawTexts::verify(const unsigned char* data, std::size_t size, std::size_t at, std::uint8_t groups,
                      Take&& take) const {
  for (; groups != 0; groups &= static_cast<std::uint8_t>(groups - 1)) {
    for (const Needle& needle : groups_[static_cast<std::size_t>(std::countr_zero(groups))]) {
      if (at < 2 * needle.first) continue;
      const std::size_t begin = at - 2 * needle.first;
      if (size - begin < 2 * needle.units.size() || !stands_at(needle.units, data + begin)) continue;
      take(begin);
    }
  }
}

void RawTexts::look(const unsigned char* data, std::size_t size, std::size_t at, std::uint8_t groups,
                    std::vector<std::uint32_t>& places) const {
  verify(data, size, at, groups,
         [&](std::size_t begin) { places.push_back(static_cast<std::uint32_t>(begin)); });
}

#if defined(__x86_64__)
/// As many blocks of 32 bytes as there are. Two loads of sixteen table rows replace a look-up for each byte.
[[gnu::target("avx2")]] void RawTexts::find_in_32(const unsigned char* data, std::size_t ends,
                                                  std::size_t size, std::size_t& at,
                                                  std::vector<std::uint32_t>& places) const {
  __m256i low[kLookedAt], high[kLookedAt];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kLookedAt; ++i) {
    low[i] =
        _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(halves_[i].low.data())));
    high[i] =
        _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(halves_[i].high.data())));
  }
  const __m256i half = _mm256_set1_epi8(15), zero = _mm256_setzero_si256();
  for (; at + 32 <= ends; at += 32) {
    __m256i groups = _mm256_set1_epi8(-1);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kLookedAt; ++i) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + at + 2 * i));
      const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
      groups = _mm256_and_si256(groups,
                                _mm256_and_si256(_mm256_shuffle_epi8(low[i], _mm256_and_si256(bytes, half)),
                                                 _mm256_shuffle_epi8(high[i], upper)));
    }
    auto some = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(groups, zero)));
    for (; some != 0; some &= some - 1) {
      const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(some));
      look(data, size, place, groups_at(data + place), places);
    }
  }
}

/// The same, 64 bytes at a time: one instruction looks a character up in 128 rows. Bytes beyond ASCII are
/// taken for others, which a second look tells apart.
[[gnu::target("avx512f,avx512bw,avx512vbmi")]] void RawTexts::find_in_64(
    const unsigned char* data, std::size_t ends, std::size_t size, std::size_t& at,
    std::vector<std::uint32_t>& places) const {
  __m512i first[kLookedAt], second[kLookedAt];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kLookedAt; ++i) {
    first[i] = _mm512_loadu_si512(ascii_[i].data());
    second[i] = _mm512_loadu_si512(ascii_[i].data() + 64);
  }
  for (; at + 64 <= ends; at += 64) {
    __m512i groups = _mm512_set1_epi8(-1);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kLookedAt; ++i) {
      const __m512i bytes = _mm512_loadu_si512(data + at + 2 * i);
      groups = _mm512_and_si512(groups, _mm512_permutex2var_epi8(first[i], bytes, second[i]));
    }
    for (std::uint64_t some = _mm512_test_epi8_mask(groups, groups); some != 0; some &= some - 1) {
      const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(some));
      look(data, size, place, groups_at(data + place), places);
    }
  }
}

#endif

void RawTexts::find(std::span<const std::byte> bytes, std::vector<std::uint32_t>& places) const {
  constexpr std::size_t kSpan = 2 * kLookedAt - 1;  // of the low bytes that are looked at
  const std::size_t before = places.size();
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const std::size_t ends = bytes.size() < kSpan ? 0 : bytes.size() - kSpan + 1;
  std::size_t at = 0;
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2") != 0;
  static const bool widest =
      __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vbmi") != 0;
  if (widest) find_in_64(data, ends, bytes.size(), at, places);
  if (wide) find_in_32(data, ends, bytes.size(), at, places);
#endif
  for (; at < ends; ++at) {
    if (const std::uint8_t groups = groups_at(data + at)) look(data, bytes.size(), at, groups, places);
  }
  // Behind, there is only room for texts that are shorter.
  for (; at + 2 * kShortest <= bytes.size(); ++at) look(data, bytes.size(), at, 0xFF, places);
  std::sort(places.begin() + static_cast<std::ptrdiff_t>(before), places.end());
}

bool RawTexts::may_be_in(std::string_view utf8) const {
  std::vector<std::byte> units;
  for (std::size_t i = 0; i < utf8.size();) {
    const char32_t c = text::next_code_point(utf8, i);
    const char32_t unit = c < 0x10000 ? c : 0xD800;  // no part of a text of ASCII
    units.push_back(static_cast<std::byte>(unit & 0xFF));
    units.push_back(static_cast<std::byte>(unit >> 8 & 0xFF));
  }
  std::vector<std::uint32_t> places;
  find(units, places);
  return !places.empty();
}

}  // namespace landwarden::decode
