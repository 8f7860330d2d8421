#include "sigma/correlator.h"

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/text.h"
#include "event/batch.h"
#include "sigma/compiled.h"
#include "sigma/correlation_window.h"

namespace landwarden::sigma {
namespace {

using Type = Correlation::Type;
using Carried = std::vector<FieldValues>;

/// Where a rule's matches go: a correlation, and the first of its members that is the rule.
struct Use {
  std::uint32_t correlation = 0;
  std::uint32_t member = 0;
};

/// A rule's match on the event at hand.
struct Hit {
  std::uint32_t rule = 0;
  std::shared_ptr<const CorrelatedEvent> event;
  const Carried* carried = nullptr;
};

/// The groups of one correlation.
struct Groups {
  std::unordered_map<std::string, CorrelationWindow, TextHash, std::equal_to<>> windows;
};

/// Appends a field's values so that different lists give different bytes: nothing in them can pass for what
/// is between them.
void append_key(std::string& out, const FieldValues& field) {
  out += fmt::format("{}:", field.values.size());
  for (const std::string& value : field.values) {
    const std::string folded = text::folded(value);
    out += fmt::format("{}:", folded.size());
    out += folded;
  }
}

std::string shown(const FieldValues& field) {
  std::string out;
  for (const std::string& value : field.values) out += (out.empty() ? "" : ", ") + value;
  return out;
}

bool same_event(const EventReference& a, const Match& b) {
  if (a.time != b.time || a.record_id != b.record_id) return false;
  if (a.source == b.source && a.offset == b.offset) return true;
  return a.record_id != event::kNoRecordId && a.host == b.host && a.channel == b.channel &&
         a.event_id == b.event_id;
}

EventReference reference_of(const Match& match, std::string_view file) {
  return {.time = match.time,
          .host = match.host,
          .channel = match.channel,
          .file = std::string(file),
          .event_id = match.event_id,
          .has_event_id = match.has_event_id,
          .record_id = match.record_id,
          .offset = match.offset,
          .source = match.source,
          .rule = 0};
}

}  // namespace

struct Correlator::State {
  explicit State(const RuleSet& set, std::size_t most) : rules(set.compiled()), events_kept(most) {
    uses.resize(rules.rules.size());
    groups.resize(rules.correlations.size());
    for (std::uint32_t c = 0; c < rules.correlations.size(); ++c) {
      const auto& members = rules.correlations[c].members;
      for (std::uint32_t m = 0; m < members.size(); ++m) {
        auto& list = uses[members[m].rule];
        if (list.empty() || list.back().correlation != c) list.push_back({c, m});
      }
    }
  }

  void begin(const Match& match, std::string_view file);
  void flush(std::vector<Match>& out);
  void spread(const Hit& hit,
              std::map<std::uint32_t, std::vector<std::pair<std::uint32_t, Hit>>>& open) const;
  [[nodiscard]] std::optional<std::string> key_of(const CorrelationPlan::Member& member,
                                                  const Carried& carried) const;
  [[nodiscard]] std::optional<Feed> feed_of(const CorrelationPlan& plan, std::uint32_t member,
                                            const Hit& hit) const;
  Match match_of(const CorrelationPlan& plan, const CorrelationWindow& window, const Carried& group);
  std::string why(const CorrelationPlan& plan, const CorrelationWindow& window,
                  const std::vector<CorrelatedEvent::Part>& parts) const;
  void forget_if_many(std::int64_t now);
  void forget_quiet(std::int64_t now);
  void forget_oldest();

  const RuleSet::Compiled& rules;
  std::size_t events_kept;
  std::vector<std::vector<Use>> uses;  ///< by rule
  std::vector<Groups> groups;          ///< by correlation
  std::size_t kept = 0, groups_kept = 0, groups_after_sweep = 0;
  std::uint64_t events = 0;
  CorrelationLosses losses;

  // The event at hand.
  std::optional<EventReference> current;
  Match last;  ///< of its matches the first, without fields
  std::vector<std::pair<std::uint32_t, Carried>> pending;
};

void Correlator::State::begin(const Match& match, std::string_view file) {
  current = reference_of(match, file);
  last = {};
  last.time = match.time;
  last.host = match.host;
  last.channel = match.channel;
  last.provider = match.provider;
  last.event_id = match.event_id;
  last.has_event_id = match.has_event_id;
  last.record_id = match.record_id;
  last.offset = match.offset;
  last.source = match.source;
}

/// The values that the group's name is made of; nothing if the event has none of the fields.
std::optional<std::string> Correlator::State::key_of(const CorrelationPlan::Member& member,
                                                     const Carried& carried) const {
  std::string key;
  bool any = member.group.empty();
  for (const std::uint32_t at : member.group) {
    append_key(key, carried[at]);
    any = any || !carried[at].values.empty();
  }
  return any ? std::optional(std::move(key)) : std::nullopt;
}

/// What the correlation takes in; nothing if the event does not have the values that it looks at.
std::optional<Feed> Correlator::State::feed_of(const CorrelationPlan& plan, std::uint32_t index,
                                               const Hit& hit) const {
  Feed feed{.member = index, .event = hit.event, .value = {}, .shown = {}, .amount = 0};
  const CorrelationPlan::Member& member = plan.members[index];
  for (const std::uint32_t at : member.values) {
    const FieldValues& field = (*hit.carried)[at];
    if (field.values.empty()) return std::nullopt;
    if (plan.what->type == Type::value_count) {
      append_key(feed.value, field);
      feed.shown.push_back(shown(field));
      continue;
    }
    const auto amount = field.values.size() == 1 ? parse_amount(field.values.front()) : std::nullopt;
    if (!amount) return std::nullopt;
    feed.amount = *amount;
  }
  return feed;
}

void Correlator::State::spread(
    const Hit& hit, std::map<std::uint32_t, std::vector<std::pair<std::uint32_t, Hit>>>& open) const {
  for (const Use& use : uses[hit.rule]) open[use.correlation].emplace_back(use.member, hit);
}

/// All that the event at hand does. Correlations come in an order in which each stands behind those that it
/// looks at, so one pass is enough.
void Correlator::State::flush(std::vector<Match>& out) {
  if (!current) return;
  const std::int64_t time = current->time.ticks;
  auto event = std::make_shared<CorrelatedEvent>();
  event->reference = std::move(*current);
  event->number = events++;
  current.reset();
  std::map<std::uint32_t, std::vector<std::pair<std::uint32_t, Hit>>> open;
  std::deque<Carried> group_values;
  for (const auto& [rule, carried] : pending) spread({rule, event, &carried}, open);
  while (!open.empty()) {
    const auto node = open.extract(open.begin());
    const CorrelationPlan& plan = rules.correlations[node.key()];
    std::map<std::string, std::pair<std::vector<Feed>, Carried>> by_group;
    for (const auto& [member, hit] : node.mapped()) {
      const auto& group = plan.members[member].group;
      auto key = key_of(plan.members[member], *hit.carried);
      auto feed = key ? feed_of(plan, member, hit) : std::nullopt;
      if (!feed) continue;
      auto& [feeds, values] = by_group[std::move(*key)];
      feeds.push_back(std::move(*feed));
      if (!values.empty()) continue;
      for (std::size_t i = 0; i < group.size(); ++i)
        values.push_back({plan.what->group_by[i], (*hit.carried)[group[i]].values});
    }
    for (auto& [key, content] : by_group) {
      auto& [feeds, values] = content;
      const auto [at, fresh] = groups[node.key()].windows.try_emplace(key, plan);
      groups_kept += fresh ? 1 : 0;
      CorrelationWindow& window = at->second;
      kept -= window.size();
      const bool fires = window.add(time, feeds);
      kept += window.size();
      if (!fires) continue;
      Match match = match_of(plan, window, values);
      auto inner = std::make_shared<CorrelatedEvent>();
      inner->reference = event->reference;
      inner->number = event->number;
      inner->parts = window.parts();
      inner->parts_total = match.events_total;
      group_values.push_back(std::move(values));
      spread({plan.rule, std::move(inner), &group_values.back()}, open);
      if (!rules.rules[plan.rule].muted) out.push_back(std::move(match));
    }
  }
  pending.clear();
  forget_if_many(time);
}

namespace {

/// The records behind `parts`: those of correlations are taken apart. Sorted by time, each pair of record and
/// rule once. Returns how many there are beyond those that are still known.
std::uint64_t take_apart(const std::vector<CorrelatedEvent::Part>& parts,
                         std::vector<CorrelatedEvent::Part>& out) {
  std::uint64_t unknown = 0;
  for (const CorrelatedEvent::Part& part : parts) {
    if (part.event->parts.empty()) {
      out.push_back(part);
      continue;
    }
    const std::size_t before = out.size();
    (void)take_apart(part.event->parts, out);
    const std::size_t known = out.size() - before;
    if (part.event->parts_total > known) unknown += part.event->parts_total - known;
  }
  std::ranges::sort(out, [](const CorrelatedEvent::Part& a, const CorrelatedEvent::Part& b) {
    return std::pair(a.event->number, a.rule) < std::pair(b.event->number, b.rule);
  });
  const auto repeats =
      std::ranges::unique(out, [](const CorrelatedEvent::Part& a, const CorrelatedEvent::Part& b) {
        return a.event == b.event && a.rule == b.rule;
      });
  out.erase(repeats.begin(), repeats.end());
  return unknown;
}

}  // namespace

Match Correlator::State::match_of(const CorrelationPlan& plan, const CorrelationWindow& window,
                                  const Carried& group) {
  Match match = last;
  match.rule = plan.rule;
  const std::vector<CorrelatedEvent::Part> parts = window.parts();
  std::vector<CorrelatedEvent::Part> records;
  match.events_total = take_apart(parts, records);
  match.events_total += records.size();
  bool one_host = true, one_channel = true;
  for (const CorrelatedEvent::Part& record : records) {
    const EventReference& reference = record.event->reference;
    one_host = one_host && text::equal_folded(reference.host, last.host);
    one_channel = one_channel && text::equal_folded(reference.channel, last.channel);
    if (match.events.size() == limits::kCorrelationListed) continue;
    match.events.push_back(reference);
    match.events.back().rule = record.rule;
  }
  if (!one_host) match.host.clear();
  if (!one_channel) {
    match.channel.clear();
    match.provider.clear();
    match.event_id = 0;
    match.has_event_id = false;
  }
  for (const FieldValues& field : group) {
    if (!field.values.empty()) match.matched.push_back(field);
  }
  if (plan.what->type == Type::value_count) {
    auto values = window.shown_values();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i].size() > limits::kCorrelationListed) values[i].resize(limits::kCorrelationListed);
      match.matched.push_back({plan.what->fields[i], std::move(values[i])});
    }
  }
  match.why = why(plan, window, parts);
  return match;
}

std::string Correlator::State::why(const CorrelationPlan& plan, const CorrelationWindow& window,
                                   const std::vector<CorrelatedEvent::Part>& parts) const {
  constexpr std::size_t kShown = 6;
  const Correlation& what = *plan.what;
  const std::string within = what.timespan.empty() ? "" : " in " + what.timespan;
  const std::string field = what.fields.empty() ? "" : what.fields.front();
  const std::string measure = to_text(window.measure());
  const std::string asked = what.bounds.empty() ? "" : " (" + to_text(what.bounds) + ")";
  std::string out;
  switch (what.type) {
    case Type::event_count:
      out = fmt::format("{} {}{}{}", measure, measure == "1" ? "event" : "events", within, asked);
      break;
    case Type::value_count: {
      std::string fields;
      for (const std::string& name : what.fields) fields += (fields.empty() ? "" : ", ") + name;
      out = fmt::format("{} different {}{}{}", measure, fields, within, asked);
      break;
    }
    case Type::temporal:
      out = "together" + within;
      break;
    case Type::temporal_ordered:
      out = "one after the other" + within;
      break;
    case Type::value_sum:
      out = fmt::format("{} is {} in sum{}{}", field, measure, within, asked);
      break;
    case Type::value_avg:
      out = fmt::format("{} is {} on average{}{}", field, measure, within, asked);
      break;
    case Type::value_percentile:
      out = fmt::format("percentile {} of {} is {}{}{}", to_text(what.percentile), field, measure, within,
                        asked);
      break;
    case Type::value_median:
      out = fmt::format("the median of {} is {}{}{}", field, measure, within, asked);
      break;
  }
  std::vector<std::string_view> titles;  // in the order of events
  for (const CorrelatedEvent::Part& part : parts) {
    const std::string& title = rules.rules[part.rule].title;
    if (std::ranges::find(titles, std::string_view(title)) == titles.end()) titles.emplace_back(title);
  }
  for (std::size_t i = 0; i < titles.size() && i < kShown; ++i) {
    out += i == 0 ? ": " : "; ";
    out += titles[i];
  }
  if (titles.size() > kShown) out += fmt::format("; and {} more", titles.size() - kShown);
  return out;
}

void Correlator::State::forget_if_many(std::int64_t now) {
  if (groups_kept > 2 * groups_after_sweep + 1024) {
    forget_quiet(now);
    groups_after_sweep = groups_kept;
  }
  // A group costs about as much as an event.
  if (kept + groups_kept <= events_kept) return;
  forget_quiet(now);
  if (kept + groups_kept > events_kept - events_kept / 4) forget_oldest();
  groups_after_sweep = groups_kept;
}

/// Groups whose window has run empty; nothing is lost by it.
void Correlator::State::forget_quiet(std::int64_t now) {
  for (std::size_t c = 0; c < groups.size(); ++c) {
    const std::int64_t timespan = rules.correlations[c].what->timespan_ticks;
    if (timespan == kNoTimespan) continue;
    std::erase_if(groups[c].windows, [&](const auto& group) {
      const CorrelationWindow& window = group.second;
      if (now - window.last() <= timespan) return false;
      kept -= window.size();
      --groups_kept;
      return true;
    });
  }
}

void Correlator::State::forget_oldest() {
  std::vector<std::tuple<std::int64_t, std::size_t, std::string>> all;
  for (std::size_t c = 0; c < groups.size(); ++c) {
    for (const auto& [key, window] : groups[c].windows) all.emplace_back(window.last(), c, key);
  }
  std::ranges::sort(all);
  for (const auto& [last_seen, c, key] : all) {
    if (kept + groups_kept <= events_kept / 2) return;
    const auto at = groups[c].windows.find(key);
    kept -= at->second.size();
    losses.forgotten += at->second.size();
    --groups_kept;
    groups[c].windows.erase(at);
  }
}

Correlator::Correlator(const RuleSet& rules, std::size_t events_kept)
    : state_(std::make_unique<State>(rules, std::max<std::size_t>(events_kept, 1))) {}
Correlator::~Correlator() = default;

void Correlator::add(const Match& match, std::string_view file, std::vector<Match>& out) {
  State& state = *state_;
  if (state.uses[match.rule].empty()) return;
  if (!match.time.known()) {
    ++state.losses.without_time;
    return;
  }
  if (state.current && !same_event(*state.current, match)) state.flush(out);
  if (!state.current) state.begin(match, file);
  const auto known =
      std::ranges::find(state.pending, match.rule, [](const auto& entry) { return entry.first; });
  if (known != state.pending.end()) {
    ++state.losses.repeated;
    return;
  }
  state.pending.emplace_back(match.rule, match.carried);
}

void Correlator::finish(std::vector<Match>& out) {
  state_->flush(out);
}

const CorrelationLosses& Correlator::losses() const {
  return state_->losses;
}

}  // namespace landwarden::sigma
