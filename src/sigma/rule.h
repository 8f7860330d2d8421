// A Sigma rule after parsing: metadata as written, detection as one Boolean tree over typed tests.
//
// Implements the Sigma rules specification 2.1.0; where it is silent, docs/sigma-semantics.md. All modifiers
// are resolved here: what is left are tests of one field against one predicate. Plain values: copy and share
// them freely.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace landwarden::sigma {

enum class Level : std::uint8_t { informational, low, medium, high, critical };
[[nodiscard]] const char* to_text(Level level);
[[nodiscard]] std::optional<Level> parse_level(std::string_view text);

struct LogSource {
  std::string category, product, service;
};

/// What a document is. Only detections have a log source of their own; RuleSet::compile puts filters into the
/// conditions of the rules that they are for.
enum class RuleKind : std::uint8_t { detection, correlation, filter };

struct Correlation;  // sigma/correlation.h

/// A string value: literal pieces, '*' and '?', and dash classes that |windash makes.
struct Pattern {
  enum class Kind : std::uint8_t {
    literal,  ///< `text`, as written (not folded), escapes resolved
    any_run,  ///< '*': any run of code points, empty and newlines too
    any_one,  ///< '?': one code point
    dash,     ///< one of - / – — ―
  };
  struct Part {
    Kind kind;
    std::string text;
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts;  ///< no two neighbours are literals or both any_run; empty = the empty string
  bool cased = false;       ///< compare without folding
  bool operator==(const Pattern&) const = default;
};

/// What a field's value is held against. One Predicate is one value of the rule, after all modifiers.
struct Predicate {
  enum class Kind : std::uint8_t {
    pattern,    ///< the whole value matches `pattern`
    contains,   ///< keyword: `pattern` occurs anywhere (only with an empty field)
    number,     ///< equals `number_text` numerically, or as text where the value is no number
    boolean,    ///< equals `flag` ("true"/"false" without case)
    null,       ///< absent or null
    exists,     ///< present (null and empty too) if `flag`, absent if not
    regex,      ///< `text` is found in the value; `regex_flags`
    cidr,       ///< the value is an address inside `text`
    compare,    ///< numeric `comparison` with `number_text`
    time_part,  ///< `part` of a date value compared (`comparison`) with `number_text`
    field,      ///< compared with the value of field `text`: `field_relation`, `pattern.cased`
    never,      ///< matches nothing (|utf16 without base64)
  };
  enum class Comparison : std::uint8_t { eq, lt, lte, gt, gte };
  enum class TimePart : std::uint8_t { minute, hour, day, week, month, year };
  enum class FieldRelation : std::uint8_t { equals, contains, startswith, endswith };

  Kind kind = Kind::never;
  Pattern pattern;
  std::string text;
  std::string number_text;
  double number = 0;
  bool flag = false;
  bool regex_ignore_case = false, regex_multiline = false, regex_dotall = false;
  Comparison comparison = Comparison::eq;
  TimePart part = TimePart::hour;
  FieldRelation field_relation = FieldRelation::equals;
  bool operator==(const Predicate&) const = default;
};

/// A predicate on a field. An empty field name is a keyword test: any value of the record.
struct Test {
  std::string field;
  Predicate predicate;
  Place place;         ///< of the value in the rule file
  std::string source;  ///< as written, with modifiers: "CommandLine|contains: ntdsutil"; for people
};

/// Boolean tree. `all` of nothing is true, `any` of nothing is false.
struct Expression {
  enum class Kind : std::uint8_t { all, any, negate, test };
  Kind kind = Kind::all;
  std::vector<Expression> children;  ///< negate has one
  std::uint32_t test = 0;            ///< index into Rule::tests
  std::string name;                  ///< the search identifier this node came from; may be empty
};

/// A record that the rule's author says must, or must not, match (our custom key `tests`).
struct Example {
  std::string name;
  bool match = true;
  std::string channel, provider;
  std::optional<std::uint32_t> event_id;
  std::vector<std::pair<std::string, std::vector<std::string>>> fields;  ///< several values: a list
  Place place;
  std::vector<Example> events = {};  ///< of a correlation: the records that come one after the other
  std::string rule = {};             ///< of such a record: id or name of the rule whose log source it is of
  std::int64_t at_ticks = 0;         ///< of such a record: when, from the first on
  std::int64_t every_ticks = 0;      ///< between its repetitions
  std::uint32_t repeat = 1;
};

struct Rule {
  std::string id, title, name, description, status, author, date, modified, license, taxonomy;
  std::optional<Level> level;  ///< as written; nothing if the rule has none
  std::vector<std::string> tags, references, falsepositives, fields;
  LogSource logsource;
  std::vector<Test> tests;
  Expression condition;  ///< several conditions of a list are joined by `any`
  std::vector<Example> examples;
  std::vector<std::pair<std::string, std::string>>
      custom;        ///< unknown top-level keys: name, scalar text or "…"
  Place place;       ///< file and line where the rule begins
  std::string file;  ///< as the user named it, "!/member" inside an archive

  RuleKind kind = RuleKind::detection;
  std::shared_ptr<const Correlation> correlation;  ///< of a correlation; its logsource is empty unless it was
                                                   ///< a rule with an aggregation
  std::vector<std::string> filtered;               ///< of a filter: ids or names of the rules that it is for
  bool filters_any = false;                        ///< of a filter: it is for every rule of its log source
  bool muted = false;                              ///< its matches are told to correlations only
  bool implied = false;  ///< the rule whose matches a `| count()` of the same document counts
};

/// One-line forms for people and for tests: `"*ntdsutil*"`, `< 5`, `sel=(and (Image "*\\\\cmd.exe") (not
/// (User null)))`.
/// '~' is a dash class, a 'c' behind the quotes means cased.
[[nodiscard]] std::string to_text(const Pattern& pattern);
[[nodiscard]] std::string to_text(const Predicate& predicate);
[[nodiscard]] std::string to_text(const Expression& expression, const Rule& rule);

/// A rule document that cannot run here, or a remark on one that can.
struct Diagnostic {
  enum class Severity : std::uint8_t { error, warning, note };
  Severity severity = Severity::error;
  Error error;          ///< place, message, hint
  std::string rule_id;  ///< as far as known
  std::string title;
  std::string code = {};     ///< what kind of finding, for programs: "unused-search"; empty: see code_of()
  std::uint32_t length = 0;  ///< characters from the place on that it is about; 0 = not known
};

}  // namespace landwarden::sigma
