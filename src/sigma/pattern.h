// Matching of Sigma string values: literals, '*', '?' and dash classes over whole values.
//
// A CompiledPattern holds the parts folded (unless cased) and cut at the '*' into segments; matching is the
// usual glob algorithm (leftmost segment after segment), linear in practice and never worse than value length
// times pattern length.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/rule.h"

namespace landwarden::sigma {

/// The characters of a dash class: hyphen, slash, en dash, em dash, horizontal bar.
inline constexpr std::array<std::string_view, 5> kDashes = {"-", "/", "\u2013", "\u2014", "\u2015"};

class CompiledPattern {
 public:
  explicit CompiledPattern(const Pattern& pattern);

  /// `value` as it is, `folded` the same value folded; the pattern looks at the one that it needs.
  [[nodiscard]] bool matches(std::string_view value, std::string_view folded) const;

  /// The longest literal, folded: every matching value's folding contains it. Empty if there is none.
  [[nodiscard]] const std::string& longest_literal() const { return longest_literal_; }
  [[nodiscard]] bool cased() const { return cased_; }

  /// What remains to be known where a literal has been seen at a place.
  enum class Shape : std::uint8_t { exact, prefix, suffix, infix, general };
  /// `general` unless the pattern is one literal with or without '*' around it and not cased.
  [[nodiscard]] Shape shape() const { return shape_; }

 private:
  struct Element {
    Pattern::Kind kind;
    std::string text;
  };
  using Segment = std::vector<Element>;

  [[nodiscard]] static bool match_segment(const Segment& segment, std::string_view text, std::size_t& at);
  [[nodiscard]] static bool ends_with_segment(const Segment& segment, std::string_view text,
                                              std::size_t from);
  [[nodiscard]] static bool find_segment(const Segment& segment, std::string_view text, std::size_t& at);

  std::vector<Segment> segments_;  ///< between the '*'; the first and the last may be empty
  std::string longest_literal_;
  bool cased_ = false;
  Shape shape_ = Shape::general;
};

}  // namespace landwarden::sigma
