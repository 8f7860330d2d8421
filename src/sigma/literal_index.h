// Finds which of many literals occur in a text, in one pass.
//
// Every literal is filed under one of its grams (four consecutive bytes), the one that fewest other literals
// contain. Scanning looks each gram of the text up in a bitmap small enough for the first-level cache, and
// only where that says "perhaps" in a hash table, then compares the whole literal. Literals of one to three
// bytes are grams themselves; a second pass finds them all by their first two bytes. Building costs a few
// microseconds a literal, so that it can be done at every start; see docs/adr for what was measured against
// Vectorscan. Build once (add… then build), then scan from any number of threads.

#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/packing.h"
#include "base/text.h"

namespace landwarden::sigma {

class LiteralIndex {
 public:
  /// Where in the text the literal must stand.
  enum class Anchor : std::uint8_t { anywhere, start, end };

  LiteralIndex() = default;
  LiteralIndex(const LiteralIndex&) = delete;
  LiteralIndex& operator=(const LiteralIndex&) = delete;

  /// `literal` must not be empty. `id` is given back by scan; several literals may share one.
  void add(std::string_view literal, Anchor anchor, std::uint32_t id);
  void build();
  [[nodiscard]] bool empty() const { return literals_.empty(); }

  /// Of a built index. What load() reads must outlive the index; nothing is believed of it, ids are below
  /// `ids` afterwards.
  void save(Packer& out) const;
  [[nodiscard]] bool load(Unpacker& in, std::size_t ids);

  /// Calls hit(id) for every literal that stands in `text` as its anchor demands. An id can come several
  /// times; known(id) is asked first, and where it says true the place is not even compared.
  template <class Known, class Hit>
  void scan(std::string_view text, Known&& known, Hit&& hit) const {
    if (!short_.empty()) scan_short(text, known, hit);
    scan_long(text, known, hit);
  }

 private:
  static constexpr std::size_t kGram = 4;
  static constexpr std::size_t kBlock = 256;  ///< places looked at together
  struct Literal {
    std::uint32_t begin;  ///< of its text in texts_
    std::uint32_t size;
    Anchor anchor;
    std::uint8_t unused[3];
    std::uint32_t id;
  };
  struct Entry {
    std::uint32_t gram;
    std::uint32_t literal;
    std::uint32_t gram_at;  ///< offset of the gram in the literal
    std::uint32_t id;       ///< the literal's
  };
  /// 64 pairs of characters, those with which a literal shorter than kGram begins.
  struct ShortWord {
    std::uint64_t pairs = 0;
    std::uint32_t before = 0;  ///< such pairs in the words before
  };
  struct Short {
    std::uint32_t id;
    std::uint8_t size;
    Anchor anchor;
    char third;
  };
  struct Table {
    std::span<const std::uint64_t> bitmap;
    unsigned shift = 0;  ///< 32 - log2(bits)
    std::span<const std::uint32_t>
        buckets;  ///< by the same hash, coarser: first entry; entries of a bucket are consecutive
    unsigned bucket_shift = 0;
    std::span<const Entry> entries;
  };
  /// What the views below look at, unless it was loaded.
  struct Own {
    std::vector<Literal> literals;
    std::vector<char> texts;
    struct Table {
      std::vector<std::uint64_t> bitmap;
      std::vector<std::uint32_t> buckets;
      std::vector<Entry> entries;
    };
    std::array<Table, kGram> tables;
  };

  /// In registers: three bytes copied into a number and read again wait some fifteen cycles for each other.
  template <std::size_t n>
  static std::uint32_t gram_of(const char* at) {
    if constexpr (n == 1) {
      return static_cast<unsigned char>(*at);
    } else if constexpr (n == 3) {
      return gram_of<2>(at) | gram_of<1>(at + 2) << 16;
    } else {
      std::conditional_t<n == 2, std::uint16_t, std::uint32_t> gram = 0;
      std::memcpy(&gram, at, n);
      return gram;
    }
  }
  static std::uint32_t gram_of(const char* at, std::size_t n);
  static std::uint32_t mix(std::uint32_t gram) { return gram * 0x9E3779B1U; }

  // Two steps a block: all places whose gram may be in the table, found without a branch (which of them are
  // is as good as random, and a mispredicted branch costs more than the look-up), then the look at each.
  template <class Known, class Hit>
  void scan_long(std::string_view text, Known&& known, Hit&& hit) const {
    const Table& table = tables_[kGram - 1];
    if (text.size() < kGram || table.entries.empty()) return;
    const std::uint64_t* bitmap = table.bitmap.data();
    const unsigned shift = table.shift;
    const auto may_stand = [=](const char* at) {
      const std::uint32_t bit = mix(gram_of<kGram>(at)) >> shift;
      return bitmap[bit >> 6] >> (bit & 63) & 1;
    };
    for_candidates(text, text.size() - kGram + 1, may_stand,
                   [&](std::size_t at) { look_at<kGram>(text, at, known, hit); });
  }

  /// Literals shorter than a gram, all in one pass over pairs of characters: a bitmap says which pairs begin
  /// one, and how many such pairs stand before it where its literals are listed.
  template <class Known, class Hit>
  void scan_short(std::string_view text, Known&& known, Hit&& hit) const {
    if (text.empty()) return;
    const ShortWord* words = short_.data();
    const auto may_begin = [=](const char* at) {
      const std::uint32_t pair = gram_of<2>(at);
      return words[pair >> 6].pairs >> (pair & 63) & 1;
    };
    for_candidates(text, text.size() - 1, may_begin, [&](std::size_t at) {
      const std::uint32_t pair = gram_of<2>(text.data() + at);
      const ShortWord& word = words[pair >> 6];
      const std::uint64_t before = word.pairs & ((std::uint64_t{1} << (pair & 63)) - 1);
      const std::uint32_t* begin = short_begins_.data() + word.before + std::popcount(before);
      for (std::uint32_t i = begin[0]; i < begin[1]; ++i) {
        const Short& literal = short_literals_.data()[i];
        if (known(literal.id)) continue;
        if (literal.size == 3 && (at + 2 == text.size() || text[at + 2] != literal.third)) continue;
        if (literal.anchor == Anchor::start && at != 0) continue;
        if (literal.anchor == Anchor::end && at + literal.size != text.size()) continue;
        hit(literal.id);
      }
    });
    look_at<1>(text, text.size() - 1, known, hit);
  }

  template <class May, class Look>
  static void for_candidates(std::string_view text, std::size_t places, May&& may, Look&& look) {
    std::array<std::uint32_t, kBlock> candidates;
    for (std::size_t block = 0; block < places; block += kBlock) {
      const std::size_t size = std::min(kBlock, places - block);
      std::size_t count = 0;
      for (std::size_t at = 0; at < size; ++at) {
        candidates[count] = static_cast<std::uint32_t>(at);
        count += may(text.data() + block + at);
      }
      for (std::size_t i = 0; i < count; ++i) look(block + candidates[i]);
    }
  }

  // Through pointers: whoever built or loaded the table has seen to the bounds.
  template <std::size_t n, class Known, class Hit>
  void look_at(std::string_view text, std::size_t at, Known&& known, Hit&& hit) const {
    const Table& table = tables_[n - 1];
    if (n < kGram && table.entries.empty()) return;
    const std::uint32_t gram = gram_of<n>(text.data() + at);
    const std::uint32_t* bucket = table.buckets.data() + (mix(gram) >> table.bucket_shift);
    const Entry* const end = table.entries.data() + bucket[1];
    for (const Entry* entry = table.entries.data() + bucket[0]; entry < end; ++entry) {
      if (entry->gram != gram || known(entry->id)) continue;
      if (stands_at(*entry, text, at, n)) hit(entry->id);
    }
  }

  [[nodiscard]] bool stands_at(const Entry& entry, std::string_view text, std::size_t at,
                               std::size_t n) const {
    const Literal& literal = literals_.data()[entry.literal];
    if (at < entry.gram_at) return false;
    const std::size_t start = at - entry.gram_at;
    const std::size_t size = literal.size;
    if (text.size() - start < size) return false;
    if (literal.anchor == Anchor::start && start != 0) return false;
    if (literal.anchor == Anchor::end && start + size != text.size()) return false;
    // A literal of the gram's own length is the gram.
    return size == n || std::memcmp(text.data() + start, texts_.data() + literal.begin, size) == 0;
  }

  void build_table(std::size_t n, std::vector<Entry> entries);
  void build_short();

  [[nodiscard]] bool is_sound(const Table& table, std::size_t ids) const;

  Own own_;
  std::span<const Literal> literals_;
  std::span<const char> texts_;
  std::array<Table, kGram> tables_;  ///< by gram length
  // Of literals shorter than kGram, made from their tables; all empty if there are none.
  std::vector<ShortWord> short_;             ///< by the upper ten bits of a pair
  std::vector<std::uint32_t> short_begins_;  ///< by pair that begins one: the first of its literals; one more
  std::vector<Short> short_literals_;
};

}  // namespace landwarden::sigma
