#include "sigma/processing.h"

#include <gtest/gtest.h>

#include "sigma/correlation.h"
#include "sigma/parser.h"

namespace landwarden::sigma {
namespace {

/// Why a pipeline of these steps is refused; empty if it is not.
std::string refusal(const std::string& steps) {
  Processing processing;
  const auto added = processing.add("transformations:\n" + steps, "p.yml");
  return added ? std::string() : added.error().to_string();
}

std::string refusal_of_file(const std::string& text) {
  Processing processing;
  const auto added = processing.add(text, "p.yml");
  return added ? std::string() : added.error().to_string();
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Processing, RefusesWhatItDoesNotKnowWithItsPlace) {
  EXPECT_EQ(refusal(" - {type: field_name_mappin, mapping: {A: B}}\n"),
            "p.yml:2:11: pipeline: unknown step 'field_name_mappin' (did you mean 'field_name_mapping'?)");
  EXPECT_TRUE(says(refusal(" - {type: field_name_mapping, mapping: {A: B}, colour: red}\n"),
                   "p.yml:2:48: pipeline: the step 'field_name_mapping' has no key 'colour'"));
  EXPECT_TRUE(says(refusal(" - {mapping: {A: B}}\n"), "needs the key 'type'"));
  EXPECT_TRUE(says(refusal(" - {type: rule_failure, message: x, rule_conditions: [{type: moon}]}\n"),
                   "unknown condition 'moon'"));
  EXPECT_TRUE(says(refusal(" - {type: rule_failure, message: x, rule_conditions: [{type: tag, of: x}]}\n"),
                   "the condition 'tag' has no key 'of'"));
  EXPECT_TRUE(says(refusal_of_file("finaliser: x\n"), "unknown key 'finaliser'"));
}

TEST(Processing, RefusesWhatHasNoMeaningHereWithTheReason) {
  for (const auto& [step, why] :
       {std::pair{"nest", "write its steps"}, std::pair{"http_placeholders", "nothing is fetched"},
        std::pair{"query_expression_placeholders", "another product's query"},
        std::pair{"command_placeholders", "no program is run"}}) {
    EXPECT_TRUE(says(refusal(std::string(" - {type: ") + step + "}\n"), why)) << step;
  }
  EXPECT_TRUE(says(refusal_of_file("postprocessing: [{type: embed}]\n"), "shapes the query of a backend"));
  EXPECT_TRUE(says(refusal_of_file("allowed_backends: [splunk]\n"), "for other backends only"));
}

TEST(Processing, RefusesStepsThatLackSomething) {
  for (const char* step : {"field_name_mapping", "field_name_prefix", "field_name_suffix", "add_condition",
                           "change_logsource", "replace_string", "map_string", "set_state", "set_value",
                           "convert_type", "rule_failure", "detection_item_failure", "add_field"}) {
    EXPECT_TRUE(says(refusal(std::string(" - {type: ") + step + "}\n"), "needs")) << step;
  }
  EXPECT_TRUE(says(refusal(" - {type: replace_string, regex: '(', replacement: x}\n"), "regular expression"));
  EXPECT_TRUE(says(refusal(" - {type: replace_string, regex: a, replacement: '\\2'}\n"), "replacement"));
  EXPECT_TRUE(says(refusal(" - {type: value_placeholders, rule_conditions: [{type: is_sigma_rule}]}\n"),
                   "cannot have conditions"));
  EXPECT_TRUE(says(refusal(" - {type: rule_failure, message: x, rule_cond_expr: a, rule_conditions: [{type: "
                           "is_sigma_rule}]}\n"),
                   "conditions with names"));
}

/// The condition of a rule under a pipeline.
std::string tree(const Processing& processing, const std::string& rule) {
  ParseOptions options;
  options.processing = &processing;
  std::vector<Rule> rules;
  std::vector<Diagnostic> diagnostics;
  parse_rules(rule, "r.yml", options, rules, diagnostics);
  return rules.empty() ? diagnostics.front().error.message : to_text(rules.front().condition, rules.front());
}

TEST(Processing, WorksInTheOrderOfPriority) {
  Processing processing;
  ASSERT_TRUE(
      processing.add("priority: 20\ntransformations: [{type: field_name_mapping, mapping: {B: C}}]\n", "b"));
  ASSERT_TRUE(
      processing.add("priority: 10\ntransformations: [{type: field_name_mapping, mapping: {A: B}}]\n", "a"));
  EXPECT_EQ(
      tree(processing, "title: t\nlogsource: {product: windows}\ndetection: {s: {A: x}, condition: s}\n"),
      "s=(C \"x\")");
}

TEST(Processing, LeavesRulesAsTheyAreWhereNothingIsToBeDone) {
  const std::string rule =
      "title: t\nlogsource: {product: windows}\n"
      "detection: {a: {A|contains|all: [x, y], B|neq: z}, b: [{C: 1}, {D: [2, 3]}], k: [w, v],"
      " condition: a and not 1 of b or k}\n";
  Processing some;
  ASSERT_TRUE(some.add("transformations: [{type: field_name_mapping, mapping: {Z: Y}}]\n", "a"));
  EXPECT_EQ(tree(some, rule), tree(Processing(), rule));
}

TEST(Processing, RenamesTheFieldsOfCorrelations) {
  Processing processing;
  ASSERT_TRUE(processing.add(
      "transformations:\n - {type: field_name_mapping, mapping: {User: [u, v], Host: h}, rule_conditions: "
      "[{type: logsource, product: windows}]}\n - {type: rule_failure, message: no, rule_conditions: "
      "[{type: is_sigma_correlation_rule}, {type: logsource, product: linux}]}\n",
      "p"));
  std::vector<Rule> rules;
  std::vector<Diagnostic> diagnostics;
  const auto parse = [&](const std::string& product) {
    parse_rules("title: base\nname: of_" + product + "\nlogsource: {product: " + product +
                    "}\ndetection: {s: {A: x}, condition: s}\n---\ntitle: " + product +
                    "\ncorrelation: {type: value_count, rules: of_" + product +
                    ", group-by: [User], timespan: 5m, condition: {gte: 3, field: Host}}\n",
                "r.yml", {}, rules, diagnostics);
  };
  parse("windows");
  parse("linux");
  ASSERT_EQ(rules.size(), 4U);
  processing.apply_to_correlations(rules, diagnostics);
  ASSERT_EQ(rules.size(), 3U) << "the one over linux is refused";
  EXPECT_EQ(rules[1].correlation->group_by, (std::vector<std::string>{"u", "v"}));
  EXPECT_EQ(rules[1].correlation->fields, (std::vector<std::string>{"h"}));
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics.front().error.message, "pipeline 'p': no");
}

}  // namespace
}  // namespace landwarden::sigma
