// What was learnt from the records before changes nothing.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "decode/json/row_texts_testing.h"

namespace landwarden::decode {
namespace {

const char* const kEvents[] = {
    R"({"Channel":"Security","EventID":4688,"SourceModuleName":"e","Hostname":"h1",)"
    R"("EventTime":"2026-03-02 02:15:00","EventType":"AUDIT_SUCCESS","Keywords":-9214364837600034816,)"
    R"("ProcessID":4,"ExecutionProcessID":8,"NewProcessName":"C:\\Windows\\a.exe",)"
    R"("@timestamp":"2026-03-02T07:15:00Z","EventReceivedTime":"2026-03-02 02:15:01",)"
    R"("Message":"A\r\n\t\"long\" one with a tail that is more than sixty-four bytes\\ of text,)"
    R"( \u00e4 and so on \\\\"})",
    R"({"Channel":"Security","EventID":4688,"SourceModuleName":"e","Hostname":"h2",)"
    R"("EventTime":"2026-03-02 02:15:00","EventType":"Other","Keywords":"x","ProcessID":null,)"
    R"("ExecutionProcessID":8,"NewProcessName":"","@timestamp":"2026-03-02T07:15:00Z",)"
    R"("EventReceivedTime":"2026-03-02 02:15:01","Message":null})",
    R"({"Channel":"Security","EventID":4689,"SourceModuleName":"e","Hostname":"h1",)"
    R"("EventTime":"2026-03-02 02:15:09","EventType":"AUDIT_FAILURE","Keywords":1,"ProcessID":4,)"
    R"("ExecutionProcessID":null,"NewProcessName":true,"@timestamp":"2026-03-02T07:15:00Z",)"
    R"("EventReceivedTime":"","Message":1.5})",
    R"({"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":1,)"
    R"("Version":null,"Channel":"C","Computer":"h","Security":null,"EventRecordID":7,)"
    R"("TimeCreated":{"#attributes":{"SystemTime":"2026-03-02T07:15:00Z"}}},"EventData":{"A":null,"B":"x",)"
    R"("C":[1,"2",null],"A":{}}}})",
    R"({"Event":{"System":{"Provider":{"@Name":"P"},"EventID":"1","Channel":"C","Computer":"h"},)"
    R"("EventData":{"Data":[{"@Name":"One","#text":"a &gt; b"},{"@Name":"Two"},{"@Name":"","#text":"y"},)"
    R"("z"]}}})",
    R"({"winlog":{"channel":"C","provider_name":"P","event_id":5,"event_data":{"a":"1",)"
    R"("b":{"c":"\\\\x\\y"}},"computer_name":"h"},"@timestamp":"2026-03-02T07:15:00.5Z",)"
    R"("log":{"level":"error"}})",
    R"({"unknown":{"a":[],"b":{},"c":[{"d":1},{"d":2}]},"e":null,"f":"x"})",
};

TEST(LearntFromRecordsBefore, ChangesNothing) {
  Worker learnt;
  std::mt19937 random(20260302);
  constexpr std::string_view kTelling = "{}[]\",:\\\n\0\xFF\xC3 10eutfnN-/";
  for (int round = 0; round < 6'000; ++round) {
    std::string line = kEvents[random() % std::size(kEvents)];
    for (unsigned changes = random() % 4; changes > 0 && !line.empty(); --changes) {
      const std::size_t at = random() % line.size();
      switch (random() % 3) {
        case 0:
          line[at] = kTelling[random() % kTelling.size()];
          break;
        case 1:
          line.erase(at, 1 + random() % 3);
          break;
        default:
          line.insert(at, 1, kTelling[random() % kTelling.size()]);
          break;
      }
    }
    // Three in a row: the second makes a plan, the third follows it.
    event::Receipt receipt, alone;
    std::string unit = line + "\n" + line + "\n" + line + "\n";
    learnt.decoder.decode({{}, Format::json, 0, 1, Buffer(unit)}, receipt);
    Texts rows;
    for (auto& [offset, row] : std::exchange(learnt.sink.rows, {})) rows.push_back(row);
    if (line.contains('\n')) continue;  // several records, or parts of them
    Worker fresh;
    fresh.decoder.decode({{}, Format::json, 0, 1, Buffer(line + "\n")}, alone);
    Texts expected;
    for (int i = 0; i < 3; ++i) {
      for (const auto& [offset, row] : fresh.sink.rows) expected.push_back(row);
    }
    if (receipt.records_quarantined == 3 * alone.records_quarantined) {
      ASSERT_EQ(rows, expected) << line;
    }
  }
}

TEST(LearntFromRecordsBefore, ChangesNothingWhereOneSequenceOfKeysGivesSeveralShapes) {
  std::string text;
  Texts expected;
  for (int i = 0; i < 400; ++i) {
    const std::string line = fmt::format(
        "{{\"Channel\":\"C{}\",\"EventID\":{},\"Provider_Name\":\"P\",\"Version\":{},\"Computer\":\"h{}\","
        "\"x\":{}}}\n",
        i % 2, i % 5, i % 3, i % 4,
        i % 7 == 0   ? "null"
        : i % 7 == 1 ? "\"C:\\\\a\""
                     : "\"b\"");
    text += line;
    const Decoded alone = decode(line);
    ASSERT_EQ(alone.rows.size(), 1U);
    expected.push_back(alone.rows[0]);
  }
  EXPECT_EQ(decode(text).rows, expected);
}

TEST(LearntFromRecordsBefore, ChangesNothingWhereSomeValuesChangeFromLineToLine) {
  constexpr const char* kValues[] = {"1",
                                     "22",
                                     "null",
                                     "true",
                                     "\"x\"",
                                     "\"C:\\\\a\"",
                                     "\"\"",
                                     "\"AUDIT_FAILURE\"",
                                     "\"2026-03-02 02:15:07\"",
                                     "\"\\u00e4\"",
                                     "wrong",
                                     "\"wr\\ong\"",
                                     "[]"};
  std::mt19937 random(20260303);
  Worker learnt;
  for (int unit = 0; unit < 12; ++unit) {
    std::string text;
    std::vector<std::string> lines;
    for (int i = 0; i < 60; ++i) {
      std::string line = kEvents[random() % std::size(kEvents)];
      // Another value in the place of some: from a colon to what follows a word or a string.
      for (unsigned changes = random() % 4; changes > 0; --changes) {
        const std::size_t colon = line.find(':', random() % line.size());
        const std::size_t end = colon == line.npos ? line.npos : line.find_first_of(",}", colon);
        if (end == line.npos || line.find_first_of("{[", colon) < end) continue;
        line.replace(colon + 1, end - colon - 1, kValues[random() % std::size(kValues)]);
      }
      text += line + "\n";
      lines.push_back(std::move(line));
    }
    Buffer bytes(text);
    bytes.reserve(text.size() + 8192);
    event::Receipt receipt;
    learnt.decoder.decode({{}, Format::json, 0, 1, std::move(bytes)}, receipt);
    Texts rows, expected;
    for (auto& [offset, row] : std::exchange(learnt.sink.rows, {})) rows.push_back(row);
    std::uint64_t refused = 0;
    for (const std::string& line : lines) {
      const Decoded alone = decode(line + "\n");
      refused += alone.receipt.records_quarantined;
      expected.insert(expected.end(), alone.rows.begin(), alone.rows.end());
    }
    ASSERT_EQ(rows, expected);
    EXPECT_EQ(receipt.records_quarantined, refused);
  }
}

TEST(LearntFromRecordsBefore, ChangesNothingWhereAUnitEndsWithItsMemory) {
  Worker worker;
  const auto rows_of = [&](const std::string& text, std::size_t spare) {
    Buffer bytes;
    bytes.reserve(text.size() + spare);
    bytes = text;
    event::Receipt receipt;
    worker.decoder.decode({{}, Format::json, 0, 1, std::move(bytes)}, receipt);
    Texts rows;
    for (auto& [offset, row] : std::exchange(worker.sink.rows, {})) rows.push_back(row);
    return rows;
  };
  const std::string front = R"({"a":"a value that is long enough to need memory","b":)";
  const auto record = [&](int b) { return front + std::to_string(b) + "}"; };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(rows_of(record(1), 0).at(0).contains("b=1"));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(rows_of(record(2), 0).at(0).contains("b=2"));
  EXPECT_TRUE(rows_of(record(1) + "\n", 8192).at(0).contains("b=1"));
  EXPECT_TRUE(rows_of(record(2) + "\n", 8192).at(0).contains("b=2"));
}

}  // namespace
}  // namespace landwarden::decode
