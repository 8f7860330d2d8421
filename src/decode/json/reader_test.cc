#include "decode/json/reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "decode/json/reader_testing.h"

namespace landwarden::decode::json {
namespace {

using namespace std::string_literals;

// --- values ---

TEST(JsonValues, KeepTheSourcesRendering) {
  const Decoded decoded = decode(
      R"({"a":1.50,"b":-0,"c":18446744073709551615,"d":123456789012345678901234567890,"e":1E5,"f":true,"g":false,"h":null,"i":"","j":[],"k":{},"l":NaN,"m":-Infinity,"n":[1,"x",null]})");
  ASSERT_EQ(decoded.rows.size(), 1U);
  const Row& row = decoded.rows[0];
  const std::map<std::string, std::string> expected = {{"a", "1.50"},
                                                       {"b", "-0"},
                                                       {"c", "18446744073709551615"},
                                                       {"d", "123456789012345678901234567890"},
                                                       {"e", "1E5"},
                                                       {"f", "true"},
                                                       {"g", "false"},
                                                       {"h", "(null)"},
                                                       {"i", ""},
                                                       {"j", "(null)"},
                                                       {"k", "(null)"},
                                                       {"l", "NaN"},
                                                       {"m", "-Infinity"},
                                                       {"n", "1|x|(null)"}};
  for (const auto& [name, value] : expected) EXPECT_EQ(row.field(name), value) << name;
}

TEST(JsonValues, UnescapeStringsAndKeys) {
  const Decoded decoded =
      decode(R"({"a":"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00","\u0062":"x","c":"\ud800y","d":"\udc00"})");
  ASSERT_EQ(decoded.rows.size(), 1U);
  EXPECT_EQ(decoded.rows[0].field("a"), "\"\\/\b\f\n\r\tä\U0001F600");
  EXPECT_EQ(decoded.rows[0].field("b"), "x");
  EXPECT_EQ(decoded.rows[0].field("c"), "\uFFFDy");
  EXPECT_EQ(decoded.rows[0].field("d"), "\uFFFD");
}

TEST(JsonValues, KeepBothOfAKeyThatStandsTwice) {
  EXPECT_EQ(decode(R"({"a":1,"b":2,"a":3})").rows.at(0).field("a"), "1|3");
}

TEST(JsonValues, MendWhatIsNotUtf8OrNotAllowedInStrings) {
  const Decoded decoded = decode("{\"a\":\"x\xFFy\"}\n{\"a\":\"tab\there\"}\n{\"a\":\"nul" + "\0"s + "\"}\n");
  EXPECT_EQ(values_of(decoded, "a"), (Texts{"x\uFFFDy", "tab\there", "nul"s + "\0"s}));
  EXPECT_EQ(decoded.receipt.records_quarantined, 0U);
  EXPECT_EQ(decoded.receipt.notes.size(), 1U);
}

TEST(JsonValues, AreRefusedWhenTooDeep) {
  std::string deep = "{\"a\":";
  for (int i = 0; i < 5000; ++i) deep += "[";
  const Decoded decoded = decode("{\"b\":1}\n" + deep + std::string(5000, ']') + "}\n{\"b\":2}\n");
  EXPECT_EQ(values_of(decoded, "b"), (Texts{"1", "2"}));
  ASSERT_EQ(decoded.receipt.records_quarantined, 1U);
  EXPECT_EQ(decoded.receipt.quarantined[0].reason, "line 2: nested too deep");
}

TEST(JsonValues, BeyondAShapesColumnsBecomeExtras) {
  std::string wide = "{";
  for (int i = 0; i < 1500; ++i) wide += fmt::format("\"f{}\":{},", i, i);
  const Decoded decoded = decode(wide + "\"z\":null}");
  ASSERT_EQ(decoded.rows.size(), 1U);
  EXPECT_EQ(decoded.rows[0].fields.size(), 1501U);
  EXPECT_EQ(decoded.rows[0].field("f1499"), "1499");
  EXPECT_EQ(decoded.rows[0].field("z"), "(null)");
}

// --- records ---

TEST(JsonRecords, AreFoundHoweverTheyAreWritten) {
  const Texts expected = {"1", "2", "3"};
  for (const std::string& text :
       {"{\"a\":1}\n{\"a\":2}\n{\"a\":3}"s, "{\"a\":1}\r\n\r\n{\"a\":2}\r\n{\"a\":3}\r\n"s,
        "{\"a\":1}{\"a\":2}{\"a\":3}"s, "[{\"a\":1},{\"a\":2},{\"a\":3}]"s,
        " [ {\"a\":1} ,\n{\"a\":2},\n\t{\"a\":3}\n]\n"s, "[[{\"a\":1}],[{\"a\":2},{\"a\":3}]]"s,
        "\xEF\xBB\xBF{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"s,
        "Record 1\n{\n  \"a\": 1\n}\nRecord 2\n{\n  \"a\": 2\n}\nRecord 3\n{\n  \"a\": 3\n}\n"s,
        "Record 1\n{\"a\":1}\nRecord 2\n{\"a\":2}\nRecord 3\n{\"a\":3}\n"s,
        "{\"a\":1}\n"s + "\0\0\0\n"s + "{\"a\":2}\n{\"a\":3}\n\0\0"s,
        "\x1E{\"a\":1}\n\x1E{\"a\":2}\n\x1E{\"a\":3}\n"s, "{\"a\":1}\n{\n\"a\":\n2\n}\n{\"a\":3}\n"s,
        "{\"took\":3,\"hits\":{\"total\":3,\"hits\":[{\"a\":1},{\"a\":2},{\"a\":3}]},\"x\":[1]}"s,
        "{\"Events\":[\n{\"a\":1},\n{\"a\":2},\n{\"a\":3}\n]}\n"s}) {
    for (const std::size_t step : {0, 1, 3, 1000}) {
      const Decoded decoded = decode(text, step);
      EXPECT_EQ(values_of(decoded, "a"), expected) << text << " by " << step;
      EXPECT_EQ(decoded.receipt.records_quarantined, 0U) << text << " by " << step;
      EXPECT_TRUE(decoded.receipt.errors.empty()) << text;
    }
  }
}

TEST(JsonRecords, MayBeLinesFirstAndPrettyPrintedThen) {
  const std::string text = "{\"a\":1}\n{\n \"x\": {\n  \"y\": [\n{},\n{}\n]\n },\n \"a\": 2\n}\n{\"a\":3}\n";
  for (std::size_t step = 0; step <= text.size(); ++step) {
    EXPECT_EQ(values_of(decode(text, step), "a"), (Texts{"1", "2", "3"})) << step;
  }
}

TEST(JsonRecords, AreTheSameAtEveryChunkSize) {
  const std::string text =
      "[ "
      "{\"a\":\"x\\\"]}{[\\\\\",\"b\":[{\"c\":1},{\"c\":[2]}]},\n\t{\"a\":\"\\u0041,\"},{},{\"a\":{\"d\":\"}"
      "\"}} , {\"a\":2}]\n";
  const Decoded whole = decode(text);
  ASSERT_EQ(whole.rows.size(), 5U);
  for (std::size_t step = 1; step <= text.size(); ++step) {
    const Decoded parts = decode(text, step);
    ASSERT_EQ(parts.rows.size(), whole.rows.size()) << step;
    for (std::size_t i = 0; i < whole.rows.size(); ++i) {
      EXPECT_EQ(parts.rows[i].fields, whole.rows[i].fields) << step;
      EXPECT_EQ(parts.rows[i].offset, whole.rows[i].offset) << step;
    }
    EXPECT_EQ(parts.receipt.bytes, text.size());
  }
}

TEST(JsonRecords, LoseOnlyWhatIsDamaged) {
  const Decoded decoded = decode(
      "{\"a\":1}\n"
      "{\"a\":\"cut in a str\n"
      "{\"a\":2}\n"
      "{\"a\":{\"b\":1}\n"
      "{\"a\":3}\n"
      "not json at all\n"
      "{\"a\":4}}\n"
      "{\"a\":truth}\n"
      "{\"a\":\"\\x\"}\n"
      "{\"a\":5}\n"
      "{\"a\":6");
  EXPECT_EQ(values_of(decoded, "a"), (Texts{"1", "2", "3", "4", "5"}));
  EXPECT_EQ(decoded.receipt.records_seen, 12U);
  EXPECT_EQ(decoded.receipt.records_decoded, 5U);
  EXPECT_EQ(decoded.receipt.records_quarantined, 7U);
  std::string reasons;
  for (const auto& entry : decoded.receipt.quarantined) reasons += entry.reason + "\n";
  EXPECT_EQ(reasons,
            "line 2: the line ends inside a string\n"
            "line 4: an object begins before this one is closed\n"
            "line 6: not a JSON object\n"
            "line 7: not a JSON object\n"
            "line 8: a word is neither true, false nor null\n"
            "line 9: a string has an escape that JSON does not know\n"
            "line 11: the data ends inside this record\n");
}

TEST(JsonRecords, AreFoundInWrappersOfEventsThatFollowEachOther) {
  const std::string wrapper = "{\"Records\":[" + kNxlog + "," + kFlat + "]}\n";
  const Decoded decoded = decode(wrapper + wrapper + "{\"x\":1}\n");
  EXPECT_EQ(values_of(decoded, "System.EventID"), (Texts{"1", "1", "1", "1", "(absent)"}));
}

TEST(JsonRecords, OfOneEventAreNoWrapper) {
  const Decoded decoded = decode(kEvtxEcmdFull);
  ASSERT_EQ(decoded.rows.size(), 1U);
  const Decoded plain = decode("{\"System\":1,\"list\":[{\"a\":1}]}\n{\"list\":[{\"a\":2}]}\n");
  EXPECT_EQ(values_of(plain, "list.a"), (Texts{"1", "2"}));
}

TEST(JsonRecords, InAnArrayThatIsCutShortAreReadAndTheCutIsAnError) {
  for (const std::string& text : {"[{\"a\":1},{\"a\":2},"s, "{\"Events\":[{\"a\":1},{\"a\":2}"s}) {
    const Decoded decoded = decode(text);
    EXPECT_EQ(values_of(decoded, "a"), (Texts{"1", "2"})) << text;
    ASSERT_EQ(decoded.receipt.errors.size(), 1U) << text;
    EXPECT_EQ(decoded.receipt.errors[0].code, ErrorCode::damaged);
  }
}

TEST(JsonRecords, WithAKeyWhereAValueEndsAreQuarantined) {
  const Decoded decoded = decode("{\"a\":1}\n{\"a\":\"b\":{\"c\":2}}}\n{\"a\":3}\n");
  EXPECT_EQ(values_of(decoded, "a"), (Texts{"1", "3"}));
  EXPECT_EQ(decoded.receipt.records_quarantined, decoded.receipt.records_seen - 2);
  EXPECT_GE(decoded.receipt.records_quarantined, 1U);
}

TEST(JsonRecords, LongerThanTheLimitAreQuarantinedAndReadingGoesOn) {
  const std::string big = "{\"a\":\"" + std::string((16 << 20) + (3 << 20), 'x') + "\"}";
  for (const std::string& text :
       {"{\"a\":1}\n" + big + "\n{\"a\":2}\n", "[{\"a\":1}," + big + ",{\"a\":2}]"}) {
    const Decoded decoded = decode(text);
    EXPECT_EQ(values_of(decoded, "a"), (Texts{"1", "2"}));
    ASSERT_EQ(decoded.receipt.quarantined.size(), 1U);
    EXPECT_EQ(decoded.receipt.quarantined[0].size, big.size());
    EXPECT_EQ(decoded.receipt.quarantined[0].offset, text.find(big));
    EXPECT_EQ(decoded.receipt.records_seen, 3U);
  }
}

TEST(JsonRecords, OfLargeFilesComeInUnitsOfAboutAMegabyte) {
  std::string lines, array = "[", pretty;
  for (int i = 0; lines.size() < (5 << 20); ++i) {
    const std::string record = fmt::format("{{\"number\":{},\"text\":\"{}\"}}", i, std::string(200, 'x'));
    lines += record + "\n";
    array += (i > 0 ? "," : "") + record;
    pretty += fmt::format("{{\n  \"number\": {},\n  \"text\": \"{}\"\n}}\n", i, std::string(200, 'x'));
  }
  const Texts expected = values_of(decode(lines), "number");
  EXPECT_EQ(values_of(decode(array + "]"), "number"), expected);
  EXPECT_EQ(values_of(decode(pretty), "number"), expected);
  EXPECT_EQ(values_of(decode("{\"x\":1,\"Events\":" + array + "],\"y\":2}"), "number"), expected);
  for (const std::string& text : {lines, array + "]", pretty}) {
    RecordingSink sink;
    BufferPool pool;
    MemoryStream stream(text);
    read_bytes("input", stream, pool, sink);
    EXPECT_GE(sink.sources.at(0).units.size(), 4U);
    for (const WorkUnit& unit : sink.sources[0].units) EXPECT_LE(unit.bytes.size(), 2U << 20);
    std::uint64_t offset = 0, line = 1;
    for (const WorkUnit& unit : sink.sources[0].units) {
      EXPECT_EQ(unit.offset, offset);
      EXPECT_EQ(unit.line, line);
      offset += unit.bytes.size();
      line += static_cast<std::uint64_t>(std::count(unit.bytes.begin(), unit.bytes.end(), '\n'));
    }
  }
}

TEST(JsonRecords, ThatNobodyWantsAreCountedOnly) {
  event::Catalogue catalogue;
  RowSink rows(catalogue);
  rows.want = {.drop = true, .all = false, .fields = {}};
  event::BatchBuilder builder(catalogue, rows);
  Reader reader(builder);
  event::Receipt receipt;
  reader.decode_unit({{}, Format::json, 0, 1, Buffer(kNxlog)}, receipt);
  EXPECT_EQ(receipt.records_decoded, 1U);
  EXPECT_TRUE(rows.rows.empty());
}

TEST(JsonRecords, SurviveAnyMutation) {
  std::string seed_text;
  for (const Sample& sample : samples()) seed_text += sample.json + "\n";
  const std::vector<std::string> seeds = {kNxlog + "\n" + kFlat + "\n",
                                          "[" + kEvtxDump + ",\n" + kWinlogbeat + "]",
                                          "{\"hits\":{\"hits\":[{\"_source\":" + kWinlogbeat + "}]}}",
                                          kEvtxEcmd, "Record 1\n{\n \"a\": [1, {\"b\": \"\\u00e4\"}]\n}\n"};
  Worker worker;
  std::mt19937 random(20260302);
  constexpr std::string_view kTelling =
      "{}[]\",:\\\n\0\xFF"
      "10eutfn";
  for (int round = 0; round < 12'000; ++round) {
    std::string text = seeds[random() % seeds.size()];
    for (unsigned changes = 1 + random() % 4; changes > 0 && !text.empty(); --changes) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = kTelling[random() % kTelling.size()];
          break;
        case 1:
          text.erase(at, 1 + random() % 20);
          break;
        case 2:
          text.insert(at, 1 + random() % 3, kTelling[random() % kTelling.size()]);
          break;
        default:
          text.resize(at);
          break;
      }
    }
    const Decoded whole = worker.run(text, 0);
    EXPECT_EQ(whole.receipt.records_seen, whole.receipt.records_decoded + whole.receipt.records_quarantined);
    if (round % 8 == 0 && !text.empty()) {
      const Decoded parts = worker.run(text, 1 + random() % 64);
      ASSERT_EQ(parts.rows.size(), whole.rows.size()) << text;
      for (std::size_t i = 0; i < whole.rows.size(); ++i)
        ASSERT_EQ(parts.rows[i].fields, whole.rows[i].fields) << text;
      EXPECT_EQ(parts.receipt.records_quarantined, whole.receipt.records_quarantined) << text;
    }
  }
}

// --- other people's files ---

TEST(JsonRealData, SecurityDatasetsAreReadToTheLastRecord) {
  namespace fs = std::filesystem;
  const char* given = std::getenv("LW_DATA");
  const char* home = std::getenv("HOME");
  const fs::path folder = fs::path(given != nullptr  ? given
                                   : home != nullptr ? std::string(home) + "/lw-data"
                                                     : "") /
                          "security-datasets";
  if (!fs::is_directory(folder)) GTEST_SKIP() << "no " << folder;
  struct Deciding final : InputSink {
    event::SourceId begin_source(const std::string&) override { return {sources++}; }
    bool unit(WorkUnit unit) override {
      decoder->decode(unit, receipt);
      return true;
    }
    void end_source(event::SourceId, event::Receipt other) override {
      errors += other.errors.size();
      read += other.not_evidence ? 0 : 1;
    }
    void expect_bytes(std::uint64_t) override {}
    std::uint32_t sources = 0;
    std::uint64_t errors = 0, read = 0;
    Decoder* decoder = nullptr;
    event::Receipt receipt;
  } sink;
  struct Counting final : event::BatchSink {
    event::Wanted wanted(event::ShapeId) override { return {}; }
    void consume(const event::EventBatch& batch) override {
      for (const event::RowMeta& row : batch.rows) ++(row.time.known() ? timed : timeless);
    }
    std::uint64_t timed = 0, timeless = 0;
  } rows;
  event::Catalogue catalogue;
  event::BatchBuilder builder(catalogue, rows);
  Decoder decoder(builder);
  sink.decoder = &decoder;
  BufferPool pool;
  read_evidence({folder.string()}, pool, sink);
  EXPECT_GT(sink.read, 40U);
  EXPECT_EQ(sink.errors, 0U);
  EXPECT_EQ(sink.receipt.records_quarantined, 0U);
  EXPECT_EQ(sink.receipt.records_seen, rows.timed + rows.timeless);
  EXPECT_GT(rows.timed, 100'000U);
  std::printf("%llu records of %llu sources, %llu without a time; %s\n",
              static_cast<unsigned long long>(sink.receipt.records_seen),
              static_cast<unsigned long long>(sink.read), static_cast<unsigned long long>(rows.timeless),
              sink.receipt.kind.c_str());
}

}  // namespace
}  // namespace landwarden::decode::json
