#include "triage/event_titles.h"

#include <gtest/gtest.h>

namespace landwarden::triage {
namespace {

TEST(EventTitles, BuiltInOnesAreFoundWhateverTheProvidersCase) {
  const auto titles = EventTitles::built_in();
  ASSERT_TRUE(titles.has_value()) << titles.error().message;
  EXPECT_EQ(titles->title("Microsoft-Windows-Security-Auditing", 4625), "logon failed");
  EXPECT_EQ(titles->title("microsoft-windows-eventlog", 1102), "audit log cleared");
  EXPECT_EQ(titles->title("Microsoft-Windows-Eventlog", 4625), "")
      << "an id means something of one provider only";
}

TEST(EventTitles, SayWhereATableIsWrong) {
  const auto id = EventTitles::parse("P:\n  x: logon\n", "t.yaml");
  ASSERT_FALSE(id.has_value());
  EXPECT_EQ(id.error().place.line, 2U);
  EXPECT_FALSE(EventTitles::parse("P:\n  1: " + std::string(49, 'a') + "\n", "t.yaml").has_value());
}

}  // namespace
}  // namespace landwarden::triage
