#include "view/log_sources.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace landwarden::view {
namespace {

bool covers(const Resolution& resolution, std::string_view channel, std::uint32_t event_id) {
  const event::Shape shape{.product = "windows", .channel = std::string(channel), .event_id = event_id};
  return std::ranges::any_of(resolution.sources, [&](const Source& source) { return source.covers(shape); });
}

struct LogSourcesTest : testing::Test {
  LogSources table = LogSources::built_in().value();
};

TEST_F(LogSourcesTest, ProcessCreationIsSysmonOneAndSecurity4688) {
  const Resolution r = table.resolve("process_creation", "windows", "");
  EXPECT_TRUE(covers(r, "Microsoft-Windows-Sysmon/Operational", 1));
  EXPECT_TRUE(covers(r, "microsoft-windows-sysmon/OPERATIONAL", 1));
  EXPECT_TRUE(covers(r, "Security", 4688));
  EXPECT_FALSE(covers(r, "Security", 4689));
  EXPECT_FALSE(covers(r, "System", 1));
}

TEST_F(LogSourcesTest, RegistryAddAndDeleteDifferByEventType) {
  const Resolution add = table.resolve("registry_add", "windows", "");
  const Resolution remove = table.resolve("registry_delete", "windows", "");
  ASSERT_EQ(add.sources.size(), 1U);
  ASSERT_FALSE(remove.sources.empty());
  ASSERT_EQ(add.sources[0].where.size(), 1U);
  ASSERT_EQ(remove.sources[0].where.size(), 1U);
  EXPECT_NE(add.sources[0].where[0].values, remove.sources[0].where[0].values);
}

TEST_F(LogSourcesTest, AServiceIsItsChannels) {
  const Resolution r = table.resolve("", "windows", "powershell");
  EXPECT_TRUE(covers(r, "Microsoft-Windows-PowerShell/Operational", 4104));
  EXPECT_TRUE(covers(r, "PowerShellCore/Operational", 4104));
  EXPECT_FALSE(covers(r, "Windows PowerShell", 400));
}

TEST_F(LogSourcesTest, AProductAloneIsAllOfIt) {
  EXPECT_TRUE(covers(table.resolve("", "windows", ""), "Anything", 1));
}

TEST_F(LogSourcesTest, WhatIsNotMappedSaysSo) {
  for (const auto& r :
       {table.resolve("no_such_category", "windows", ""), table.resolve("", "windows", "no_such_service"),
        table.resolve("process_creation", "plan9", "")}) {
    EXPECT_TRUE(r.sources.empty());
    EXPECT_FALSE(r.reason.empty());
  }
  EXPECT_NE(table.resolve("file_rename", "windows", "").reason.find("Kernel-File"), std::string::npos);
}

TEST_F(LogSourcesTest, ViewsNameTheSourcesFields) {
  const Resolution r = table.resolve("process_creation", "windows", "");
  const auto security = std::ranges::find_if(r.sources, [](const Source& s) { return s.view != nullptr; });
  ASSERT_NE(security, r.sources.end());
  EXPECT_EQ(security->view->fields.at("Image").field, "NewProcessName");
  EXPECT_EQ(security->view->fields.at("ProcessId").transform, parse_transform("hex_to_decimal"));
  EXPECT_FALSE(security->strict);
  const auto strict = std::ranges::find_if(r.sources, [](const Source& s) { return !s.fuller; });
  ASSERT_NE(strict, r.sources.end());
  EXPECT_EQ(strict->view->fields.at("User").field, "SubjectUserName");
  EXPECT_TRUE(strict->strict);
}

TEST_F(LogSourcesTest, UsersAddTheirOwn) {
  ASSERT_TRUE(table.add("product: acme\nservices:\n  pump: [Pump/Log]\n", "mine.yaml"));
  EXPECT_EQ(table.resolve("", "acme", "pump").sources.size(), 1U);
}

TEST_F(LogSourcesTest, BadTablesSayWhere) {
  const auto bad =
      table.add("product: acme\ncategories:\n  a:\n    - {channel: X, event_id: [one]}\n", "mine.yaml");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().place.file, "mine.yaml");
  EXPECT_EQ(bad.error().place.line, 4U);
}

}  // namespace
}  // namespace landwarden::view
