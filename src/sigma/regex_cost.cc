#include "sigma/regex_cost.h"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <cstdint>
#include <map>
#include <vector>

#include "base/limits.h"
#include "base/text.h"

namespace landwarden::sigma {
namespace {

using Bytes = std::bitset<256>;

/// A part of the expression as its position automaton (Glushkov) sees it.
struct Part {
  bool nullable = true;
  std::vector<std::uint32_t> first, last;
};

void unite(std::vector<std::uint32_t>& into, const std::vector<std::uint32_t>& from) {
  into.insert(into.end(), from.begin(), from.end());
}

Bytes range(unsigned char from, unsigned char to) {
  Bytes out;
  for (unsigned c = from; c <= to; ++c) out.set(c);
  return out;
}

Bytes class_of(char letter) {
  Bytes word = range('0', '9') | range('a', 'z') | range('A', 'Z');
  word.set('_');
  Bytes space = range('\t', '\r');
  space.set(' ');
  switch (letter) {
    case 'd':
      return range('0', '9');
    case 'D':
      return ~range('0', '9');
    case 'w':
      return word;
    case 'W':
      return ~word;
    case 's':
      return space;
    default:
      return ~space;  // S
  }
}

/// Reads an expression into positions and what may follow each. Gives up (`failed`) where it cannot.
class Reader {
 public:
  Reader(std::string_view text, bool ignore_case) : text_(text), ignore_case_(ignore_case) {}

  Part read() {
    Part whole = alternatives(0);
    if (at_ != text_.size()) failed = true;
    return whole;
  }

  bool failed = false;
  std::vector<Bytes> positions;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> follow;  ///< in how many ways

 private:
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (peek() != c || at_end()) return false;
    ++at_;
    return true;
  }
  Part give_up() {
    failed = true;
    at_ = text_.size();
    return {};
  }

  Part alternatives(std::size_t depth);
  Part sequence(std::size_t depth);
  Part repeated(std::size_t depth);
  Part atom(std::size_t depth);
  Part group(std::size_t depth);
  Part escape();
  Part set();
  bool set_item(Bytes& out);
  Part position(Bytes bytes);
  Part literal(std::string_view bytes);
  void connect(const Part& left, const Part& right);
  Part joined(Part left, const Part& right);
  Part counted(std::size_t begin, std::size_t end, std::size_t depth, Part once);
  bool bounds(std::uint32_t& least, std::uint32_t& most);

  std::string_view text_;
  std::size_t at_ = 0;
  bool ignore_case_;
};

constexpr std::uint32_t kUnbounded = 0xFFFF'FFFF;

Part Reader::position(Bytes bytes) {
  if (positions.size() >= limits::kRegexPositions) return give_up();
  if (ignore_case_) {
    for (unsigned c = 'a'; c <= 'z'; ++c) {
      const unsigned upper = c - 'a' + 'A';
      if (bytes[c] || bytes[upper]) bytes.set(c), bytes.set(upper);
    }
  }
  const auto index = static_cast<std::uint32_t>(positions.size());
  positions.push_back(bytes);
  return {.nullable = false, .first = {index}, .last = {index}};
}

Part Reader::literal(std::string_view bytes) {
  Part out;
  for (const char c : bytes) {
    Bytes one;
    one.set(static_cast<unsigned char>(c));
    out = joined(std::move(out), position(one));
  }
  return out;
}

void Reader::connect(const Part& left, const Part& right) {
  for (const std::uint32_t from : left.last) {
    for (const std::uint32_t to : right.first) ++follow[{from, to}];
  }
  if (follow.size() > limits::kRegexEdges) give_up();
}

Part Reader::joined(Part left, const Part& right) {
  connect(left, right);
  if (left.nullable) unite(left.first, right.first);
  if (!right.nullable) left.last.clear();
  unite(left.last, right.last);
  left.nullable = left.nullable && right.nullable;
  return left;
}

Part Reader::alternatives(std::size_t depth) {
  if (depth > limits::kSigmaDepth) return give_up();
  Part out = sequence(depth);
  while (!failed && take('|')) {
    const Part other = sequence(depth);
    unite(out.first, other.first);
    unite(out.last, other.last);
    out.nullable = out.nullable || other.nullable;
  }
  return out;
}

Part Reader::sequence(std::size_t depth) {
  Part out;
  while (!failed && !at_end() && peek() != '|' && peek() != ')')
    out = joined(std::move(out), repeated(depth));
  return out;
}

/// "{2}", "{2,}", "{2,5}"; anything else is a plain brace.
bool Reader::bounds(std::uint32_t& least, std::uint32_t& most) {
  const std::size_t end = text_.find('}', at_);
  if (peek() != '{' || end == std::string_view::npos) return false;
  const std::string_view inner = text_.substr(at_ + 1, end - at_ - 1);
  const std::size_t comma = inner.find(',');
  const auto number = [](std::string_view digits, std::uint32_t& out) {
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return error == std::errc() && stop == digits.data() + digits.size();
  };
  if (!number(inner.substr(0, comma), least)) return false;
  most = least;
  if (comma != std::string_view::npos) {
    most = kUnbounded;
    if (comma + 1 < inner.size() && !number(inner.substr(comma + 1), most)) return false;
  }
  at_ = end + 1;
  return true;
}

Part Reader::counted(std::size_t begin, std::size_t end, std::size_t depth, Part once) {
  const std::size_t behind = at_;
  std::uint32_t least = 0, most = 0;
  at_ = end;
  if (!bounds(least, most)) return give_up();
  if (most == 0) return at_ = behind, Part{};
  const auto again = [&] {
    at_ = begin;
    return atom(depth);
  };
  const std::uint32_t copies = most == kUnbounded ? std::max(least, 1U) : most;
  if (copies > limits::kRegexPositions) return give_up();
  Part out;
  for (std::uint32_t i = 0; i < copies && !failed; ++i) {
    Part copy = i == 0 ? once : again();
    if (most == kUnbounded && i + 1 == copies) connect(copy, copy);
    if (i >= least) copy.nullable = true;
    out = joined(std::move(out), copy);
  }
  if (!failed) at_ = behind;
  return out;
}

Part Reader::repeated(std::size_t depth) {
  const std::size_t begin = at_;
  Part out = atom(depth);
  while (!failed && !at_end()) {
    const std::size_t end = at_;
    std::uint32_t least = 0, most = 0;
    if (take('*') || take('+')) {
      connect(out, out);
      out.nullable = out.nullable || text_[end] == '*';
    } else if (take('?')) {
      out.nullable = true;
    } else if (bounds(least, most)) {
      out = counted(begin, end, depth, std::move(out));
    } else {
      break;
    }
    if (take('+')) return give_up();  // possessive: no way back, another automaton
    (void)take('?');                  // lazy: the same ways in another order
  }
  return out;
}

Part Reader::atom(std::size_t depth) {
  if (at_end()) return {};
  const char c = text_[at_];
  switch (c) {
    case '(':
      return group(depth);
    case '[':
      return set();
    case '\\':
      return escape();
    case '.':
      ++at_;
      return position(Bytes().set());
    case '^':
      ++at_;
      return {};
    case '$':
      ++at_;
      return position(Bytes());  // nothing matches it, and what stands before it can fail there
    default:
      break;
  }
  std::size_t end = at_;
  (void)text::next_code_point(text_, end);
  const std::string_view bytes = text_.substr(at_, end - at_);
  at_ = end;
  return literal(bytes);
}

Part Reader::group(std::size_t depth) {
  ++at_;
  if (take('?')) {
    if (take('P') || peek() == '<') {
      (void)take('<');
      if (peek() == '=' || peek() == '!') return give_up();
      const std::size_t end = text_.find('>', at_);
      if (end == std::string_view::npos) return give_up();
      at_ = end + 1;
    } else {
      while (peek() == 'i' || peek() == 'm' || peek() == 's' || peek() == 'U' || peek() == '-') {
        if (peek() == 'i') ignore_case_ = true;
        ++at_;
      }
      if (take(')')) return {};
      if (!take(':')) return give_up();
    }
  }
  Part out = alternatives(depth + 1);
  if (failed || !take(')')) return give_up();
  return out;
}

Part Reader::escape() {
  ++at_;
  if (at_end()) return give_up();
  const char c = text_[at_++];
  if (std::string_view("dDwWsS").contains(c)) return position(class_of(c));
  if (c == 'b' || c == 'B' || c == 'A') return {};
  if (c == 'z' || c == 'Z') return position(Bytes());
  constexpr std::string_view kControls = "nrtfv";
  constexpr std::string_view kMeant = "\n\r\t\f\v";
  if (const auto at = kControls.find(c); at != std::string_view::npos) return literal(kMeant.substr(at, 1));
  const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  if (letter_or_digit) return give_up();  // references, \x41, \p{L} …
  return literal(text_.substr(at_ - 1, 1));
}

bool Reader::set_item(Bytes& out) {
  const auto one = [&](unsigned char& c) {
    c = static_cast<unsigned char>(text_[at_++]);
    if (c != '\\') return true;
    if (at_end()) return false;
    c = static_cast<unsigned char>(text_[at_++]);
    constexpr std::string_view kControls = "nrtfv";
    constexpr std::string_view kMeant = "\n\r\t\f\v";
    if (const auto at = kControls.find(static_cast<char>(c)); at != std::string_view::npos) {
      c = static_cast<unsigned char>(kMeant[at]);
      return true;
    }
    return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9');
  };
  if (peek() == '\\' && at_ + 1 < text_.size() && std::string_view("dDwWsS").contains(text_[at_ + 1])) {
    out |= class_of(text_[at_ + 1]);
    at_ += 2;
    return true;
  }
  if (peek() == '[' && at_ + 1 < text_.size() && text_[at_ + 1] == ':') return false;
  unsigned char from = 0;
  if (!one(from)) return false;
  unsigned char to = from;
  if (peek() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
    ++at_;
    if (!one(to) || to < from) return false;
  }
  out |= from >= 0x80 || to >= 0x80 ? range(std::min<unsigned char>(from, 0x80), 0xFF) : range(from, to);
  return true;
}

Part Reader::set() {
  ++at_;
  const bool negated = take('^');
  Bytes bytes;
  bool begun = false;
  while (!at_end() && (peek() != ']' || !begun)) {
    begun = true;
    if (!set_item(bytes)) return give_up();
  }
  if (!take(']')) return give_up();
  return position(negated ? ~bytes : bytes);
}

/// The automaton's edges, and which positions reach which.
class Automaton {
 public:
  explicit Automaton(const Reader& reader) : reader_(reader), next_(reader.positions.size()) {
    for (const auto& [edge, ways] : reader.follow) next_[edge.first].push_back(edge.second);
    for (std::uint32_t p = 0; p < next_.size(); ++p) reach_.push_back(reached_from(p));
  }

  /// Whether some loop that cannot simply end here can be gone round in two ways over one text.
  [[nodiscard]] bool loops_ambiguously(const std::vector<std::uint32_t>& last) const {
    for (std::uint32_t p = 0; p < next_.size(); ++p) {
      if (!reach_[p][p]) continue;
      const auto ends = [&](std::uint32_t q) { return q == p || (reach_[p][q] && reach_[q][p]); };
      if (std::ranges::any_of(last, ends)) continue;
      if (double_edge(p) || two_ways(p)) return true;
    }
    return false;
  }

 private:
  std::vector<bool> reached_from(std::uint32_t p) const {
    std::vector<bool> seen(next_.size());
    std::vector<std::uint32_t> waiting = next_[p];
    while (!waiting.empty()) {
      const std::uint32_t at = waiting.back();
      waiting.pop_back();
      if (seen[at]) continue;
      seen[at] = true;
      waiting.insert(waiting.end(), next_[at].begin(), next_[at].end());
    }
    return seen;
  }

  [[nodiscard]] bool double_edge(std::uint32_t p) const {
    return std::ranges::any_of(
        next_[p], [&](std::uint32_t q) { return reader_.follow.at({p, q}) > 1 && (q == p || reach_[q][p]); });
  }

  /// Whether (p, p) leads to a pair of different positions and back, both going over the same bytes.
  [[nodiscard]] bool two_ways(std::uint32_t p) const {
    const std::size_t count = next_.size();
    std::vector<bool> split(count * count), seen(count * count);  // seen: without, split: after a difference
    std::vector<std::pair<std::size_t, bool>> waiting = {{p * count + p, false}};
    while (!waiting.empty()) {
      const auto [pair, was_split] = waiting.back();
      waiting.pop_back();
      for (const std::uint32_t a : next_[pair / count]) {
        if (!reach_[a][p]) continue;
        for (const std::uint32_t b : next_[pair % count]) {
          if (!reach_[b][p] || (reader_.positions[a] & reader_.positions[b]).none()) continue;
          const bool now_split = was_split || a != b;
          if (now_split && a == p && b == p) return true;
          std::vector<bool>& marks = now_split ? split : seen;
          if (marks[a * count + b]) continue;
          marks[a * count + b] = true;
          waiting.emplace_back(a * count + b, now_split);
        }
      }
    }
    return false;
  }

  const Reader& reader_;
  std::vector<std::vector<std::uint32_t>> next_;
  std::vector<std::vector<bool>> reach_;
};

}  // namespace

bool backtracks_exponentially(std::string_view regex, bool ignore_case) {
  Reader reader(regex, ignore_case);
  const Part whole = reader.read();
  if (reader.failed || whole.nullable) return false;
  return Automaton(reader).loops_ambiguously(whole.last);
}

}  // namespace landwarden::sigma
