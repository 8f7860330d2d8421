#include "triage/summary.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/assert.h"
#include "base/limits.h"
#include "base/text.h"

namespace landwarden::triage {
namespace {

void widen(Time& first, Time& last, Time time) {
  if (!time.known()) return;
  if (!first.known() || time < first) first = time;
  if (!last.known() || time > last) last = time;
}

/// At most `limit` bytes of `text`, cut between code points.
std::string cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return std::string(text.substr(0, limit)) + "…";
}

/// Times in order, unknown ones last.
bool earlier(Time left, Time right) {
  if (left.known() != right.known()) return left.known();
  return left < right;
}

}  // namespace

Summary::Summary(const sigma::RuleTable& rules, const AttackTable& attack)
    : rules_(rules), attack_(attack), totals_(rules.size()) {}

Example Summary::take_example(const sigma::Match& match, std::string_view source) {
  Example example{.channel = match.channel,
                  .provider = match.provider,
                  .event_id = match.event_id,
                  .has_event_id = match.has_event_id,
                  .record_id = match.record_id,
                  .source = std::string(source),
                  .matched = {},
                  .why = cut(match.why, limits::kExampleValueBytes)};
  std::size_t room =
      example_bytes_ < limits::kExamplesBytes ? limits::kExampleValueBytes : limits::kExampleShortBytes;
  for (const sigma::FieldValues& field : match.matched) {
    if (room == 0) break;
    sigma::FieldValues kept{.field = cut(field.field, room), .values = {}};
    for (const std::string& value : field.values) {
      kept.values.push_back(cut(value, room));
      room -= std::min(room, value.size() + sizeof(std::string));
      if (room == 0) break;
    }
    example.matched.push_back(std::move(kept));
  }
  for (const sigma::FieldValues& field : example.matched) {
    for (const std::string& value : field.values) example_bytes_ += value.size();
  }
  return example;
}

const sigma::Rule& Summary::rule(std::uint32_t number) const {
  return number < rules_.size() ? rules_[number] : foreign_.at(number).foreign->rule;
}

const ForeignRule* Summary::foreign(std::uint32_t number) const {
  return number < rules_.size() ? nullptr : foreign_.at(number).foreign;
}

void Summary::add(const sigma::Match& match, std::string_view source) {
  LW_ASSERT(match.rule < rules_.size());
  count(totals_[match.rule], match, source);
}

void Summary::add(const sigma::Match& match, const ForeignRule& foreign, std::string_view source) {
  LW_ASSERT(match.rule >= rules_.size());
  RuleTotal& total = foreign_[match.rule];
  total.foreign = &foreign;
  count(total, match, source);
}

void Summary::count(RuleTotal& total, const sigma::Match& match, std::string_view source) {
  ++matches_;
  ++total.matches;
  widen(total.first, total.last, match.time);
  key_.assign(std::to_string(match.rule));
  key_ += '\n';
  text::append_folded(key_, match.host);
  auto found = index_.find(key_);
  if (found == index_.end()) {
    if (findings_.size() >= limits::kFindings) {
      ++remainder_;
      return;
    }
    found = index_.emplace(key_, static_cast<std::uint32_t>(findings_.size())).first;
    findings_.push_back({.rule = match.rule,
                         .host = match.host,
                         .count = 0,
                         .first = Time::unknown(),
                         .last = Time::unknown(),
                         .example = take_example(match, source)});
  }
  Finding& finding = findings_[found->second];
  ++finding.count;
  widen(finding.first, finding.last, match.time);
}

LevelCount Summary::of(sigma::Level level) const {
  LevelCount count;
  for_each_matched([&](std::uint32_t, const sigma::Rule& rule, const RuleTotal& total) {
    if (level_of(rule) != level) return;
    ++count.rules;
    count.matches += total.matches;
  });
  for (const Finding& finding : findings_) count.findings += level_of(rule(finding.rule)) == level ? 1 : 0;
  return count;
}

LevelCount Summary::of_ruleset(std::string_view ruleset) const {
  LevelCount count;
  for (const auto& [number, total] : foreign_) {
    if (total.foreign->ruleset != ruleset) continue;
    ++count.rules;
    count.matches += total.matches;
  }
  for (const Finding& finding : findings_) {
    const ForeignRule* of = foreign(finding.rule);
    count.findings += of != nullptr && of->ruleset == ruleset ? 1 : 0;
  }
  return count;
}

std::vector<RuleFindings> Summary::findings(sigma::Level level) const {
  std::map<std::uint32_t, RuleFindings> by_rule;
  for_each_matched([&](std::uint32_t number, const sigma::Rule& rule, const RuleTotal& total) {
    if (level_of(rule) != level) return;
    by_rule[number] = {
        .rule = number, .count = total.matches, .first = total.first, .last = total.last, .findings = {}};
  });
  for (const Finding& finding : findings_) {
    if (const auto found = by_rule.find(finding.rule); found != by_rule.end())
      found->second.findings.push_back(&finding);
  }
  std::vector<RuleFindings> out;
  for (auto& [rule, entry] : by_rule) {
    std::ranges::sort(entry.findings, [](const Finding* left, const Finding* right) {
      if (left->count != right->count) return left->count > right->count;
      return left->host < right->host;
    });
    out.push_back(std::move(entry));
  }
  std::ranges::stable_sort(out, [](const RuleFindings& left, const RuleFindings& right) {
    return earlier(left.first, right.first);
  });
  return out;
}

std::vector<TacticCount> Summary::tactics() const {
  std::map<std::size_t, TacticCount> touched;
  for_each_matched([&](std::uint32_t, const sigma::Rule& rule, const RuleTotal& total) {
    std::set<std::size_t> of_rule;
    for (const std::string& tag : rule.tags) {
      if (const auto tactic = attack_.read_tag(tag).tactic) of_rule.insert(*tactic);
    }
    for (const std::size_t tactic : of_rule) {
      TacticCount& count = touched[tactic];
      count.tactic = tactic;
      ++count.rules;
      count.matches += total.matches;
    }
  });
  std::vector<TacticCount> out;
  for (const auto& [tactic, count] : touched) out.push_back(count);
  return out;
}

std::vector<std::string> Summary::techniques() const {
  std::set<std::string> touched;
  for_each_matched([&](std::uint32_t, const sigma::Rule& rule, const RuleTotal&) {
    for (const std::string& tag : rule.tags) {
      std::string technique = attack_.read_tag(tag).technique;
      if (!technique.empty()) touched.insert(std::move(technique));
    }
  });
  return {touched.begin(), touched.end()};
}

std::vector<std::string> Summary::hosts() const {
  std::map<std::string, std::string> folded;
  for (const Finding& finding : findings_) folded.emplace(text::folded(finding.host), finding.host);
  std::vector<std::string> out;
  for (const auto& [key, host] : folded) out.push_back(host);
  return out;
}

}  // namespace landwarden::triage
