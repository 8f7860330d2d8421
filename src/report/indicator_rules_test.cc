#include "report/indicator_rules.h"

#include <gtest/gtest.h>

namespace landwarden::report {
namespace {

constexpr std::int64_t kToday = 1'772'000'000;

intel::Indicator made(intel::IndicatorKind kind, std::string value, std::int64_t days_ago,
                      unsigned confidence) {
  intel::Indicator out{{{kind, std::move(value)}}, {}, "feed.json#3"};
  out.says.source = "A feed";
  out.says.about = "relay";
  out.says.seen = from_unix(kToday - days_ago * 86'400, 0);
  out.says.confidence = confidence;
  out.says.tlp = intel::Tlp::amber_strict;
  return out;
}

TEST(IndicatorRules, TheLevelFollowsFromTheWorthOnTheDayAndEndsAtMedium) {
  using enum intel::IndicatorKind;
  // An address is worth half after 90 days; a hash keeps its worth.
  const intel::IndicatorSet set({made(ip, "192.0.2.1", 0, 100), made(ip, "192.0.2.1", 90, 100),
                                 made(ip, "192.0.2.1", 180, 98),
                                 made(sha256, std::string(64, 'a'), 3650, 100)});
  IndicatorRules rules(set, from_unix(kToday, 0));
  EXPECT_EQ(rules.rule(0).rule.level, sigma::Level::medium);
  EXPECT_EQ(rules.rule(1).rule.level, sigma::Level::low);
  EXPECT_EQ(rules.rule(2).rule.level, sigma::Level::low) << "25 is still low";
  EXPECT_EQ(rules.rule(3).rule.level, sigma::Level::medium);
  EXPECT_EQ(level_of_worth(24), sigma::Level::informational);
  EXPECT_EQ(level_of_worth(59), sigma::Level::low);
  EXPECT_EQ(level_of_worth(60), sigma::Level::medium);
  EXPECT_EQ(level_of_worth(100), sigma::Level::medium);
}

TEST(IndicatorRules, WhatIsSaidHasSourceDateWorthAndThatItAttributesNothing) {
  const intel::IndicatorSet set({made(intel::IndicatorKind::ip, "192.0.2.1", 90, 80)});
  IndicatorRules rules(set, from_unix(kToday, 0));
  const triage::ForeignRule& made_rule = rules.rule(0);
  EXPECT_EQ(made_rule.rule.title, "Indicator: ip 192.0.2.1");
  EXPECT_EQ(made_rule.rule.id, "indicator:ip:192.0.2.1");
  EXPECT_EQ(made_rule.ruleset, "indicators");
  EXPECT_EQ(made_rule.line, "A feed: relay, 2025-11-27, TLP:AMBER+STRICT, worth 40 of 100");
  EXPECT_EQ(made_rule.details,
            R"({"indicator": "ip 192.0.2.1", "all": [{"kind": "ip", "value": "192.0.2.1"}], )"
            R"("source": "A feed", "about": "relay", "date": "2025-11-27", "source_confidence": 80, )"
            R"("tlp": "amber+strict", "worth": 40, "confidence": "low", "note": ")" +
                std::string(kIndicatorNote) + "\"}");
  EXPECT_EQ(&rules.rule(0), &made_rule) << "made once";
}

}  // namespace
}  // namespace landwarden::report
