#include "sigma/regex_relax.h"

#include <algorithm>
#include <charconv>

namespace landwarden::sigma {
namespace {

/// Bounds from which on a repetition costs more states than a look at the value.
constexpr unsigned kLargeBound = 8;

class Relaxing {
 public:
  explicit Relaxing(std::string_view text) : text_(text) {}

  std::optional<std::string> run() {
    while (at_ < text_.size() && !unclear_) {
      if (text_[at_] == '\\') {
        escape();
      } else if (text_[at_] == '[') {
        set();
      } else if (text_[at_] == '{') {
        brace();
      } else {
        keep(1);
      }
    }
    return changed_ && !unclear_ ? std::optional(std::move(out_)) : std::nullopt;
  }

 private:
  [[nodiscard]] char at(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void keep(std::size_t bytes) {
    bytes = std::min(bytes, text_.size() - at_);
    out_ += text_.substr(at_, bytes);
    at_ += bytes;
  }

  void escape() {
    const char letter = at(1);
    if (letter == 'Q') unclear_ = true;  // up to \E everything is literal
    keep(2);
    // \x{41}, \pL, \p{Greek}: what is in the braces is no bound.
    if ((letter == 'x' || letter == 'p' || letter == 'P') && at(0) == '{') keep_to('}');
  }

  void keep_to(char last) {
    const std::size_t end = text_.find(last, at_);
    if (end == std::string_view::npos) {
      unclear_ = true;
    } else {
      keep(end + 1 - at_);
    }
  }

  void set() {
    keep(1);
    if (at(0) == '^') keep(1);
    if (at(0) == ']') keep(1);  // the first one stands for itself
    while (at_ < text_.size() && text_[at_] != ']') {
      if (text_[at_] == '\\') {
        escape();
      } else if (text_[at_] == '[' && at(1) == ':') {
        keep_to(']');
      } else {
        keep(1);
      }
    }
    keep(1);
  }

  /// `{m}`, `{m,}` and `{m,n}` are bounds, any other brace is itself.
  void brace() {
    const char* const begin = text_.data() + at_ + 1;
    const char* const end = text_.data() + text_.size();
    unsigned least = 0, most = 0;
    auto [next, error] = std::from_chars(begin, end, least);
    if (error != std::errc()) return keep(1);
    most = least;
    if (next != end && *next == ',') {
      ++next;
      const auto upper = std::from_chars(next, end, most);
      if (upper.ec == std::errc()) next = upper.ptr;
    }
    if (next == end || *next != '}') return keep(1);
    const auto length = static_cast<std::size_t>(next - begin) + 2;
    if (std::max(least, most) < kLargeBound) return keep(length);
    out_ += least == 0 ? '*' : '+';
    at_ += length;
    changed_ = true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
  bool changed_ = false, unclear_ = false;
};

}  // namespace

std::optional<std::string> relaxed_regex(std::string_view regex) {
  return Relaxing(regex).run();
}

}  // namespace landwarden::sigma
