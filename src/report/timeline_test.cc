#include "report/timeline.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event/batch.h"
#include "report/json.h"

namespace landwarden::report {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream out;
  out << stream.rdbuf();
  return out.str();
}

class TimelineTest : public testing::Test {
 protected:
  TimelineTest() {
    std::string name = (fs::temp_directory_path() / "timeline_test_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    rule_.id = "11111111-2222-3333-4444-555555555555";
    rule_.title = "NTDS.dit copied, \"IFM\"";
    rule_.level = sigma::Level::high;
    rule_.tags = {"attack.credential-access", "attack.t1003.003"};
    match_.time = from_unix(1772608451, 123456700);
    match_.host = "DC01";
    match_.channel = "Security";
    match_.provider = "Microsoft-Windows-Security-Auditing";
    match_.event_id = 4688;
    match_.has_event_id = true;
    match_.record_id = 77;
    match_.matched = {
        {"CommandLine", {"ntdsutil \"ac i ntds\" C:\\x"}}, {"Groups", {"a", "b"}}, {"User", {}}};
    match_.why = "CommandLine contains ntdsutil";
    match_.event = {{"EventID", {"4688"}}};
  }
  ~TimelineTest() override { fs::remove_all(folder_); }

  std::string written(TimelineFormat format, bool all_fields, int lines, bool rulesets = false) {
    const fs::path path = folder_ / "out";
    auto file = OutputFile::open(path.string());
    EXPECT_TRUE(file.has_value());
    Timeline timeline(*file, format, all_fields, nullptr, rulesets);
    for (int i = 0; i < lines; ++i)
      EXPECT_TRUE(
          timeline.write(match_, rule_, "a.zip!/Security.evtx", foreign_ ? &*foreign_ : nullptr).has_value());
    EXPECT_TRUE(timeline.finish().has_value());
    EXPECT_TRUE(file->commit().has_value());
    return content_of(path);
  }

  fs::path folder_;
  sigma::Rule rule_;
  sigma::Match match_;
  std::optional<triage::ForeignRule> foreign_;
};

constexpr const char* kLine =
    R"({"time":"2026-03-04T07:14:11.1234567Z","level":"high","title":"NTDS.dit copied, \"IFM\"",)"
    R"("rule_id":"11111111-2222-3333-4444-555555555555","tags":["attack.credential-access","attack.t1003.003"],)"
    R"("host":"DC01","channel":"Security","provider":"Microsoft-Windows-Security-Auditing","event_id":4688,)"
    R"("record_id":77,"file":"a.zip!/Security.evtx","matched":{"CommandLine":"ntdsutil \"ac i ntds\" C:\\x",)"
    R"("Groups":["a","b"],"User":null},"why":"CommandLine contains ntdsutil"})";

TEST_F(TimelineTest, JsonLinesHaveTheDocumentedKeysInOrder) {
  EXPECT_EQ(written(TimelineFormat::jsonl, false, 1), std::string(kLine) + "\n");
}

TEST_F(TimelineTest, AllFieldsAddsTheEvent) {
  const std::string line = written(TimelineFormat::jsonl, true, 1);
  EXPECT_TRUE(line.ends_with(R"(,"why":"CommandLine contains ntdsutil","event":{"EventID":"4688"}})"
                             "\n"))
      << line;
}

TEST_F(TimelineTest, RulesetsTellWhatIsNoSigmaRuleAndItsDetails) {
  const std::string sigma = written(TimelineFormat::jsonl, false, 1, true);
  EXPECT_TRUE(sigma.ends_with(R"(contains ntdsutil","ruleset":"sigma","details":null})"
                              "\n"))
      << sigma;
  EXPECT_TRUE(written(TimelineFormat::csv, false, 1, true).ends_with("contains ntdsutil,sigma,\r\n"));
  foreign_ = {.rule = rule_, .ruleset = "indicators", .line = "", .details = R"({"worth": 40})"};
  const std::string foreign = written(TimelineFormat::jsonl, false, 1, true);
  EXPECT_TRUE(foreign.ends_with(R"("ruleset":"indicators","details":{"worth": 40}})"
                                "\n"))
      << foreign;
  const std::string csv = written(TimelineFormat::csv, false, 1, true);
  EXPECT_NE(csv.find(",matched,why,ruleset,details\r\n"), csv.npos) << csv;
  EXPECT_TRUE(csv.ends_with(",indicators,\"{\"\"worth\"\": 40}\"\r\n")) << csv;
}

TEST_F(TimelineTest, JsonIsOneArray) {
  EXPECT_EQ(written(TimelineFormat::json, false, 2), "[\n" + std::string(kLine) + ",\n" + kLine + "\n]\n");
  EXPECT_EQ(written(TimelineFormat::json, false, 0), "[]\n");
}

TEST_F(TimelineTest, CsvQuotesAsRfc4180) {
  EXPECT_EQ(
      written(TimelineFormat::csv, false, 1),
      "time,level,title,rule_id,tags,host,channel,provider,event_id,record_id,file,matched,why\r\n"
      "2026-03-04T07:14:11.1234567Z,high,\"NTDS.dit copied, "
      "\"\"IFM\"\"\",11111111-2222-3333-4444-555555555555,"
      "attack.credential-access;attack.t1003.003,DC01,Security,Microsoft-Windows-Security-Auditing,4688,77,"
      "a.zip!/Security.evtx,"
      "\"{\"\"CommandLine\"\":\"\"ntdsutil \\\"\"ac i ntds\\\"\" "
      "C:\\\\x\"\",\"\"Groups\"\":[\"\"a\"\",\"\"b\"\"],"
      "\"\"User\"\":null}\",CommandLine contains ntdsutil\r\n");
}

TEST_F(TimelineTest, EmptyCsvStillHasItsHeader) {
  EXPECT_EQ(
      written(TimelineFormat::csv, true, 0),
      "time,level,title,rule_id,tags,host,channel,provider,event_id,record_id,file,matched,why,event\r\n");
}

TEST_F(TimelineTest, ASpreadsheetSeesNoFormula) {
  match_.host = "=cmd|'/c calc'!A0";
  EXPECT_NE(written(TimelineFormat::csv, false, 1).find(",'=cmd|'/c calc'!A0,"), std::string::npos);
  EXPECT_NE(written(TimelineFormat::jsonl, false, 1).find("\"host\":\"=cmd|'/c calc'!A0\""),
            std::string::npos);
}

TEST_F(TimelineTest, AControlCharacterInACellIsShownNotObeyed) {
  match_.host = "A\x1b[31m\n\x7f \u009b31m caf\u00e9 \u00a0B";
  const std::string text = written(TimelineFormat::csv, false, 1);
  EXPECT_NE(text.find(",A\\x1b[31m\\x0a\\x7f \\x9b31m caf\u00e9 \u00a0B,"), std::string::npos) << text;
}

TEST_F(TimelineTest, WhatIsNotKnownIsNullOrEmpty) {
  match_.time = Time::unknown();
  match_.has_event_id = false;
  match_.record_id = event::kNoRecordId;
  rule_.level.reset();
  const std::string line = written(TimelineFormat::jsonl, false, 1);
  EXPECT_TRUE(line.starts_with(R"({"time":null,"level":"")")) << line;
  EXPECT_NE(line.find(R"("event_id":null,"record_id":null)"), std::string::npos);
  EXPECT_TRUE(written(TimelineFormat::csv, false, 1).find("\r\n,,") != std::string::npos);
}

TEST_F(TimelineTest, AFileThatIsNotCommittedLeavesTheOldOneAlone) {
  const fs::path path = folder_ / "old.jsonl";
  std::ofstream(path) << "old";
  {
    auto file = OutputFile::open(path.string());
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE(file->write(std::string(1 << 20, 'x')).has_value());
  }
  EXPECT_EQ(content_of(path), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(TimelineTest, ACommittedFileReplacesTheOldOneAndKeepsItsModeAndLink) {
  const fs::path path = folder_ / "old.jsonl", link = folder_ / "link";
  std::ofstream(path) << "old";
  ::chmod(path.c_str(), 0640);
  fs::create_symlink(path, link);
  auto file = OutputFile::open(link.string());
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE(file->write("new").has_value());
  EXPECT_EQ(content_of(path), "old");
  ASSERT_TRUE(file->commit().has_value());
  EXPECT_EQ(content_of(path), "new");
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0640));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 2);
}

TEST_F(TimelineTest, DevicesAreWrittenInPlace) {
  auto file = OutputFile::open("/dev/null");
  ASSERT_TRUE(file.has_value());
  EXPECT_TRUE(file->in_place());
  EXPECT_TRUE(file->write("x").has_value());
  EXPECT_TRUE(file->commit().has_value());
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(TimelineTest, AFullDiskIsAnErrorWithPlaceAndRemedy) {
  auto file = OutputFile::open("/dev/full");
  if (!file) GTEST_SKIP() << "no /dev/full here";
  const auto written_all = file->write(std::string(1 << 20, 'x'));
  ASSERT_FALSE(written_all.has_value());
  EXPECT_EQ(written_all.error().place.file, "/dev/full");
  EXPECT_FALSE(written_all.error().hint.empty());
  EXPECT_FALSE(file->commit().has_value());
}

TEST_F(TimelineTest, AFolderOrAMissingFolderIsRefusedAtOnce) {
  EXPECT_FALSE(OutputFile::open(folder_.string()).has_value());
  const auto missing = OutputFile::open((folder_ / "no/such/file").string());
  ASSERT_FALSE(missing.has_value());
  EXPECT_FALSE(missing.error().hint.empty());
}

TEST(Json, EscapesEveryControlCharacter) {
  std::string out;
  append_json_string(out, std::string("a\"\\\n\r\t\b\f\x01\x1f\x7f\xC2\x80\xC2\x9F\xC2\xA0é") + '\0' + "z");
  EXPECT_EQ(out, std::string(R"("a\"\\\n\r\t\b\f\u0001\u001f\u007f\u0080\u009f)") + "\xC2\xA0é\\u0000z\"");
}

TEST(Json, EscapesAtEveryOffsetOfABlock) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'a');
    text[at] = '"';
    std::string out, expected = "\"" + text + "\"";
    expected.insert(at + 1, "\\");
    append_json_string(out, text);
    EXPECT_EQ(out, expected);
  }
}

TEST(Json, NamesThatComeAgainBecomeOneList) {
  std::string out;
  append_json_object(out, {{"Data", {"1"}}, {"x", {"y"}}, {"Data", {"2", "3"}}});
  EXPECT_EQ(out, R"({"Data":["1","2","3"],"x":"y"})");
  std::vector<sigma::FieldValues> many;
  for (int i = 0; i < 100; ++i) many.push_back({"f" + std::to_string(i % 99), {std::to_string(i)}});
  out.clear();
  append_json_object(out, many);
  EXPECT_TRUE(out.starts_with(R"({"f0":["0","99"],"f1":"1")")) << out;
}

}  // namespace
}  // namespace landwarden::report
