#include "engine/correlation_stage.h"

#include <algorithm>
#include <limits>

#include "base/limits.h"

namespace landwarden::engine {

CorrelationStage::CorrelationStage(const sigma::RuleSet& rules, bool as_it_comes, const HandOn& hand_on)
    : rules_(rules),
      hand_on_(hand_on),
      as_it_comes_(as_it_comes),
      correlator_(rules),
      latest_(std::numeric_limits<std::int64_t>::min()),
      done_(std::numeric_limits<std::int64_t>::min()) {
  report_.correlations = rules.has_correlations();
}

Result<void> CorrelationStage::take(const sigma::Match& match, std::string_view source) {
  if (report_.correlations) {
    auto correlated = as_it_comes_ && match.time.known() ? wait(match, source) : correlate(match, source);
    if (!correlated) return correlated;
  }
  const sigma::Rule& rule = rules_.rules()[match.rule];
  return rule.muted ? Result<void>() : hand_on_(MatchView{match, rule, source});
}

Result<void> CorrelationStage::correlate(const sigma::Match& match, std::string_view source) {
  names_.try_emplace(match.source.value, source);
  correlator_.add(match, source, found_);
  return hand_on_found();
}

Result<void> CorrelationStage::hand_on_found() {
  for (const sigma::Match& match : found_) {
    ++report_.matches;
    const auto handed = hand_on_(MatchView{match, rules_.rules()[match.rule], names_[match.source.value]});
    if (!handed) return handed;
  }
  found_.clear();
  return {};
}

Result<void> CorrelationStage::wait(const sigma::Match& match, std::string_view source) {
  if (match.time.ticks < done_) {
    ++report_.late;
    return {};
  }
  names_.try_emplace(match.source.value, source);
  latest_ = std::max(latest_, match.time.ticks);
  waiting_.emplace(Order{match.time.ticks, match.host, match.channel, match.record_id, std::string(source),
                         match.offset, match.rule},
                   match);
  const std::int64_t due = latest_ - limits::kCorrelationLateSeconds * kTicksPerSecond;
  while (!waiting_.empty()) {
    const auto first = waiting_.begin();
    const std::int64_t time = std::get<0>(first->first);
    if (time >= due && waiting_.size() <= limits::kCorrelationWaiting) break;
    done_ = std::max(done_, time);
    const auto node = waiting_.extract(first);
    if (auto correlated = correlate(node.mapped(), std::get<4>(node.key())); !correlated) return correlated;
  }
  return {};
}

Result<void> CorrelationStage::finish() {
  if (!report_.correlations) return {};
  while (!waiting_.empty()) {
    const auto node = waiting_.extract(waiting_.begin());
    if (auto correlated = correlate(node.mapped(), std::get<4>(node.key())); !correlated) return correlated;
  }
  correlator_.finish(found_);
  return hand_on_found();
}

CorrelationReport CorrelationStage::report() const {
  CorrelationReport out = report_;
  const sigma::CorrelationLosses& losses = correlator_.losses();
  out.forgotten = losses.forgotten;
  out.repeated = losses.repeated;
  out.without_time = losses.without_time;
  return out;
}

}  // namespace landwarden::engine
