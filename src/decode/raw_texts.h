// Tells where UTF-16 text of records may hold one of some tens of texts, in one pass over their bytes. For
// what a RawFilter does with a few: the same promise, "cannot" is certain and "may" is not, and the same sort
// of text, which no number is rendered to. Without case, that of base/text.h. Immutable once made; any
// thread.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace landwarden::decode {

/// Where texts stand that raw bytes hold.
struct RawPlace {
  std::uint32_t at = 0;     ///< somewhere inside them
  std::uint64_t texts = 0;  ///< a bit for each, as they were given to RawTexts
};

/// What RawTexts looks for of one text.
struct RawNeedle {
  std::u16string units;    ///< folded
  std::uint64_t text = 0;  ///< its bit
  std::size_t first = 0;   ///< of the characters looked for
  std::uint16_t next = 0;  ///< needle with the same hash of the characters looked for, plus one
};

/// Finds some of the texts, at even and at odd bytes alike.
class RawTextFinder {
 public:
  explicit RawTextFinder(std::vector<RawNeedle> needles);

  /// Appends where in `bytes` texts stand as UTF-16LE, rising; of each text its longest part of ASCII counts.
  void find(std::span<const std::byte> bytes, std::vector<RawPlace>& places) const;
  /// The same with what every processor has, for tests that compare.
  void find_slowly(std::span<const std::byte> bytes, std::vector<RawPlace>& places) const {
    look_from(0, bytes, places);
  }

  static constexpr std::size_t kShortest = 3;

 private:
  /// So many characters are looked for first.
  static constexpr std::size_t kLookedAt = 4, kGroups = 8;

  void choose_looked_at(RawNeedle& needle) const;
  void look_for(RawNeedle needle, std::size_t group);
  [[nodiscard]] static std::size_t hash_of(std::uint64_t units);
  [[nodiscard]] std::uint64_t texts_at(std::span<const std::byte> bytes, std::size_t at) const;
  void look_from(std::size_t at, std::span<const std::byte> bytes, std::vector<RawPlace>& places) const;
  template <std::size_t kLook>
  std::size_t find_marked(std::span<const std::byte> bytes, std::vector<RawPlace>& places) const;
  void look_at(std::size_t place, std::span<const std::byte> bytes, std::vector<RawPlace>& places) const;
  void look_at_marked(std::size_t at, std::uint32_t marks, std::span<const std::byte> bytes,
                      std::vector<RawPlace>& places) const;

  std::size_t looked_at_ = kLookedAt;  ///< or kShortest, if a text has no more
  /// For each character looked at, by the lower half of its low byte: a bit for each group of needles that it
  /// may belong to.
  struct alignas(16) Groups {
    std::array<std::uint8_t, 16> of{};
  };
  std::array<Groups, kLookedAt> groups_;
  std::vector<RawNeedle> needles_;
  std::array<std::uint16_t, 1024> first_needle_{};  ///< by hash, plus one
};

class RawTexts {
 public:
  /// A bit for each text, as they were given.
  using Set = std::uint64_t;

  /// Nothing if raw bytes cannot tell for one of the texts (UTF-8): each needs three characters of ASCII in a
  /// row, and to be such that no value but text is rendered to it. At most 64.
  [[nodiscard]] static std::optional<RawTexts> make(std::span<const std::string> texts);

  [[nodiscard]] RawTextFinder finder(Set which) const;
  /// Those that may be in this UTF-8; without hurry.
  [[nodiscard]] Set may_be_in(std::string_view utf8) const;

 private:
  std::vector<RawNeedle> needles_;
};

}  // namespace landwarden::decode
