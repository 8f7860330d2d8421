#include "sigma/lint.h"

#include <algorithm>
#include <array>

namespace landwarden::sigma {
namespace {

using Severity = Diagnostic::Severity;
using NodeKind = yaml::Node::Kind;

constexpr auto kCodes = std::to_array<LintCode>({
    {"aggregation", Severity::warning,
     "an aggregation, which Sigma removed: it runs as the correlation shown"},
    {"always-matches", Severity::warning, "the rule matches every record of its log source"},
    {"condition", Severity::error, "the condition cannot be read"},
    {"contradiction", Severity::warning, "parts that must all hold exclude each other"},
    {"correlation", Severity::error, "a correlation that cannot run, or can hardly be meant"},
    {"date", Severity::warning, "a date that is none, or 'modified' before 'date'"},
    {"dead-value", Severity::warning, "a value that other parts of the condition rule out"},
    {"duplicate-id", Severity::warning, "two rules have one id"},
    {"duplicate-value", Severity::warning, "a value stands twice in one list"},
    {"empty-value", Severity::warning, "a key without value tests that the field is absent"},
    {"escaped-wildcard", Severity::warning, "a backslash in a path makes the star behind it a plain star"},
    {"event-id", Severity::warning, "an event id that the log source does not have"},
    {"exponential-regex", Severity::note, "other engines can take exponential time over the expression"},
    {"file", Severity::error, "the file cannot be read"},
    {"filter", Severity::warning, "a filter that does nothing to a rule, or the opposite of what is common"},
    {"id", Severity::warning, "the id is no UUID"},
    {"level", Severity::warning, "the level is unknown"},
    {"match-all-value", Severity::warning, "one value of a list matches everything, the others are idle"},
    {"modifier", Severity::error, "a modifier that is unknown or stands in a wrong place"},
    {"not-run", Severity::note, "the rule is sound, but this program does not run it"},
    {"not-sigma", Severity::warning, "a document that is no rule of Sigma's"},
    {"redundant-modifier", Severity::note, "a modifier or wildcard that changes nothing"},
    {"related", Severity::warning, "an entry of 'related' that is not of its form"},
    {"rule", Severity::error, "the rule is not of Sigma's form"},
    {"status", Severity::warning, "a status that Sigma does not know"},
    {"subsumed-value", Severity::note, "a value that another one of the list covers"},
    {"tag", Severity::warning, "a tag without namespace, or a tactic that does not exist"},
    {"taxonomy", Severity::note, "a taxonomy other than Sigma's"},
    {"typed-value", Severity::warning, "YAML reads the value as something other than what stands there"},
    {"undefined-search", Severity::error, "the condition names a search that is not there"},
    {"unknown-field", Severity::warning, "a field that no record of the log source has"},
    {"unknown-key", Severity::warning, "a key that looks like one of Sigma's misspelt"},
    {"unknown-technique", Severity::warning, "an ATT&CK technique that does not exist"},
    {"unused-search", Severity::warning, "a search that the condition does not use"},
    {"value", Severity::error, "a value that its field or modifiers cannot take"},
    {"withdrawn-technique", Severity::note, "an ATT&CK technique that was revoked or deprecated"},
    {"yaml", Severity::error, "the file is no valid YAML"},
});

const Rule* rule_at(std::span<const Rule> rules, const yaml::Node& document) {
  const auto found = std::ranges::find_if(rules, [&](const Rule& rule) {
    return !rule.tests.empty() && rule.place.line == document.line && rule.place.column == document.column;
  });
  return found == rules.end() ? nullptr : &*found;
}

std::string text_of(const yaml::Node& document, std::string_view key) {
  const yaml::Node* node = document.find(key);
  return node == nullptr || node->kind == NodeKind::null ? std::string() : node->text;
}

bool is_sigma(const yaml::Node& document) {
  return document.kind == NodeKind::map &&
         std::ranges::any_of(document.entries, [](const yaml::Entry& entry) {
           return entry.first.text == "detection" || entry.first.text == "correlation" ||
                  entry.first.text == "filter";
         });
}

}  // namespace

std::span<const LintCode> lint_codes() {
  return kCodes;
}

std::string_view code_of(const Diagnostic& diagnostic) {
  if (!diagnostic.code.empty()) return diagnostic.code;
  if (diagnostic.error.code == ErrorCode::io) return "file";
  if (diagnostic.error.code == ErrorCode::unsupported) return "not-run";
  return "rule";
}

void LintReport::at(std::string_view code, const yaml::Node& where, std::string message, std::string hint) {
  at(code, where.place(file_), std::move(message), std::move(hint));
}

void LintReport::at(std::string_view code, Place where, std::string message, std::string hint) {
  const auto found = std::ranges::find(kCodes, code, &LintCode::code);
  Diagnostic made;
  made.severity = found == kCodes.end() ? Severity::warning : found->severity;
  made.error = {ErrorCode::invalid, std::move(message), std::move(where), std::move(hint)};
  made.rule_id = rule_id_;
  made.title = title_;
  made.code = code;
  out_.push_back(std::move(made));
}

void Linter::file(std::string_view yaml, const std::string& file, std::span<const Rule> rules,
                  std::vector<Diagnostic>& out) const {
  const auto documents = yaml::parse(yaml, file);
  if (!documents) return;  // the parser has said it
  for (const yaml::Node& document : *documents) {
    if (!is_sigma(document)) continue;
    LintReport report(file, text_of(document, "id"), text_of(document, "title"), out);
    lint_metadata(document, tables_, report);
    lint_values(document, report);
    const Rule* rule = rule_at(rules, document);
    if (rule == nullptr) continue;
    lint_logic(*rule, report);
    const view::Resolution source =
        sources_.resolve(rule->logsource.category, rule->logsource.product, rule->logsource.service);
    lint_fields(*rule, source, tables_.fields, report);
  }
}

}  // namespace landwarden::sigma
