#include "decode/text/message_pattern.h"

#include <algorithm>

namespace landwarden::decode::text {
namespace {

/// Places tried for one message: a message made of a pattern's own words must not cost more than others.
constexpr int kSteps = 1000;

bool is_word(std::string_view text) {
  return !text.empty() && text.find_first_of(" \t") == text.npos;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<MessagePattern> MessagePattern::parse(std::string_view pattern, const Place& place) {
  const auto bad = [&](const char* what) {
    return fail(ErrorCode::invalid, std::string(what) + ": " + std::string(pattern), place,
                "a field is {name}, {name:number}, {name:any} or {:any}");
  };
  MessagePattern out;
  std::size_t at = std::min(pattern.find('{'), pattern.size());
  out.front_ = pattern.substr(0, at);
  while (at < pattern.size()) {
    const std::size_t close = pattern.find('}', at);
    if (close == pattern.npos) return bad("a field of the message is not closed");
    std::string_view name = pattern.substr(at + 1, close - at - 1);
    Hole hole;
    if (const std::size_t colon = name.find(':'); colon != name.npos) {
      const std::string_view what = name.substr(colon + 1);
      if (what != "any" && what != "number") return bad("a field of the message is of no known kind");
      hole.what = what == "any" ? What::any : What::number;
      name = name.substr(0, colon);
    }
    hole.name = name;
    at = std::min(pattern.find('{', close), pattern.size());
    hole.behind = pattern.substr(close + 1, at - close - 1);
    if (hole.behind.empty() && at < pattern.size() && hole.what == What::any)
      return bad("between two fields of the message stands nothing");
    out.holes_.push_back(std::move(hole));
  }
  return out;
}

bool MessagePattern::match(std::string_view message, Fields& fields) const {
  fields.clear();
  if (!message.starts_with(front_)) return false;
  int steps = kSteps;
  if (!match_from(0, message.substr(front_.size()), fields, steps)) return false;
  // The innermost was found first.
  std::reverse(fields.begin(), fields.end());
  return true;
}

bool MessagePattern::match_from(std::size_t at, std::string_view rest, Fields& fields, int& steps) const {
  if (at == holes_.size()) return rest.empty();
  const Hole& hole = holes_[at];
  const auto take = [&](std::size_t size) {
    const std::string_view value = rest.substr(0, size);
    const bool fits = hole.what == What::any || (hole.what == What::word ? is_word(value) : is_number(value));
    if (!fits || --steps < 0) return false;
    if (!match_from(at + 1, rest.substr(size + hole.behind.size()), fields, steps)) return false;
    if (!hole.name.empty()) fields.emplace_back(hole.name, value);
    return true;
  };
  if (at + 1 == holes_.size()) return rest.ends_with(hole.behind) && take(rest.size() - hole.behind.size());
  if (hole.behind.empty()) {  // digits, or a word, up to the next field
    const std::size_t end = hole.what == What::number ? rest.find_first_not_of("0123456789") : rest.npos;
    return take(std::min(end, rest.size()));
  }
  if (hole.what != What::any) return rest.contains(hole.behind) && take(rest.find(hole.behind));
  for (std::size_t end = rest.rfind(hole.behind); end != rest.npos && steps > 0;
       end = end == 0 ? rest.npos : rest.rfind(hole.behind, end - 1)) {
    if (take(end)) return true;
  }
  return false;
}

}  // namespace landwarden::decode::text
