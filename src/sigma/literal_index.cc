#include "sigma/literal_index.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"

namespace landwarden::sigma {

std::uint32_t LiteralIndex::gram_of(const char* at, std::size_t n) {
  switch (n) {
    case 1:
      return gram_of<1>(at);
    case 2:
      return gram_of<2>(at);
    case 3:
      return gram_of<3>(at);
    default:
      return gram_of<4>(at);
  }
}

void LiteralIndex::add(std::string_view literal, Anchor anchor, std::uint32_t id) {
  LW_ASSERT(!literal.empty());
  own_.literals.push_back({.begin = static_cast<std::uint32_t>(own_.texts.size()),
                           .size = static_cast<std::uint32_t>(literal.size()),
                           .anchor = anchor,
                           .unused = {},
                           .id = id});
  own_.texts.insert(own_.texts.end(), literal.begin(), literal.end());
}

void LiteralIndex::build() {
  literals_ = own_.literals;
  texts_ = own_.texts;
  const auto text_of = [this](const Literal& literal) {
    return std::string_view(texts_.data() + literal.begin, literal.size);
  };
  // How many literals hold a gram stands for how common it is in evidence. Counted by hash, in one flat
  // table: a collision only makes a worse choice, never a wrong answer.
  constexpr unsigned kCountBits = 16;
  std::vector<std::uint16_t> counts(std::size_t{1} << kCountBits, 0);
  const auto count_of = [&](std::uint32_t gram) -> std::uint16_t& {
    return counts[mix(gram) >> (32 - kCountBits)];
  };
  for (const Literal& literal : literals_) {
    for (std::size_t at = 0; at + kGram <= literal.size; ++at) {
      std::uint16_t& count = count_of(gram_of<kGram>(text_of(literal).data() + at));
      if (count < 0xFFFF) ++count;
    }
  }
  std::array<std::vector<Entry>, kGram> entries;
  for (std::uint32_t index = 0; index < literals_.size(); ++index) {
    const std::string_view text = text_of(literals_[index]);
    const std::size_t n = std::min(kGram, text.size());
    std::size_t best = 0;
    for (std::size_t at = 1; n == kGram && at + kGram <= text.size(); ++at) {
      if (count_of(gram_of<kGram>(text.data() + at)) < count_of(gram_of<kGram>(text.data() + best)))
        best = at;
    }
    entries[n - 1].push_back(
        {gram_of(text.data() + best, n), index, static_cast<std::uint32_t>(best), literals_[index].id});
  }
  for (std::size_t n = 1; n <= kGram; ++n) build_table(n, std::move(entries[n - 1]));
  build_short();
}

void LiteralIndex::build_short() {
  constexpr std::uint32_t kPairs = 1 << 16, kFirst = 1 << 8;
  std::vector<std::pair<std::uint32_t, Short>> all;  // with the pair that each begins with
  for (std::size_t n = 1; n < kGram; ++n) {
    for (const Entry& entry : tables_[n - 1].entries) {
      const Literal& literal = literals_[entry.literal];
      const Short made{.id = entry.id,
                       .size = static_cast<std::uint8_t>(n),
                       .anchor = literal.anchor,
                       .third = static_cast<char>(entry.gram >> 16 & 0xFF)};
      if (n > 1) {
        all.emplace_back(entry.gram & (kPairs - 1), made);
      } else {
        for (std::uint32_t next = 0; next < kFirst; ++next)
          all.emplace_back((entry.gram & (kFirst - 1)) | next << 8, made);
      }
    }
  }
  if (all.empty()) return;
  std::ranges::stable_sort(all, {}, &std::pair<std::uint32_t, Short>::first);
  short_.assign(kPairs / 64, {});
  for (const auto& [pair, literal] : all) {
    std::uint64_t& pairs = short_[pair >> 6].pairs;
    const std::uint64_t bit = std::uint64_t{1} << (pair & 63);
    if ((pairs & bit) == 0) short_begins_.push_back(static_cast<std::uint32_t>(short_literals_.size()));
    pairs |= bit;
    short_literals_.push_back(literal);
  }
  short_begins_.push_back(static_cast<std::uint32_t>(short_literals_.size()));
  std::uint32_t before = 0;
  for (ShortWord& word : short_) {
    word.before = before;
    before += static_cast<std::uint32_t>(std::popcount(word.pairs));
  }
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
  Own::Table& own = own_.tables[n - 1];
  own.bitmap.assign((std::size_t{1} << bits) / 64, 0);
  std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    const std::uint32_t left = mix(a.gram), right = mix(b.gram);
    return left != right ? left < right : a.literal < b.literal;
  });
  own.buckets.assign((std::size_t{1} << bucket_bits) + 1, 0);
  for (const Entry& entry : entries) {
    const std::uint32_t hash = mix(entry.gram);
    const std::uint32_t bit = hash >> table.shift;
    own.bitmap[bit >> 6] |= std::uint64_t{1} << (bit & 63);
    ++own.buckets[(hash >> table.bucket_shift) + 1];
  }
  for (std::size_t i = 1; i < own.buckets.size(); ++i) own.buckets[i] += own.buckets[i - 1];
  own.entries = std::move(entries);
  table.bitmap = own.bitmap;
  table.buckets = own.buckets;
  table.entries = own.entries;
}

void LiteralIndex::save(Packer& out) const {
  out.put_array(literals_);
  out.put_array(texts_);
  for (const Table& table : tables_) {
    out.put(table.shift);
    out.put(table.bucket_shift);
    out.put_array(table.bitmap);
    out.put_array(table.buckets);
    out.put_array(table.entries);
  }
}

bool LiteralIndex::is_sound(const Table& table, std::size_t ids) const {
  if (table.entries.empty()) return true;
  // shift and bucket_shift are 32 less the bits of a hash that choose a place.
  if (table.shift < 8 || table.shift > 26 || table.bucket_shift < 8 || table.bucket_shift > 31) return false;
  if (table.bitmap.size() != (std::size_t{1} << (32 - table.shift)) / 64) return false;
  if (table.buckets.size() != (std::size_t{1} << (32 - table.bucket_shift)) + 1) return false;
  return std::ranges::all_of(table.buckets, [&](std::uint32_t at) { return at <= table.entries.size(); }) &&
         std::ranges::all_of(table.entries, [&](const Entry& entry) {
           return entry.literal < literals_.size() && entry.id < ids;
         });
}

bool LiteralIndex::load(Unpacker& in, std::size_t ids) {
  literals_ = in.array<Literal>();
  texts_ = in.array<char>();
  for (Table& table : tables_) {
    in.get(table.shift);
    in.get(table.bucket_shift);
    table.bitmap = in.array<std::uint64_t>();
    table.buckets = in.array<std::uint32_t>();
    table.entries = in.array<Entry>();
  }
  const bool sound = !in.failed() && std::ranges::all_of(literals_, [&](const Literal& literal) {
    return literal.begin <= texts_.size() && literal.size <= texts_.size() - literal.begin &&
           literal.id < ids;
  }) && std::ranges::all_of(tables_, [&](const Table& table) { return is_sound(table, ids); });
  if (sound) build_short();
  return sound;
}

}  // namespace landwarden::sigma
