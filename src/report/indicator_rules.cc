#include "report/indicator_rules.h"

#include <utility>

#include <fmt/format.h>

#include "report/json.h"

namespace landwarden::report {
namespace {

std::string date_of(Time time) {
  return to_rfc3339(time).substr(0, 10);
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

/// Values, which the summary marks in the evidence.
void add_tests(const intel::Indicator& indicator, sigma::Rule& rule) {
  rule.condition.kind = sigma::Expression::Kind::all;
  for (const intel::Term& term : indicator.terms) {
    sigma::Test test;
    test.predicate.kind = sigma::Predicate::Kind::contains;
    test.predicate.pattern.parts.push_back({sigma::Pattern::Kind::literal, term.value});
    sigma::Expression leaf;
    leaf.kind = sigma::Expression::Kind::test;
    leaf.test = static_cast<std::uint32_t>(rule.tests.size());
    rule.condition.children.push_back(std::move(leaf));
    rule.tests.push_back(std::move(test));
  }
}

std::string line_of(const intel::Indicator& indicator, unsigned worth, Time today) {
  const intel::Provenance& says = indicator.says;
  std::string out = says.source.empty() ? std::string("no source") : says.source;
  if (!says.about.empty()) out += ": " + says.about;
  out += says.seen.known() ? ", " + date_of(says.seen) : ", no date";
  if (says.valid_until.known() && says.valid_until < today) out += ", past its end";
  out += says.tlp == intel::Tlp::unknown ? ", TLP not said" : ", TLP:" + upper(to_text(says.tlp));
  return out + fmt::format(", worth {} of 100", worth);
}

}  // namespace

sigma::Level level_of_worth(unsigned worth) {
  if (worth >= kWorthMedium) return sigma::Level::medium;
  return worth >= kWorthLow ? sigma::Level::low : sigma::Level::informational;
}

void append_indicator_members(std::string& out, const intel::Indicator& indicator, unsigned worth) {
  const auto text = [&](std::string_view key, std::string_view value) {
    out += fmt::format(", \"{}\": ", key);
    append_json_string(out, value);
  };
  out += "\"indicator\": ";
  append_json_string(out, to_text(indicator.terms));
  out += ", \"all\": [";
  for (std::size_t i = 0; i < indicator.terms.size(); ++i) {
    out +=
        fmt::format("{}{{\"kind\": \"{}\", \"value\": ", i > 0 ? ", " : "", to_text(indicator.terms[i].kind));
    append_json_string(out, indicator.terms[i].value);
    out += "}";
  }
  out += "]";
  const intel::Provenance& says = indicator.says;
  text("source", says.source);
  text("about", says.about);
  if (says.seen.known()) text("date", date_of(says.seen));
  if (says.valid_until.known()) text("valid_until", date_of(says.valid_until));
  if (says.confidence) out += fmt::format(", \"source_confidence\": {}", *says.confidence);
  out += fmt::format(", \"tlp\": \"{}\", \"worth\": {}, \"confidence\": \"low\"", to_text(says.tlp), worth);
}

const triage::ForeignRule& IndicatorRules::rule(std::uint32_t number) {
  auto& made = made_[number];
  if (made) return *made;
  const intel::Indicator& indicator = indicators_.indicators()[number];
  const unsigned worth = intel::worth(indicator, today_, intel::FieldTable::built_in());
  triage::ForeignRule out;
  sigma::Rule& rule = out.rule;
  rule.title = "Indicator: " + to_text(indicator.terms);
  for (const intel::Term& term : indicator.terms)
    rule.id += fmt::format("{}{}:{}", rule.id.empty() ? "indicator:" : "+", to_text(term.kind), term.value);
  rule.description = kIndicatorNote;
  rule.level = level_of_worth(worth);
  rule.file = indicator.place;
  add_tests(indicator, rule);
  out.ruleset = kIndicatorRuleset;
  out.line = line_of(indicator, worth, today_);
  out.details = "{";
  append_indicator_members(out.details, indicator, worth);
  out.details += ", \"note\": ";
  append_json_string(out.details, kIndicatorNote);
  out.details += "}";
  made = std::make_unique<const triage::ForeignRule>(std::move(out));
  return *made;
}

}  // namespace landwarden::report
