// Fields and event ids that the records of a rule's log source do not have.

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "sigma/lint.h"
#include "sigma/spelling.h"

namespace landwarden::sigma {
namespace {

std::string name_of(const LogSource& source) {
  std::string out = source.product;
  for (const std::string* part : {&source.category, &source.service}) {
    if (!part->empty()) out += (out.empty() ? "" : "/") + *part;
  }
  return out;
}

std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '_' && c != '.' && c != '-') out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return out;
}

/// A name of the log source that is the same but for case and punctuation, or else nearly the same.
std::string_view meant(std::string_view written, const FieldNames& known, bool only_same) {
  const std::string wanted = plain(written);
  for (const std::string& name : known.names) {
    if (plain(name) == wanted) return name;
  }
  if (only_same) return {};
  // A slip seldom hits the first letter: 'FileName' is not 'RuleName' misspelt.
  std::vector<std::string_view> names;
  for (const std::string& name : known.names) {
    if (!name.empty() && !wanted.empty() && plain(name.substr(0, 1)) == wanted.substr(0, 1))
      names.push_back(name);
  }
  return nearest_name(written, names);
}

void lint_names(const Rule& rule, const FieldNames& known, const FieldTable& table, LintReport& report) {
  std::set<std::string_view> told;
  const auto look_at = [&](const Test& test, const std::string& field) {
    if (field.empty() || table.is_always(field) || known.names.contains(field)) return;
    const std::string_view near = meant(field, known, !known.complete);
    if ((near.empty() && !known.complete) || !told.insert(field).second) return;
    const bool absent_meant = test.predicate.kind == Predicate::Kind::null ||
                              (test.predicate.kind == Predicate::Kind::exists && !test.predicate.flag);
    std::string hint = near.empty() ? "" : "did you mean '" + std::string(near) + "'?";
    if (hint.empty() && absent_meant) hint = "the test is always met";
    if (hint.empty()) hint = "the test is never met";
    report.at("unknown-field", test.place,
              fmt::format("no record of {} has the field '{}'", name_of(rule.logsource), field),
              std::move(hint));
  };
  for (const Test& test : rule.tests) {
    look_at(test, test.field);
    if (test.predicate.kind == Predicate::Kind::field) look_at(test, test.predicate.text);
  }
}

/// Tests that must all hold, as far as they stand in plain sight.
void required_tests(const Expression& at, std::vector<std::uint32_t>& out) {
  if (at.kind == Expression::Kind::test) out.push_back(at.test);
  if (at.kind != Expression::Kind::all) return;
  for (const Expression& child : at.children) required_tests(child, out);
}

void lint_event_ids(const Rule& rule, const view::Resolution& source, LintReport& report) {
  std::set<std::uint32_t> covered;
  for (const view::Source& one : source.sources) {
    if (one.event_ids.empty()) return;
    covered.insert(one.event_ids.begin(), one.event_ids.end());
  }
  std::vector<std::uint32_t> required;
  required_tests(rule.condition, required);
  for (const std::uint32_t index : required) {
    const Test& test = rule.tests[index];
    if (test.field != "EventID" || test.predicate.kind != Predicate::Kind::number) continue;
    if (test.predicate.number >= 0 && covered.contains(static_cast<std::uint32_t>(test.predicate.number)))
      continue;
    report.at("event-id", test.place,
              fmt::format("{} covers no event {}: the rule can never match here", name_of(rule.logsource),
                          test.predicate.number_text),
              fmt::format("it covers {}", fmt::join(covered, ", ")));
  }
}

}  // namespace

void lint_fields(const Rule& rule, const view::Resolution& source, const FieldTable& fields,
                 LintReport& report) {
  if (source.sources.empty()) return;
  const FieldNames known = fields.of(source);
  if (!known.names.empty()) lint_names(rule, known, fields, report);
  lint_event_ids(rule, source, report);
}

}  // namespace landwarden::sigma
