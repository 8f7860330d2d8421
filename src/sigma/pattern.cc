#include "sigma/pattern.h"

#include "base/text.h"

namespace landwarden::sigma {
namespace {

std::size_t dash_length(std::string_view text, std::size_t at) {
  for (const std::string_view dash : kDashes) {
    if (text.substr(at).starts_with(dash)) return dash.size();
  }
  return 0;
}

// Moves `at` back by one code point.
bool step_back(std::string_view text, std::size_t& at) {
  if (at == 0) return false;
  do --at;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  return true;
}

}  // namespace

CompiledPattern::CompiledPattern(const Pattern& pattern) : cased_(pattern.cased) {
  segments_.emplace_back();
  for (const Pattern::Part& part : pattern.parts) {
    if (part.kind == Pattern::Kind::any_run) {
      segments_.emplace_back();
      continue;
    }
    const std::string folded = text::folded(part.text);
    if (folded.size() > longest_literal_.size()) longest_literal_ = folded;
    segments_.back().push_back({part.kind, cased_ ? part.text : folded});
  }
  const auto literal_only = [](const Segment& s) {
    return s.size() == 1 && s[0].kind == Pattern::Kind::literal;
  };
  if (cased_) return;
  const std::size_t n = segments_.size();
  if (n == 1 && (segments_[0].empty() || literal_only(segments_[0]))) shape_ = Shape::exact;
  if (n == 2 && literal_only(segments_[0]) && segments_[1].empty()) shape_ = Shape::prefix;
  if (n == 2 && segments_[0].empty() && literal_only(segments_[1])) shape_ = Shape::suffix;
  if (n == 3 && segments_[0].empty() && literal_only(segments_[1]) && segments_[2].empty())
    shape_ = Shape::infix;
}

bool CompiledPattern::match_segment(const Segment& segment, std::string_view text, std::size_t& at) {
  std::size_t position = at;
  for (const Element& element : segment) {
    if (element.kind == Pattern::Kind::literal) {
      if (!text.substr(position).starts_with(element.text)) return false;
      position += element.text.size();
    } else if (position >= text.size()) {
      return false;
    } else if (element.kind == Pattern::Kind::dash) {
      const std::size_t length = dash_length(text, position);
      if (length == 0) return false;
      position += length;
    } else {
      (void)text::next_code_point(text, position);
    }
  }
  at = position;
  return true;
}

// Whether the segment stands at the very end of `text`, not before `from`.
bool CompiledPattern::ends_with_segment(const Segment& segment, std::string_view text, std::size_t from) {
  std::size_t position = text.size();
  for (auto element = segment.rbegin(); element != segment.rend(); ++element) {
    if (element->kind == Pattern::Kind::literal) {
      if (!text.substr(0, position).ends_with(element->text)) return false;
      position -= element->text.size();
    } else {
      const std::size_t end = position;
      if (!step_back(text, position)) return false;
      if (element->kind == Pattern::Kind::dash && dash_length(text, position) != end - position) return false;
    }
    if (position < from) return false;
  }
  return true;
}

bool CompiledPattern::find_segment(const Segment& segment, std::string_view text, std::size_t& at) {
  if (segment.empty()) return true;
  for (std::size_t start = at; start <= text.size();) {
    if (segment[0].kind == Pattern::Kind::literal) {
      start = text.find(segment[0].text, start);
      if (start == std::string_view::npos) return false;
    }
    if (segment[0].kind == Pattern::Kind::dash) {  // most places hold no dash
      start = text.find_first_of("-/\xE2", start);
      if (start == std::string_view::npos) return false;
    }
    std::size_t end = start;
    if (match_segment(segment, text, end)) {
      at = end;
      return true;
    }
    if (start >= text.size()) return false;
    (void)text::next_code_point(text, start);
  }
  return false;
}

bool CompiledPattern::matches(std::string_view value, std::string_view folded) const {
  const std::string_view text = cased_ ? value : folded;
  std::size_t at = 0;
  if (!match_segment(segments_.front(), text, at)) return false;
  if (segments_.size() == 1) return at == text.size();
  for (std::size_t i = 1; i + 1 < segments_.size(); ++i) {
    if (!find_segment(segments_[i], text, at)) return false;
  }
  return ends_with_segment(segments_.back(), text, at);
}

}  // namespace landwarden::sigma
