// Relative paths and where they lead.

#include "triage/working_folder.h"

#include <gtest/gtest.h>

namespace landwarden::triage {
namespace {

TEST(WorkingFolder, CompletesWhatIsRelative) {
  EXPECT_EQ(path_from(R"(C:\Windows\Temp\)", "x.cab"), R"(C:\Windows\Temp\x.cab)");
  EXPECT_EQ(path_from(R"(C:\Windows\Temp)", R"(pro\.\Active Directory)"),
            R"(C:\Windows\Temp\pro\Active Directory)");
  EXPECT_EQ(path_from(R"(D:\srv\webapps\bin)", R"(..\backup\a.zip)"), R"(D:\srv\webapps\backup\a.zip)");
  EXPECT_EQ(path_from(R"(C:\a)", R"(..\..\..\b)"), R"(C:\b)");
  EXPECT_EQ(path_from(R"(C:\a)", R"(\b\c)"), R"(C:\b\c)");
  EXPECT_EQ(path_from(R"(C:\)", "."), R"(C:\)");
  EXPECT_EQ(path_from(R"(\\FS02\c$\x)", R"(..\..\..\y)"), R"(\\FS02\c$\y)");
}

TEST(WorkingFolder, LeavesWhatIsWhole) {
  for (const std::string path :
       {R"(C:\x)", R"(\\FS02\c$\x)", "/tmp/x", "%TEMP%\\x", "$env:TEMP\\x", "https://a/b", ""})
    EXPECT_EQ(path_from(R"(D:\y)", path), path);
  EXPECT_EQ(path_from("", "x.cab"), "x.cab");
  EXPECT_EQ(path_from("%TEMP%", "x.cab"), "x.cab");
}

TEST(WorkingFolder, FollowsCd) {
  EXPECT_EQ(folder_gone_to("cd", R"(cd /d "C:\Program Files")"), R"(C:\Program Files)");
  EXPECT_EQ(folder_gone_to("cd", R"(cd C:\Windows\Temp )"), R"(C:\Windows\Temp)");
  EXPECT_EQ(folder_gone_to("pushd", R"(pushd \\FS02\c$)"), R"(\\FS02\c$)");
  EXPECT_EQ(folder_gone_to("set-location", R"(Set-Location -Path 'D:\x')"), R"(D:\x)");
  EXPECT_EQ(folder_gone_to("cd", "cd"), std::nullopt);
  EXPECT_EQ(folder_gone_to("copy", "copy a b"), std::nullopt);
}

}  // namespace
}  // namespace landwarden::triage
