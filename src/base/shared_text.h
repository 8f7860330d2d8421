// A text that many values hold at once, as all matches of a log hold its channel: a copy costs a count, not
// memory. Immutable but for assignment; copies may be used in several threads, one object may not.

#pragma once

#include <compare>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace landwarden {

class SharedText {
 public:
  SharedText() = default;
  // Implicit, as a text is given where std::string would be.
  SharedText(std::string text)
      : text_(text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))) {}
  SharedText(std::string_view text) : SharedText(std::string(text)) {}
  SharedText(const char* text) : SharedText(std::string(text)) {}

  [[nodiscard]] const std::string& str() const {
    static const std::string kEmpty;
    return text_ ? *text_ : kEmpty;
  }
  operator const std::string&() const { return str(); }
  operator std::string_view() const { return str(); }

  [[nodiscard]] bool empty() const { return !text_; }
  [[nodiscard]] std::size_t size() const { return text_ ? text_->size() : 0; }
  void clear() { text_.reset(); }

  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.text_ == b.text_ || a.str() == b.str();
  }
  friend auto operator<=>(const SharedText& a, const SharedText& b) { return a.str() <=> b.str(); }

 private:
  std::shared_ptr<const std::string> text_;  ///< never an empty one
};

}  // namespace landwarden
