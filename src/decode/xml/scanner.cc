#include "decode/xml/scanner.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/limits.h"
#include "base/text.h"

namespace landwarden::decode::xml {
namespace {

constexpr const char* kCut = "the data ends inside this record";
constexpr const char* kNoName = "a tag has no name";
constexpr const char* kBadAttribute = "an attribute is not written as name=\"value\"";
constexpr const char* kBadEntity = "an entity that XML does not know";
constexpr const char* kDocumentType = "a document type stands inside an event";
/// "&#1114111;" and leading zeros.
constexpr std::size_t kLongestEntity = 16;
constexpr const char* kTooManyAttributes = "an element has too many attributes";

/// Memory that grew for one long record is not kept.
constexpr std::size_t kKeepBytes = 1 << 20;

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// Ends a name.
constexpr auto kNameEnds = [] {
  std::array<bool, 256> table{};
  for (const char c : {' ', '\n', '\r', '\t', '>', '/', '=', '<', '"', '\'', '&', '\0'})
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

std::size_t name_end(std::string_view text, std::size_t at) {
  while (at < text.size() && !kNameEnds[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

struct Entity {
  std::string_view name;
  char meant;
};
constexpr Entity kEntities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

/// Appends what stands between "&" and ";".
bool append_entity(std::string& out, std::string_view name) {
  for (const Entity& entity : kEntities) {
    if (entity.name != name) continue;
    out += entity.meant;
    return true;
  }
  if (!name.starts_with('#')) return false;
  name.remove_prefix(1);
  const bool hex = name.starts_with('x');
  if (hex) name.remove_prefix(1);
  std::uint32_t code_point = 0;
  const auto [end, error] =
      std::from_chars(name.data(), name.data() + name.size(), code_point, hex ? 16 : 10);
  if (error != std::errc{} || end != name.data() + name.size() || name.empty()) return false;
  text::append_code_point(out, code_point > 0x10FFFF ? 0xFFFD : static_cast<char32_t>(code_point));
  return true;
}

}  // namespace

void Scanner::start(std::string_view text) {
  text_ = text;
  at_ = 0;
  if (arena_.capacity() > kKeepBytes) arena_ = std::string();
  arena_.clear();
  arena_.reserve(text.size());  // no value is longer than its escaped form: views into it stay
}

Scanner::Token Scanner::wrong(const char* reason) {
  reason_ = reason;
  return Token::wrong;
}

bool Scanner::unescape(std::string_view raw, std::string_view& to) {
  if (std::memchr(raw.data(), '&', raw.size()) == nullptr) {
    to = raw;
    return true;
  }
  const std::size_t begin = arena_.size();
  while (!raw.empty()) {
    const std::size_t plain = std::min(raw.find('&'), raw.size());
    arena_ += raw.substr(0, plain);
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    const std::size_t end = raw.substr(0, kLongestEntity).find(';');
    if (end == raw.npos || !append_entity(arena_, raw.substr(1, end - 1))) return false;
    raw.remove_prefix(end + 1);
  }
  to = std::string_view(arena_).substr(begin);
  return true;
}

Scanner::Token Scanner::next() {
  for (;;) {
    if (at_ >= text_.size()) return wrong(kCut);
    const void* found = std::memchr(text_.data() + at_, '<', text_.size() - at_);
    if (found == nullptr) return wrong(kCut);
    const auto tag = static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
    if (tag > at_) return take_text(tag);
    if (tag + 1 >= text_.size()) return wrong(kCut);
    const char kind = text_[tag + 1];
    if (kind == '/') return take_close();
    if (kind != '!' && kind != '?') return take_tag();
    const Token token = take_markup();
    if (token != Token::end) return token;
  }
}

Scanner::Token Scanner::take_text(std::size_t end) {
  const std::string_view raw = text_.substr(at_, end - at_);
  at_ = end;
  return unescape(raw, value_) ? Token::text : wrong(kBadEntity);
}

bool Scanner::pass_over(std::string_view end, std::size_t skip) {
  const std::size_t found = text_.find(end, at_ + skip);
  if (found == text_.npos) return false;
  at_ = found + end.size();
  return true;
}

/// "<!" and "<?": gives `end` for what was passed over.
Scanner::Token Scanner::take_markup() {
  const std::string_view rest = text_.substr(at_);
  constexpr std::string_view kCdata = "<![CDATA[";
  if (rest.starts_with(kCdata)) {
    const std::size_t begin = at_ + kCdata.size();
    if (!pass_over("]]>", kCdata.size())) return wrong(kCut);
    value_ = text_.substr(begin, at_ - 3 - begin);
    return Token::text;
  }
  if (rest.starts_with("<!--")) return pass_over("-->", 4) ? Token::end : wrong(kCut);
  if (rest.starts_with("<?")) return pass_over("?>", 2) ? Token::end : wrong(kCut);
  return wrong(kDocumentType);
}

Scanner::Token Scanner::take_close() {
  const std::size_t begin = at_ + 2, end = name_end(text_, begin);
  name_ = text_.substr(begin, end - begin);
  at_ = end;
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  if (at_ >= text_.size()) return wrong(kCut);
  if (name_.empty() || text_[at_] != '>') return wrong(kNoName);
  ++at_;
  return Token::close;
}

Scanner::Token Scanner::take_tag() {
  const std::size_t begin = at_ + 1, end = name_end(text_, begin);
  name_ = text_.substr(begin, end - begin);
  if (name_.empty()) return wrong(kNoName);
  attributes_.clear();
  at_ = end;
  for (;;) {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    if (at_ >= text_.size()) return wrong(kCut);
    if (text_[at_] == '>') {
      ++at_;
      return Token::open;
    }
    if (text_[at_] == '/') {
      if (at_ + 1 >= text_.size()) return wrong(kCut);
      if (text_[at_ + 1] != '>') return wrong(kBadAttribute);
      at_ += 2;
      return Token::empty;
    }
    if (!take_attribute()) return Token::wrong;
    if (attributes_.size() > limits::kXmlAttributes) return wrong(kTooManyAttributes);
  }
}

bool Scanner::take_attribute() {
  reason_ = kBadAttribute;
  const std::size_t end = name_end(text_, at_);
  const std::string_view name = text_.substr(at_, end - at_);
  at_ = end;
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  if (name.empty() || at_ >= text_.size() || text_[at_] != '=') return false;
  ++at_;
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) return false;
  const std::size_t close = text_.find(text_[at_], at_ + 1);
  if (close == text_.npos) {
    reason_ = kCut;
    return false;
  }
  const std::string_view raw = text_.substr(at_ + 1, close - at_ - 1);
  if (raw.contains('<')) return false;
  at_ = close + 1;
  std::string_view value;
  if (!unescape(raw, value)) {
    reason_ = kBadEntity;
    return false;
  }
  attributes_.push_back({name, value});
  return true;
}

std::size_t find_event(std::string_view text, std::size_t at) {
  for (at = text.find('<', at); at != text.npos; at = text.find('<', at + 1)) {
    const std::size_t end = name_end(text, at + 1);
    std::string_view name = text.substr(at + 1, end - at - 1);
    if (const std::size_t colon = name.find(':'); colon != name.npos) name.remove_prefix(colon + 1);
    if (name == "Event" && end < text.size() && text[end] != '=') return at;
  }
  return text.npos;
}

namespace {

constexpr std::string_view kEventEnd = "Event>";

/// Whether "Event>" at `at` belongs to "</Event>" or "</prefix:Event>".
bool closes(std::string_view text, std::size_t at) {
  if (at >= 2 && text[at - 1] == '/' && text[at - 2] == '<') return true;
  if (at == 0 || text[at - 1] != ':') return false;
  constexpr std::size_t kLongestPrefix = 64;
  for (std::size_t i = at - 1; i-- > 1 && at - i < kLongestPrefix;) {
    if (text[i] == '/') return text[i - 1] == '<';
    if (kNameEnds[static_cast<unsigned char>(text[i])]) return false;
  }
  return false;
}

}  // namespace

std::size_t find_event_end(std::string_view text, std::size_t at) {
  for (at = text.find(kEventEnd, at); at != text.npos; at = text.find(kEventEnd, at + 1)) {
    if (closes(text, at)) return at + kEventEnd.size();
  }
  return text.npos;
}

std::size_t find_last_event_end(std::string_view text) {
  for (std::size_t at = text.rfind(kEventEnd); at != text.npos && at > 0;
       at = text.rfind(kEventEnd, at - 1)) {
    if (closes(text, at)) return at + kEventEnd.size();
  }
  return text.npos;
}

}  // namespace landwarden::decode::xml
