#include "assess/coverage.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>

namespace landwarden::assess {
namespace {

State state_of(const Sight& sight, TimeRange period) {
  if (sight.looked.empty()) {
    const bool unproven = !sight.blind[static_cast<std::size_t>(Blindness::unproven)].empty();
    return unproven ? State::unproven : State::off;
  }
  const TimeSet blind = TimeSet(period).without(sight.looked);
  return blind.inside(period).empty() ? State::on : State::partly;
}

std::vector<ChannelCoverage> channels_of(const HostView& view) {
  std::map<std::string, ChannelCoverage> out;
  for (const triage::Arrival* arrival : view.arrivals()) {
    ChannelCoverage& channel = out[arrival->channel];
    channel.records += arrival->records;
    ++channel.kinds;
    channel.without_time += arrival->without_time;
    channel.without_number += arrival->without_number;
    channel.whole_seconds += arrival->whole_seconds;
    channel.filled.resize(std::max(channel.filled.size(), arrival->filled.size()));
    for (std::size_t i = 0; i < arrival->filled.size(); ++i) channel.filled[i] += arrival->filled[i];
  }
  for (const triage::LogSurvey* log : view.logs()) {
    ChannelCoverage& channel = out[log->channel];
    channel.numbered |= log->numbered;
    channel.excerpt |= log->excerpt;
    channel.gaps += log->gaps_total;
    channel.numbers_missing += log->numbers_missing;
    if (!log->first.known()) continue;
    if (!channel.first.known() || log->first < channel.first) channel.first = log->first;
    if (!channel.last.known() || log->last > channel.last) channel.last = log->last;
  }
  std::vector<ChannelCoverage> list;
  for (auto& [name, channel] : out) {
    channel.channel = name;
    list.push_back(std::move(channel));
  }
  return list;
}

ClockTrust clock_of(const HostView& view, const triage::Survey& survey) {
  ClockTrust out;
  for (const triage::ClockSet& set : survey.clock_sets) {
    if (set.host != view.host()) continue;
    ++out.sets;
    out.farthest_seconds = std::max(out.farthest_seconds, std::abs(set.seconds()));
  }
  for (const triage::LogSurvey* log : view.logs()) {
    out.jumps += log->jumps_total;
    for (const triage::ClockJump& jump : log->jumps)
      out.farthest_seconds = std::max(out.farthest_seconds, std::abs(jump.seconds_back()));
    if (!log->facts.time_zone.empty()) out.time_zone = log->facts.time_zone;
  }
  for (const triage::Arrival* arrival : view.arrivals()) out.without_time += arrival->without_time;
  return out;
}

std::vector<SignSeen> signs_of(const HostView& view, const SettingTable& table) {
  std::vector<SignSeen> out;
  for (std::size_t i = 0; i < table.signs().size(); ++i) {
    triage::DayRuns days;
    std::uint64_t records = 0;
    for (const triage::Arrival* arrival : view.arrivals()) {
      if (!table.signs()[i].records.covers(*arrival)) continue;
      records += arrival->records;
      for (const triage::DayRun& run : arrival->days.runs())
        days.add({run.first, run.last, 0}, triage::kDayRuns);
    }
    if (records > 0) out.push_back({i, records, days.runs()});
  }
  return out;
}

/// Rules that a host of this kind could feed if everything were on.
HostGroup group_of(const HostView& view, const HostCoverage& host, const SettingTable& table) {
  HostGroup group;
  group.hosts = {host.host};
  group.on.resize(table.settings().size());
  group.applies.resize(table.settings().size());
  for (std::size_t i = 0; i < table.settings().size(); ++i)
    group.applies[i] = view.applies(table.settings()[i]);
  for (const SettingOnHost& setting : host.settings)
    group.on[setting.setting] = setting.state == State::on || setting.state == State::partly;
  return group;
}

std::vector<HostGroup> alike(const std::vector<HostGroup>& hosts) {
  std::map<std::pair<std::vector<bool>, std::vector<bool>>, std::vector<std::string>> groups;
  for (const HostGroup& host : hosts) groups[{host.applies, host.on}].push_back(host.hosts.front());
  std::vector<HostGroup> out;
  for (auto& [key, names] : groups) out.push_back({std::move(names), key.second, key.first});
  return out;
}

SettingCost cost_of(std::size_t setting, const Coverage& coverage, const std::vector<HostGroup>& groups,
                    const RuleIndex& index) {
  SettingCost out{.setting = setting};
  for (const HostCoverage& host : coverage.hosts) {
    const auto found = std::ranges::find(host.settings, setting, &SettingOnHost::setting);
    if (found == host.settings.end()) continue;
    out.hosts_on += found->state == State::on ? 1 : 0;
    out.hosts_partly += found->state == State::partly ? 1 : 0;
    out.hosts_without += found->state == State::off ? 1 : 0;
    out.hosts_unproven += found->state == State::unproven ? 1 : 0;
  }
  std::set<std::uint32_t> rules, techniques;
  for (const HostGroup& group : groups) {
    if (!group.applies[setting] || group.on[setting]) continue;
    const Gain lost = index.gain(setting, group.on, index.reached(group.on));
    rules.insert(lost.rules.begin(), lost.rules.end());
    techniques.insert(lost.techniques.begin(), lost.techniques.end());
  }
  out.rules = rules.size();
  for (const std::uint32_t technique : techniques) out.techniques.push_back(index.techniques()[technique]);
  return out;
}

/// What the whole estate can show, host by host.
struct Somewhere {
  std::vector<bool> rules, techniques;
  void add(const Reached& reached) {
    rules.resize(reached.rules.size());
    techniques.resize(reached.techniques.size());
    for (std::size_t i = 0; i < rules.size(); ++i) rules[i] = rules[i] || reached.rules[i];
    for (std::size_t i = 0; i < techniques.size(); ++i)
      techniques[i] = techniques[i] || reached.techniques[i];
  }
};

std::uint64_t number_of(const std::vector<bool>& bits) {
  return static_cast<std::uint64_t>(std::ranges::count(bits, true));
}

}  // namespace

const char* to_text(State state) {
  switch (state) {
    case State::on:
      return "on";
    case State::partly:
      return "partly";
    case State::off:
      return "off";
    case State::unproven:
      return "unproven";
  }
  return "";
}

TimeRange period_of(const triage::Survey& survey, Time since, Time until) {
  TimeRange out{since, until};
  if (!since.known()) out.begin = survey.first;
  if (!until.known()) out.end = survey.last.known() ? Time{survey.last.ticks + 1} : survey.last;
  if (!out.begin.known() || !out.end.known() || out.end < out.begin) return {Time{0}, Time{0}};
  return out;
}

Coverage coverage_of(const triage::Survey& survey, const std::vector<RuleReach>& rules,
                     const SettingTable& table, const CoverageOptions& options) {
  Coverage out;
  out.period = period_of(survey, options.since, options.until);
  const RuleIndex index(rules, table);
  std::vector<HostGroup> each;
  Somewhere somewhere;
  for (const HostView& view : views_of(survey, table, options.roles)) {
    HostCoverage host{.host = view.host(),
                      .product = view.product(),
                      .estate = view.estate(),
                      .roles = view.roles(),
                      .records = view.records(),
                      .seen = view.seen()};
    for (std::size_t i = 0; i < table.settings().size(); ++i) {
      if (!view.applies(table.settings()[i])) continue;
      SettingOnHost setting{
          .setting = i, .state = State::off, .sight = view.look(table.settings()[i], out.period)};
      setting.state = state_of(setting.sight, out.period);
      host.settings.push_back(std::move(setting));
    }
    if (host.settings.empty()) continue;
    if (!host.estate) {
      host.channels = channels_of(view);
      host.clock = clock_of(view, survey);
      host.signs = signs_of(view, table);
    }
    each.push_back(group_of(view, host, table));
    const Reached can = index.reached(each.back().on), could = index.reached(each.back().applies);
    host.rules_can = number_of(can.rules);
    host.rules = number_of(could.rules);
    host.techniques_can = number_of(can.techniques);
    host.techniques = number_of(could.techniques);
    somewhere.add(can);
    out.hosts.push_back(std::move(host));
  }
  for (const RuleReach& rule : rules)
    out.rules_without_way += rule.ways.empty() && rule.parts.empty() ? 1 : 0;
  out.rules = rules.size();
  out.rules_somewhere = number_of(somewhere.rules);
  out.techniques = index.techniques().size();
  out.techniques_somewhere = number_of(somewhere.techniques);
  const std::vector<HostGroup> groups = alike(each);
  for (std::size_t i = 0; i < table.settings().size(); ++i) {
    const auto applies = [&](const HostGroup& group) { return group.applies[i]; };
    if (std::ranges::any_of(groups, applies)) out.costs.push_back(cost_of(i, out, groups, index));
  }
  out.plan = shortest_plan(groups, index, table);
  return out;
}

}  // namespace landwarden::assess
