// Audit records: from lines to rows.

#include <gtest/gtest.h>

#include "decode/decoded_rows.h"
#include "decode/text/tables.h"

namespace landwarden::decode::text {
namespace {

const std::string kExecution =
    "type=SYSCALL msg=audit(1700000000.123:45): arch=c000003e syscall=59 success=yes exit=0 a0=55 a1=56 "
    "a2=57 "
    "a3=8 items=2 ppid=10 pid=11 auid=1000 uid=0 gid=0 euid=0 tty=pts0 ses=3 comm=\"curl\" "
    "exe=\"/usr/bin/curl\" subj=unconfined key=\"exec\"\x1D"
    "ARCH=x86_64 SYSCALL=execve AUID=\"ann\" UID=\"root\"\n"
    "type=EXECVE msg=audit(1700000000.123:45): argc=3 a0=\"curl\" a1=\"-s\" "
    "a2=687474703A2F2F782F6120623F633D2764\n"
    "type=CWD msg=audit(1700000000.123:45): cwd=\"/tmp\"\n"
    "type=PATH msg=audit(1700000000.123:45): item=0 name=\"/usr/bin/curl\" inode=5 nametype=NORMAL\n"
    "type=PROCTITLE msg=audit(1700000000.123:45): proctitle=6375726C002D7300\n";

const DecodedRow* of_type(const DecodedRows& decoded, std::string_view type) {
  for (const DecodedRow& row : decoded.rows) {
    if (row.field("type") == type) return &row;
  }
  return nullptr;
}

TEST(TextTables, CanBeRead) {
  const auto tables = Tables::read();
  ASSERT_TRUE(tables.has_value()) << tables.error().to_string();
  EXPECT_EQ(tables->audit.types.at("EXECVE"), 1309U);
  EXPECT_EQ(tables->audit.syscalls.at("c000003e").at(59), "execve");
  EXPECT_EQ(tables->audit.syscalls.at("c00000b7").at(221), "execve");
  EXPECT_EQ(tables->audit.syscalls.at("40000003").at(11), "execve");
  EXPECT_EQ(channel_of(tables->syslog, "/usr/sbin/CRON", std::nullopt), "cron");
  EXPECT_EQ(channel_of(tables->syslog, "gdm-password", std::nullopt), "auth");
  EXPECT_EQ(channel_of(tables->syslog, "unheard-of", 10), "auth");
  EXPECT_EQ(channel_of(tables->syslog, "unheard-of", std::nullopt), "syslog");
}

TEST(Audit, GivesARowARecordWithWhatTheOthersOfItsEventKnow) {
  const DecodedRows decoded = decode_rows(kExecution);
  ASSERT_EQ(decoded.rows.size(), 5U);
  EXPECT_EQ(decoded.receipt.kind, "text (auditd)");
  EXPECT_EQ(decoded.receipt.records_decoded, 5U);
  const DecodedRow& execve = decoded.rows[1];
  EXPECT_EQ(execve.shape.product, "linux");
  EXPECT_EQ(execve.shape.channel, "auditd");
  EXPECT_EQ(execve.shape.event_id, 1309U);
  EXPECT_EQ(execve.shape.provider, "auditd");
  EXPECT_EQ(execve.time, "2023-11-14T22:13:20.1230000Z");
  EXPECT_EQ(execve.field("a2"), "http://x/a b?c='d");
  EXPECT_EQ(execve.field("exe"), "/usr/bin/curl");
  EXPECT_EQ(execve.field("AUID"), "ann");
  EXPECT_EQ(execve.field("cwd"), "/tmp");
  EXPECT_EQ(execve.field("proctitle"), "curl -s");
  EXPECT_EQ(execve.field("key"), "exec");
  EXPECT_EQ(execve.field("CommandLine"), "curl -s http://x/a b?c='d");
  EXPECT_EQ(execve.field("argv"), "curl -s 'http://x/a b?c='\\''d'");
  EXPECT_EQ(execve.field("User"), "root");
  EXPECT_EQ(execve.field("name"), "(absent)") << "a PATH record's own";
  const DecodedRow& syscall = decoded.rows[0];
  EXPECT_EQ(syscall.field("a0"), "55") << "not the command's name";
  EXPECT_EQ(syscall.field("a2"), "57");
  EXPECT_EQ(syscall.field("cwd"), "/tmp");
  EXPECT_EQ(of_type(decoded, "PATH")->field("comm"), "curl");
}

TEST(Audit, ReadsEventsWhoseRecordsStandAmongOthers) {
  const DecodedRows decoded = decode_rows(
      "node=h type=SYSCALL msg=audit(1.5:1): comm=\"a\"\nnode=h type=SYSCALL msg=audit(1.5:2): comm=\"b\"\n"
      "node=h type=PROCTITLE msg=audit(1.5:1): proctitle=\"a\"\nnode=i type=PROCTITLE msg=audit(1.5:2): "
      "proctitle=\"c\"\nnode=h type=PROCTITLE msg=audit(1.5:2): proctitle=\"b\"\n");
  ASSERT_EQ(decoded.rows.size(), 5U);
  EXPECT_EQ(decoded.rows[2].field("comm"), "a");
  EXPECT_EQ(decoded.rows[3].field("comm"), "(absent)") << "another node's event";
  EXPECT_EQ(decoded.rows[3].host, "i");
  EXPECT_EQ(decoded.rows[4].field("comm"), "b");
}

TEST(Audit, PutsLongArgumentsTogether) {
  const DecodedRows decoded = decode_rows(
      "type=EXECVE msg=audit(1.5:1): argc=3 a0=\"sh\" a1=\"-c\" a2_len=12 a2[0]=6563686F20 a2[1]=C3\n"
      "type=EXECVE msg=audit(1.5:1): a2[2]=A92061\n");
  ASSERT_EQ(decoded.rows.size(), 1U);
  EXPECT_EQ(decoded.receipt.records_seen, 1U);
  EXPECT_EQ(decoded.rows[0].field("a2"), "echo \xC3\xA9 a");
  EXPECT_EQ(decoded.rows[0].field("argv"), "sh -c 'echo \xC3\xA9 a'");
  ASSERT_EQ(decoded.receipt.damage.size(), 1U);
  EXPECT_EQ(decoded.receipt.damage[0].count, 1U);
}

TEST(Audit, ReadsTheKeysInsideMessagesOfPrograms) {
  const DecodedRows decoded = decode_rows(
      "type=USER_CMD msg=audit(1700000000.1:7): pid=5 uid=1000 auid=1000 ses=1 msg='cwd=\"/home/ann\" "
      "cmd=6964202D750A exe=\"/usr/bin/sudo\" terminal=pts/0 res=success'\n"
      "type=SERVICE_STOP msg=audit(1700000001.1:8): pid=1 uid=0 msg='unit=auditd comm=\"systemd\" "
      "exe=\"/lib/systemd/systemd\" hostname=? addr=? terminal=? res=success'\n"
      "type=USER_ACCT msg=audit(1170021601.340:294): user pid=13015 uid=0 msg='PAM: accounting acct=root : "
      "exe=\"/usr/sbin/crond\" (hostname=?, addr=?, terminal=cron res=success)'\n");
  ASSERT_EQ(decoded.rows.size(), 3U);
  EXPECT_EQ(decoded.rows[0].field("cmd"), "id -u\n");
  EXPECT_EQ(decoded.rows[0].field("res"), "success");
  EXPECT_EQ(decoded.rows[1].field("unit"), "auditd");
  EXPECT_EQ(decoded.rows[1].shape.event_id, 1131U);
  EXPECT_EQ(decoded.rows[2].field("acct"), "root");
  EXPECT_EQ(decoded.rows[2].field("exe"), "/usr/sbin/crond");
}

TEST(Audit, DecodesHexadecimalOnlyWhereItWasNeeded) {
  const DecodedRows decoded = decode_rows(
      "type=PATH msg=audit(1.5:1): item=0 name=2F746D702F612062 inode=4142\n"
      "type=PATH msg=audit(1.5:2): name=ABCD dev=08:01\n"
      "type=PATH msg=audit(1.5:3): name=\"2F746D702F612062\"\n"
      "type=SYSCALL msg=audit(1.5:4): a0=20204142 comm=4120 key=6B31016B32\n"
      "type=PATH msg=audit(1.5:5): name=(null)\n");
  ASSERT_EQ(decoded.rows.size(), 5U);
  EXPECT_EQ(decoded.rows[0].field("name"), "/tmp/a b");
  EXPECT_EQ(decoded.rows[0].field("inode"), "4142");
  EXPECT_EQ(decoded.rows[1].field("name"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(decoded.rows[2].field("name"), "2F746D702F612062") << "it was quoted";
  EXPECT_EQ(decoded.rows[3].field("a0"), "20204142") << "an argument of a system call";
  EXPECT_EQ(decoded.rows[3].field("comm"), "A ");
  EXPECT_EQ(decoded.rows[3].field("key"), "k1|k2");
  EXPECT_EQ(decoded.rows[4].field("name"), "(null)");
}

TEST(Audit, NamesSystemCallsAndAddresses) {
  const DecodedRows decoded = decode_rows(
      "type=SYSCALL msg=audit(1.5:1): arch=c000003e syscall=42 success=yes comm=\"nc\"\n"
      "type=SOCKADDR msg=audit(1.5:1): saddr=0200115CCB00710900000000\n"
      "type=SOCKADDR msg=audit(1.5:2): saddr=0A0001BB0000000020010DB8000000000000000000000001\n"
      "type=SOCKADDR msg=audit(1.5:3): saddr=01002F72756E2F782E736F636B00\n");
  ASSERT_EQ(decoded.rows.size(), 4U);
  EXPECT_EQ(decoded.rows[0].field("SYSCALL"), "connect");
  EXPECT_EQ(decoded.rows[1].field("SYSCALL"), "connect") << "what its event was about";
  EXPECT_EQ(decoded.rows[1].field("laddr"), "203.0.113.9");
  EXPECT_EQ(decoded.rows[1].field("lport"), "4444");
  EXPECT_EQ(decoded.rows[2].field("laddr"), "2001:db8:0:0:0:0:0:1");
  EXPECT_EQ(decoded.rows[3].field("path"), "/run/x.sock");
}

TEST(Audit, ReadsWhatAusearchInterprets) {
  const DecodedRows decoded = decode_rows(
      "----\n"
      "type=PROCTITLE msg=audit(11/14/2023 22:13:20.123:45) : proctitle=env A=b sh -c id \n"
      "type=EXECVE msg=audit(11/14/2023 22:13:20.123:45) : argc=4 a0=env a1=A=b x=y a2=sh a3=a4 \n"
      "type=SYSCALL msg=audit(11/14/2023 22:13:20.123:45) : arch=x86_64 syscall=execve success=yes exit=0 "
      "ppid=1 pid=2 auid=ann uid=root comm=env exe=/usr/bin/my env key=(null) \n"
      "----\ntime->Tue Nov 14 22:13:21 2023\ntype=LOGIN msg=audit(1700000001.5:46): pid=3 uid=0\n");
  ASSERT_EQ(decoded.rows.size(), 4U);
  EXPECT_EQ(decoded.rows[0].time, "2023-11-14T22:13:20.1230000Z");
  EXPECT_EQ(decoded.rows[0].field("proctitle"), "env A=b sh -c id");
  EXPECT_EQ(decoded.rows[1].field("a1"), "A=b x=y");
  EXPECT_EQ(decoded.rows[1].field("a3"), "a4");
  EXPECT_EQ(decoded.rows[1].field("exe"), "/usr/bin/my env");
  EXPECT_EQ(decoded.rows[1].field("SYSCALL"), "execve");
  EXPECT_EQ(decoded.rows[1].field("User"), "root");
  EXPECT_EQ(decoded.receipt.records_quarantined, 0U);
  EXPECT_EQ(decoded.receipt.notes.size(), 2U);
}

TEST(Audit, StandsInSyslogToo) {
  const DecodedRows decoded = decode_rows(
      "2023-11-14T22:13:20+00:00 web1 audispd: node=web2 type=CWD msg=audit(1700000000.1:4): cwd=\"/a\"\n"
      "2023-11-14T22:13:20+00:00 web1 kernel: [   12.5] audit: type=1326 audit(1700000000.2:5): auid=1 "
      "comm=\"x\"#035AUID=\"ann\"\n"
      "2023-11-14T22:13:20+00:00 web1 audit[77]: hello\n");
  ASSERT_EQ(decoded.rows.size(), 3U);
  EXPECT_EQ(decoded.rows[0].host, "web2");
  EXPECT_EQ(decoded.rows[1].host, "web1");
  EXPECT_EQ(decoded.rows[1].field("type"), "SECCOMP");
  EXPECT_EQ(decoded.rows[1].field("AUID"), "ann");
  EXPECT_EQ(decoded.rows[2].field("message"), "hello");
  EXPECT_EQ(decoded.receipt.kind, "text (auditd, syslog)");
}

TEST(Audit, OpensQuotesAndBracesOnlySoDeep) {
  for (const char* opening : {"msg='", "a={", "a='"}) {
    std::string nested;
    for (int i = 0; i < 300'000; ++i) nested += opening;
    nested += std::string(300'000, '\'') + std::string(300'000, '}');
    for (const char* front :
         {"type=USER_CMD msg=audit(1.5:1): ", "type=USER_CMD msg=audit(01/02/2023 10:00:00.5:1) : "}) {
      const DecodedRows decoded = decode_rows(front + nested + "\n");
      EXPECT_EQ(decoded.receipt.records_decoded, 1U) << opening;
    }
  }
}

TEST(Audit, LosesOnlyTheLineThatCannotBeRead) {
  const DecodedRows decoded =
      decode_rows(kExecution + "type=EXECVE msg=audit(: a0=\"x\"\nrubbish\n" + kExecution);
  EXPECT_EQ(decoded.receipt.records_seen, 12U);
  EXPECT_EQ(decoded.receipt.records_decoded, 10U);
  ASSERT_EQ(decoded.receipt.quarantined.size(), 2U);
  EXPECT_EQ(decoded.receipt.quarantined[1].reason, "line 7: no line of a log that is known");
}

}  // namespace
}  // namespace landwarden::decode::text
