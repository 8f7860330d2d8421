#include "sigma/keyword_texts.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/limits.h"
#include "base/text.h"
#include "event/renderings.h"

namespace landwarden::sigma {
namespace {

/// The longest run of printable ASCII: a letter beyond it has forms that only a look at every value finds.
std::string_view longest_plain_run(std::string_view text) {
  std::string_view best;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && text[end] >= ' ' && text[end] <= '~') ++end;
    if (end - begin > best.size()) best = text.substr(begin, end - begin);
    begin = end + 1;
  }
  return best;
}

/// What every value that meets the predicate holds, folded; nothing if there is no text that says enough.
std::optional<std::string> text_of(const Predicate& predicate) {
  if (predicate.kind != Predicate::Kind::contains && predicate.kind != Predicate::Kind::pattern)
    return std::nullopt;
  std::string best;
  for (const Pattern::Part& part : predicate.pattern.parts) {
    if (part.kind != Pattern::Kind::literal) continue;
    const std::string folded = text::folded(part.text);
    if (const auto run = longest_plain_run(folded); run.size() > best.size()) best = run;
  }
  if (best.size() < limits::kKeywordTextBytes || event::may_be_rendered(best)) return std::nullopt;
  return best;
}

struct RuleTexts {
  std::uint32_t rule = 0;
  bool everywhere = false;  ///< it covers every record of a product
  std::vector<std::string> texts;
};

bool has_keywords(const Rule& rule) {
  return std::ranges::any_of(rule.tests, [](const Test& test) { return test.field.empty(); });
}

/// Nothing if one of the tests of keywords may be met by a value without a text that is known.
std::optional<std::vector<std::string>> texts_of(const Rule& rule) {
  std::vector<std::string> out;
  for (const Test& test : rule.tests) {
    if (!test.field.empty() || test.predicate.kind == Predicate::Kind::never) continue;
    auto text = text_of(test.predicate);
    if (!text) return std::nullopt;
    out.push_back(std::move(*text));
  }
  return out;
}

}  // namespace

void find_keyword_texts(RuleSet::Compiled& compiled) {
  std::vector<bool> everywhere(compiled.rules.size());
  for (const SourceRules& source : compiled.sources) {
    if (!source.source.channels.empty()) continue;
    for (const std::uint32_t rule : source.rules) everywhere[rule] = true;
  }
  std::vector<RuleTexts> rules;
  for (std::uint32_t i = 0; i < compiled.rules.size(); ++i) {
    if (!has_keywords(compiled.rules[i])) continue;
    compiled.programs[i].keywords = Program::Keywords::always;
    if (auto texts = texts_of(compiled.rules[i])) rules.push_back({i, everywhere[i], std::move(*texts)});
  }
  // Rules for everything come first: without them the others' texts would spare nothing. Then those that ask
  // for little.
  std::ranges::stable_sort(
      rules, {}, [](const RuleTexts& rule) { return std::make_pair(!rule.everywhere, rule.texts.size()); });
  static_assert(limits::kKeywordTexts <= 64, "a bit for each");
  std::set<std::string> chosen;
  for (const RuleTexts& rule : rules) {
    std::set<std::string> with = chosen;
    with.insert(rule.texts.begin(), rule.texts.end());
    if (with.size() > limits::kKeywordTexts) continue;
    chosen = std::move(with);
    compiled.programs[rule.rule].keywords = Program::Keywords::by_text;
  }
  compiled.keyword_texts.assign(chosen.begin(), chosen.end());
  for (const RuleTexts& rule : rules) {
    Program& program = compiled.programs[rule.rule];
    if (program.keywords != Program::Keywords::by_text) continue;
    for (const std::string& text : rule.texts) {
      program.texts |= std::uint64_t{1} << std::distance(chosen.begin(), chosen.find(text));
    }
  }
}

}  // namespace landwarden::sigma
