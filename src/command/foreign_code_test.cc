// Commands in the text of programs that this room does not read.

#include "command/foreign_code.h"

#include <string>

#include <gtest/gtest.h>

#include "command/reading_testing.h"

namespace landwarden::command {
namespace {

using Texts = std::vector<std::string>;

Texts found(std::string_view code) {
  TextStore texts;
  Texts out;
  for (const ForeignCommand& command : commands_in_code(code, texts)) out.emplace_back(command.text);
  return out;
}

TEST(ForeignCode, FindsWhatIsHandedToAShell) {
  EXPECT_EQ(found(R"x(import os; os.system("id"))x"), (Texts{"id"}));
  EXPECT_EQ(found(R"x(__import__('os').popen('cat ' + "/etc/shadow"))x"), (Texts{"cat /etc/shadow"}));
  EXPECT_EQ(found(R"x(use POSIX; system("id"); exec "sh";)x"), (Texts{"id", "sh"}));
  EXPECT_EQ(found(R"x(BEGIN {system("whoami")})x"), (Texts{"whoami"}));
  EXPECT_EQ(found(R"x(require('child_process').execSync('id'))x"), (Texts{"id"}));
  EXPECT_EQ(found("do shell script \"echo \\\"a\\\"\" with administrator privileges"),
            (Texts{R"(echo "a")"}));
  EXPECT_EQ(found(":!whoami"), (Texts{"whoami"}));
}

TEST(ForeignCode, PutsListsOfArgumentsTogether) {
  EXPECT_EQ(found(R"x(subprocess.run(["cat", "/etc/shadow"]))x"), (Texts{"cat /etc/shadow"}));
  EXPECT_EQ(found(R"x(subprocess.Popen(['sh','-c','id; w']))x"), (Texts{R"(sh -c "id; w")"}));
  EXPECT_EQ(found(R"x(os.execl("/bin/sh", "sh", "-p"))x"), (Texts{"/bin/sh -p"}));
  EXPECT_EQ(found(R"x(system("ls", "-l");)x"), (Texts{"ls -l"}));
}

TEST(ForeignCode, ReadsTheScriptHostsLanguages) {
  EXPECT_EQ(found(R"x(vbscript:Execute("CreateObject(""Wscript.Shell"").Run ""calc"":close"))x"),
            (Texts{"calc"}));
  EXPECT_EQ(found(R"x(javascript:new ActiveXObject("WScript.Shell").Run("cmd /c whoami",0))x"),
            (Texts{"cmd /c whoami"}));
  EXPECT_EQ(found(R"x(CreateObject("Shell.Application").ShellExecute "cmd.exe", "/c calc", "", "open")x"),
            (Texts{R"(cmd.exe "/c calc" open)"}));
}

TEST(ForeignCode, LeavesOutWhatOnlyTheProgramKnows) {
  EXPECT_EQ(found("os.system(x)"), Texts{});
  EXPECT_EQ(found(R"x(os.system("rm " + name))x"), Texts{});
  EXPECT_EQ(found(R"x(print("system"))x"), Texts{});
  EXPECT_EQ(found(R"x(run("now"))x"), Texts{});
  EXPECT_EQ(found(R"x(os.system("never closed)x"), Texts{});
}

TEST(ForeignCode, IsALayerOfTheLine) {
  EXPECT_TRUE(
      read(Input{.line = R"x(python3 -c 'import os; os.system("cat /etc/shadow")')x", .origin = Origin::unix})
          .has("password_file_read"));
  EXPECT_TRUE(read(Input{.line = R"x(perl -e 'exec "/bin/sh";')x", .origin = Origin::unix}).has("shell_run"));
  EXPECT_TRUE(
      read(Input{.line = R"x(awk 'BEGIN {system("whoami")}')x", .origin = Origin::unix}).has("self_query"));
  EXPECT_TRUE(read(Input{.line = R"x(vim -c ':!whoami')x", .origin = Origin::unix}).has("self_query"));
  EXPECT_TRUE(read(Input{.line = R"x(osascript -e 'do shell script "whoami"')x", .origin = Origin::unix})
                  .has("self_query"));
  EXPECT_TRUE(
      read(R"x(mshta vbscript:Execute("CreateObject(""Wscript.Shell"").Run ""cmd /c whoami"":close"))x")
          .has("self_query"));
  EXPECT_TRUE(read(R"x(rundll32.exe javascript:"\..\mshtml,RunHTMLApplication ";)x"
                   R"x(new%20ActiveXObject("WScript.Shell").Run("whoami"))x")
                  .has("self_query"));
  EXPECT_TRUE(read(R"x(python -c "import os;os.system('whoami')")x").has("self_query"));
}

}  // namespace
}  // namespace landwarden::command
