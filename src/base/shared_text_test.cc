#include "base/shared_text.h"

#include <gtest/gtest.h>

namespace landwarden {
namespace {

TEST(SharedText, IsTheTextThatItWasMadeOf) {
  const SharedText text = "Security";
  EXPECT_EQ(text.str(), "Security");
  EXPECT_EQ(std::string_view(text), "Security");
  EXPECT_EQ(text.size(), 8U);
  EXPECT_TRUE(SharedText().empty());
  EXPECT_TRUE(SharedText(std::string()).empty());
  EXPECT_EQ(SharedText().str(), "");
}

TEST(SharedText, HoldsOneCopyForAll) {
  SharedText text = std::string_view("Microsoft-Windows-Sysmon/Operational");
  const SharedText copy = text;
  EXPECT_EQ(copy.str().data(), text.str().data());
  text = "System";
  EXPECT_EQ(copy, "Microsoft-Windows-Sysmon/Operational");
  text.clear();
  EXPECT_EQ(text, "");
}

TEST(SharedText, ComparesAsTextDoes) {
  EXPECT_EQ(SharedText("a"), SharedText("a"));
  EXPECT_NE(SharedText("a"), SharedText("A"));
  EXPECT_LT(SharedText("a"), SharedText("b"));
  EXPECT_LT(SharedText(), SharedText("a"));
}

}  // namespace
}  // namespace landwarden
