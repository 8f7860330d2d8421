#include "sigma/regex_run.h"

#include <charconv>
#include <cstdint>

namespace landwarden::sigma {
namespace {

/// RE2 visits few states for less than that.
constexpr std::size_t kShortestRun = 8;
/// RE2 takes no more than 1,000.
constexpr std::size_t kLongestRun = 1'000;

using Members = std::bitset<256>;

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

/// What the letter of an escape stands for, nothing if it is no class.
std::optional<Members> escaped_class(char letter) {
  Members out;
  const bool digits = letter == 'd' || letter == 'D', words = letter == 'w' || letter == 'W';
  if (!digits && !words && letter != 's' && letter != 'S') return std::nullopt;
  for (int byte = 0; byte < 128; ++byte) {
    const char c = static_cast<char>(byte);
    const bool is_in = digits  ? is_digit(c)
                       : words ? is_digit(c) || is_upper(c) || is_lower(c) || c == '_'
                               : c == ' ' || (c >= '\t' && c <= '\r');
    out[static_cast<std::size_t>(byte)] = is_in;
  }
  return is_upper(letter) ? ~out : out;
}

/// Wider: bytes that are not ASCII, and letters in both cases. Never called of a class that is then turned
/// round.
Members widened(Members members) {
  for (std::size_t byte = 128; byte < 256; ++byte) members.set(byte);
  for (std::size_t lower = 'a'; lower <= 'z'; ++lower) {
    const std::size_t upper = lower - 'a' + 'A';
    if (members[lower] || members[upper]) members.set(lower), members.set(upper);
  }
  return members;
}

class RunSearch {
 public:
  explicit RunSearch(std::string_view text) : text_(text) {}

  std::optional<CharacterRun> run() {
    while (at_ < text_.size()) {
      const auto members = atom();
      if (!clear_) return std::nullopt;
      const std::size_t times = repetition();
      if (members && depth_ == 0 && times > best_.length) best_ = {widened(*members), times};
    }
    return best_.length >= kShortestRun ? std::optional(best_) : std::nullopt;
  }

 private:
  [[nodiscard]] char here(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  /// Goes past one; the class that it is, if it is one that this knows.
  std::optional<Members> atom() {
    const char c = here();
    if (c == '[') return set();
    if (c == '\\') return escape();
    ++at_;
    switch (c) {
      case '(':
        ++depth_;
        return std::nullopt;
      case ')':
        --depth_;
        clear_ = clear_ && depth_ >= 0;
        return std::nullopt;
      case '|':
        clear_ = clear_ && depth_ > 0;  // the other side may do without
        return std::nullopt;
      default:
        return std::nullopt;
    }
  }

  std::optional<Members> escape() {
    const char letter = here(1);
    at_ += 2;
    const auto members = escaped_class(letter);
    if (members || letter == '\0' || !(is_digit(letter) || is_upper(letter) || is_lower(letter)))
      return members;
    // \pL, \x{41}, \Q…\E, \101: what follows would have to be read as well.
    if (letter != 'b' && letter != 'B' && letter != 't' && letter != 'n' && letter != 'r') clear_ = false;
    return std::nullopt;
  }

  /// One member of a set, or the end of a range; nothing where it is not one plain ASCII character.
  std::optional<char> plain() {
    char c = here();
    if (c == '\\') {
      c = here(1);
      if (is_digit(c) || is_upper(c) || is_lower(c)) return std::nullopt;
      ++at_;
    }
    if (c == '[' && here(1) == ':') return std::nullopt;
    if (static_cast<unsigned char>(c) >= 0x80 || c == '\0') return std::nullopt;
    ++at_;
    return c;
  }

  std::optional<Members> set() {
    Members members;
    ++at_;
    const bool turned = here() == '^';
    if (turned) ++at_;
    for (bool first = true; first || here() != ']'; first = false) {
      const auto named = here() == '\\' ? escaped_class(here(1)) : std::nullopt;
      if (named) {
        members |= *named;
        at_ += 2;
        continue;
      }
      const auto from = plain();
      auto to = from;
      if (from && here() == '-' && here(1) != ']' && here(1) != '\0') {
        ++at_;
        to = plain();
      }
      if (!from || !to) {  // and where the set ends is not known
        clear_ = false;
        return std::nullopt;
      }
      for (int byte = *from; byte <= *to; ++byte) members.set(static_cast<std::size_t>(byte));
    }
    ++at_;
    return turned ? ~members : members;
  }

  /// Goes past what repeats the atom; how often it is there at least, as far as this knows.
  std::size_t repetition() {
    std::size_t times = 1;
    while (at_ < text_.size()) {
      const char c = here();
      if (c == '*' || c == '?' || c == '+') {
        // Behind a repetition '?' and '+' say only which match is preferred.
        if (c == '*' || times == 1) times = 0;
        ++at_;
      } else if (const auto bound = least_of_bound()) {
        times = times == 1 ? *bound : 0;
      } else {
        return times;
      }
    }
    return times;
  }

  /// `{m}`, `{m,}`, `{m,n}`: goes past it; any other brace is itself.
  std::optional<std::size_t> least_of_bound() {
    if (here() != '{') return std::nullopt;
    const char* const begin = text_.data() + at_ + 1;
    const char* const end = text_.data() + text_.size();
    std::size_t least = 0;
    auto [next, error] = std::from_chars(begin, end, least);
    if (error != std::errc() || least > kLongestRun) return std::nullopt;
    if (next != end && *next == ',') {
      ++next;
      while (next != end && is_digit(*next)) ++next;
    }
    if (next == end || *next != '}') return std::nullopt;
    at_ += static_cast<std::size_t>(next - begin) + 2;
    return least;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool clear_ = true;
  CharacterRun best_;
};

}  // namespace

// From the last byte that a run beginning at `begin` would have back to its first: one that is no member
// rules out all beginnings up to it.
bool CharacterRun::found_in(std::string_view value) const {
  std::size_t begin = 0;
  std::size_t members_until = 0;  // bytes from begin on that are known to be members end here
  while (length <= value.size() - begin) {
    const std::size_t end = begin + length;
    std::size_t at = end;
    while (at > members_until && members[static_cast<unsigned char>(value[at - 1])]) --at;
    if (at <= members_until) return true;
    begin = at;
    members_until = end;
  }
  return false;
}

std::optional<CharacterRun> needed_run(std::string_view regex) {
  return RunSearch(regex).run();
}

}  // namespace landwarden::sigma
