// landwarden rules explain: the condition of a rule on one record, with what each part says and the value
// that decided.
//
// The engine itself is asked: every test of the rule becomes a rule of its own, and a hunt over the one
// record says which of them match. What is shown can therefore not differ from what a hunt does.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/console.h"
#include "cli/interrupt.h"
#include "cli/rule_choice.h"
#include "cli/rule_settings.h"
#include "cli/rules_commands.h"
#include "cli/usual_options.h"
#include "engine/hunt.h"
#include "report/json.h"
#include "report/screen.h"
#include "report/screen_text.h"
#include "sigma/correlation_plan.h"

namespace landwarden::cli {
namespace {

using Kind = sigma::Expression::Kind;

struct ExplainWords {
  RuleSettingsWords settings;
  std::string rule, event, only, format = "text";
  std::optional<std::uint64_t> record;
};

/// What a probe asks of the record.
struct Probe {
  enum class Kind : std::uint8_t { record, covered, rule, test, field } kind = Kind::record;
  bool covered = false;  ///< asked under the rule's log source; else under any
  std::size_t index = 0;
};

/// What was found out.
struct Answers {
  bool covered = false, matches = false;
  std::set<std::size_t> tests;                                    ///< that are met
  std::map<std::size_t, std::vector<sigma::FieldValues>> met_by;  ///< of tests
  std::map<std::string, std::vector<std::string>> fields;         ///< that are there
  std::optional<sigma::Match> record;
  std::set<std::tuple<std::string, std::uint64_t, std::uint64_t>> records;  ///< seen at all
};

class Explanation {
 public:
  /// `counted_by`: titles of the correlations over the rule.
  Explanation(const ExplainWords& words, const RuleSettings& settings, sigma::Rule rule,
              std::vector<std::string> counted_by)
      : words_(words), settings_(settings), rule_(std::move(rule)), counted_by_(std::move(counted_by)) {
    for (const sigma::Test& test : rule_.tests) {
      if (!test.field.empty() && std::ranges::find(fields_, test.field) == fields_.end())
        fields_.push_back(test.field);
      const std::string& other = test.predicate.text;
      if (test.predicate.kind == sigma::Predicate::Kind::field &&
          std::ranges::find(fields_, other) == fields_.end())
        fields_.push_back(other);
    }
  }
  [[nodiscard]] Result<std::string> run();

 private:
  void add(std::vector<sigma::Rule>& out, Probe probe, std::vector<sigma::Test> tests,
           sigma::Expression condition);
  [[nodiscard]] std::vector<sigma::Rule> probes();
  [[nodiscard]] Result<void> ask();
  void note(const engine::MatchView& view);
  [[nodiscard]] bool truth(const sigma::Expression& e) const;
  [[nodiscard]] std::string value_text(std::size_t test) const;
  void tree_text(const sigma::Expression& e, std::size_t depth, std::string& out) const;
  void tree_json(const sigma::Expression& e, std::string& out) const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string json() const;

  const ExplainWords& words_;
  const RuleSettings& settings_;
  sigma::Rule rule_;
  std::vector<std::string> counted_by_;
  std::vector<std::string> fields_;
  std::map<std::string, Probe> probes_;  ///< by the id of the probe's rule
  Answers answers_;
};

void Explanation::add(std::vector<sigma::Rule>& out, Probe probe, std::vector<sigma::Test> tests,
                      sigma::Expression condition) {
  sigma::Rule& made = out.emplace_back();
  made.id = fmt::format("probe {:08}", probes_.size());
  if (probe.covered) made.logsource = rule_.logsource;  // else every product
  made.tests = std::move(tests);
  made.condition = std::move(condition);
  made.file = rule_.file;
  made.place = rule_.place;
  probes_.emplace(made.id, probe);
}

std::vector<sigma::Rule> Explanation::probes() {
  std::vector<sigma::Rule> out;
  const sigma::Expression always;
  sigma::Expression only;
  only.kind = Kind::test;
  add(out, {.kind = Probe::Kind::record, .covered = false, .index = 0}, {}, always);
  add(out, {.kind = Probe::Kind::covered, .covered = true, .index = 0}, {}, always);
  for (const bool covered : {true, false}) {
    add(out, {.kind = Probe::Kind::rule, .covered = covered, .index = 0}, rule_.tests, rule_.condition);
    for (std::size_t i = 0; i < rule_.tests.size(); ++i)
      add(out, {.kind = Probe::Kind::test, .covered = covered, .index = i}, {rule_.tests[i]}, only);
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      sigma::Test there{.field = fields_[i], .predicate = {}, .place = {}, .source = {}};
      there.predicate.kind = sigma::Predicate::Kind::exists;
      there.predicate.flag = true;
      add(out, {.kind = Probe::Kind::field, .covered = covered, .index = i}, {there}, only);
    }
  }
  return out;
}

void Explanation::note(const engine::MatchView& view) {
  if (words_.record && view.match.record_id != *words_.record) return;
  const auto key = std::tuple(std::string(view.source), view.match.offset, view.match.record_id);
  if (answers_.records.size() < 2) answers_.records.insert(key);
  if (!answers_.records.contains(key) || answers_.records.size() > 1) return;
  const Probe& probe = probes_.at(view.rule.id);
  if (!answers_.record) answers_.record = view.match;
  // Where the log source covers the record its answers count, else those of the bare record.
  if (probe.kind == Probe::Kind::covered) answers_.covered = true;
  if (!probe.covered && answers_.covered) return;
  switch (probe.kind) {
    case Probe::Kind::rule:
      answers_.matches = true;
      break;
    case Probe::Kind::test:
      answers_.tests.insert(probe.index);
      answers_.met_by[probe.index] = view.match.matched;
      break;
    case Probe::Kind::field:
      if (!view.match.matched.empty())
        answers_.fields[fields_[probe.index]] = view.match.matched.front().values;
      break;
    default:
      break;
  }
}

Result<void> Explanation::ask() {
  event::Catalogue catalogue;
  std::vector<sigma::Diagnostic> diagnostics;
  const auto rules = sigma::RuleSet::compile(probes(), settings_.sources, catalogue, diagnostics);
  engine::HuntOptions options;
  options.evidence = {words_.event};
  options.threads = 1;
  engine::Progress progress;
  const auto result = engine::hunt(options, rules, catalogue, progress, watch_for_interrupt(),
                                   [&](const engine::MatchView& view) -> Result<void> {
                                     note(view);
                                     return {};
                                   });
  if (!result) return std::unexpected(result.error());
  for (const event::Receipt& receipt : result->receipts) {
    if (!receipt.errors.empty() && answers_.records.empty()) return std::unexpected(receipt.errors.front());
  }
  return {};
}

Result<std::string> Explanation::run() {
  if (auto asked = ask(); !asked) return std::unexpected(asked.error());
  if (answers_.records.empty()) {
    return fail(ErrorCode::invalid,
                words_.record ? "no Windows event with this record number" : "no Windows event in it",
                {words_.event, 0, 0, {}},
                "an event is an .evtx file, or JSON with channel, event id and fields");
  }
  if (answers_.records.size() > 1) {
    return fail(ErrorCode::invalid, "more than one record", {words_.event, 0, 0, {}},
                words_.record ? "the number stands for several: cut out the one that is meant"
                              : "name one with --record");
  }
  return words_.format == "json" ? json() : text();
}

bool Explanation::truth(const sigma::Expression& e) const {
  const auto holds = [&](const sigma::Expression& child) { return truth(child); };
  switch (e.kind) {
    case Kind::test:
      return answers_.tests.contains(e.test);
    case Kind::negate:
      return !truth(e.children.front());
    case Kind::any:
      return std::ranges::any_of(e.children, holds);
    case Kind::all:
      return std::ranges::all_of(e.children, holds);
  }
  return false;
}

std::string Explanation::value_text(std::size_t test) const {
  const std::string& field = rule_.tests[test].field;
  std::string out;
  const auto show = [&](const std::string& name, const std::vector<std::string>& values) {
    out += (out.empty() ? "" : ", ") + name + " = ";
    if (values.empty()) out += "null";
    for (std::size_t i = 0; i < values.size(); ++i) out += (i == 0 ? "\"" : ", \"") + values[i] + "\"";
  };
  if (field.empty()) {
    const auto met = answers_.met_by.find(test);
    if (met == answers_.met_by.end()) return "in no field";
    for (const sigma::FieldValues& values : met->second) show(values.field, values.values);
    return out;
  }
  const auto there = answers_.fields.find(field);
  if (there == answers_.fields.end()) return field + " is absent";
  show(field, there->second);
  return out;
}

std::string_view word_of(Kind kind) {
  return kind == Kind::all ? "all of" : kind == Kind::any ? "any of" : kind == Kind::negate ? "not" : "test";
}

void Explanation::tree_text(const sigma::Expression& e, std::size_t depth, std::string& out) const {
  const bool unicode = screen_for(STDOUT_FILENO, ColourChoice::never).unicode;
  const std::string mark =
      fmt::format("  {:5}  {}", truth(e) ? "true" : "false", std::string(depth * 2, ' '));
  const std::string name = e.name.empty() ? "" : e.name + ": ";
  if (e.kind != Kind::test) {
    out += mark + report::visible(name, unicode) + std::string(word_of(e.kind)) + "\n";
    for (const sigma::Expression& child : e.children) tree_text(child, depth + 1, out);
    return;
  }
  out += mark + report::visible(name + rule_.tests[e.test].source, unicode) + "\n";
  out += std::string(11 + depth * 2, ' ') + report::shortened(value_text(e.test), 160, unicode) + "\n";
}

std::string Explanation::text() const {
  const bool unicode = screen_for(STDOUT_FILENO, ColourChoice::never).unicode;
  const sigma::Match& record = *answers_.record;
  std::string out =
      report::visible(fmt::format("{}: {}", rule_.place.to_string(), rule_.title), unicode) + "\n";
  std::string what = record.channel.str() + (record.has_event_id ? fmt::format(" {}", record.event_id) : "");
  if (record.record_id != event::kNoRecordId) what += fmt::format(", record {}", record.record_id);
  if (!record.host.empty()) what += ", " + record.host.str();
  if (record.time.known()) what += ", " + to_rfc3339(record.time);
  out += report::visible(what, unicode) + "\n";
  if (!answers_.covered) {
    out +=
        "The rule's log source does not cover this record: a hunt never holds them against each other.\n"
        "What the condition says of it all the same:\n";
  } else {
    out += answers_.matches ? "The rule matches.\n" : "The rule does not match.\n";
  }
  for (const std::string& title : counted_by_) {
    out += "Its matches are what the correlation '" + report::visible(title, unicode) +
           "' looks at; one record says no more about it.\n";
  }
  tree_text(rule_.condition, 0, out);
  return out;
}

void Explanation::tree_json(const sigma::Expression& e, std::string& out) const {
  out += "{\"kind\": ";
  report::append_json_string(out, e.kind == Kind::all   ? "all"
                                  : e.kind == Kind::any ? "any"
                                                        : word_of(e.kind));
  if (!e.name.empty()) {
    out += ", \"search\": ";
    report::append_json_string(out, e.name);
  }
  out += fmt::format(", \"value\": {}", truth(e));
  if (e.kind == Kind::test) {
    const sigma::Test& test = rule_.tests[e.test];
    out += ", \"test\": ";
    report::append_json_string(out, test.source);
    out += fmt::format(", \"line\": {}, \"field\": ", test.place.line);
    report::append_json_string(out, test.field);
    std::vector<sigma::FieldValues> values;
    if (const auto met = answers_.met_by.find(e.test); test.field.empty() && met != answers_.met_by.end())
      values = met->second;
    if (const auto there = answers_.fields.find(test.field); there != answers_.fields.end())
      values = {{test.field, there->second}};
    out += ", \"found\": ";
    report::append_json_object(out, values);
  }
  if (!e.children.empty()) {
    out += ", \"children\": [";
    for (std::size_t i = 0; i < e.children.size(); ++i) {
      if (i > 0) out += ", ";
      tree_json(e.children[i], out);
    }
    out += ']';
  }
  out += '}';
}

std::string Explanation::json() const {
  const sigma::Match& record = *answers_.record;
  std::string out = "{\n  \"rule\": {\"id\": ";
  report::append_json_string(out, rule_.id);
  out += ", \"title\": ";
  report::append_json_string(out, rule_.title);
  out += "},\n  \"record\": {\"channel\": ";
  report::append_json_string(out, record.channel);
  if (record.has_event_id) out += fmt::format(", \"event_id\": {}", record.event_id);
  if (record.record_id != event::kNoRecordId) out += fmt::format(", \"record_id\": {}", record.record_id);
  out += ", \"host\": ";
  report::append_json_string(out, record.host);
  out += fmt::format("}},\n  \"log_source_covers_it\": {},\n  \"matches\": {},\n  \"condition\": ",
                     answers_.covered, answers_.covered && answers_.matches);
  tree_json(rule_.condition, out);
  out += ",\n  \"correlations\": [";
  for (std::size_t i = 0; i < counted_by_.size(); ++i) {
    if (i > 0) out += ", ";
    report::append_json_string(out, counted_by_[i]);
  }
  return out + "]\n}\n";
}

Result<std::string> explain(const ExplainWords& words) {
  const auto settings = read_rule_settings(words.settings);
  if (!settings) return std::unexpected(settings.error());
  RuleChoice choice;
  choice.paths = {words.rule};
  if (!words.only.empty()) choice.only = {words.only};
  auto chosen = choose_rules(choice, settings->loading());
  if (!chosen) return std::unexpected(chosen.error());
  sigma::apply_filters(chosen->rules, chosen->diagnostics);
  std::vector<std::string> correlations;
  for (const sigma::Rule& rule : chosen->rules) {
    if (rule.kind == sigma::RuleKind::correlation) correlations.push_back(rule.title);
  }
  std::erase_if(chosen->rules, [](const sigma::Rule& rule) { return rule.tests.empty(); });
  if (chosen->rules.size() == 1) {
    return Explanation(words, *settings, std::move(chosen->rules.front()), std::move(correlations)).run();
  }
  if (chosen->rules.size() > 1) {
    return fail(ErrorCode::invalid, "holds " + report::counted(chosen->rules.size(), "rule", "rules"),
                {words.rule, 0, 0, {}}, "name one with --rule, by id or title");
  }
  for (const sigma::Diagnostic& diagnostic : chosen->diagnostics) {
    if (diagnostic.severity == sigma::Diagnostic::Severity::error) return std::unexpected(diagnostic.error);
  }
  return fail(ErrorCode::invalid, "holds no rule that can be explained", {words.rule, 0, 0, {}});
}

}  // namespace

void add_rules_explain(Command rules) {
  const Command command = rules.command(
      "explain",
      "Say why a rule matches a record, or why not: every part of the condition, and the value that decided");
  const auto words = std::make_shared<ExplainWords>();
  command.option("rule", words->rule, "RULE", "A rule file").required();
  command
      .option("event", words->event, "EVENT",
              "A file with one event in JSON, - for standard input, or an event log with --record")
      .required();
  command.option("--record", words->record, "N", "The record with this number (EventRecordID)");
  command.option("--rule", words->only, "ID|TITLE",
                 "If the file holds several rules: this one, by id or title");
  add_rule_settings(command, words->settings);
  add_text_or_json_option(command, words->format);
  command.footer(
      "Examples:\n  landwarden rules explain rule.yml event.json\n"
      "  landwarden rules explain rule.yml Security.evtx --record 4711\n"
      "  jq -c 'select(.EventID == 1)' events.json | head -1 | landwarden rules explain rule.yml -");
  command.runs([words] { return answer_or_say(explain(*words)); });
}

}  // namespace landwarden::cli
