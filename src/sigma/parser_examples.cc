#include "sigma/parser_examples.h"

#include <array>

#include "sigma/spelling.h"

namespace landwarden::sigma {
namespace {

using yaml::Node;
using NodeKind = Node::Kind;

constexpr auto kKeys =
    std::to_array<std::string_view>({"name", "match", "channel", "provider", "event_id", "fields"});

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
  if (!value.is_scalar()) return report.error(value, "'" + key.text + "' of a test must be one value");
  if (key.text == "name") {
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
