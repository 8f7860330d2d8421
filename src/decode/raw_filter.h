// Tells from the raw bytes of records which of them cannot hold a text, so that their values need not be
// made.
//
// A text that no number, time, GUID, SID or binary value can be rendered to ("mimikatz": no digit or
// hexadecimal letter is "m") can only come out of text. In EVTX that is UTF-16LE, standing whole in the
// record's bytes or in its template. Of others ("4688") the record's values that are no text have to be
// looked at as well, which takes no more than their rendering. A filter only ever says "cannot"; "may" is
// left to those who look at all values. Case is that of base/text.h (simple folding). Immutable once made;
// any thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace landwarden::decode {

/// One literal as UTF-16 units, and where to look first.
class Utf16Needle {
 public:
  /// Nothing if `literal` (UTF-8) has no part that can be looked for.
  [[nodiscard]] static std::optional<Utf16Needle> make(std::string_view literal, bool caseless);

  /// Appends where it begins in `bytes`, rising.
  void find(std::span<const std::byte> bytes, std::vector<std::uint32_t>& places) const;
  [[nodiscard]] std::size_t bytes() const { return units_.size() * 2; }

 private:
  /// A unit whose low byte decides quickly: (byte | mask) == low.
  struct Anchor {
    std::size_t at = 0;  ///< of the low byte
    unsigned char mask = 0, low = 0;
  };
  [[nodiscard]] bool choose_anchors();
  [[nodiscard]] bool stands_at(const std::byte* at) const;

  std::u16string units_;  ///< folded if caseless
  bool caseless_ = false;
  Anchor anchors_[3];
};

class RawFilter {
 public:
  /// A record matters only if one of `literals` (UTF-8) is in one of its values. Nothing if raw bytes cannot
  /// tell that for one of them.
  [[nodiscard]] static std::optional<RawFilter> make(const std::vector<std::string>& literals, bool caseless);

  /// Appends where one of them begins in `bytes` as UTF-16LE, rising.
  void find(std::span<const std::byte> bytes, std::vector<std::uint32_t>& places) const;
  /// Whether one of them may be in this text.
  [[nodiscard]] bool may_be_in(std::string_view utf8) const;
  /// Literals are what is left of something stricter. `confirm` is asked about the text around each place:
  /// with false, nothing of that text, nor any part of it, is what is looked for.
  void confirm_by(std::function<bool(std::string_view utf8)> confirm) { confirm_ = std::move(confirm); }
  /// Whether a place that find() gave may be one. `text` are the units up to the next NULs around it.
  [[nodiscard]] bool confirms(std::span<const std::byte> text) const;
  [[nodiscard]] bool wants_to_confirm() const { return confirm_ != nullptr; }

  /// Whether one of them may be in what a value that is no text shows.
  [[nodiscard]] bool looks_at_renderings() const { return !rendered_.empty(); }
  /// The same of one such value.
  [[nodiscard]] bool is_in_rendering(std::string_view shown) const;

 private:
  std::vector<Utf16Needle> needles_;
  std::vector<std::string> rendered_;  ///< folded
  std::function<bool(std::string_view)> confirm_;
};

}  // namespace landwarden::decode
