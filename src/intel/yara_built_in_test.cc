// Each of our own YARA rules on a file that it is about, and on one that only looks like it.

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/content.h"
#include "intel/yara_rules.h"

namespace landwarden::intel {
namespace {

using Texts = std::vector<std::string>;

std::string wide(std::string_view text) {
  std::string out;
  for (const char c : text) out += {c, '\0'};
  return out;
}

std::string le32(std::uint32_t value) {
  std::string out;
  for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

std::string windows_program(const std::string& inside) {
  return "MZ" + std::string(200, '\0') + inside;
}
std::string database(const std::string& inside) {
  return le32(0x1234) + le32(0x89ABCDEF) + std::string(100, '\0') + inside;
}
std::string hive(const std::string& inside) {
  return "regf" + std::string(100, '\0') + inside;
}
std::string dump(const std::string& inside) {
  return "MDMP" + std::string(100, '\0') + inside;
}

struct Case {
  std::string path, bytes;
  Texts met;
};

class BuiltInYara : public testing::Test {
 protected:
  static const YaraRules& rules() {
    static const auto& loaded = *new Result<YaraRules>(YaraRules::load({std::string(kBuiltInYara)}));
    EXPECT_TRUE(loaded.has_value()) << loaded.error().to_string();
    return *loaded;
  }
  static Texts met(const Case& one) {
    YaraScanner scanner(rules());
    std::vector<YaraMatch> found;
    EXPECT_TRUE(scanner.scan(one.bytes, one.path, found).has_value());
    Texts out;
    for (const YaraMatch& match : found) out.push_back(rules().rules()[match.rule].name);
    std::ranges::sort(out);
    return out;
  }
};

constexpr const char* kProtocol = "privilege_key run_id proxy_name pool_count";

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"SMSvcService.exe",
       windows_program("github.com/fatedier/frp github.com/fatedier/golib hashicorp/yamux"),
       {"frp_by_its_modules"}},
      {"notes.txt", "github.com/fatedier/frp github.com/fatedier/golib hashicorp/yamux", {}},
      {"a.exe", windows_program(kProtocol), {"frp_by_its_protocol"}},
      {"frpc.json", kProtocol, {}},
      {"sl.exe", windows_program("ScanLine (TM) Foundstone Inc. TCP ports"), {"scanline"}},
      {"a.exe", windows_program("Foundstone"), {}},
      {"svc.exe",
       windows_program("UPX0 UPX1") + std::string(2 << 20, 'x'),
       {"packed_program_without_a_maker"}},
      {"svc.exe", windows_program("UPX0 UPX1" + wide("CompanyName")) + std::string(2 << 20, 'x'), {}},
      {"ronf.exe",
       windows_program(wide(std::string("OriginalFilename\0Rar.exe", 24))),
       {"archiver_under_another_name"}},
      {"Rar.exe", windows_program(wide(std::string("OriginalFilename\0Rar.exe", 24))), {}},
      {"ronf.exe",
       windows_program(
           wide(std::string("OriginalFilename\0ronf.exe", 25) + std::string(90, 'x') + "Rar.exe")),
       {}},
      {"ntds.dit", database("datatable link_table sd_table"), {"directory_database"}},
      {"x.gif",
       database("datatable link_table sd_table"),
       {"database_under_another_name", "directory_database"}},
      {"WebCacheV01.dat", database("Containers"), {}},
      {"x.gif", hive(""), {"registry_hive_under_another_name"}},
      {"NTUSER.DAT", hive("Software"), {}},
      {"sam.hiv", hive("Domains Aliases Builtin"), {"secret_hive"}},
      {"security", hive("PolEKList PolAdtEv"), {"secret_hive"}},
      {"notes.tmp", dump(""), {"memory_dump_under_another_name"}},
      {"l.dmp", dump(wide("LSASRV.dll lsass.exe")), {"dump_of_the_logon_process"}},
      {"browser.dmp", dump(wide("chrome.exe")), {}},
      {"a.bat", "ntdsutil \"ac i ntds\" ifm \"create full c:\\x\" q q", {"script_copies_the_directory"}},
      {"a.bat", "ntdsutil \"ac i ntds\" files info q q", {}},
      {"",
       R"(copy \\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3\Windows\NTDS\ntds.dit c:\x)",
       {"script_copies_the_directory"}},
      {"a.bat", "netsh int portp a v4tov4 9999 10.1.1.1 8443", {"script_passes_ports_on"}},
      {"a.bat", "netsh interface portproxy show all", {}},
      {"", "rundll32 comsvcs.dll, MiniDump 624 c:\\x full", {"script_dumps_the_logon_process"}},
      {"", "[PInvoke]::MiniDumpWriteDump((gps lsass).Handle)", {"script_dumps_the_logon_process"}},
      {"", "[PInvoke]::MiniDumpWriteDump((gps notepad).Handle)", {}},
      {"a.jspx",
       "<%@ page import=\"javax.crypto.*\" %> request.getParameter(\"x\") Cipher.getInstance(\"AES\") "
       "Runtime.getRuntime().exec(c)",
       {"web_shell_in_java_or_aspx"}},
      {"iisstart.aspx",
       "<%@ Page Language=\"C#\" %> Request.Form[\"x\"] new AesManaged() new ProcessStartInfo(\"cmd\")",
       {"web_shell_in_java_or_aspx"}},
      {"list.aspx", "<%@ Page Language=\"C#\" %> Request.Form[\"x\"] new AesManaged()", {}},
      {"VersaTest.class",
       "org/apache/catalina/startup/Bootstrap .java_pid ClassFileTransformer",
       {"java_agent_that_takes_passwords"}},
      {"Agent.class", "ClassFileTransformer .java_pid", {}},
      {"plan.pdf", "%PDF-1.7", {}},
  };
  return all;
}

TEST_F(BuiltInYara, MeetsWhatItIsAboutAndLeavesTheRest) {
  for (const Case& one : cases()) EXPECT_EQ(met(one), one.met) << one.path << ": " << one.bytes.substr(0, 60);
}

TEST_F(BuiltInYara, HasACaseForEachRuleAndALevelInEach) {
  EXPECT_TRUE(rules().errors().empty());
  for (const YaraRule& rule : rules().rules()) {
    EXPECT_TRUE(std::ranges::any_of(cases(), [&](const Case& one) {
      return std::ranges::find(one.met, rule.name) != one.met.end();
    })) << rule.name;
    for (const char* key : {"description", "author", "date", "level"}) {
      EXPECT_TRUE(std::ranges::any_of(rule.meta, [&](const auto& meta) { return meta.first == key; }))
          << rule.name << " has no " << key;
    }
  }
}

/// The rules' own text, what the product holds of commands, and its documents are no attack.
TEST_F(BuiltInYara, LeavesTheProductsOwnTablesAlone) {
  for (const content::BuiltIn& file : content::built_in()) {
    const std::string_view name = file.name;
    if (!name.starts_with("coverage/") && !name.starts_with("layouts/") && !name.starts_with("catalogues/"))
      continue;
    EXPECT_EQ(met({std::string(name), std::string(file.bytes()), {}}), Texts{}) << name;
  }
}

}  // namespace
}  // namespace landwarden::intel
