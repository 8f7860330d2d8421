// Tells whether UTF-16 text of records may hold one of some tens of texts, in one pass over it. For what a
// RawFilter does with a few: the same promise, "cannot" is certain and "may" is not, and the same sort of
// text, which no number is rendered to. Without case, that of base/text.h. Immutable once made; any thread.

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

class RawTexts {
 public:
  /// Nothing if raw bytes cannot tell for one of the texts (UTF-8): each needs three characters of ASCII in a
  /// row, and to be such that no value but text is rendered to it.
  [[nodiscard]] static std::optional<RawTexts> make(std::span<const std::string> texts);

  /// What text is too short, in bytes of UTF-16, to hold any.
  static constexpr std::size_t kShortestBytes = 6;

  /// Whether one of them stands in the UTF-16LE text bytes[begin, end), whose units begin at `begin`; of each
  /// its longest part of ASCII counts.
  [[nodiscard]] bool may_be_in(std::span<const std::byte> bytes, std::size_t begin, std::size_t end) const;
  /// The same for UTF-8, without hurry, and without what the processor may have for it.
  [[nodiscard]] bool may_be_in(std::string_view utf8) const;

 private:
  /// So many characters are looked for first, by their low bytes; the last may be any of a text that is
  /// shorter.
  static constexpr std::size_t kLookedAt = 4, kShortest = kShortestBytes / 2, kGroups = 8;
  struct Needle {
    std::u16string units;    ///< folded
    std::size_t first = 0;   ///< of those looked for
    std::uint16_t next = 0;  ///< needle with the same hash of its first characters looked for, plus one
  };
  /// For one of the characters: by the lower and upper half of its byte, a bit for each group of needles that
  /// it may belong to.
  struct Halves {
    alignas(16) std::array<std::uint8_t, 16> low{}, high{};
  };

  void look_for(Needle needle, std::size_t group);
  [[nodiscard]] static std::size_t hash_of(std::uint64_t units);
  [[nodiscard]] bool stands_at(const unsigned char* data, std::size_t begin, std::size_t end,
                               std::size_t at) const;
  [[nodiscard]] bool is_one_of(std::uint16_t next, const unsigned char* data, std::size_t begin,
                               std::size_t end, std::size_t at) const;
  [[nodiscard]] bool find(const unsigned char* data, std::size_t begin, std::size_t end,
                          std::size_t at) const;
  void mark(const unsigned char* data, std::size_t blocks, std::uint32_t* marks) const;
  [[nodiscard]] bool find_marked(const unsigned char* data, std::size_t size, std::size_t begin,
                                 std::size_t end, std::size_t& at) const;

  std::array<Halves, kLookedAt> halves_;
  std::vector<Needle> needles_;
  std::array<std::uint16_t, 1024> first_needle_{};  ///< by hash, plus one
};

}  // namespace landwarden::decode
