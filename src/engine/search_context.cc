#include "engine/search_context.h"

namespace landwarden::engine {

void SearchContext::begin_source(std::uint32_t number) {
  source_number_ = number;
  any_source_ = true;
  before_.clear();
  unit_begin_ = next_ = shown_until_ = after_until_ = 0;
  shown_any_ = false;
}

Result<void> SearchContext::feed(std::uint32_t source_number, std::string_view source, std::uint64_t ordinal,
                                 bool hit, std::string_view text) {
  if (!any_source_ || source_number != source_number_) begin_source(source_number);
  if (ordinal == 0) unit_begin_ = next_;  // the last record of every unit is fed
  const std::uint64_t at = unit_begin_ + ordinal;
  next_ = at + 1;
  if (!hit && at >= after_until_) {
    if (before_.size() == reach_) before_.pop_front();
    before_.push_back({at, std::string(text)});
    return {};
  }
  if (hit) {
    after_until_ = at + 1 + reach_;
    for (const Waiting& waiting : before_) {
      if (waiting.at + reach_ < at) continue;
      if (auto shown = show(source, waiting.at, false, waiting.text); !shown) return shown;
    }
  }
  before_.clear();
  return show(source, at, hit, text);
}

Result<void> SearchContext::show(std::string_view source, std::uint64_t at, bool hit, std::string_view text) {
  const bool gap = shown_any_ && at != shown_until_;
  shown_any_ = true;
  shown_until_ = at + 1;
  return on_line_({.source = source, .text = text, .context = !hit, .gap = gap});
}

}  // namespace landwarden::engine
