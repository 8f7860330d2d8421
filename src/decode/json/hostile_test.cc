// What producers and attackers put into JSON that no standard foresees: read or quarantined, never fatal; and
// that what was learnt from the records before changes nothing.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "decode/decoder.h"
#include "decode/recording_sink.h"
#include "decode/stream.h"

namespace landwarden::decode {
namespace {

using namespace std::string_literals;
using Texts = std::vector<std::string>;

/// Each row as text: shape, time, host, record id and fields by name; a list's values are parted by "|".
struct RowTexts final : event::BatchSink {
  explicit RowTexts(event::Catalogue& given) : catalogue(given) {}
  event::Wanted wanted(event::ShapeId) override { return {}; }
  void consume(const event::EventBatch& batch) override {
    const event::Shape& shape = catalogue.shape(batch.shape);
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
      std::map<std::string, std::string> fields;
      for (const event::Column& column : batch.columns) {
        for (const event::Code code : column.cell(i)) {
          std::string& text = fields[std::string(catalogue.field_name(column.field))];
          if (!text.empty()) text += '|';
          text += code == event::kNull ? "(null)" : std::string(column.values->at(code).text);
          if (code >= event::kFirstValue && column.values->at(code).type == event::ValueType::hex)
            text += "(hex)";
        }
      }
      for (const event::Extra& extra : batch.extras) {
        if (extra.row == i) fields[extra.name] += extra.null ? "(null)" : extra.text;
      }
      const event::RowMeta& meta = batch.rows[i];
      std::string row =
          fmt::format("{}/{}/{}/{}/{} {} {}", shape.product, shape.channel, shape.provider,
                      shape.event_id.value_or(0), shape.version, meta.time.ticks, meta.record_id);
      if (meta.host != event::kAbsent) row += " " + std::string(batch.hosts->at(meta.host).text);
      for (const auto& [name, text] : fields) row += " " + name + "=" + text;
      rows[meta.offset] = std::move(row);
    }
  }
  event::Catalogue& catalogue;
  std::map<std::uint64_t, std::string> rows;  ///< by offset
};

struct Worker {
  event::Catalogue catalogue;
  RowTexts sink{catalogue};
  event::BatchBuilder builder{catalogue, sink};
  Decoder decoder{builder};
  BufferPool pool;
};

struct Decoded {
  Texts rows;
  event::Receipt receipt;
};

Decoded decode(Worker& worker, const std::string& bytes, std::size_t step = 0) {
  Decoded out;
  RecordingSink units;
  MemoryStream stream(bytes, step);
  read_bytes("input", stream, worker.pool, units);
  for (const auto& source : units.sources) {
    for (const WorkUnit& unit : source.units) worker.decoder.decode(unit, out.receipt);
    out.receipt.add(source.receipt);
  }
  for (auto& [offset, row] : worker.sink.rows) out.rows.push_back(std::move(row));
  worker.sink.rows.clear();
  return out;
}

Decoded decode(const std::string& bytes) {
  Worker worker;
  return decode(worker, bytes);
}

/// Rows without what stands in front of the fields.
Texts fields_of(const Decoded& decoded) {
  Texts out;
  for (const std::string& row : decoded.rows) {
    const std::size_t at = row.find_first_of("abcdefghijklmnopqrstuvwxyz", row.find("18446744073709551615"));
    out.push_back(at == row.npos ? "" : row.substr(at));
  }
  return out;
}

TEST(HostileJson, KeepsBothOfDuplicateKeys) {
  const std::string line = "{\"a\":1,\"b\":{\"c\":2,\"c\":\"x\"},\"a\":3}\n";
  const Decoded decoded = decode(line + line + line + line);
  EXPECT_EQ(fields_of(decoded), Texts(4, "a=1|3 b.c=2|x"));
}

TEST(HostileJson, ReplacesLoneSurrogates) {
  const std::string line =
      "{\"a\":\"\\ud800y\",\"b\":\"\\udc00\",\"c\":\"\\ud83d\\ude00\",\"d\":\"\\ud83d\\u0041\"}\n";
  const Decoded decoded = decode(line + line + line);
  EXPECT_EQ(fields_of(decoded), Texts(3, "a=\uFFFDy b=\uFFFD c=\U0001F600 d=\uFFFDA"));
}

TEST(HostileJson, TakesNanAndInfinityAndRefusesOtherWords) {
  const std::string good = "{\"a\":NaN,\"b\":Infinity,\"c\":-Infinity}\n";
  const Decoded decoded =
      decode(good + good + good + "{\"a\":NAN,\"b\":Infinity,\"c\":-Infinity}\n" + good +
             "{\"a\":NaN,\"b\":Infinit,\"c\":-Infinity}\n{\"a\":NaN,\"b\":Infinity,\"c\":-Inf}\n" + good);
  EXPECT_EQ(fields_of(decoded), Texts(5, "a=NaN b=Infinity c=-Infinity"));
  EXPECT_EQ(decoded.receipt.records_quarantined, 3U);
}

TEST(HostileJson, KeepsEveryDigitOfNumbers) {
  const std::string line =
      "{\"a\":18446744073709551615,\"b\":-9223372036854775808,\"c\":123456789012345678901234567890,\"d\":"
      "1e999,"
      "\"e\":-0}\n";
  EXPECT_EQ(fields_of(decode(line + line + line)),
            Texts(3,
                  "a=18446744073709551615 b=-9223372036854775808 c=123456789012345678901234567890 d=1e999 "
                  "e=-0"));
}

TEST(HostileJson, ReadsAByteOrderMarkAndCarriageReturns) {
  EXPECT_EQ(
      fields_of(decode("\xEF\xBB\xBF{\"a\":1}\r\n{\"a\":2}\r\n\r\n{\"a\":3}\r\n\xEF\xBB\xBF{\"a\":4}\r\n")),
      (Texts{"a=1", "a=2", "a=3", "a=4"}));
}

std::string utf16(const std::u16string& text, bool big, bool mark) {
  std::string out;
  for (const char16_t unit : (mark ? u"\uFEFF" : u"") + text) {
    const char low = static_cast<char>(unit & 0xFF), high = static_cast<char>(unit >> 8);
    out += big ? high : low;
    out += big ? low : high;
  }
  return out;
}

TEST(HostileJson, ReadsUtf16OfEitherOrderWithAndWithoutAMark) {
  for (const bool big : {false, true}) {
    for (const bool mark : {false, true}) {
      for (const std::size_t step : {0, 1, 5}) {
        Worker worker;
        const Decoded decoded = decode(
            worker, utf16(u"{\"a\":\"\u00E4\U0001F600\"}\r\n{\"a\":\"x\"}\n{\"a\":7}", big, mark), step);
        EXPECT_EQ(fields_of(decoded), (Texts{"a=\u00E4\U0001F600", "a=x", "a=7"})) << big << mark << step;
        EXPECT_EQ(decoded.receipt.records_quarantined, 0U);
      }
    }
  }
}

TEST(HostileJson, ReadsNulBytesBetweenAndInsideRecords) {
  const Decoded decoded =
      decode("{\"a\":1}\n"s + "\0\0\0"s + "{\"a\":\"x\0y\"}\n"s + "\0\n{\"a\":3}\n\0\0\0"s);
  EXPECT_EQ(fields_of(decoded), (Texts{"a=1", "a=x\0y"s, "a=3"}));
  EXPECT_EQ(decoded.receipt.records_quarantined, 0U);
}

TEST(HostileJson, QuarantinesAnArrayOfTenMillionElementsAndGoesOn) {
  std::string big = "{\"a\":[1";
  big.reserve(20 << 20);
  for (int i = 1; i < 10'000'000; ++i) big += ",1";
  big += "]}\n";
  const Decoded decoded = decode("{\"a\":1}\n" + big + "{\"a\":2}\n");
  EXPECT_EQ(fields_of(decoded), (Texts{"a=1", "a=2"}));
  ASSERT_EQ(decoded.receipt.records_quarantined, 1U);
  EXPECT_EQ(decoded.receipt.quarantined[0].size, big.size() - 1);
  EXPECT_EQ(decoded.receipt.records_seen, 3U);
}

TEST(HostileJson, QuarantinesMoreValuesThanAnEventHasAndGoesOn) {
  std::string many = "{\"a\":[1";
  for (int i = 0; i < 2'000'000; ++i) many += ",1";
  const Decoded decoded = decode("{\"a\":1}\n" + many + "]}\n{\"a\":2}\n");
  EXPECT_EQ(fields_of(decoded), (Texts{"a=1", "a=2"}));
  ASSERT_EQ(decoded.receipt.records_quarantined, 1U);
  EXPECT_EQ(decoded.receipt.quarantined[0].reason, "line 2: too many values");
}

TEST(HostileJson, ReadsAnArrayOfAMillionRecordsThatSayNothing) {
  std::string many = "[{}";
  many.reserve(32 << 20);
  for (int i = 1; i < 1'000'000; ++i) many += ",{}";
  many += "]";
  const Decoded decoded = decode(many);
  EXPECT_EQ(decoded.receipt.records_decoded, 1'000'000U);
  EXPECT_EQ(decoded.receipt.records_quarantined, 0U);
}

TEST(HostileJson, QuarantinesALineOfMoreThan16MegabytesAndGoesOn) {
  const std::string big = "{\"a\":\"" + std::string(20 << 20, 'x') + "\"}\n";
  const Decoded decoded = decode("{\"a\":1}\n" + big + "{\"a\":2}\n");
  EXPECT_EQ(fields_of(decoded), (Texts{"a=1", "a=2"}));
  EXPECT_EQ(decoded.receipt.records_quarantined, 1U);
}

TEST(HostileJson, KeysMayBeAsLongAsTheRecord) {
  const std::string key(3 << 20, 'k');
  const Decoded decoded =
      decode("{\"a\":1}\n{\"" + key + "\":1,\"" + key + "x\":2,\"\\u0061\":3}\n{\"a\":2}\n");
  EXPECT_EQ(decoded.receipt.records_decoded, 3U);
  EXPECT_EQ(decoded.receipt.records_quarantined, 0U);
}

// --- what was learnt from the records before ---

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

}  // namespace
}  // namespace landwarden::decode
