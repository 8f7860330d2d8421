#include "intel/stix_pattern.h"

#include <string>

#include <gtest/gtest.h>

namespace landwarden::intel {
namespace {

/// "md5 x | file-name y AND ip z ! reason" of a pattern.
std::string told(std::string_view pattern) {
  const Alternatives read = read_stix_pattern(pattern);
  std::string out;
  for (const auto& set : read.sets) out += (out.empty() ? "" : " | ") + to_text(set);
  for (const std::string& why : read.not_understood) out += " ! " + why;
  return out;
}

const std::string kMd5 = "d41d8cd98f00b204e9800998ecf8427e";

TEST(StixPattern, ReadsComparisonsJoinedByOr) {
  EXPECT_EQ(told("[file:hashes.MD5 = '" + kMd5 + "' OR file:name = 'A.exe']"),
            "md5 " + kMd5 + " | file-name a.exe");
  EXPECT_EQ(told("[ipv4-addr:value = '192.0.2.1'] OR [domain-name:value='X.example.']"),
            "ip 192.0.2.1 | domain x.example");
  EXPECT_EQ(told("[url:value IN ('http://A.example/x','http://b.example')]"),
            "url http://a.example/x | url http://b.example/");
}

TEST(StixPattern, UnderstandsQuotedKeysAndEscapes) {
  EXPECT_EQ(told("[file:hashes.'SHA-1' = 'da39a3ee5e6b4b0d3255bfef95601890afd80709']"),
            "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(told(R"([windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\x'])"),
            R"(registry hklm\system\currentcontrolset\services\x)");
  EXPECT_EQ(told(R"([directory:path = 'C:\\Temp'])"), R"(path c:\temp\)");
  EXPECT_EQ(told("[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'It\\'s me']"),
            "user-agent it's me");
}

TEST(StixPattern, AndKeepsValuesTogether) {
  EXPECT_EQ(
      told("[file:name = 'a.exe' AND (ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value = '192.0.2.2')]"),
      "ip 192.0.2.1 AND file-name a.exe | ip 192.0.2.2 AND file-name a.exe");
}

TEST(StixPattern, NeverWidensWhatItDoesNotUnderstand) {
  EXPECT_EQ(told("[file:name = 'a.exe' AND file:size > 100]"), " ! no field of a log holds 'file:size'");
  EXPECT_EQ(told("[file:name = 'a.exe' OR file:size > 100]"),
            "file-name a.exe ! no field of a log holds 'file:size'");
  EXPECT_EQ(told("[file:name LIKE 'a%']"), " ! the comparison 'LIKE' of file:name");
  EXPECT_EQ(told("[file:name NOT = 'a']"), " ! the comparison 'NOT =' of file:name");
  EXPECT_EQ(told("[file:hashes.MD5 = 'abc']"), " ! 'abc' is no md5");
  EXPECT_EQ(told("[file:name = 'a'] AND [file:name = 'b']"), " ! 'AND' between or behind observations");
  EXPECT_EQ(told("[file:name = 'a'] FOLLOWEDBY [file:name = 'b']"),
            " ! 'FOLLOWEDBY' between or behind observations");
  EXPECT_EQ(told("[file:name = 'a'] WITHIN 5 SECONDS"), " ! 'WITHIN' between or behind observations");
}

TEST(StixPattern, RefusesWhatIsNoPattern) {
  for (const char* text : {"", "x", "[", "[]", "[file:name]", "[file:name =", "[file:name = 'a",
                           "[file:name = 'a')", "[file:name IN ('a',)]", "[(file:name = 'a']", "[= 'a']"}) {
    const Alternatives read = read_stix_pattern(text);
    EXPECT_TRUE(read.sets.empty()) << text;
    EXPECT_EQ(read.not_understood.size(), 1U) << text;
  }
}

TEST(StixPattern, IsBoundedInDepthAndCombinations) {
  const std::string deep(100'000, '(');
  EXPECT_EQ(told("[" + deep.substr(0, 60'000)), " ! too many brackets inside each other");
  EXPECT_EQ(told("[" + deep), " ! a pattern longer than is read");
  std::string many = "[";
  for (int i = 0; i < 12; ++i)
    many += (i > 0 ? " AND " : "") + std::string("(file:name = 'a") + std::to_string(i) +
            "' OR file:name = 'b" + std::to_string(i) + "')";
  EXPECT_EQ(told(many + "]"), " ! more combinations of OR and AND than are multiplied out");
}

}  // namespace
}  // namespace landwarden::intel
