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
bool begins_with(const std::byte* at, const std::u16string& units) {
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
  RawTexts out;
  for (const std::string& text : texts) {
    std::u16string units = longest_ascii(text::folded(text));
    const std::string plain(units.begin(), units.end());
    if (plain.size() < RawTextFinder::kShortest || event::may_be_rendered(plain)) return std::nullopt;
    if (out.needles_.size() == 64) return std::nullopt;
    out.needles_.push_back({.units = std::move(units), .text = Set{1} << out.needles_.size()});
  }
  if (out.needles_.empty()) return std::nullopt;
  return out;
}

RawTextFinder RawTexts::finder(Set which) const {
  std::vector<RawNeedle> needles;
  for (const RawNeedle& needle : needles_) {
    if ((which & needle.text) != 0) needles.push_back(needle);
  }
  return RawTextFinder(std::move(needles));
}

RawTexts::Set RawTexts::may_be_in(std::string_view utf8) const {
  std::u16string folded;
  for (std::size_t i = 0; i < utf8.size();) {
    const char32_t c = text::fold(text::next_code_point(utf8, i));
    folded += static_cast<char16_t>(c < 0x10000 ? c : 0xD800);  // no part of a text of ASCII
  }
  Set found = 0;
  for (const RawNeedle& needle : needles_) {
    if (folded.find(needle.units) != folded.npos) found |= needle.text;
  }
  return found;
}

RawTextFinder::RawTextFinder(std::vector<RawNeedle> needles) {
  for (const RawNeedle& needle : needles) looked_at_ = std::min(looked_at_, needle.units.size());
  for (RawNeedle& needle : needles) choose_looked_at(needle);
  // Needles that end alike share a group, so that the groups together let few characters pass.
  const auto looked_at = [this](const RawNeedle& needle) {
    std::u16string units = needle.units.substr(needle.first, looked_at_);
    std::ranges::reverse(units);
    return units;
  };
  std::ranges::stable_sort(needles, {}, looked_at);
  std::vector<std::size_t> numbers = {0};
  for (std::size_t i = 1; i < needles.size(); ++i) {
    numbers.push_back(numbers.back() + (looked_at(needles[i]) != looked_at(needles[i - 1]) ? 1 : 0));
  }
  const std::size_t distinct = numbers.back() + 1;
  for (std::size_t i = 0; i < needles.size(); ++i) {
    look_for(std::move(needles[i]), numbers[i] * kGroups / distinct);
  }
}

/// The rarest that stand in a row.
void RawTextFinder::choose_looked_at(RawNeedle& needle) const {
  int best = -1;
  for (std::size_t i = 0; i + looked_at_ <= needle.units.size(); ++i) {
    int rare = 0;
    for (std::size_t j = i; j < i + looked_at_; ++j) rare += rarity(needle.units[j]);
    if (rare > best) {
      best = rare;
      needle.first = i;
    }
  }
}

void RawTextFinder::look_for(RawNeedle needle, std::size_t group) {
  for (std::size_t i = 0; i < looked_at_; ++i) {
    for (const std::uint8_t byte : low_bytes_of(needle.units[needle.first + i]))
      groups_[i].of[byte & 15] |= static_cast<std::uint8_t>(1U << group);
  }
  std::uint64_t units = 0;
  std::memcpy(&units, needle.units.data() + needle.first, 2 * kShortest);
  std::uint16_t& first = first_needle_[hash_of(units)];
  needle.next = first;
  needles_.push_back(std::move(needle));
  first = static_cast<std::uint16_t>(needles_.size());
}

/// Of the first three units of eight bytes; the same for all that fold to the same.
inline std::size_t RawTextFinder::hash_of(std::uint64_t units) {
  static_assert(kShortest == 3);
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

/// Of which texts the characters looked for stand at `at`, and the rest around them.
std::uint64_t RawTextFinder::texts_at(std::span<const std::byte> bytes, std::size_t at) const {
  if (bytes.size() - at < 2 * kShortest) return 0;
  std::uint64_t units = 0, texts = 0;
  std::memcpy(&units, bytes.data() + at, 2 * kShortest);
  for (std::uint16_t next = first_needle_[hash_of(units)]; next != 0; next = needles_[next - 1].next) {
    const RawNeedle& needle = needles_[next - 1];
    if (at < 2 * needle.first) continue;
    const std::size_t from = at - 2 * needle.first;
    if (bytes.size() - from >= 2 * needle.units.size() && begins_with(bytes.data() + from, needle.units))
      texts |= needle.text;
  }
  return texts;
}

/// Looks at one place.
[[gnu::always_inline]] inline void RawTextFinder::look_at(std::size_t place, std::span<const std::byte> bytes,
                                                          std::vector<RawPlace>& places) const {
  if (bytes.size() - place >= sizeof(std::uint64_t)) {
    std::uint64_t units = 0;
    std::memcpy(&units, bytes.data() + place, sizeof units);
    if (first_needle_[hash_of(units)] == 0) return;
  }
  if (const std::uint64_t texts = texts_at(bytes, place))
    places.push_back({static_cast<std::uint32_t>(place), texts});
}

void RawTextFinder::look_from(std::size_t at, std::span<const std::byte> bytes,
                              std::vector<RawPlace>& places) const {
  for (; at < bytes.size(); ++at) look_at(at, bytes, places);
}

/// Looks at those of 32 places from `at` on that are marked.
void RawTextFinder::look_at_marked(std::size_t at, std::uint32_t marks, std::span<const std::byte> bytes,
                                   std::vector<RawPlace>& places) const {
  for (; marks != 0; marks &= marks - 1)
    look_at(at + static_cast<std::size_t>(std::countr_zero(marks)), bytes, places);
}

#if defined(__x86_64__)

/// As find(), as far as there are blocks of 128 bytes; returns where a look is still needed. Every byte
/// counts as if a character began there; of upper halves of units few pass. One instruction is a look-up of
/// 32 bytes in a table of sixteen rows: by their lower halves, and none of those from 128 on, which no text
/// has.
template <std::size_t kLook>
[[gnu::target("avx2")]] std::size_t RawTextFinder::find_marked(std::span<const std::byte> bytes,
                                                               std::vector<RawPlace>& places) const {
  static_assert(kLook == 3 || kLook == 4);
  const auto table = [&](std::size_t i) __attribute__((target("avx2"), always_inline)) {
    return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(&groups_[i])));
  };
  const __m256i table0 = table(0), table1 = table(1), table2 = table(2), table3 = table(kLook - 1);
  const auto block = [&](std::size_t from) __attribute__((target("avx2"), always_inline)) {
    const auto groups = [&](__m256i rows, std::size_t i) __attribute__((target("avx2"), always_inline)) {
      const auto* now = reinterpret_cast<const __m256i*>(bytes.data() + from + 2 * i);
      return _mm256_shuffle_epi8(rows, _mm256_loadu_si256(now));
    };
    const __m256i front = _mm256_and_si256(groups(table0, 0), groups(table1, 1));
    if constexpr (kLook == 3) return _mm256_and_si256(front, groups(table2, 2));
    return _mm256_and_si256(front, _mm256_and_si256(groups(table2, 2), groups(table3, 3)));
  };
  constexpr std::size_t kBlock = 128, kBehind = 2 * (kLook - 1);
  std::size_t at = 0;
  for (; bytes.size() - at >= kBlock + kBehind; at += kBlock) {
    const __m256i first = block(at), second = block(at + 32), third = block(at + 64), last = block(at + 96);
    const __m256i any = _mm256_or_si256(_mm256_or_si256(first, second), _mm256_or_si256(third, last));
    if (_mm256_testz_si256(any, any) != 0) [[likely]]
      continue;
    const auto look = [&](__m256i groups, std::size_t from) __attribute__((target("avx2"), always_inline)) {
      const __m256i none = _mm256_cmpeq_epi8(groups, _mm256_setzero_si256());
      look_at_marked(from, ~static_cast<std::uint32_t>(_mm256_movemask_epi8(none)), bytes, places);
    };
    look(first, at), look(second, at + 32), look(third, at + 64), look(last, at + 96);
  }
  return at;
}

void RawTextFinder::find(std::span<const std::byte> bytes, std::vector<RawPlace>& places) const {
  static const bool wide = __builtin_cpu_supports("avx2") != 0;
  std::size_t at = 0;
  if (wide) {
    at = looked_at_ == kShortest ? find_marked<kShortest>(bytes, places)
                                 : find_marked<kLookedAt>(bytes, places);
  }
  look_from(at, bytes, places);
}
#else
void RawTextFinder::find(std::span<const std::byte> bytes, std::vector<RawPlace>& places) const {
  look_from(0, bytes, places);
}
#endif

}  // namespace landwarden::decode
