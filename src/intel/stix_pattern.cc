#include "intel/stix_pattern.h"

#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "base/text.h"
#include "intel/limits.h"

namespace landwarden::intel {
namespace {

struct Token {
  enum class Kind : std::uint8_t { word, text, sign, end, wrong } kind = Kind::end;
  std::string value;
};

class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) { advance(); }
  [[nodiscard]] const Token& now() const { return now_; }
  void advance() { now_ = read(); }
  [[nodiscard]] bool is_sign(std::string_view sign) const {
    return now_.kind == Token::Kind::sign && now_.value == sign;
  }
  [[nodiscard]] bool is_word(std::string_view word) const {
    return now_.kind == Token::Kind::word && text::equal_folded(now_.value, word);
  }

 private:
  Token read() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    if (at_ >= text_.size()) return {};
    const char c = text_[at_];
    if (c == '\'') return quoted();
    if (std::string_view("[](),").find(c) != std::string_view::npos) {
      ++at_;
      return {Token::Kind::sign, std::string(1, c)};
    }
    if (std::string_view("=<>!").find(c) != std::string_view::npos) {
      const std::size_t size =
          at_ + 1 < text_.size() && (text_[at_ + 1] == '=' || text_[at_ + 1] == '>') ? 2 : 1;
      Token out{Token::Kind::sign, std::string(text_.substr(at_, size))};
      at_ += size;
      return out;
    }
    return word();
  }

  /// A quoted text, escapes undone.
  Token quoted() {
    Token out{Token::Kind::text, {}};
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\'') {
        ++at_;
        return out;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out.value += text_[at_];
    }
    return {Token::Kind::wrong, "a quote that does not close"};
  }

  /// An object path with its quoted parts, a keyword, a number.
  Token word() {
    Token out{Token::Kind::word, {}};
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\'' && !out.value.empty() && (out.value.back() == '.' || out.value.back() == ':')) {
        const Token part = quoted();
        if (part.kind == Token::Kind::wrong) return part;
        out.value += part.value;
        continue;
      }
      if (c == '[') {  // an index into a list: [0], [*]
        const std::size_t end = text_.find(']', at_);
        if (end == std::string_view::npos || out.value.empty()) break;
        out.value += text_.substr(at_, end - at_ + 1);
        at_ = end + 1;
        continue;
      }
      if (std::isspace(static_cast<unsigned char>(c)) != 0 ||
          std::string_view("](),=<>!'").find(c) != std::string_view::npos)
        break;
      out.value += c;
      ++at_;
    }
    if (out.value.empty()) {
      ++at_;
      return {Token::Kind::wrong, "a sign that does not belong here"};
    }
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Token now_;
};

/// What an object path stands for in a log.
std::optional<IndicatorKind> kind_of_path(std::string_view object_path) {
  using enum IndicatorKind;
  static constexpr std::array<std::pair<std::string_view, IndicatorKind>, 26> kPaths = {{
      {"file:hashes.md5", md5},
      {"file:hashes.sha-1", sha1},
      {"file:hashes.sha1", sha1},
      {"file:hashes.sha-256", sha256},
      {"file:hashes.sha256", sha256},
      {"file:hashes.imphash", imphash},
      {"file:extensions.windows-pebinary-ext.imphash", imphash},
      {"file:name", file_name},
      {"directory:path", path},
      {"file:parent_directory_ref.path", path},
      {"ipv4-addr:value", ip},
      {"ipv6-addr:value", ip},
      {"network-traffic:dst_ref.value", ip},
      {"network-traffic:src_ref.value", ip},
      {"domain-name:value", domain},
      {"url:value", url},
      {"windows-registry-key:key", registry},
      {"process:binary_ref.name", file_name},
      {"process:image_ref.name", file_name},
      {"process:image_ref.hashes.sha-256", sha256},
      {"network-traffic:extensions.http-request-ext.request_header.user-agent", user_agent},
      {"process:image_ref.hashes.md5", md5},
      {"x509-certificate:hashes.sha-256", certificate},
      {"x509-certificate:hashes.sha-1", certificate},
      {"x509-certificate:hashes.sha1", certificate},
      {"x509-certificate:hashes.md5", certificate},
  }};
  const std::string folded = text::folded(object_path);
  for (const auto& [name, kind] : kPaths) {
    if (folded == name) return kind;
  }
  return std::nullopt;
}

bool is_folder(std::string_view path) {
  return text::folded(path).ends_with(".path") || path.starts_with("directory:");
}

/// A folder as paths of ours say it: with a slash at the end.
std::string as_folder(const std::string& value) {
  if (value.ends_with('/') || value.ends_with('\\')) return value;
  return value + (value.starts_with('/') ? "/" : "\\");
}

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(text) {}

  Alternatives pattern() {
    Alternatives out = observations(0);
    if (tokens_.now().kind == Token::Kind::end && !failed_) return out;
    return not_understood(failed_ ? *failed_
                                  : "'" + tokens_.now().value + "' between or behind observations");
  }

 private:
  Alternatives fail(std::string why) {
    if (!failed_) failed_ = std::move(why);
    return {};
  }

  /// Observation expressions: only OR keeps to one record.
  Alternatives observations(std::size_t depth) {
    if (depth > limits::kStixPatternDepth) return fail("too many brackets inside each other");
    Alternatives out = observation(depth);
    while (!failed_ && tokens_.is_word("OR")) {
      tokens_.advance();
      add(out, observation(depth));
    }
    return out;
  }

  Alternatives observation(std::size_t depth) {
    const bool inner = tokens_.is_sign("[");
    if (!inner && !tokens_.is_sign("(")) return fail("no observation in brackets");
    tokens_.advance();
    Alternatives out = inner ? any(depth + 1) : observations(depth + 1);
    if (!failed_ && !tokens_.is_sign(inner ? "]" : ")"))
      return fail("'" + tokens_.now().value + "' where a bracket should close");
    tokens_.advance();
    return out;
  }

  Alternatives any(std::size_t depth) {
    if (depth > limits::kStixPatternDepth) return fail("too many brackets inside each other");
    Alternatives out = all(depth);
    while (!failed_ && tokens_.is_word("OR")) {
      tokens_.advance();
      add(out, all(depth));
    }
    return out;
  }

  Alternatives all(std::size_t depth) {
    Alternatives out = comparison(depth);
    while (!failed_ && tokens_.is_word("AND")) {
      tokens_.advance();
      require(out, comparison(depth));
    }
    return out;
  }

  Alternatives comparison(std::size_t depth) {
    if (tokens_.is_sign("(")) {
      tokens_.advance();
      Alternatives out = any(depth + 1);
      if (!failed_ && !tokens_.is_sign(")")) return fail("a bracket that does not close");
      tokens_.advance();
      return out;
    }
    if (tokens_.now().kind != Token::Kind::word) return fail("no object path: '" + tokens_.now().value + "'");
    const std::string path = tokens_.now().value;
    tokens_.advance();
    const bool negated = tokens_.is_word("NOT");
    if (negated) tokens_.advance();
    const std::string op = tokens_.now().value;
    tokens_.advance();
    const auto values = read_values();
    if (failed_) return {};
    const auto kind = kind_of_path(path);
    const bool known = op == "=" || text::equal_folded(op, "IN") ||
                       (text::equal_folded(op, "ISSUBSET") && kind == IndicatorKind::ip);
    if (!kind) return not_understood("no field of a log holds '" + path + "'");
    if (negated || !known)
      return not_understood("the comparison '" + std::string(negated ? "NOT " : "") + op + "' of " + path);
    Alternatives out;
    for (const std::string& value : values)
      add(out, one_of(*kind, is_folder(path) ? as_folder(value) : value));
    return out;
  }

  std::vector<std::string> read_values() {
    std::vector<std::string> out;
    const auto take = [&] {
      const Token::Kind kind = tokens_.now().kind;
      if (kind != Token::Kind::text && kind != Token::Kind::word) {
        (void)fail("no value: '" + tokens_.now().value + "'");
        return;
      }
      out.push_back(tokens_.now().value);
      tokens_.advance();
    };
    if (!tokens_.is_sign("(")) {
      take();
      return out;
    }
    do {
      tokens_.advance();
      take();
    } while (!failed_ && tokens_.is_sign(","));
    if (!tokens_.is_sign(")")) (void)fail("a list that does not close");
    tokens_.advance();
    return out;
  }

  Tokens tokens_;
  std::optional<std::string> failed_;
};

}  // namespace

Alternatives read_stix_pattern(std::string_view pattern) {
  if (pattern.size() > limits::kStixPatternBytes) return not_understood("a pattern longer than is read");
  return Parser(pattern).pattern();
}

}  // namespace landwarden::intel
