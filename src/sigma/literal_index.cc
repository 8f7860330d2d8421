#include "sigma/literal_index.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"

namespace landwarden::sigma {

void LiteralIndex::add(std::string_view literal, Anchor anchor, std::uint32_t id) {
  LW_ASSERT(!literal.empty());
  literals_.push_back({std::string(literal), anchor, id});
}

void LiteralIndex::build() {
  // How many literals hold a gram stands for how common it is in evidence. Counted by hash, in one flat
  // table: a collision only makes a worse choice, never a wrong answer.
  constexpr unsigned kCountBits = 16;
  std::vector<std::uint16_t> counts(std::size_t{1} << kCountBits, 0);
  const auto count_of = [&](std::uint32_t gram) -> std::uint16_t& {
    return counts[mix(gram) >> (32 - kCountBits)];
  };
  for (const Literal& literal : literals_) {
    for (std::size_t at = 0; at + kGram <= literal.text.size(); ++at) {
      std::uint16_t& count = count_of(gram_of(literal.text.data() + at, kGram));
      if (count < 0xFFFF) ++count;
    }
  }
  std::array<std::vector<Entry>, kGram> entries;
  for (std::uint32_t index = 0; index < literals_.size(); ++index) {
    const std::string& text = literals_[index].text;
    const std::size_t n = std::min(kGram, text.size());
    std::size_t best = 0;
    for (std::size_t at = 1; n == kGram && at + kGram <= text.size(); ++at) {
      if (count_of(gram_of(text.data() + at, n)) < count_of(gram_of(text.data() + best, n))) best = at;
    }
    entries[n - 1].push_back(
        {gram_of(text.data() + best, n), index, static_cast<std::uint32_t>(best), literals_[index].id});
  }
  for (std::size_t n = 1; n <= kGram; ++n) build_table(n, std::move(entries[n - 1]));
}

void LiteralIndex::build_table(std::size_t n, std::vector<Entry> entries) {
  Table& table = tables_[n - 1];
  if (entries.empty()) return;
  // Sixteen bits an entry keep "perhaps" below 7 %; 2^18 bits are 32 KiB, which the first-level cache still
  // holds.
  const unsigned bits = std::clamp<unsigned>(std::bit_width(entries.size() * 16), 8, 18);
  const unsigned bucket_bits = std::clamp<unsigned>(std::bit_width(entries.size()), 4, 16);
  table.shift = 32 - bits;
  table.bucket_shift = 32 - bucket_bits;
  table.bitmap.assign((std::size_t{1} << bits) / 64, 0);
  std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    const std::uint32_t left = mix(a.gram), right = mix(b.gram);
    return left != right ? left < right : a.literal < b.literal;
  });
  table.buckets.assign((std::size_t{1} << bucket_bits) + 1, 0);
  for (const Entry& entry : entries) {
    const std::uint32_t hash = mix(entry.gram);
    const std::uint32_t bit = hash >> table.shift;
    table.bitmap[bit >> 6] |= std::uint64_t{1} << (bit & 63);
    ++table.buckets[(hash >> table.bucket_shift) + 1];
  }
  for (std::size_t i = 1; i < table.buckets.size(); ++i) table.buckets[i] += table.buckets[i - 1];
  table.entries = std::move(entries);
}

}  // namespace landwarden::sigma
