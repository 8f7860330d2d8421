// Tells from the raw bytes of records which of them may hold one of some tens of texts, in one pass over the
// bytes. For what a RawFilter does with a few: the same promise, "cannot" is certain and "may" is not, and
// the same sort of text, which no number is rendered to. Without case, that of base/text.h. Immutable once
// made; any thread.

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

  /// Appends where one of them begins in `bytes` as UTF-16LE, rising; of each its longest part of ASCII
  /// counts.
  void find(std::span<const std::byte> bytes, std::vector<std::uint32_t>& places) const;
  /// Whether one of them may be in this text.
  [[nodiscard]] bool may_be_in(std::string_view utf8) const;

 private:
  /// So many characters are looked for first, by their low bytes; the last may be any of a text that is
  /// shorter.
  static constexpr std::size_t kLookedAt = 4, kShortest = 3;
  struct Needle {
    std::u16string units;   ///< folded
    std::size_t first = 0;  ///< of those looked for
  };
  /// For one of them: by the low byte's lower and upper half, a bit for each group of needles that it
  /// may belong to.
  struct Halves {
    alignas(16) std::array<std::uint8_t, 16> low{}, high{};
  };

  void look_for(Needle needle, std::size_t group);
  void find_in_32(const unsigned char* data, std::size_t ends, std::size_t size, std::size_t& at,
                  std::vector<std::uint32_t>& places) const;
  void find_in_64(const unsigned char* data, std::size_t ends, std::size_t size, std::size_t& at,
                  std::vector<std::uint32_t>& places) const;
  [[nodiscard]] std::uint8_t groups_at(const unsigned char* data) const;
  template <class Take>
  void verify(const unsigned char* data, std::size_t size, std::size_t at, std::uint8_t groups,
              Take&& take) const;
  void look(const unsigned char* data, std::size_t size, std::size_t at, std::uint8_t groups,
            std::vector<std::uint32_t>& places) const;

  std::array<Halves, kLookedAt> halves_;
  std::array<std::array<std::uint8_t, 128>, kLookedAt> ascii_{};  ///< the same by the byte itself
  std::array<std::vector<Needle>, 8> groups_;
};

}  // namespace landwarden::decode
