#include "sigma/parser_examples.h"

#include <array>

#include "base/limits.h"
#include "sigma/parser_correlation.h"
#include "sigma/spelling.h"

namespace landwarden::sigma {
namespace {

using yaml::Node;
using NodeKind = Node::Kind;

constexpr auto kKeys = std::to_array<std::string_view>({"name", "match", "channel", "provider", "event_id",
                                                        "fields", "events", "rule", "at", "every", "repeat"});

void parse_key(const Node& key, const Node& value, RuleReport& report, Example& out);

/// The records that a correlation's test is about.
void parse_events(const Node& events, RuleReport& report, Example& out) {
  if (events.kind != NodeKind::list || events.items.empty()) {
    report.error(events, "'events' of a test must be a list of records");
    return;
  }
  for (const Node& item : events.items) {
    if (item.kind != NodeKind::map || item.find("events") != nullptr) {
      report.error(item, "a record of a test must be a map",
                   "each has fields, and may have rule, at and repeat");
      continue;
    }
    Example event;
    event.place = report.place(item);
    for (const auto& [key, value] : item.entries) parse_key(key, value, report, event);
    out.events.push_back(std::move(event));
  }
}

void parse_duration(const Node& key, const Node& value, RuleReport& report, std::int64_t& out) {
  const auto ticks =
      value.text == "0" || value.text == "0s" ? std::optional<std::int64_t>(0) : parse_timespan(value.text);
  if (!ticks)
    return report.error(value, "'" + key.text + "' of a test must be a time span such as 90s or 5m");
  out = *ticks;
}

void parse_repeat(const Node& value, RuleReport& report, Example& out) {
  if (value.kind != NodeKind::integer || value.integer < 1 ||
      value.integer > static_cast<std::int64_t>(limits::kCorrelationThreshold)) {
    return report.error(value, "'repeat' of a test must be a number from 1 on");
  }
  out.repeat = static_cast<std::uint32_t>(value.integer);
}

void parse_fields(const Node& fields, RuleReport& report, Example& out) {
  if (fields.kind != NodeKind::map) {
    report.error(fields, "'fields' of a test must be a map of names and values");
    return;
  }
  for (const auto& [key, value] : fields.entries) {
    std::vector<std::string> values;
    if (value.kind == NodeKind::list) {
      for (const Node& item : value.items) {
        if (!item.is_scalar()) report.error(item, "a value of a test's record must be a text or a number");
        values.push_back(item.text);
      }
    } else if (value.kind == NodeKind::map) {
      report.error(value, "a value of a test's record must be a text, a number or a list of them");
    } else {
      values.push_back(value.text);
    }
    out.fields.emplace_back(key.text, std::move(values));
  }
}

void parse_key(const Node& key, const Node& value, RuleReport& report, Example& out) {
  if (key.text == "fields") return parse_fields(value, report, out);
  if (key.text == "events") return parse_events(value, report, out);
  if (!value.is_scalar()) return report.error(value, "'" + key.text + "' of a test must be one value");
  if (key.text == "at") {
    parse_duration(key, value, report, out.at_ticks);
  } else if (key.text == "every") {
    parse_duration(key, value, report, out.every_ticks);
  } else if (key.text == "repeat") {
    parse_repeat(value, report, out);
  } else if (key.text == "rule") {
    out.rule = value.text;
  } else if (key.text == "name") {
    out.name = value.text;
  } else if (key.text == "channel") {
    out.channel = value.text;
  } else if (key.text == "provider") {
    out.provider = value.text;
  } else if (key.text == "match") {
    if (value.kind != NodeKind::boolean) report.error(value, "'match' of a test must be true or false");
    out.match = value.flag;
  } else if (key.text == "event_id") {
    if (value.kind != NodeKind::integer || value.integer < 0 || value.integer > 0xFFFF'FFFF) {
      return report.error(value, "'event_id' of a test must be a number");
    }
    out.event_id = static_cast<std::uint32_t>(value.integer);
  } else {
    report.error(key, "unknown key '" + key.text + "' in a test", did_you_mean(key.text, kKeys));
  }
}

}  // namespace

void parse_examples(const yaml::Node& tests, RuleReport& report, std::vector<Example>& out) {
  if (tests.kind != NodeKind::list) {
    // The key is free in Sigma: other people's `tests` may mean something else, and their rules must run.
    report.warning(tests, "'tests' is no list of example records", "each has name, match and fields");
    return;
  }
  for (const Node& test : tests.items) {
    if (test.kind != NodeKind::map) {
      report.error(test, "a test must be a map", "each has name, match and fields");
      continue;
    }
    Example example;
    example.place = report.place(test);
    for (const auto& [key, value] : test.entries) parse_key(key, value, report, example);
    out.push_back(std::move(example));
  }
}

}  // namespace landwarden::sigma
