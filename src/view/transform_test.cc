#include "view/transform.h"

#include <gtest/gtest.h>

namespace landwarden::view {
namespace {

/// The text that a transform of this name makes; "absent" where it makes none.
std::string made(std::string_view name, std::string_view text) {
  const auto transform = parse_transform(name);
  if (!transform) return "no such transform";
  return apply(*transform, text).value_or("absent");
}

TEST(Transform, ChangesTheBaseOfNumbersAndLeavesTheRest) {
  EXPECT_EQ(made("hex_to_decimal", "0x1a4"), "420");
  EXPECT_EQ(made("hex_to_decimal", "420"), "420");
  EXPECT_EQ(made("hex_to_decimal", "0xzz"), "0xzz");
  EXPECT_EQ(made("decimal_to_hex", "420"), "0x1a4");
  EXPECT_EQ(made("decimal_to_hex", "0x1a4"), "0x1a4");
  EXPECT_EQ(apply({}, "0x1a4"), "0x1a4");
}

TEST(Transform, SaysWhatACommandLineMeans) {
  const std::string_view line = "netsh int portp a v4tov4 listenport=9999 connectaddress=10.1.2.3";
  EXPECT_EQ(made("command action process", line), "port_proxy_add");
  EXPECT_EQ(made("command target process", line), "10.1.2.3");
  EXPECT_EQ(made("command host process", line), "absent");
  EXPECT_EQ(made("command action process", "upd a -hpx y\x1fiC:\\x\\upd.exe\x1foRar.exe"),
            "archive_create_protected");
  EXPECT_EQ(made("command program process", "upd a -hpx y\x1fiC:\\x\\upd.exe\x1foRar.exe"), "rar");
  EXPECT_EQ(made("command program process", "cmd /c n^et user"), "net cmd");
  EXPECT_EQ(made("command action powershell", "iex ('who'+'ami')"), "expression_run self_query");
  EXPECT_EQ(made("command decoded powershell", "iex ('who'+'ami')"), "whoami");
  EXPECT_EQ(made("command action unix", "c\\at /etc/shadow"), "password_file_read");
  EXPECT_EQ(made("command colour process", line), "no such transform");
  EXPECT_EQ(made("command action", line), "no such transform");
}

TEST(Transform, TakesOneHashOutOfThoseOfAnEvent) {
  const std::string_view hashes = "SHA1=AB,MD5=0F,IMPHASH=00";
  EXPECT_EQ(made("hash MD5", hashes), "0F");
  EXPECT_EQ(made("hash SHA1", hashes), "AB");
  EXPECT_EQ(made("hash IMPHASH", hashes), "00");
  EXPECT_EQ(made("hash SHA256", hashes), "absent");
}

TEST(Transform, TakesALineOfAText) {
  const std::string_view text = "\tHostName=ConsoleHost\r\n\tHostVersion=5.1\r\n";
  EXPECT_EQ(made("line HostName", text), "ConsoleHost");
  EXPECT_EQ(made("line HostVersion", text), "5.1");
  EXPECT_EQ(made("line Host", text), "absent");
}

TEST(Transform, WritesTheRegistryAsSysmonDoes) {
  EXPECT_EQ(made("registry_path", "\\REGISTRY\\MACHINE\\SOFTWARE\\X"), "HKLM\\SOFTWARE\\X");
  EXPECT_EQ(made("registry_operation", "%%1904"), "SetValue");
  EXPECT_EQ(made("registry_details", "%%1876 1"), "DWORD (0x00000001)");
}

TEST(Transform, NamesWhatWindowsNumbers) {
  EXPECT_EQ(made("integrity_level", "S-1-16-12288"), "High");
  EXPECT_EQ(made("ip_protocol", "6"), "tcp");
  EXPECT_EQ(made("initiated", "%%14593"), "true");
  EXPECT_EQ(made("device_path", "\\device\\harddiskvolume2\\x"), "C:\\x");
}

TEST(Transform, NamesThatAreNoneAreRefused) {
  EXPECT_FALSE(parse_transform("no_such_thing"));
  EXPECT_FALSE(parse_transform("hash"));
}

}  // namespace
}  // namespace landwarden::view
