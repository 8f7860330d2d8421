// Lines of syslog and shells' histories: from text to rows.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "decode/decoded_rows.h"
#include "decode/text/history.h"
#include "decode/text/message_pattern.h"
#include "decode/text/recognise.h"
#include "decode/text/syslog_line.h"

namespace landwarden::decode::text {
namespace {

const std::string kIso = "2023-11-14T22:13:20.500000+01:00 web1 ";

DecodedRow one(const std::string& line) {
  const DecodedRows decoded = decode_rows(line + "\n");
  EXPECT_EQ(decoded.rows.size(), 1U) << line;
  EXPECT_EQ(decoded.receipt.records_quarantined, 0U) << line;
  return decoded.rows.empty() ? DecodedRow{} : decoded.rows[0];
}

TEST(Syslog, ReadsItsForms) {
  struct Case {
    std::string line, time, host, program, pid, message;
  };
  const Case cases[] = {
      {"Nov  4 22:13:20 web1 sshd[12]: hello: you", "", "web1", "sshd", "12", "hello: you"},
      {"<38>Nov 14 22:13:20 web1 su: x", "", "web1", "su", "(absent)", "x"},
      {"Nov 14 2023 22:13:20 web1 su: x", "2023-11-14T22:13:20.0000000Z", "web1", "su", "(absent)", "x"},
      {"<13>Nov 14 22:13:20 su: x", "", "", "su", "(absent)", "x"},
      {kIso + "CRON[5]: x", "2023-11-14T21:13:20.5000000Z", "web1", "CRON", "5", "x"},
      {"2023-11-14T22:13:20+0100 web1 CRON[5]: x", "2023-11-14T21:13:20.0000000Z", "web1", "CRON", "5", "x"},
      {"Tue 2023-11-14 22:13:20 UTC web1 a.out[5]: x", "2023-11-14T22:13:20.0000000Z", "web1", "a.out", "5",
       "x"},
      {"<34>1 2023-11-14T22:13:20.003Z web1 app 7 ID47 [a@1 k=\"v\\\"w\"] \xEF\xBB\xBFx",
       "2023-11-14T22:13:20.0030000Z", "web1", "app", "7", "x"},
      {"81 <34>1 - - - - - - x", "", "", "(absent)", "(absent)", "x"},
      {"Tue Nov 14 22:13:20 2023 [pid 3] [ann] OK LOGIN: Client \"203.0.113.9\"",
       "2023-11-14T22:13:20.0000000Z", "", "vsftpd", "3", "[ann] OK LOGIN: Client \"203.0.113.9\""},
      {"Tue Nov 14 22:13:20 2023 -> /tmp/a: Win.Test-1 FOUND", "2023-11-14T22:13:20.0000000Z", "", "clamd",
       "(absent)", "/tmp/a: Win.Test-1 FOUND"},
      {"Nov 14 22:13:20 mac Google Chrome[9] <Warning>: x", "", "mac", "Google Chrome", "9", "x"},
  };
  for (const Case& c : cases) {
    const DecodedRow row = one(c.line);
    EXPECT_EQ(row.time, c.time) << c.line;
    EXPECT_EQ(row.host, c.host) << c.line;
    EXPECT_EQ(row.field("program"), c.program) << c.line;
    EXPECT_EQ(row.field("pid"), c.pid) << c.line;
    EXPECT_EQ(row.field("message"), c.message) << c.line;
  }
  const DecodedRow structured = one(cases[7].line);
  EXPECT_EQ(structured.field("a@1.k"), "v\"w");
  EXPECT_EQ(structured.field("message_id"), "ID47");
  EXPECT_EQ(structured.field("facility"), "auth");
  EXPECT_EQ(structured.field("severity"), "crit");
  EXPECT_EQ(structured.shape.channel, "auth");
}

TEST(Syslog, TakesTheYearFromWhatSaysIt) {
  const auto time = [](const char* line, const TextSource& source) {
    const auto read = read_syslog_line(line, source);
    return read ? to_rfc3339(read->time) : "(none)";
  };
  TextSource changed;
  changed.modified = *parse_time("2024-01-02T00:00:00Z");
  EXPECT_EQ(time("Jan  2 23:00:00 h a: b", changed), "2024-01-02T23:00:00.0000000Z");
  EXPECT_EQ(time("Jan  4 23:00:00 h a: b", changed), "2023-01-04T23:00:00.0000000Z");
  EXPECT_EQ(time("Dec 31 23:00:00 h a: b", changed), "2023-12-31T23:00:00.0000000Z");
  EXPECT_EQ(time("Feb 29 23:00:00 h a: b", changed), "") << "neither 2023 nor 2024 until January has it";
  EXPECT_EQ(time("Dec 31 23:00:00 h a: b", {}), "") << "nothing says it";
  TextSource since = changed;
  since.since = *parse_time("2020-11-06T23:48:17Z");
  EXPECT_EQ(time("Nov  6 17:45:07 h a: b", since), "2020-11-06T17:45:07.0000000Z");
  EXPECT_EQ(time("Jan  6 17:45:07 h a: b", since), "2021-01-06T17:45:07.0000000Z");
}

TEST(Syslog, TakesYearAndZoneFromAnAuditRecordAmongItsLines) {
  const DecodedRows decoded = decode_rows(
      "Nov 13 16:12:09 h CRON[1]: a\n"
      "Nov 13 16:12:10 h kernel: [666017.7] audit: type=1305 audit(1605305530.546:1): op=add_rule\n");
  ASSERT_EQ(decoded.rows.size(), 2U);
  EXPECT_EQ(decoded.rows[0].time, "2020-11-13T22:12:09.0000000Z");
  EXPECT_EQ(decoded.rows[1].time, "2020-11-13T22:12:10.5460000Z");
  EXPECT_EQ(decoded.receipt.notes.size(), 2U);
}

TEST(Syslog, TakesTheYearOfTheFileOnDisk) {
  namespace fs = std::filesystem;
  const fs::path file = fs::path(testing::TempDir()) / ("lw_syslog_" + std::to_string(::getpid()) + ".log");
  std::ofstream(file) << "Nov 13 16:12:09 h CRON[1]: a\n";
  // 2022-01-05, as the file's clock counts.
  const timespec changed[2] = {{1'641'340'800, 0}, {1'641'340'800, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), changed, 0), 0);
  RecordingSink units;
  BufferPool pool;
  read_evidence({file.string()}, pool, units);
  fs::remove(file);
  ASSERT_EQ(units.sources.size(), 1U);
  ASSERT_EQ(units.sources[0].units.size(), 1U);
  EXPECT_EQ(to_rfc3339(units.sources[0].units[0].text->modified), "2022-01-05T00:00:00.0000000Z");
  const auto line = read_syslog_line("Nov 13 16:12:09 h CRON[1]: a", *units.sources[0].units[0].text);
  EXPECT_EQ(to_rfc3339(line->time), "2021-11-13T16:12:09.0000000Z");
}

TEST(Syslog, SaysThatAYearIsNotKnown) {
  const DecodedRows decoded = decode_rows("Nov 13 16:12:09 h CRON[1]: a\n");
  ASSERT_EQ(decoded.receipt.notes.size(), 1U);
  EXPECT_EQ(decoded.receipt.notes[0],
            "times without a year, and no date of the file that says it: they are unknown");
}

TEST(Syslog, TakesMessagesApart) {
  const DecodedRow accepted =
      one(kIso + "sshd[9]: Accepted publickey for ann from 203.0.113.9 port 50022 ssh2: RSA SHA256:x");
  EXPECT_EQ(accepted.shape.channel, "sshd");
  EXPECT_EQ(accepted.field("event"), "login_accepted");
  EXPECT_EQ(accepted.field("user"), "ann");
  EXPECT_EQ(accepted.field("src_ip"), "203.0.113.9");
  EXPECT_EQ(accepted.field("src_port"), "50022");
  EXPECT_EQ(accepted.field("method"), "publickey");
  const DecodedRow forged = one(
      kIso +
      "sshd[9]: Failed password for invalid user a from 192.0.2.1 port 1 ssh2 from 203.0.113.9 port 2 ssh2");
  EXPECT_EQ(forged.field("src_ip"), "203.0.113.9");
  EXPECT_EQ(forged.field("user"), "a from 192.0.2.1 port 1 ssh2");
  const DecodedRow repeated = one(
      kIso + "sshd[9]: message repeated 3 times: [ Failed password for root from 203.0.113.9 port 2 ssh2]");
  EXPECT_EQ(repeated.field("event"), "login_failed");
  EXPECT_EQ(repeated.field("repeated"), "3");
  EXPECT_EQ(repeated.field("src_ip"), "203.0.113.9");
  const DecodedRow sudo = one(kIso +
                              "sudo:      ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; "
                              "COMMAND=/bin/sh -c id ; USER=x");
  EXPECT_EQ(sudo.shape.channel, "sudo");
  EXPECT_EQ(sudo.field("user"), "ann");
  EXPECT_EQ(sudo.field("TTY"), "pts/0");
  EXPECT_EQ(sudo.field("USER"), "root");
  EXPECT_EQ(sudo.field("COMMAND"), "/bin/sh -c id ; USER=x");
  EXPECT_EQ(sudo.field("image"), "/bin/sh");
  EXPECT_EQ(sudo.field("event"), "sudo");
  const DecodedRow refused =
      one(kIso + "sudo: ann : command not allowed ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/su");
  EXPECT_EQ(refused.field("event"), "sudo_refused");
  EXPECT_EQ(refused.field("reason"), "command not allowed");
  const DecodedRow cron = one(kIso + "CRON[9]: (root) CMD (test -x /a && (b))");
  EXPECT_EQ(cron.field("COMMAND"), "test -x /a && (b)");
  const DecodedRow user = one(kIso + "useradd[9]: new user: name=x, UID=0, GID=0, home=/root, shell=/bin/sh");
  EXPECT_EQ(user.shape.channel, "auth");
  EXPECT_EQ(user.field("UID"), "0");
  const DecodedRow pam =
      one("2023-11-14T22:13:20Z h sshd(pam_unix)[9]: authentication failure; logname= uid=0 "
          "rhost=203.0.113.9  user=root");
  EXPECT_EQ(pam.field("module"), "pam_unix");
  EXPECT_EQ(pam.field("rhost"), "203.0.113.9");
  EXPECT_EQ(pam.field("user"), "root");
}

TEST(Syslog, KeepsLinesThatGoOnWithTheirMessage) {
  const DecodedRows decoded =
      decode_rows(kIso + "app[1]: Traceback:\n\tline 1\n  line 2\n" + kIso + "app[1]: b\n");
  ASSERT_EQ(decoded.rows.size(), 2U);
  EXPECT_EQ(decoded.rows[0].field("message"), "Traceback:\n\tline 1\n  line 2");
}

TEST(Syslog, ReadsSysmonsEventsAmongItsLines) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += kIso + "app[1]: a line of no interest that fills the first page\n";
  text += kIso +
          "sysmon: <Event><System><Provider Name=\"Linux-Sysmon\"/><EventID>1</EventID><Channel>"
          "Linux-Sysmon/Operational</Channel><Computer>web1</Computer></System><EventData>"
          "<Data Name=\"Image\">/bin/ls</Data></EventData></Event>\n";
  const DecodedRows decoded = decode_rows(text);
  ASSERT_EQ(decoded.rows.size(), 101U);
  EXPECT_EQ(decoded.rows[100].shape.channel, "Linux-Sysmon/Operational");
  EXPECT_EQ(decoded.rows[100].field("Image"), "/bin/ls");
}

TEST(Syslog, IsNotSeenInOtherText) {
  for (const char* text : {"hello world\nsecond line\n", "2015-07-29 17:41:44,747 - INFO  [x] - y\n",
                           "a,b,c\n1,2,3\n", "Nov is a month\n", "type=X msg=nothing\n"}) {
    EXPECT_EQ(recognise_log(text, true), LogKind::none) << text;
  }
}

TEST(Journald, HasTheSameChannelsAndNames) {
  const SyslogTable& table = Tables::built_in().syslog;
  const auto row = [](const std::string& program) {
    return one(R"({"__REALTIME_TIMESTAMP":"1700000000123456","_HOSTNAME":"web1","SYSLOG_IDENTIFIER":")" +
               program + R"(","_PID":"7","PRIORITY":"6","MESSAGE":"hello"})");
  };
  const DecodedRow sshd = row("sshd");
  EXPECT_EQ(sshd.time, "2023-11-14T22:13:20.1234560Z");
  EXPECT_EQ(sshd.host, "web1");
  EXPECT_EQ(sshd.shape.product, "linux");
  EXPECT_EQ(sshd.field("program"), "sshd");
  EXPECT_EQ(sshd.field("pid"), "7");
  EXPECT_EQ(sshd.field("message"), "hello");
  for (const auto& [program, channel] : table.by_name)
    EXPECT_EQ(row(program).shape.channel, channel) << program;
  EXPECT_EQ(row("unheard-of").shape.channel, "syslog");
}

TEST(Journald, TakesMessagesApartAsSyslogDoes) {
  const std::string message = "ann : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh -c id";
  const DecodedRow line = one(kIso + "sudo: " + message);
  const DecodedRow json =
      one(R"({"__REALTIME_TIMESTAMP":"1700000000123456","SYSLOG_IDENTIFIER":"sudo","MESSAGE":"     )" +
          message + R"("})");
  for (const char* field : {"event", "user", "TTY", "PWD", "USER", "COMMAND", "image"})
    EXPECT_EQ(json.field(field), line.field(field)) << field;
  EXPECT_EQ(json.field("image"), "/bin/sh");
}

TEST(MessagePattern, ReadsWordsNumbersAndAnything) {
  const auto pattern = MessagePattern::parse("a {x} b {n:number}{:any}", {});
  ASSERT_TRUE(pattern.has_value());
  MessagePattern::Fields fields;
  ASSERT_TRUE(pattern->match("a 1 b 22 c", fields));
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].second, "1");
  EXPECT_EQ(fields[1].second, "22");
  EXPECT_FALSE(pattern->match("a 1 2 b 22", fields));
  EXPECT_FALSE(pattern->match("a 1 b x", fields));
  EXPECT_FALSE(MessagePattern::parse("a {x", {}).has_value());
  EXPECT_FALSE(MessagePattern::parse("{x:word}", {}).has_value());
}

TEST(History, IsKnownByItsName) {
  const HistoryTable& table = Tables::built_in().history;
  const auto bash = history_of(table,
                               "case.zip!/home/"
                               "ann/.bash_history");
  ASSERT_TRUE(bash.has_value());
  EXPECT_EQ(bash->history, "bash");
  EXPECT_EQ(bash->user, "ann");
  EXPECT_EQ(bash->product, "linux");
  EXPECT_EQ(history_of(table, "/root/.zsh_history")->user, "root");
  EXPECT_EQ(history_of(table, "/Users/ann/.zsh_history")->product, "macos");
  const auto windows =
      history_of(table,
                 "C:\\Users\\ann\\AppData\\Roaming\\Microsoft\\Windows\\PowerShell\\PSReadLine\\"
                 "ConsoleHost_history.txt");
  ASSERT_TRUE(windows.has_value());
  EXPECT_EQ(windows->product, "windows");
  EXPECT_EQ(windows->user, "ann");
  EXPECT_EQ(history_of(table, "bash_history")->user, "");
  EXPECT_FALSE(history_of(table,
                          "/home/"
                          "ann/history.txt")
                   .has_value());
}

std::vector<std::string> commands(const std::string& text, const std::string& name) {
  std::vector<std::string> out;
  for (const std::size_t step : {std::size_t{0}, std::size_t{7}}) {
    std::vector<std::string> now;
    for (const DecodedRow& row : decode_rows(text, step, name).rows)
      now.push_back(row.time.substr(0, 19) + "|" + row.field("CommandLine"));
    if (step == 0) out = now;
    EXPECT_EQ(out, now);
  }
  return out;
}

TEST(History, ReadsTheFormsOfShells) {
  using Commands = std::vector<std::string>;
  EXPECT_EQ(commands("ls\n\nid -u\r\n", "x/.bash_history"), (Commands{"|ls", "|id -u"}));
  EXPECT_EQ(
      commands("old\n#1700000000\nfor i in a\ndo x\ndone\n#1700000001\n#1700000002\nid", "x/.bash_history"),
      (Commands{"|old", "2023-11-14T22:13:20|for i in a\ndo x\ndone", "2023-11-14T22:13:22|id"}));
  EXPECT_EQ(commands("#+1700000000\nls\n", ".history"), (Commands{"2023-11-14T22:13:20|ls"}));
  EXPECT_EQ(commands(": 1700000000:0;echo a\\\nb\nplain\n: not a time;x\n", ".zsh_history"),
            (Commands{"2023-11-14T22:13:20|echo a\nb", "|plain", "|: not a time;x"}));
  EXPECT_EQ(commands(": 1700000000:0;echo \xC3\x83\x89\n", ".zsh_history"),
            (Commands{"2023-11-14T22:13:20|echo \xC3\xA9"}));
  EXPECT_EQ(
      commands("- cmd: echo a\\nb \\\\n\n  when: 1700000000\n  paths:\n    - a\n- cmd: id\n", "fish_history"),
      (Commands{"2023-11-14T22:13:20|echo a\nb \\n", "|id"}));
  EXPECT_EQ(commands("Get-Process `\n| sort\n{a}\n", "ConsoleHost_history.txt"),
            (Commands{"|Get-Process \n| sort", "|{a}"}));
}

TEST(History, MayLookLikeAnythingElse) {
  EXPECT_EQ(commands("[ \"$a\" = b ]\n", ".bash_history").size(), 1U);
  EXPECT_EQ(commands("a,b,c\nd,e,f\n", ".bash_history").size(), 2U);
  EXPECT_EQ(commands("<Event><System>\n", ".bash_history").size(), 1U);
}

}  // namespace
}  // namespace landwarden::decode::text
