#include "range/linux_host.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "decode/decoded_rows.h"

namespace landwarden::range {
namespace {

using decode::DecodedRow;

std::map<std::string, decode::DecodedRows> decoded_logs(bool intrusion) {
  std::map<std::string, decode::DecodedRows> out;
  for (const LinuxLog& log : linux_logs(*parse_time("2026-03-02T00:00:00Z"), 3, 1, intrusion)) {
    out[log.name] = decode::decode_rows(log.bytes, 0, log.name);
    EXPECT_EQ(out[log.name].receipt.records_decoded, log.records) << log.name;
    EXPECT_EQ(out[log.name].receipt.records_quarantined, 0U) << log.name;
  }
  return out;
}

using Told = std::set<std::vector<std::string>>;

TEST(LinuxHost, AuditAndSysmonTellTheSameOfEveryProgram) {
  const auto logs = decoded_logs(true);
  Told audit, sysmon;
  for (const DecodedRow& row : logs.at("audit.log").rows) {
    if (row.field("type") != "EXECVE") continue;
    audit.insert({row.time, row.host, row.field("exe"), row.field("CommandLine"), row.field("User"),
                  row.field("cwd"), row.field("pid"), row.field("ppid")});
  }
  for (const DecodedRow& row : logs.at("sysmon.log").rows) {
    sysmon.insert({row.time, row.host, row.field("Image"), row.field("CommandLine"), row.field("User"),
                   row.field("CurrentDirectory"), row.field("ProcessId"), row.field("ParentProcessId")});
  }
  EXPECT_GT(audit.size(), 90U);
  EXPECT_EQ(audit, sysmon);
}

TEST(LinuxHost, SudoAndTheHistoryTellWhatWasTyped) {
  const auto logs = decoded_logs(true);
  Told sudo, audit;
  for (const DecodedRow& row : logs.at("auth.log").rows) {
    if (row.field("event") == "sudo" && row.field("user") == "ops")
      sudo.insert({row.time, row.field("image"), row.field("PWD")});
  }
  for (const DecodedRow& row : logs.at("audit.log").rows) {
    if (row.field("type") == "EXECVE" && row.field("auid") == "1000" && row.field("User") == "root")
      audit.insert({row.time, row.field("exe"), row.field("cwd")});
  }
  EXPECT_GT(sudo.size(), 10U);
  EXPECT_EQ(sudo, audit);
  const auto& history = logs.at("srv/ops/.bash_history").rows;
  const auto typed = [&](const char* line) {
    return std::count_if(history.begin(), history.end(),
                         [&](const DecodedRow& row) { return row.field("CommandLine") == line; });
  };
  EXPECT_EQ(typed("sudo auditctl -D"), 1);
  EXPECT_EQ(typed("df -h"), 3);
  EXPECT_EQ(typed("history -c"), 1);
}

TEST(LinuxHost, HasNothingOfTheIntrusionWithoutIt) {
  for (const LinuxLog& log : linux_logs(*parse_time("2026-03-02T00:00:00Z"), 3, 1, false))
    EXPECT_FALSE(log.bytes.contains("203.0.113.66")) << log.name;
}

}  // namespace
}  // namespace landwarden::range
