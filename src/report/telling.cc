#include "report/telling.h"

#include <algorithm>
#include <array>
#include <optional>

#include <re2/re2.h>

#include "base/text.h"

namespace landwarden::report {
namespace {

/// Searching stops here; a telling part further back in a script is not worth the time.
constexpr std::size_t kSearchedBytes = 64 << 10;
constexpr std::size_t kLiteralBytes = 2;  // one character says nothing

void positive_tests(const sigma::Expression& expression, std::vector<std::uint32_t>& out) {
  switch (expression.kind) {
    case sigma::Expression::Kind::negate:
      return;
    case sigma::Expression::Kind::test:
      out.push_back(expression.test);
      return;
    default:
      for (const sigma::Expression& child : expression.children) positive_tests(child, out);
  }
}

/// A text folded, with the offset that each folded byte came from.
struct FoldedText {
  std::string text;
  std::vector<std::size_t> source;  ///< one more than text has bytes
};

FoldedText fold_with_offsets(std::string_view utf8) {
  FoldedText out;
  for (std::size_t i = 0; i < utf8.size();) {
    const std::size_t begin = i;
    text::append_code_point(out.text, text::fold(text::next_code_point(utf8, i)));
    out.source.resize(out.text.size(), begin);
  }
  out.source.push_back(utf8.size());
  return out;
}

/// Where the literals of a pattern stand in a value, in their order; nothing if one is missing.
std::optional<std::vector<Span>> find_literals(const sigma::Pattern& pattern, const FoldedText& value) {
  std::vector<Span> spans;
  std::size_t from = 0;
  const std::size_t count = pattern.parts.size();
  for (std::size_t i = 0; i < count; ++i) {
    const sigma::Pattern::Part& part = pattern.parts[i];
    if (part.kind != sigma::Pattern::Kind::literal) continue;
    const std::string literal = text::folded(part.text);
    const bool at_end = i + 1 == count && i > 0;  // "*\cmd.exe" means the last one
    const std::size_t at = at_end ? value.text.rfind(literal) : value.text.find(literal, from);
    if (at == std::string::npos || at < from) return std::nullopt;
    from = at + literal.size();
    if (literal.size() >= kLiteralBytes) spans.push_back({value.source[at], value.source[from]});
  }
  return spans;
}

/// The first part of a value that an expression finds; nothing where RE2 cannot take the expression.
std::optional<Span> find_regex(const sigma::Predicate& predicate, std::string_view value) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!predicate.regex_ignore_case);
  options.set_dot_nl(predicate.regex_dotall);
  const RE2 expression((predicate.regex_multiline ? "(?m)" : "") + predicate.text, options);
  re2::StringPiece found;
  if (!expression.ok()) return std::nullopt;
  const re2::StringPiece all(value.data(), value.size());
  if (!expression.Match(all, 0, all.size(), RE2::UNANCHORED, &found, 1) || found.empty()) return std::nullopt;
  const auto begin = static_cast<std::size_t>(found.data() - value.data());
  return Span{begin, begin + found.size()};
}

std::vector<Span> merged(std::vector<Span> spans) {
  std::ranges::sort(spans, {}, &Span::begin);
  std::vector<Span> out;
  for (const Span& span : spans) {
    if (!out.empty() && span.begin <= out.back().end) {
      out.back().end = std::max(out.back().end, span.end);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

/// What a person looks at first. Fields not listed come after these, in the rule's order.
constexpr std::array kWeight = std::to_array<std::string_view>(
    {"CommandLine",  "ScriptBlockText", "Payload",     "ParentCommandLine",   "Details",
     "TargetObject", "TargetFilename",  "ImagePath",   "ServiceFileName",     "ServiceName",
     "TaskName",     "PipeName",        "QueryName",   "DestinationHostname", "DestinationIp",
     "Image",        "NewProcessName",  "ImageLoaded", "TargetImage",         "SourceImage",
     "ParentImage",  "Product"});
/// True of nearly every record that a rule can match at all: last.
constexpr std::array kLight =
    std::to_array<std::string_view>({"EventID", "Provider_Name", "Channel", "EventType"});

std::size_t weight_of(std::string_view field) {
  if (const auto at = std::ranges::find(kWeight, field); at != kWeight.end()) {
    return static_cast<std::size_t>(at - kWeight.begin());
  }
  return kWeight.size() + (std::ranges::find(kLight, field) != kLight.end() ? 1 : 0);
}

}  // namespace

std::vector<Span> telling_parts(const sigma::Rule& rule, std::string_view field, std::string_view value) {
  std::vector<std::uint32_t> tests;
  positive_tests(rule.condition, tests);
  const std::string_view searched = value.substr(0, kSearchedBytes);
  const FoldedText folded = fold_with_offsets(searched);
  std::vector<Span> spans;
  for (const std::uint32_t index : tests) {
    if (index >= rule.tests.size()) continue;
    const sigma::Test& test = rule.tests[index];
    if (!test.field.empty() && test.field != field) continue;
    if (test.predicate.kind == sigma::Predicate::Kind::number) {
      spans.push_back({0, value.size()});
    } else if (test.predicate.kind == sigma::Predicate::Kind::regex) {
      if (const auto found = find_regex(test.predicate, searched)) spans.push_back(*found);
    } else if (test.predicate.kind == sigma::Predicate::Kind::pattern ||
               test.predicate.kind == sigma::Predicate::Kind::contains) {
      const auto found = find_literals(test.predicate.pattern, folded);
      if (found) spans.insert(spans.end(), found->begin(), found->end());
    }
  }
  return merged(std::move(spans));
}

std::vector<const sigma::FieldValues*> by_weight(const std::vector<sigma::FieldValues>& matched) {
  std::vector<const sigma::FieldValues*> out;
  for (const sigma::FieldValues& field : matched) out.push_back(&field);
  std::ranges::stable_sort(out, {}, [](const sigma::FieldValues* field) { return weight_of(field->field); });
  return out;
}

}  // namespace landwarden::report
