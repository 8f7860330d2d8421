#include "sigma/parser.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/limits.h"
#include "base/yaml.h"
#include "sigma/parser_correlation.h"
#include "sigma/parser_detection.h"
#include "sigma/parser_examples.h"
#include "sigma/parser_report.h"
#include "sigma/spelling.h"

namespace landwarden::sigma {
namespace {

using yaml::Node;
using NodeKind = Node::Kind;

constexpr std::size_t kLongestTitle = 256;  // of the specification

constexpr auto kKeys = std::to_array<std::string_view>(
    {"title",  "id",         "name",  "related",  "taxonomy",  "status",      "description", "license",
     "author", "references", "date",  "modified", "logsource", "detection",   "fields",      "falsepositives",
     "level",  "tags",       "scope", "action",   "tests",     "correlation", "filter",      "generate"});

std::string text_of(const Node* node) {
  return node == nullptr || node->kind == NodeKind::null ? std::string() : node->text;
}

/// The texts of a list, or of one scalar.
std::vector<std::string> texts_of(const Node* node) {
  std::vector<std::string> out;
  if (node == nullptr || node->kind == NodeKind::null || node->kind == NodeKind::map) return out;
  if (node->kind != NodeKind::list) return {node->text};
  for (const Node& item : node->items) {
    if (item.is_scalar() && item.kind != NodeKind::null) out.push_back(item.text);
  }
  return out;
}

std::string joined(const Node* node) {
  std::string out;
  for (const std::string& text : texts_of(node)) {
    if (!out.empty()) out += ", ";
    out += text;
  }
  return out;
}

bool is_known_key(std::string_view key) {
  return std::ranges::find(kKeys, key) != kKeys.end();
}

/// Parses one document.
class DocumentParser {
 public:
  DocumentParser(const Node& document, const std::string& file, const ParseOptions& options,
                 std::vector<Diagnostic>& out)
      : document_(document), options_(options), report_(file, out) {}

  void parse(std::vector<Rule>& rules);

 private:
  bool is_rule();
  void metadata();
  void level();
  void title();
  void logsource();
  void custom_keys();
  Rule aggregated();
  const Node* required(std::string_view key);

  const Node& document_;
  const ParseOptions& options_;
  RuleReport report_;
  Rule rule_;
};

void DocumentParser::parse(std::vector<Rule>& rules) {
  if (!is_rule()) return;
  rule_.file = report_.file();
  rule_.place = report_.place(document_);
  metadata();
  if (document_.find("correlation") != nullptr) {
    parse_correlation(document_, report_, rule_);
  } else {
    logsource();
    if (const Node* filter = document_.find("filter")) {
      parse_filter(*filter, options_.placeholders, options_.processing, report_, rule_);
    } else if (const Node* detection = required("detection")) {
      parse_detection(*detection, options_.placeholders, options_.processing, report_, rule_);
    }
  }
  if (const Node* tests = document_.find("tests")) parse_examples(*tests, report_, rule_.examples);
  custom_keys();
  if (report_.failed()) return;
  if (rule_.kind == RuleKind::detection && rule_.correlation) rules.push_back(aggregated());
  rules.push_back(std::move(rule_));
}

/// Of a rule with an aggregation, the rule whose matches are counted; what is left is the correlation over
/// it.
Rule DocumentParser::aggregated() {
  Rule counted = rule_;
  counted.correlation.reset();
  counted.examples.clear();
  counted.name = "what is counted by " + rule_.place.to_string();
  counted.muted = counted.implied = true;
  Correlation correlation = *rule_.correlation;
  correlation.rules = {{counted.name, rule_.place}};
  const FindingCode code(report_, "aggregation");
  report_.warning_at(correlation.place,
                     "aggregations were removed from Sigma: this one runs as the correlation \"" +
                         to_text(correlation) + "\"",
                     correlation.timespan.empty() ? "write a correlation rule over this one, with a time span"
                                                  : "write a correlation rule over this one");
  rule_.correlation = std::make_shared<const Correlation>(std::move(correlation));
  rule_.kind = RuleKind::correlation;
  rule_.tests.clear();
  rule_.condition = {};
  return counted;
}

/// Whether the document is one of Sigma's; if not, says what it is.
bool DocumentParser::is_rule() {
  const auto foreign = [&](const std::string& what) {
    const FindingCode code(report_, "not-sigma");
    const std::string message = "not a Sigma rule: " + what;
    options_.report_foreign ? report_.error(document_, message) : report_.warning(document_, message);
    return false;
  };
  if (document_.kind != NodeKind::map) return foreign("the document is no map of keys");
  report_.rule_id = text_of(document_.find("id"));
  report_.title = text_of(document_.find("title"));
  if (document_.find("correlation") != nullptr || document_.find("filter") != nullptr) return true;
  if (document_.find("detection") != nullptr || document_.find("logsource") != nullptr) return true;
  for (const auto& [key, value] : document_.entries) {
    if (is_near(key.text, "detection", 2) || is_near(key.text, "logsource", 2)) return true;
  }
  return foreign("it has neither 'logsource' nor 'detection'");
}

const Node* DocumentParser::required(std::string_view key) {
  const Node* found = document_.find(key);
  if (found != nullptr) return found;
  std::string hint;
  for (const auto& [name, value] : document_.entries) {
    if (!is_known_key(name.text) && is_near(name.text, key, 2)) {
      hint = "did you mean it by '" + name.text + "' in line " + std::to_string(name.line) + "?";
    }
  }
  report_.error(document_, "the rule has no '" + std::string(key) + "'", hint);
  return nullptr;
}

void DocumentParser::title() {
  const Node* title = required("title");
  if (title == nullptr) return;
  if (!title->is_scalar() || title->text.empty()) {
    report_.error(*title, "the title must be a text");
    return;
  }
  rule_.title = title->text;
  if (rule_.title.size() > kLongestTitle) report_.warning(*title, "the title is longer than 256 characters");
}

void DocumentParser::metadata() {
  title();
  rule_.id = text_of(document_.find("id"));
  rule_.name = text_of(document_.find("name"));
  rule_.description = text_of(document_.find("description"));
  rule_.status = text_of(document_.find("status"));
  rule_.author = joined(document_.find("author"));
  rule_.date = text_of(document_.find("date"));
  rule_.modified = text_of(document_.find("modified"));
  rule_.license = text_of(document_.find("license"));
  rule_.taxonomy = text_of(document_.find("taxonomy"));
  rule_.tags = texts_of(document_.find("tags"));
  rule_.references = texts_of(document_.find("references"));
  rule_.falsepositives = texts_of(document_.find("falsepositives"));
  rule_.fields = texts_of(document_.find("fields"));
  level();
}

void DocumentParser::level() {
  const Node* level = document_.find("level");
  if (level == nullptr || level->kind == NodeKind::null) return;
  rule_.level = parse_level(level->text);
  if (rule_.level) return;
  const FindingCode code(report_, "level");
  constexpr auto kLevels =
      std::to_array<std::string_view>({"informational", "low", "medium", "high", "critical"});
  report_.warning(
      *level, "unknown level '" + level->text + "': the rule runs without one",
      did_you_mean(level->text, kLevels, "levels are informational, low, medium, high and critical"));
}

void DocumentParser::logsource() {
  const Node* source = required("logsource");
  if (source == nullptr) return;
  if (source->kind != NodeKind::map) {
    report_.error(*source, "the log source must be a map of category, product or service");
    return;
  }
  const auto part = [&](std::string_view key, std::string& out) {
    const Node* node = source->find(key);
    if (node == nullptr || node->kind == NodeKind::null) return;
    if (!node->is_scalar()) {
      report_.error(*node, "'" + std::string(key) + "' must be one text",
                    "write one rule for each log source");
      return;
    }
    out = node->text;
  };
  part("category", rule_.logsource.category);
  part("product", rule_.logsource.product);
  part("service", rule_.logsource.service);
  const LogSource& got = rule_.logsource;
  if (got.category.empty() && got.product.empty() && got.service.empty() && !report_.failed()) {
    report_.error(*source, "the log source names neither category, product nor service");
  }
}

/// Keys that Sigma does not know are the author's own; those that look like a known one are worth a remark.
void DocumentParser::custom_keys() {
  const FindingCode code(report_, "unknown-key");
  for (const auto& [key, value] : document_.entries) {
    if (is_known_key(key.text)) continue;
    rule_.custom.emplace_back(key.text, value.is_scalar() ? value.text : "…");
    for (const std::string_view known : kKeys) {
      if (known.size() > 3 && is_near(key.text, known, 1)) {
        report_.warning(key, "unknown key '" + key.text + "'", "did you mean '" + std::string(known) + "'?");
      }
    }
  }
}

/// Puts `from` over `onto`: maps are joined, everything else is replaced.
void overlay(Node& onto, const Node& from) {
  for (const auto& [key, value] : from.entries) {
    const auto same =
        std::ranges::find_if(onto.entries, [&](const auto& entry) { return entry.first.text == key.text; });
    if (same == onto.entries.end()) {
      onto.entries.push_back({key, value});
    } else if (value.kind == NodeKind::map && same->second.kind == NodeKind::map) {
      overlay(same->second, value);
    } else {
      same->second = value;
    }
  }
}

/// The documents of one file; keeps what `action` needs.
class FileParser {
 public:
  FileParser(const std::string& file, const ParseOptions& options, std::vector<Rule>& rules,
             std::vector<Diagnostic>& out)
      : file_(file), options_(options), rules_(rules), out_(out) {}

  void document(Node& document);

 private:
  void rule(const Node& document) { DocumentParser(document, file_, options_, out_).parse(rules_); }
  bool charge(const Node& merged, const Node& document);

  const std::string& file_;
  const ParseOptions& options_;
  std::vector<Rule>& rules_;
  std::vector<Diagnostic>& out_;
  Node global_;
  Node previous_;
  std::size_t merged_nodes_ = 0;
};

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  for (const auto& [key, value] : node.entries) count += 1 + count_nodes(value);
  return count;
}

/// Bounds what many small documents can make of one large global one.
bool FileParser::charge(const Node& merged, const Node& document) {
  merged_nodes_ += count_nodes(merged);
  if (merged_nodes_ <= limits::kYamlNodes) return true;
  RuleReport(file_, out_)
      .error(document, "the collection's global part is repeated too often", "split the file",
             ErrorCode::limit);
  return false;
}

void FileParser::document(Node& document) {
  if (document.kind == NodeKind::null) return;  // "---" at the end of a file
  const Node* action = document.find("action");
  const bool plain =
      action == nullptr || document.find("correlation") != nullptr || document.find("filter") != nullptr;
  const std::string what = plain ? std::string() : action->text;
  if (plain || what == "repeat") {
    const Node& base = plain ? global_ : previous_;
    if (base.kind != NodeKind::map || (plain && document.find("correlation") != nullptr)) {
      rule(document);
      previous_ = std::move(document);
      return;
    }
    Node merged = plain ? document : base;
    overlay(merged, plain ? base : document);
    merged.line = document.line;
    merged.column = document.column;
    std::erase_if(merged.entries, [](const auto& entry) { return entry.first.text == "action"; });
    if (!charge(merged, document)) return;
    rule(merged);
    previous_ = std::move(merged);
  } else if (what == "global") {
    std::erase_if(document.entries, [](const auto& entry) { return entry.first.text == "action"; });
    global_ = document;
    previous_ = std::move(document);
  } else if (what == "reset") {
    global_ = {};
  } else {
    constexpr auto kActions = std::to_array<std::string_view>({"global", "reset", "repeat"});
    RuleReport(file_, out_)
        .error(*action, "unknown action '" + what + "'",
               did_you_mean(what, kActions, "actions are global, reset and repeat"));
  }
}

}  // namespace

void parse_rule(const yaml::Node& document, const std::string& file, const ParseOptions& options,
                std::vector<Rule>& rules, std::vector<Diagnostic>& diagnostics) {
  DocumentParser(document, file, options, diagnostics).parse(rules);
}

void parse_rules(std::string_view yaml, const std::string& file, const ParseOptions& options,
                 std::vector<Rule>& rules, std::vector<Diagnostic>& diagnostics) {
  auto documents = yaml::parse(yaml, file);
  if (!documents) {
    diagnostics.push_back({Diagnostic::Severity::error, std::move(documents.error()), {}, {}, "yaml"});
    return;
  }
  const bool empty =
      std::ranges::all_of(*documents, [](const Node& node) { return node.kind == NodeKind::null; });
  if (empty) {
    const auto severity =
        options.report_foreign ? Diagnostic::Severity::error : Diagnostic::Severity::warning;
    diagnostics.push_back({severity,
                           {ErrorCode::invalid, "the file holds no rule", {file, 0, 0, {}}, {}},
                           {},
                           {},
                           "not-sigma"});
    return;
  }
  FileParser parser(file, options, rules, diagnostics);
  for (Node& document : *documents) parser.document(document);
}

}  // namespace landwarden::sigma
