#include "decode/xml/event_values.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"

namespace landwarden::decode::xml {
namespace {

using event::ValueType;

constexpr const char* kTooDeep = "nested too deep";
constexpr const char* kTooMany = "too many values";
constexpr const char* kMismatch = "an element is closed that is not open";
constexpr const char* kNoEvent = "no event begins here";
constexpr const char* kPieces = "text in too many pieces";
/// Memory that grew for one long record is not kept.
constexpr std::size_t kKeepBytes = 1 << 20;
constexpr const char* kTrailing = "something follows the event";

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
}

}  // namespace

const char* EventValues::read_text(std::string_view text) {
  const std::size_t begin = find_event(text, 0);
  if (begin == text.npos) return kNoEvent;
  const std::size_t end = find_last_event_end(text);
  if (end == text.npos || end < begin) return "the event is not closed";
  return read(text.substr(begin, end - begin));
}

const char* EventValues::read(std::string_view event) {
  mended_ = false;
  const char* reason = parse(event);
  if (reason != nullptr || text::is_utf8(event)) return reason;
  mended_ = true;
  mended_event_.clear();
  text::append_valid_utf8(mended_event_, event);
  return parse(mended_event_);
}

const char* EventValues::parse(std::string_view event) {
  items_.clear();
  open_.clear();
  path_.clear();
  prefix_.clear();
  joined_.clear();
  meets_ = 0;
  before_ = nullptr;
  event_size_ = event.size();
  if (joined_.capacity() > kKeepBytes) joined_ = std::string();
  scanner_.start(event);
  for (;;) {
    const Scanner::Token token = scanner_.next();
    const char* reason = nullptr;
    switch (token) {
      case Scanner::Token::open:
      case Scanner::Token::empty:
        reason = open();
        if (reason == nullptr && token == Scanner::Token::empty) end_element();
        break;
      case Scanner::Token::close:
        reason = close(scanner_.name());
        break;
      case Scanner::Token::text:
        if (!open_.empty()) reason = add_text(scanner_.value());
        break;
      case Scanner::Token::end:
        break;
      case Scanner::Token::wrong:
        return scanner_.reason();
    }
    if (reason != nullptr) return reason;
    if (open_.empty()) return scanner_.position() == event.size() ? nullptr : kTrailing;
  }
}

std::string_view EventValues::local(std::string_view name) const {
  if (!prefix_.empty() && name.size() > prefix_.size() && name.starts_with(prefix_))
    name.remove_prefix(prefix_.size());
  return name;
}

void EventValues::push(std::string_view key) {
  if (!path_.empty()) path_ += json::kKeySeparator;
  const std::size_t room = limits::kJsonPathBytes - std::min(path_.size(), limits::kJsonPathBytes);
  path_ += key.substr(0, room);
}

const char* EventValues::open() {
  if (open_.size() >= limits::kXmlDepth) return kTooDeep;
  if (items_.size() + scanner_.attributes().size() >= limits::kJsonValues) return kTooMany;
  if (open_.empty()) {
    const std::size_t colon = scanner_.name().find(':');
    if (colon != std::string_view::npos) prefix_ = scanner_.name().substr(0, colon + 1);
  } else {
    open_.back().elements = true;
  }
  const std::string_view name = local(scanner_.name());
  Element& element = open_.emplace_back();
  element.name = scanner_.name();
  element.outer_path = path_.size();
  element.data = name == "Data";
  std::string_view key = name;
  if (element.data) {
    for (const Attribute& attribute : scanner_.attributes()) {
      if (attribute.name == "Name" && !attribute.value.empty()) key = attribute.value;
    }
  }
  push(key);
  if (!scanner_.attributes().empty()) add_attributes(element);
  return nullptr;
}

void EventValues::add_attributes(Element& element) {
  for (const Attribute& attribute : scanner_.attributes()) {
    if (element.data && attribute.name == "Name") continue;
    element.attributes = true;
    const std::string_view name = local(attribute.name);
    if (name == "xmlns" || name.starts_with("xmlns:") || open_.size() == 1) continue;
    if (attribute.value.empty()) continue;
    const std::size_t length = path_.size();
    path_ += json::kKeySeparator;
    path_ += '@';
    path_ += name.substr(0, limits::kJsonPathBytes);
    add(false, attribute.value);
    path_.resize(length);
  }
}

const char* EventValues::add_text(std::string_view text) {
  Element& element = open_.back();
  if (element.elements && is_blank(text)) return nullptr;
  if (!element.has_text) {
    element.text = text;
    element.has_text = true;
    return nullptr;
  }
  // Comments and CDATA cut a text into pieces. What was joined last can grow; else it is copied.
  if (joined_.capacity() < event_size_) joined_.reserve(event_size_);
  const bool last =
      !joined_.empty() && element.text.data() + element.text.size() == joined_.data() + joined_.size();
  if (joined_.size() + (last ? 0 : element.text.size()) + text.size() > joined_.capacity()) return kPieces;
  const std::size_t begin = last ? joined_.size() - element.text.size() : joined_.size();
  if (!last) joined_ += element.text;
  joined_ += text;
  element.text = std::string_view(joined_).substr(begin);
  return nullptr;
}

const char* EventValues::close(std::string_view name) {
  if (open_.empty() || open_.back().name != name) return kMismatch;
  if (items_.size() >= limits::kJsonValues) return kTooMany;
  end_element();
  return nullptr;
}

/// Blanks are a value, but not where a tag was only broken over two lines. Data keeps those, too.
bool EventValues::says_nothing(const Element& leaf) {
  if (leaf.data || leaf.text.find('\n') == std::string_view::npos) return leaf.text.empty();
  return is_blank(leaf.text);
}

/// The element's own text is a field; that of an element around others only if it says something.
void EventValues::end_element() {
  const Element& element = open_.back();
  const bool leaf = !element.elements;
  const bool something = element.has_text && (leaf ? !says_nothing(element) : !is_blank(element.text));
  if (open_.size() > 1) {
    if (something) {
      add(false, element.text);
    } else if (leaf && element.data) {
      add(false, {});
    } else if (leaf && !element.attributes) {
      add(true, {});
    }
  }
  path_.resize(element.outer_path);
  open_.pop_back();
}

void EventValues::add(bool null, std::string_view text) {
  json::PathEntry& entry = paths_.find(path_, before_);
  before_ = &entry;
  meets_ |= entry.meets;
  items_.push_back({&entry, ValueType::text, null, text, null});
}

}  // namespace landwarden::decode::xml
