// Random correlations over random events against an evaluator that looks at everything anew for each event,
// and shares no code with the correlator.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <set>

#include <fmt/format.h>

#include "sigma/compiled.h"
#include "sigma/correlator.h"
#include "sigma/parser.h"

namespace landwarden::sigma {
namespace {

using Random = std::mt19937_64;

const std::vector<std::string> kRules = {"a", "b", "c"};

struct Event {
  std::int64_t time = 0;  ///< seconds
  std::set<std::string> rules;
  std::map<std::string, std::string> fields;
};

/// A condition of words over rules: "and", "or", "not", or the rule's name.
struct Words {
  std::string kind;
  std::vector<Words> children;
};

struct Spec {
  std::string type;
  std::vector<std::string> rules;  ///< may repeat
  std::vector<std::string> group_by;
  std::int64_t timespan = 10;
  std::vector<std::pair<std::string, int>> bounds;  ///< in halves: 3 is 1.5
  std::vector<std::string> fields;
  int percentile = 50;
  std::optional<Words> words;  ///< instead of bounds
};

std::size_t below(Random& random, std::size_t end) {
  return static_cast<std::size_t>(random() % end);
}

template <class T>
const T& one_of(Random& random, const std::vector<T>& items) {
  return items[below(random, items.size())];
}

bool is_temporal(const Spec& spec) {
  return spec.type.starts_with("temporal");
}

Words random_words(Random& random, const Spec& spec, std::size_t depth) {
  const std::size_t what = below(random, depth == 0 ? 1 : 5);
  if (what < 2) return {one_of(random, spec.rules), {}};
  if (what == 2 && spec.type == "temporal") return {"not", {random_words(random, spec, depth - 1)}};
  Words out{what == 3 ? "and" : "or", {}};
  for (int i = 0; i < 2; ++i) out.children.push_back(random_words(random, spec, depth - 1));
  return out;
}

std::string text_of(const Words& words) {
  if (words.children.empty()) return words.kind;
  const std::string first = "(" + text_of(words.children[0]) + ")";
  return words.kind == "not" ? "not " + first
                             : first + " " + words.kind + " (" + text_of(words.children[1]) + ")";
}

Spec random_spec(Random& random) {
  static const std::vector<std::string> kTypes = {"event_count",      "value_count", "temporal",
                                                  "temporal_ordered", "value_sum",   "value_avg",
                                                  "value_percentile", "value_median"};
  static const std::vector<std::string> kOperators = {"gt", "gte", "lt", "lte", "eq", "neq"};
  Spec spec;
  spec.type = one_of(random, kTypes);
  const std::size_t rules = 1 + below(random, 3);
  for (std::size_t i = 0; i < rules; ++i) spec.rules.push_back(one_of(random, kRules));
  if (below(random, 3) > 0) spec.group_by.emplace_back("G");
  if (below(random, 3) == 0) spec.group_by.emplace_back("H");
  spec.timespan = 1 + static_cast<std::int64_t>(below(random, 12));
  if (spec.type.starts_with("value")) spec.fields.emplace_back("N");
  if (spec.type == "value_count" && below(random, 3) == 0) spec.fields.emplace_back("H");
  if (is_temporal(spec) && below(random, 3) == 0) {
    std::ranges::sort(spec.rules);
    spec.rules.erase(std::unique(spec.rules.begin(), spec.rules.end()), spec.rules.end());
    std::shuffle(spec.rules.begin(), spec.rules.end(), random);
    spec.words = random_words(random, spec, 3);
  } else if (spec.type == "temporal_ordered") {
    if (below(random, 2) == 0)
      spec.bounds.emplace_back("gte", static_cast<int>(2 + 2 * below(random, spec.rules.size())));
  } else if (!is_temporal(spec) || below(random, 2) == 0) {
    const std::size_t bounds = 1 + below(random, 4) / 3;
    for (std::size_t i = 0; i < bounds; ++i) {
      const std::string& name = one_of(random, kOperators);
      const bool known =
          std::ranges::any_of(spec.bounds, [&](const auto& bound) { return bound.first == name; });
      if (!known) spec.bounds.emplace_back(name, static_cast<int>(below(random, 12)) - 1);
    }
  }
  spec.percentile = static_cast<int>(below(random, 101));
  return spec;
}

std::string list(const std::vector<std::string>& names) {
  return fmt::format("[{}]", fmt::join(names, ", "));
}

std::string yaml_of(const Spec& spec) {
  std::string condition;
  for (const auto& [name, halves] : spec.bounds) condition += fmt::format(", {}: {:.1f}", name, halves / 2.0);
  if (spec.words) condition = text_of(*spec.words);
  if (!spec.fields.empty()) condition += ", field: " + list(spec.fields);
  if (spec.type == "value_percentile") condition += fmt::format(", percentile: {}", spec.percentile);
  std::string out;
  for (const std::string& rule : kRules) {
    out += fmt::format(
        "title: {0}\nname: {0}\nlogsource: {{product: windows}}\ndetection: {{s: {{F: {0}}}, condition: "
        "s}}\n---\n",
        rule);
  }
  out += fmt::format("title: correlation\ncorrelation:\n  type: {}\n  rules: {}\n  timespan: {}s\n",
                     spec.type, list(spec.rules), spec.timespan);
  if (!spec.group_by.empty()) out += "  group-by: " + list(spec.group_by) + "\n";
  if (spec.words) return out + "  condition: " + condition + "\n";
  if (!condition.empty()) out += "  condition: {" + condition.substr(2) + "}\n";
  return out;
}

std::vector<Event> random_events(Random& random) {
  static const std::vector<std::string> kGroups = {"x", "X", "y", "", "x,y"};
  static const std::vector<std::string> kNumbers = {"1", "2", "2.5", "-1", "many", "3", "10", "0.5"};
  std::vector<Event> out;
  std::int64_t time = 0;
  const std::size_t count = 1 + below(random, 40);
  for (std::size_t i = 0; i < count; ++i) {
    Event event;
    time += static_cast<std::int64_t>(below(random, 5));
    event.time = time;
    for (const std::string& rule : kRules) {
      if (below(random, 2) == 0) event.rules.insert(rule);
    }
    if (below(random, 6) > 0) event.fields["G"] = one_of(random, kGroups);
    if (below(random, 3) > 0) event.fields["H"] = one_of(random, kGroups);
    if (below(random, 6) > 0) event.fields["N"] = one_of(random, kNumbers);
    out.push_back(std::move(event));
  }
  return out;
}

// ---- the slow way ----

std::string lowered(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

std::string value_or(const Event& event, const std::string& field, const std::string& otherwise) {
  const auto found = event.fields.find(field);
  return found == event.fields.end() ? otherwise : lowered(found->second);
}

using Group = std::vector<std::string>;

std::optional<Group> group_of(const Spec& spec, const Event& event) {
  Group out;
  bool any = spec.group_by.empty();
  for (const std::string& field : spec.group_by) {
    any = any || event.fields.contains(field);
    out.push_back(value_or(event, field, "(absent)"));
  }
  return any ? std::optional(out) : std::nullopt;
}

/// Whether the event says what the correlation looks at.
bool counts(const Spec& spec, const Event& event) {
  const bool matched =
      std::ranges::any_of(spec.rules, [&](const std::string& rule) { return event.rules.contains(rule); });
  const bool valued =
      std::ranges::all_of(spec.fields, [&](const std::string& f) { return event.fields.contains(f); });
  const bool numeric =
      spec.type == "value_count" || !spec.type.starts_with("value") || value_or(event, "N", "many") != "many";
  return matched && valued && numeric;
}

bool in_order(const std::vector<std::string>& rules, const std::vector<const Event*>& events,
              std::size_t step, std::size_t from, std::set<std::string> used) {
  if (step == rules.size()) return true;
  for (std::size_t i = from; i < events.size(); ++i) {
    if (i > from) used.clear();  // another event: its rules are all to be had
    if (!events[i]->rules.contains(rules[step]) || used.contains(rules[step])) continue;
    std::set<std::string> with = used;
    with.insert(rules[step]);
    if (in_order(rules, events, step + 1, i, with)) return true;
  }
  return false;
}

bool says(const Words& words, const std::set<std::string>& seen) {
  if (words.kind == "not") return !says(words.children[0], seen);
  if (words.children.empty()) return seen.contains(words.kind);
  const bool first = says(words.children[0], seen), second = says(words.children[1], seen);
  return words.kind == "and" ? first && second : first || second;
}

/// Whether some of the rules that are enough came in the order of the list.
bool some_in_order(const Spec& spec, const std::vector<const Event*>& events) {
  for (unsigned choice = 1; choice < 1U << spec.rules.size(); ++choice) {
    std::vector<std::string> rules;
    for (std::size_t i = 0; i < spec.rules.size(); ++i) {
      if ((choice >> i & 1) != 0) rules.push_back(spec.rules[i]);
    }
    const std::size_t least =
        spec.bounds.empty() ? spec.rules.size() : static_cast<std::size_t>(spec.bounds[0].second / 2);
    const bool enough = spec.words ? says(*spec.words, {rules.begin(), rules.end()}) : rules.size() >= least;
    if (enough && in_order(rules, events, 0, 0, {})) return true;
  }
  return false;
}

bool compared(const std::string& name, double left, double right) {
  return name == "gt"    ? left > right
         : name == "gte" ? left >= right
         : name == "lt"  ? left < right
         : name == "lte" ? left <= right
         : name == "eq"  ? left == right
                         : left != right;
}

bool true_of(const Spec& spec, const std::vector<const Event*>& events) {
  const std::set<std::string> rules(spec.rules.begin(), spec.rules.end());
  std::set<std::string> seen;
  std::set<std::vector<std::string>> values;
  std::vector<double> numbers;
  std::size_t count = 0;
  for (const Event* event : events) {
    for (const std::string& rule : rules) {
      if (!event->rules.contains(rule)) continue;
      ++count;
      seen.insert(rule);
      std::vector<std::string> tuple;
      for (const std::string& field : spec.fields) tuple.push_back(value_or(*event, field, ""));
      values.insert(tuple);
      numbers.push_back(std::strtod(value_or(*event, "N", "0").c_str(), nullptr));
    }
  }
  if (spec.type == "temporal_ordered") return some_in_order(spec, events);
  if (spec.words) return says(*spec.words, seen);
  if (spec.type == "temporal" && spec.bounds.empty()) return seen == rules;
  std::ranges::sort(numbers);
  double sum = 0;
  for (const double number : numbers) sum += number;
  const std::size_t n = numbers.size();
  double left = static_cast<double>(count), times = 1;
  if (spec.type == "temporal") left = static_cast<double>(seen.size());
  if (spec.type == "value_count") left = static_cast<double>(values.size());
  if (spec.type == "value_sum") left = sum;
  if (spec.type == "value_avg") left = sum, times = static_cast<double>(n);
  if (spec.type == "value_median") left = numbers[(n - 1) / 2] + numbers[n / 2], times = 2;
  if (spec.type == "value_percentile") {
    std::size_t rank = 1;  // the smallest value that at least so many per cent are not above
    while (rank * 100 < static_cast<std::size_t>(spec.percentile) * n) ++rank;
    left = numbers[rank - 1];
  }
  return std::ranges::all_of(spec.bounds, [&](const auto& bound) {
    return compared(bound.first, left, bound.second / 2.0 * times);
  });
}

/// Numbers of the events at which the correlation fires.
std::vector<std::size_t> slowly(const Spec& spec, const std::vector<Event>& events) {
  std::vector<std::size_t> out;
  std::map<Group, bool> held;
  std::map<Group, std::vector<const Event*>> groups;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto group = counts(spec, events[i]) ? group_of(spec, events[i]) : std::nullopt;
    if (!group) continue;
    auto& all = groups[*group];
    const std::int64_t begin = events[i].time - spec.timespan;
    if (!all.empty() && all.back()->time < begin) held[*group] = false;
    all.push_back(&events[i]);
    std::vector<const Event*> window;
    for (const Event* event : all) {
      if (event->time >= begin) window.push_back(event);
    }
    const bool holds = true_of(spec, window);
    if (holds && !held[*group]) out.push_back(i);
    held[*group] = holds;
  }
  return out;
}

// ---- the correlator ----

std::vector<std::size_t> by_correlator(const RuleSet& set, const std::vector<Event>& events) {
  Correlator correlator(set);
  std::vector<Match> found;
  for (std::size_t i = 0; i < events.size(); ++i) {
    for (std::uint32_t rule = 0; rule < set.rules().size(); ++rule) {
      if (!events[i].rules.contains(set.rules()[rule].name)) continue;
      Match match;
      match.time = Time{from_unix(1'700'000'000 + events[i].time).ticks};
      match.record_id = i;
      match.offset = i;
      match.rule = rule;
      for (const std::uint32_t field : set.compiled().programs[rule].carried) {
        FieldValues& values = match.carried.emplace_back();
        values.field = set.compiled().fields[field].name;
        const auto value = events[i].fields.find(values.field);
        if (value != events[i].fields.end()) values.values.push_back(value->second);
      }
      correlator.add(match, "events", found);
    }
  }
  correlator.finish(found);
  std::vector<std::size_t> out;
  for (const Match& match : found) out.push_back(match.record_id);
  return out;
}

std::uint64_t seeds() {
  const char* asked = std::getenv("LW_DIFFERENTIAL_SEEDS");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) * 10 : 400;
}

TEST(CorrelationDifferential, AgreesWithLookingAtEverythingAnew) {
  // LW_DIFFERENTIAL_SEEDS=10000 makes a million pairs.
  const view::LogSources sources = view::LogSources::built_in().value();
  std::uint64_t fired = 0;
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    Random random(seed);
    const Spec spec = random_spec(random);
    const std::string yaml = yaml_of(spec);
    event::Catalogue catalogue;
    std::vector<Rule> rules;
    std::vector<Diagnostic> diagnostics;
    parse_rules(yaml, "random.yml", {}, rules, diagnostics);
    const RuleSet set = RuleSet::compile(std::move(rules), sources, catalogue, diagnostics);
    ASSERT_TRUE(set.has_correlations())
        << "seed " << seed << "\n"
        << yaml << (diagnostics.empty() ? "" : diagnostics[0].error.to_string());
    for (int round = 0; round < 10; ++round) {
      const std::vector<Event> events = random_events(random);
      const auto expected = slowly(spec, events);
      ASSERT_EQ(by_correlator(set, events), expected) << "seed " << seed << ", round " << round << "\n"
                                                      << yaml;
      fired += expected.size();
    }
  }
  std::cout << "seeds 0 to " << seeds() - 1 << ": " << seeds() * 10 << " pairs, " << fired << " matches\n";
  EXPECT_GT(fired, seeds());  // the comparison is about something
}

}  // namespace
}  // namespace landwarden::sigma
