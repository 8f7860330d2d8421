#include "command/summary.h"

#include <gtest/gtest.h>

#include "command/reading_testing.h"

namespace landwarden::command {
namespace {

TEST(Summary, NamesEachValueOnce) {
  SummaryMemo memo(built_in_grammar());
  const Summary& summary =
      memo.of({.line = R"(psexec \\FS02 -u corp\adm cmd /c "whoami & whoami & net view \\FS02")"});
  EXPECT_EQ(summary.action, "remote_command_run shell_run self_query share_list");
  EXPECT_EQ(summary.host, "FS02");
  EXPECT_EQ(summary.account, "corp\\adm");
  EXPECT_EQ(summary.decoded,
            "cmd /c \"whoami & whoami & net view \\\\FS02\"\nwhoami & whoami & net view \\\\FS02");
}

TEST(SummaryMemo, GivesTheSameAsTheFirstTime) {
  SummaryMemo memo(built_in_grammar());
  const Summary first = memo.of({.line = "reg save hklm\\sam x.dat"});
  (void)memo.of({.line = "whoami"});
  const Summary& again = memo.of({.line = "reg save hklm\\sam x.dat"});
  EXPECT_EQ(first.action, again.action);
  EXPECT_EQ(first.target, "HKLM\\sam\nx.dat");
  EXPECT_EQ(first.shape, again.shape);
  EXPECT_EQ(memo.of({.line = "u a -hpx y", .original_name = "Rar.exe"}).action, "archive_create_protected");
  EXPECT_EQ(memo.of({.line = "u a -hpx y"}).action, "");
}

}  // namespace
}  // namespace landwarden::command
