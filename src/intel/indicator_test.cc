#include "intel/indicator.h"

#include <gtest/gtest.h>

namespace landwarden::intel {
namespace {

using enum IndicatorKind;

TEST(Indicator, ValuesHaveOneForm) {
  const auto form = [](IndicatorKind kind, std::string_view value) {
    return normal_form(kind, value).value_or("-");
  };
  EXPECT_EQ(form(md5, " D41D8CD98F00B204E9800998ECF8427E\r"), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(form(ip, "192.0.2[.]7"), "192.0.2.7");
  EXPECT_EQ(form(ip, "2001:DB8::1/128"), "2001:db8::1");
  EXPECT_EQ(form(domain, "*.Evil(.)Example."), "evil.example");
  EXPECT_EQ(form(url, "hXXps://Evil[.]example/Path?Q=1#top"), "https://evil.example/Path?Q=1");
  EXPECT_EQ(form(path, R"(\??\C:\Users\Public/x.exe)"), R"(c:\users\public\x.exe)");
  EXPECT_EQ(form(path, R"(\Device\HarddiskVolume3\Temp\x)"), R"(\temp\x)");
  EXPECT_EQ(form(path, "/tmp/.X"), "/tmp/.x");
  EXPECT_EQ(form(registry, R"(\REGISTRY\MACHINE\SYSTEM\ControlSet001\Services\P\)"),
            R"(hklm\system\currentcontrolset\services\p)");
  EXPECT_EQ(form(registry, R"(HKEY_USERS\S-1-5-18\x)"), R"(hku\s-1-5-18\x)");
  EXPECT_EQ(form(user_agent, "Mozilla/5.0 X"), "mozilla/5.0 x");
  EXPECT_EQ(form(certificate, "0A:1B:" + std::string(36, 'c')), "0a1b" + std::string(36, 'c'));
  EXPECT_EQ(form(certificate, std::string(64, 'E')), std::string(64, 'e'));
}

TEST(Indicator, WrongValuesAreRefused) {
  // As seen in copies of the advisories: a hash cut short, one of another kind, addresses that are none.
  EXPECT_FALSE(normal_form(md5, "d41d8cd98f00b204e9800998ecf8427"));
  EXPECT_FALSE(normal_form(sha1, "d41d8cd98f00b204e9800998ecf8427e"));
  EXPECT_FALSE(normal_form(sha256, std::string(64, 'g')));
  EXPECT_FALSE(normal_form(ip, "300.1.1.1"));
  EXPECT_FALSE(normal_form(ip, "192.0.2.1/33"));
  EXPECT_FALSE(normal_form(domain, "nodot"));
  EXPECT_FALSE(normal_form(domain, "1.2.3.4"));
  EXPECT_FALSE(normal_form(domain, "a..b"));
  EXPECT_FALSE(normal_form(url, "no-scheme.example/x"));
  EXPECT_FALSE(normal_form(path, "relative"));
  EXPECT_FALSE(normal_form(path, R"(C:\*\x)"));
  EXPECT_FALSE(normal_form(file_name, R"(a\b)"));
  EXPECT_FALSE(normal_form(file_name, "a\x01"));
  EXPECT_FALSE(normal_form(file_name, "\xFF"));
  EXPECT_FALSE(normal_form(file_name, std::string(5000, 'a')));
  EXPECT_FALSE(normal_form(registry, "HKLM"));
  EXPECT_FALSE(normal_form(certificate, "0A:1B"));
  EXPECT_FALSE(normal_form(certificate, std::string(64, 'g')));
}

TEST(Indicator, BareValuesTellTheirKind) {
  EXPECT_EQ(kind_of_value(std::string(32, 'a')), md5);
  EXPECT_EQ(kind_of_value(std::string(64, 'A')), sha256);
  EXPECT_EQ(kind_of_value("198.51.100.0/24"), ip);
  EXPECT_EQ(kind_of_value("hxxp://a[.]example/"), url);
  EXPECT_EQ(kind_of_value(R"(HKLM\Software\x)"), registry);
  EXPECT_EQ(kind_of_value(R"(C:\Windows\Temp\pro)"), path);
  EXPECT_EQ(kind_of_value("/tmp/x"), path);
  EXPECT_EQ(kind_of_value("evil.example"), domain);
  EXPECT_EQ(kind_of_value("cisco_up.exe"), file_name);
  EXPECT_EQ(kind_of_value("Mozilla/5.0 (x)"), user_agent);
  EXPECT_EQ(kind_of_value("some words"), std::nullopt);
}

TEST(Indicator, TlpIsReadInBothVersions) {
  EXPECT_EQ(tlp_named("TLP:WHITE"), Tlp::clear);
  EXPECT_EQ(tlp_named("tlp:amber+strict"), Tlp::amber_strict);
  EXPECT_EQ(tlp_named("Red"), Tlp::red);
  EXPECT_EQ(tlp_named("secret"), Tlp::unknown);
}

}  // namespace
}  // namespace landwarden::intel
