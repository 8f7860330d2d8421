#include "cli/hunt_yara.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace landwarden::cli {
namespace {

TEST(HuntYara, SaysWhatItWasNotDoneWith) {
  const auto rules = std::filesystem::path(testing::TempDir()) / "landwarden_hunt_yara.yar";
  std::ofstream(rules) << "rule Any { condition: true }";
  HuntYara yara;
  ASSERT_TRUE(yara.read({rules.string()}, std::nullopt).has_value());
  engine::YaraReport& report = yara.hunted({})->report;
  report.texts = 1200;
  report.files = 3;
  EXPECT_EQ(yara.told(4), "1 rule looked at 1,200 script texts and 3 other files, 4 matched");
  testing::internal::CaptureStderr();
  EXPECT_FALSE(yara.say_problems());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");

  report.texts_given_up = 2;
  report.files_given_up = 1;
  report.problems.push_back({ErrorCode::limit, "YARA was not done with it in 30 s", {"a.ps1", 0, 0, {}}, ""});
  EXPECT_EQ(
      yara.told(4),
      "1 rule looked at 1,200 script texts and 3 other files, 4 matched; of these it was not done with 2 "
      "script texts and 1 file");
  testing::internal::CaptureStderr();
  EXPECT_TRUE(yara.say_problems()) << "the exit code says that part was not read";
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "landwarden: a.ps1: YARA was not done with it in 30 s\n"
            "landwarden: YARA was not done in time with the scripts of 2 events\n"
            "  a rule of --yara is slow\n");
  std::filesystem::remove(rules);
}

}  // namespace
}  // namespace landwarden::cli
