#include "intel/indicator_import.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "base/text.h"

namespace landwarden::intel {
namespace {

ImportedIndicators read(std::string_view bytes, const std::string& file = "feed") {
  IndicatorImport import;
  import.add(bytes, file);
  return import.take();
}

std::vector<std::string> told(const ImportedIndicators& read) {
  std::vector<std::string> out;
  for (const Indicator& one : read.indicators) out.push_back(to_text(one.terms));
  return out;
}
using Texts = std::vector<std::string>;

TEST(IndicatorImport, ReadsStixWithWhoSaysSo) {
  const auto bundle = read(R"({"type": "bundle", "id": "bundle--1", "objects": [
    {"type": "identity", "id": "identity--1", "name": "Some CERT"},
    {"type": "indicator", "id": "indicator--1", "name": "Relay", "pattern_type": "stix", "created_by_ref": "identity--1",
     "pattern": "[ipv4-addr:value = '192.0.2.1']", "valid_from": "2026-01-02T00:00:00Z", "valid_until": "2026-06-01T00:00:00Z",
     "confidence": 70, "object_marking_refs": ["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]},
    {"type": "indicator", "id": "indicator--2", "pattern": "[file:name = 'x']", "pattern_type": "stix", "revoked": true},
    {"type": "indicator", "id": "indicator--3", "pattern": "rule x {}", "pattern_type": "yara"},
    {"type": "malware", "id": "malware--1"}]})");
  ASSERT_EQ(told(bundle), Texts{"ip 192.0.2.1"});
  const Provenance& says = bundle.indicators[0].says;
  EXPECT_EQ(says.source, "Some CERT");
  EXPECT_EQ(says.about, "Relay");
  EXPECT_EQ(says.seen, *parse_time("2026-01-02"));
  EXPECT_EQ(says.valid_until, *parse_time("2026-06-01"));
  EXPECT_EQ(says.confidence, 70U);
  EXPECT_EQ(says.tlp, Tlp::amber);
  EXPECT_EQ(bundle.withdrawn, 1U);
  ASSERT_EQ(bundle.not_understood, 1U);
  EXPECT_EQ(bundle.errors[0].message, "not understood: a pattern of the type 'yara' (indicator--3)");
}

TEST(IndicatorImport, ReadsMispEventsAndTheirObjects) {
  const auto event =
      read(R"({"response": [{"Event": {"info": "Case", "date": "2026-03-01", "Orgc": {"name": "Org"},
    "Tag": [{"name": "tlp:green"}], "Attribute": [
      {"type": "ip-dst|port", "value": "192.0.2.1|443", "to_ids": true},
      {"type": "domain|ip", "value": "x.example|192.0.2.2", "to_ids": true, "comment": "relay"},
      {"type": "filename|md5", "value": "a.exe|d41d8cd98f00b204e9800998ecf8427e", "to_ids": true},
      {"type": "domain", "value": "harmless.example", "to_ids": false},
      {"type": "btc", "value": "1A", "to_ids": true}],
    "Object": [{"Attribute": [{"type": "filename", "value": "C:\\x\\y.exe", "to_ids": true}]}]}}]})");
  EXPECT_EQ(told(event), (Texts{"md5 d41d8cd98f00b204e9800998ecf8427e", "ip 192.0.2.1", "ip 192.0.2.2",
                                "domain x.example", R"(path c:\x\y.exe)"}));
  EXPECT_EQ(event.indicators[2].says.about, "relay");
  EXPECT_EQ(event.indicators[1].says.about, "Case");
  EXPECT_EQ(event.indicators[0].says.tlp, Tlp::green);
  EXPECT_EQ(event.withdrawn, 1U);
  EXPECT_EQ(event.not_understood, 1U);
}

TEST(IndicatorImport, ReadsOpenIocTrees) {
  const auto ioc = read(R"(<?xml version="1.0"?>
<ioc xmlns="http://schemas.mandiant.com/2010/ioc" id="i1" last-modified="2026-02-01T00:00:00">
 <short_description>A tool</short_description><authored_by>Somebody</authored_by>
 <definition><Indicator operator="OR" id="a">
  <IndicatorItem condition="is"><Context document="FileItem" search="FileItem/Md5sum" type="mir"/>
   <Content type="md5">D41D8CD98F00B204E9800998ECF8427E</Content></IndicatorItem>
  <IndicatorItem condition="contains"><Context search="FileItem/FileName"/><Content>x</Content></IndicatorItem>
  <Indicator operator="AND">
   <IndicatorItem condition="is"><Context search="FileItem/FileName"/><Content>a.exe</Content></IndicatorItem>
   <IndicatorItem condition="is"><Context search="PortItem/remoteIP"/><Content>192.0.2.1</Content></IndicatorItem>
  </Indicator></Indicator></definition></ioc>)");
  EXPECT_EQ(told(ioc), (Texts{"md5 d41d8cd98f00b204e9800998ecf8427e", "ip 192.0.2.1 AND file-name a.exe"}));
  EXPECT_EQ(ioc.indicators[0].says.source, "Somebody");
  EXPECT_EQ(ioc.indicators[0].says.about, "A tool");
  EXPECT_EQ(ioc.not_understood, 1U);
  EXPECT_TRUE(read("<html></html>").unreadable);
  EXPECT_TRUE(read("<ioc><Indicator><IndicatorItem>").unreadable);
}

TEST(IndicatorImport, ReadsTablesByTheNamesOfTheirColumns) {
  const auto table = read(
      "first_seen,ioc,ioc_type,confidence_level,tlp,comment\n"
      "2026-01-01,hxxp://a[.]example/x,url,80,TLP:AMBER,\"loader, stage 1\"\n"
      "2026-01-02,192.0.2.9:8080,ip:port,50,,\n"
      "2026-01-03,198.51.100.3,,high,green,\n"
      "2026-01-04,zzz,,,,\n"
      "2026-01-05,short\n");
  EXPECT_EQ(told(table), (Texts{"ip 198.51.100.3", "url http://a.example/x"}));
  EXPECT_EQ(table.indicators[1].says.about, "loader, stage 1");
  EXPECT_EQ(table.indicators[1].says.confidence, 80U);
  EXPECT_EQ(table.indicators[0].says.confidence, 90U);
  EXPECT_EQ(table.not_understood, 3U);
}

TEST(IndicatorImport, ReadsPlainListsAndSkipsComments) {
  const auto list =
      read("# of today\n\nevil[.]example\n192.0.2.0/24 # a network\n; old\nsome words\n", "bad.txt");
  EXPECT_EQ(told(list), (Texts{"ip 192.0.2.0/24", "domain evil.example"}));
  EXPECT_EQ(list.indicators[0].says.source, "bad.txt");
  ASSERT_EQ(list.errors.size(), 1U);
  EXPECT_EQ(list.errors[0].message, "not understood: 'some words' could be anything (line 6)");
}

TEST(IndicatorImport, KeepsWhatSourcesSayApartAndTheNewerOfOne) {
  const auto table = read(
      "value,source,date\nevil.example,A,2026-01-01\nevil.example,A,2026-03-01\nevil.example,B,2026-02-01\n");
  ASSERT_EQ(table.indicators.size(), 2U);
  EXPECT_EQ(table.indicators[0].says.seen, *parse_time("2026-03-01"));
  EXPECT_EQ(table.indicators[1].says.source, "B");
}

TEST(IndicatorImport, SlipsInOurOwnFormAreErrorsWithTheirPlace) {
  const auto own = read(R"(indicators: x
date: 2026-01-01
entries:
  - {kind: md5, value: abc}
  - {kind: hash, value: abc}
  - {kind: domain, value: evil.example, confidence: 200}
  - {kind: domain, value: evil.example, tlp: pink}
  - {kind: domain, value: good.example}
)",
                        "own.yaml");
  EXPECT_EQ(told(own), Texts{"domain good.example"});
  Texts messages;
  for (const Error& error : own.errors)
    messages.push_back(std::to_string(error.place.line) + " " + error.message);
  EXPECT_EQ(messages,
            (Texts{"4 'abc' is no md5", "5 unknown kind 'hash'", "6 confidence is a number from 0 to 100",
                   "7 tlp is clear, green, amber, amber+strict or red"}));
  EXPECT_TRUE(own.unreadable);
}

TEST(IndicatorImport, TheBuiltInOnesCanBeRead) {
  const auto& all = built_in_indicators();
  EXPECT_GT(all.size(), 100U);
  for (const Indicator& one : all) {
    EXPECT_TRUE(one.says.seen.known() && one.says.confidence.has_value()) << to_text(one.terms);
    EXPECT_EQ(one.says.tlp, Tlp::clear);
    EXPECT_LE(*one.says.confidence, 60U) << to_text(one.terms);
  }
}

// --- what is written in any of the forms is read back ---

std::string random_of(std::mt19937& dice, std::string_view signs, std::size_t most) {
  std::string out;
  for (std::size_t i = 0, size = 1 + dice() % most; i < size; ++i) out += signs[dice() % signs.size()];
  return out;
}

Term random_term(std::mt19937& dice) {
  constexpr std::string_view kHex = "0123456789abcdef", kName = "abcxyz019-",
                             kAny = "abc XYZ019'\"\\$%()+~=,;";
  const auto kind = static_cast<IndicatorKind>(dice() % kIndicatorKinds);
  std::string value;
  const auto hex = [&](std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) value += kHex[dice() % 16];
  };
  switch (kind) {
    case IndicatorKind::md5:
    case IndicatorKind::imphash:
      hex(32);
      break;
    case IndicatorKind::sha1:
      hex(40);
      break;
    case IndicatorKind::sha256:
    case IndicatorKind::certificate:
      hex(64);
      break;
    case IndicatorKind::ip:
      for (int i = 0; i < 4; ++i) value += (i > 0 ? "." : "") + std::to_string(dice() % 256);
      break;
    case IndicatorKind::domain:
      value = "a" + random_of(dice, kName, 8) + ".example";
      break;
    case IndicatorKind::url:
      value = "https://" + random_of(dice, "abc", 5) + ".example/" + random_of(dice, "aB1?&=%/._-'", 9);
      break;
    case IndicatorKind::path:
      value = R"(c:\x)" + random_of(dice, "abc 1'$(),;=+~", 9) + R"(\y)";
      break;
    case IndicatorKind::file_name:
      value = "n" + random_of(dice, "abc 1'$(),;=+~%", 9) + "x";
      break;
    case IndicatorKind::registry:
      value = R"(hklm\software\a)" + random_of(dice, "abc 1'$()=+~", 9) + "z";
      break;
    case IndicatorKind::user_agent:
      value = "a" + random_of(dice, kAny, 12) + "z";
      break;
  }
  const auto form = normal_form(kind, value);
  EXPECT_TRUE(form) << to_text(kind) << " " << value;
  return {kind, form.value_or(value)};
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out += (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
  return out + "\"";
}

const char* stix_path(IndicatorKind kind) {
  switch (kind) {
    case IndicatorKind::md5:
      return "file:hashes.MD5";
    case IndicatorKind::sha1:
      return "file:hashes.'SHA-1'";
    case IndicatorKind::sha256:
      return "file:hashes.'SHA-256'";
    case IndicatorKind::imphash:
      return "file:hashes.IMPHASH";
    case IndicatorKind::ip:
      return "ipv4-addr:value";
    case IndicatorKind::domain:
      return "domain-name:value";
    case IndicatorKind::url:
      return "url:value";
    case IndicatorKind::file_name:
      return "file:name";
    case IndicatorKind::registry:
      return "windows-registry-key:key";
    case IndicatorKind::user_agent:
      return "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'";
    case IndicatorKind::certificate:
      return "x509-certificate:hashes.'SHA-256'";
    case IndicatorKind::path:
      return nullptr;  // STIX has folders and names only
  }
  return nullptr;
}

const char* misp_type(IndicatorKind kind) {
  switch (kind) {
    case IndicatorKind::certificate:
      return "x509-fingerprint-sha256";
    case IndicatorKind::ip:
      return "ip-dst";
    case IndicatorKind::path:
    case IndicatorKind::file_name:
      return "filename";
    case IndicatorKind::registry:
      return "regkey";
    default:
      return to_text(kind).data();
  }
}

std::string as_stix(const Term& term) {
  std::string quoted;
  for (const char c : term.value) quoted += (c == '\'' || c == '\\' ? "\\" : "") + std::string(1, c);
  return R"({"type":"bundle","objects":[{"type":"indicator","id":"i","pattern_type":"stix","pattern":)" +
         json_text("[" + std::string(stix_path(term.kind)) + " = '" + quoted + "']") + "}]}";
}

std::string as_misp(const Term& term) {
  return R"({"Event":{"Attribute":[{"to_ids":true,"type":")" + std::string(misp_type(term.kind)) +
         R"(","value":)" + json_text(term.value) + "}]}}";
}

std::string as_csv(const Term& term) {
  std::string quoted;
  for (const char c : term.value) quoted += (c == '"' ? "\"" : "") + std::string(1, c);
  return "value,type\n\"" + quoted + "\"," + std::string(to_text(term.kind)) + "\n";
}

TEST(IndicatorImport, WhatIsWrittenInAnyFormIsReadBack) {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 dice(seed);
    const Term term = random_term(dice);
    const Texts want{to_text({term})};
    if (stix_path(term.kind) != nullptr) {
      EXPECT_EQ(told(read(as_stix(term))), want) << as_stix(term);
    }
    EXPECT_EQ(told(read(as_misp(term))), want) << as_misp(term);
    EXPECT_EQ(told(read(as_csv(term))), want) << as_csv(term);
  }
}

TEST(IndicatorImport, OurOwnFormKeepsEverything) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 dice(seed);
    std::vector<Indicator> made;
    for (std::size_t i = 0; i < 1 + dice() % 5; ++i) {
      Indicator one;
      one.terms.push_back(random_term(dice));
      if (dice() % 3 == 0) one.terms.push_back(random_term(dice));
      std::ranges::sort(one.terms);
      one.says = {.source = "s" + std::to_string(i),
                  .about = dice() % 2 == 0 ? "x: y' #z" : "",
                  .seen = *parse_time("2026-01-01"),
                  .valid_until = dice() % 2 == 0 ? *parse_time("2027-01-01") : Time::unknown(),
                  .confidence = dice() % 101,
                  .tlp = static_cast<Tlp>(dice() % 6)};
      made.push_back(std::move(one));
    }
    const auto again = read(indicators_text("x", made), "own.yaml");
    EXPECT_TRUE(again.errors.empty()) << again.errors.front().to_string();
    EXPECT_EQ(again.indicators.size(), made.size());
    for (const Indicator& one : made) {
      const auto at = std::ranges::find(again.indicators, one.says.source,
                                        [](const Indicator& i) { return i.says.source; });
      ASSERT_NE(at, again.indicators.end());
      EXPECT_EQ(at->terms, one.terms);
      EXPECT_EQ(at->says.about, one.says.about);
      EXPECT_EQ(at->says.valid_until, one.says.valid_until);
      EXPECT_EQ(at->says.confidence, one.says.confidence);
      EXPECT_EQ(at->says.tlp, one.says.tlp);
    }
  }
}

}  // namespace
}  // namespace landwarden::intel
