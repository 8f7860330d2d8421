#include "triage/rule_evidence.h"

#include <gtest/gtest.h>

namespace landwarden::triage {
namespace {

sigma::Rule rule(std::string category, std::string service) {
  sigma::Rule out;
  out.logsource = {.category = std::move(category), .product = "windows", .service = std::move(service)};
  return out;
}

event::Shape shape(std::string channel, std::uint32_t event_id) {
  return {.product = "windows",
          .channel = std::move(channel),
          .provider = {},
          .event_id = event_id,
          .version = 0};
}

TEST(RuleEvidenceTest, NamesTheChannelThatRulesWouldHaveNeeded) {
  const auto sources = view::LogSources::built_in();
  ASSERT_TRUE(sources.has_value());
  const sigma::RuleTable rules(
      {rule("process_creation", ""), rule("pipe_created", ""), rule("", "security"), rule("file_event", "")});
  const RuleEvidence evidence = rule_evidence(rules, *sources, {shape("Security", 4688)}, false);
  EXPECT_EQ(evidence.rules_with_records, 2U);
  EXPECT_EQ(evidence.rules_without, 2U);
  ASSERT_EQ(evidence.missing.size(), 1U);
  EXPECT_EQ(evidence.missing[0].needs, "Microsoft-Windows-Sysmon/Operational");
  EXPECT_EQ(evidence.missing[0].rules, 2U);
}

TEST(RuleEvidenceTest, WithoutRecordsNoRuleHasAny) {
  const auto sources = view::LogSources::built_in();
  ASSERT_TRUE(sources.has_value());
  EXPECT_EQ(rule_evidence(sigma::RuleTable({rule("", "system")}), *sources, {}, true).missing[0].needs,
            "System");
}

}  // namespace
}  // namespace landwarden::triage
