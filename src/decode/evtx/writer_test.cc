#include "decode/evtx/writer.h"

#include <cstring>
#include <map>
#include <set>

#include <gtest/gtest.h>

namespace landwarden::decode::evtx::write {
namespace {

constexpr std::size_t kChunk = 65536;

std::uint64_t number_at(std::span<const std::byte> bytes, std::size_t at, std::size_t width) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < width; ++i) number |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
  return number;
}

/// CRC-32 bit by bit, written apart from the writer's.
std::uint32_t slow_crc(std::initializer_list<std::span<const std::byte>> parts) {
  std::uint32_t crc = 0xffffffff;
  for (const auto part : parts) {
    for (const std::byte byte : part) {
      crc ^= std::to_integer<std::uint32_t>(byte);
      for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
    }
  }
  return ~crc;
}

std::vector<std::span<const std::byte>> chunks_of(const std::vector<std::byte>& file) {
  std::vector<std::span<const std::byte>> chunks;
  for (std::size_t at = 4096; at + kChunk <= file.size(); at += kChunk)
    chunks.push_back(std::span(file).subspan(at, kChunk));
  return chunks;
}

struct Walked {
  std::vector<std::uint64_t> ids;
  std::uint32_t last_at = 0;
  std::size_t end = 512;
};

/// Follows the records of a chunk by magic and size, checking both copies of the size.
Walked walk(std::span<const std::byte> chunk) {
  Walked walked;
  while (walked.end + 28 <= chunk.size() && number_at(chunk, walked.end, 4) == 0x2a2a) {
    const std::size_t size = number_at(chunk, walked.end + 4, 4);
    EXPECT_EQ(size % 8, 0U);
    EXPECT_LE(walked.end + size, chunk.size());
    if (size < 28 || walked.end + size > chunk.size()) break;
    EXPECT_EQ(number_at(chunk, walked.end + size - 4, 4), size);
    walked.ids.push_back(number_at(chunk, walked.end + 8, 8));
    walked.last_at = static_cast<std::uint32_t>(walked.end);
    walked.end += size;
  }
  return walked;
}

std::size_t count_text(std::span<const std::byte> bytes, std::string_view utf8) {
  std::vector<std::byte> needle;
  append_units(needle, to_utf16(utf8));
  std::size_t count = 0;
  for (auto at = bytes.begin();; ++at, ++count) {
    at = std::search(at, bytes.end(), needle.begin(), needle.end());
    if (at == bytes.end()) return count;
  }
}

EventRecord sample_event(std::uint32_t number) {
  EventRecord event;
  event.provider.name = "Example-Provider";
  event.provider.guid = Guid::of(0x01020304, 0x0506, 0x0708, 0x090a0b0c0d0e0f10);
  event.event_id = static_cast<std::uint16_t>(number % 7);
  event.time = from_unix(1'772'438'400 + number);
  event.channel = "Example/Operational";
  event.computer = "PC.example";
  event.user = Sid::parse("S-1-5-18");
  event.data = EventData{
      {{"Sequence", Value::uint32(number)}, {"Path", Value::text("C:\\Windows\\" + std::to_string(number))}},
      {}};
  return event;
}

std::vector<std::byte> sample_file(std::uint32_t records, FileOptions options = {}) {
  Writer writer(options);
  for (std::uint32_t i = 0; i < records; ++i) EXPECT_TRUE(writer.add(sample_event(i)).has_value());
  return writer.finish();
}

std::vector<unsigned> numbers(const Value& value) {
  std::vector<unsigned> out;
  for (const std::byte byte : value.bytes) out.push_back(std::to_integer<unsigned>(byte));
  return out;
}

using Bytes = std::vector<unsigned>;

TEST(EvtxWriter, GivesAnEmptyFileAHeaderWithAValidChecksum) {
  const auto file = Writer().finish();
  ASSERT_EQ(file.size(), 4096U);
  EXPECT_EQ(std::memcmp(file.data(), "ElfFile\0", 8), 0);
  EXPECT_EQ(number_at(file, 24, 8), 1U);
  EXPECT_EQ(number_at(file, 124, 4), slow_crc({std::span(file).first(120)}));
}

TEST(EvtxWriter, ClosesAChunkWhenItIsFullAndGoesOnInTheNext) {
  const auto file = sample_file(2000);
  const auto chunks = chunks_of(file);
  ASSERT_GT(chunks.size(), 3U);
  EXPECT_EQ(file.size(), 4096 + chunks.size() * kChunk);
  EXPECT_EQ(number_at(file, 16, 8), chunks.size() - 1);
  EXPECT_EQ(number_at(file, 42, 2), chunks.size());
  EXPECT_EQ(number_at(file, 24, 8), 2001U);
  std::uint64_t next = 1;
  for (const auto chunk : chunks) {
    const Walked walked = walk(chunk);
    ASSERT_FALSE(walked.ids.empty());
    EXPECT_EQ(number_at(chunk, 8, 8), next);
    EXPECT_EQ(number_at(chunk, 24, 8), next);
    for (const auto id : walked.ids) EXPECT_EQ(id, next++);
    EXPECT_EQ(number_at(chunk, 16, 8), next - 1);
    EXPECT_EQ(number_at(chunk, 32, 8), next - 1);
    EXPECT_EQ(number_at(chunk, 44, 4), walked.last_at);
    EXPECT_EQ(number_at(chunk, 48, 4), walked.end);
  }
  EXPECT_EQ(next, 2001U);
}

TEST(EvtxWriter, ChecksumsCoverRecordsAndChunkHeader) {
  const auto file = sample_file(500);
  for (const auto chunk : chunks_of(file)) {
    const std::size_t end = number_at(chunk, 48, 4);
    EXPECT_EQ(number_at(chunk, 52, 4), slow_crc({chunk.subspan(512, end - 512)}));
    EXPECT_EQ(number_at(chunk, 124, 4), slow_crc({chunk.first(120), chunk.subspan(128, 384)}));
  }
}

TEST(EvtxWriter, DefinesNamesAndTemplatesOnceAChunk) {
  const auto file = sample_file(500);
  const auto chunks = chunks_of(file);
  ASSERT_GE(chunks.size(), 2U);
  for (const auto chunk : chunks) {
    EXPECT_EQ(count_text(chunk, "EventRecordID"), 1U);
    EXPECT_EQ(count_text(chunk, "Sequence"), 1U);
  }
}

TEST(EvtxWriter, BucketChainsLeadToEveryNameUnderItsOwnHash) {
  const auto file = sample_file(40);
  const auto chunk = chunks_of(file).at(0);
  std::set<std::u16string> found;
  for (std::size_t bucket = 0; bucket < 64; ++bucket) {
    for (std::size_t at = number_at(chunk, 128 + 4 * bucket, 4); at != 0; at = number_at(chunk, at, 4)) {
      std::u16string name;
      for (std::size_t i = 0; i < number_at(chunk, at + 6, 2); ++i) {
        name += static_cast<char16_t>(number_at(chunk, at + 8 + 2 * i, 2));
      }
      EXPECT_EQ(number_at(chunk, at + 4, 2), bucket_hash(name));
      EXPECT_EQ(bucket_hash(name) % 64, bucket);
      found.insert(name);
    }
  }
  for (const char16_t* name :
       {u"Event", u"System", u"Provider", u"Data", u"Name", u"EventData", u"Computer"}) {
    EXPECT_TRUE(found.contains(name));
  }
  std::size_t templates = 0;
  for (std::size_t bucket = 0; bucket < 32; ++bucket) {
    for (std::size_t at = number_at(chunk, 384 + 4 * bucket, 4); at != 0; at = number_at(chunk, at, 4))
      ++templates;
  }
  EXPECT_EQ(templates, 2U);
}

TEST(EvtxWriter, HashesNamesAsWindowsDoes) {
  EXPECT_EQ(bucket_hash(u"Event"), 0x0cba);
  EXPECT_EQ(bucket_hash(u"System"), 0x546f);
  EXPECT_EQ(bucket_hash(u"EventData"), 0x8244);
}

TEST(EvtxWriter, SameRecordsGiveSameBytes) {
  EXPECT_EQ(sample_file(300), sample_file(300));
}

TEST(EvtxWriter, IsEmptyAgainAfterFinish) {
  Writer writer;
  ASSERT_TRUE(writer.add(sample_event(1)).has_value());
  const auto first = writer.finish();
  EXPECT_EQ(writer.records(), 0U);
  ASSERT_TRUE(writer.add(sample_event(1)).has_value());
  EXPECT_EQ(writer.finish(), first);
}

TEST(EvtxWriter, RefusesARecordLargerThanAChunkAndKeepsTheRest) {
  Writer writer;
  ASSERT_TRUE(writer.add(sample_event(1)).has_value());
  EventRecord large = sample_event(2);
  large.data = EventData{{{"Text", Value::text(std::string(40'000, 'x'))}}, {}};
  const auto refused = writer.add(large);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::limit);
  large.data = EventData{
      {{"Text", Value::text(std::string(32'000, 'x'))}, {"More", Value::text(std::string(1'000, 'y'))}}, {}};
  EXPECT_FALSE(writer.add(large).has_value());
  ASSERT_TRUE(writer.add(sample_event(3)).has_value());
  const auto file = writer.finish();
  std::vector<std::uint64_t> ids;
  for (const auto chunk : chunks_of(file)) {
    for (const auto id : walk(chunk).ids) ids.push_back(id);
    EXPECT_EQ(number_at(chunk, 52, 4), slow_crc({chunk.subspan(512, number_at(chunk, 48, 4) - 512)}));
  }
  EXPECT_EQ(ids, (std::vector<std::uint64_t>{1, 2}));
}

TEST(EvtxWriter, KeepsRecordIdsThatTheCallerSets) {
  Writer writer(FileOptions{.first_record_id = 4711});
  EventRecord event = sample_event(0);
  ASSERT_TRUE(writer.add(event).has_value());
  event.record_id = 9000;
  ASSERT_TRUE(writer.add(event).has_value());
  event.record_id.reset();
  ASSERT_TRUE(writer.add(event).has_value());
  const auto file = writer.finish();
  EXPECT_EQ(walk(chunks_of(file).at(0)).ids, (std::vector<std::uint64_t>{4711, 9000, 9001}));
  EXPECT_EQ(number_at(file, 24, 8), 9002U);
}

TEST(EvtxWriter, MarksDirtyFilesAndLeavesTheirCountersStale) {
  const auto file = sample_file(500, {.minor_version = 2, .dirty = true});
  EXPECT_EQ(number_at(file, 36, 2), 2U);
  EXPECT_EQ(number_at(file, 38, 2), 3U);
  EXPECT_EQ(number_at(file, 120, 4), 1U);
  EXPECT_LT(number_at(file, 42, 2), chunks_of(file).size());
  EXPECT_EQ(number_at(file, 24, 8), 1U);
}

TEST(EvtxWriter, LeavesChecksumsOutWhenAsked) {
  const auto file = sample_file(5, {.checksums = false});
  EXPECT_EQ(number_at(file, 120, 4), 4U);
  EXPECT_EQ(number_at(file, 124, 4), 0U);
  EXPECT_EQ(number_at(chunks_of(file).at(0), 52, 4), 0U);
}

TEST(EvtxWriter, WritesRecordsWithoutTemplateAndOddTokens) {
  Writer writer;
  const Element root{
      "Event",
      {Attribute{"xmlns", {Text{"urn:x"}}}},
      {Element{"Data", {}, {Text{"a"}, CharacterReference{0x41}, EntityReference{"amp"}, Cdata{"<b>"}}},
       ProcessingInstruction{"target", "data"}, Element{"Number", {}, {Value::uint32(7)}},
       Element{"Empty", {}, {}}}};
  ASSERT_TRUE(writer.add(Record{.written = from_unix(0), .content = root, .record_id = {}}).has_value());
  const auto file = writer.finish();
  const auto chunk = chunks_of(file).at(0);
  EXPECT_EQ(walk(chunk).ids.size(), 1U);
  EXPECT_EQ(number_at(chunk, 512 + 24, 4), 0x0001010fU);
  EXPECT_EQ(number_at(chunk, 512 + 28, 1), 0x41U);
  for (std::size_t bucket = 0; bucket < 32; ++bucket) EXPECT_EQ(number_at(chunk, 384 + 4 * bucket, 4), 0U);
}

TEST(EvtxWriterValue, LaysOutEveryFixedSizeType) {
  EXPECT_EQ(numbers(Value::int8(-2)), Bytes{0xfe});
  EXPECT_EQ(numbers(Value::uint8(200)), Bytes{200});
  EXPECT_EQ(numbers(Value::int16(-2)), (Bytes{0xfe, 0xff}));
  EXPECT_EQ(numbers(Value::uint16(0x1234)), (Bytes{0x34, 0x12}));
  EXPECT_EQ(numbers(Value::int32(-1)), (Bytes{0xff, 0xff, 0xff, 0xff}));
  EXPECT_EQ(numbers(Value::uint32(0x12345678)), (Bytes{0x78, 0x56, 0x34, 0x12}));
  EXPECT_EQ(numbers(Value::int64(-1)), Bytes(8, 0xff));
  EXPECT_EQ(numbers(Value::uint64(1)), (Bytes{1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(numbers(Value::float32(1.5F)), (Bytes{0, 0, 0xc0, 0x3f}));
  EXPECT_EQ(numbers(Value::float64(1.5)), (Bytes{0, 0, 0, 0, 0, 0, 0xf8, 0x3f}));
  EXPECT_EQ(numbers(Value::boolean(2)), (Bytes{2, 0, 0, 0}));
  EXPECT_EQ(numbers(Value::hex32(0x3e7)), (Bytes{0xe7, 3, 0, 0}));
  EXPECT_EQ(Value::hex64(1).bytes.size(), 8U);
  EXPECT_EQ(Value::size32(1).bytes.size(), 4U);
  EXPECT_EQ(Value::size64(1).bytes.size(), 8U);
  EXPECT_EQ(Value::filetime(from_unix(0)).bytes.size(), 8U);
  EXPECT_TRUE(Value::null().bytes.empty());
}

TEST(EvtxWriterValue, CountsWeekdaysOfSystemTimeFromSunday) {
  const Value monday = Value::systemtime(*parse_time("2026-03-02T07:15:30.1234567Z"));
  EXPECT_EQ(numbers(monday), (Bytes{0xea, 7, 3, 0, 1, 0, 2, 0, 7, 0, 15, 0, 30, 0, 123, 0}));
}

TEST(EvtxWriterValue, WritesTextAsUtf16) {
  EXPECT_EQ(numbers(Value::text("Aé")), (Bytes{0x41, 0, 0xe9, 0}));
  EXPECT_EQ(numbers(Value::text("\xF0\x9F\x98\x80")), (Bytes{0x3d, 0xd8, 0x00, 0xde}));
  const char16_t odd[] = {0xD800, 0, u'x'};
  EXPECT_EQ(numbers(Value::utf16({odd, 3})), (Bytes{0, 0xd8, 0, 0, 0x78, 0}));
  EXPECT_EQ(numbers(Value::ansi("\xe4")), Bytes{0xe4});
}

TEST(EvtxWriterValue, ArraysAreTerminatedTextsOrItemsBackToBack) {
  const std::vector<std::string> items = {"a", "", "b"};
  const Value texts = Value::texts(items);
  EXPECT_EQ(texts.type, 0x81);
  EXPECT_EQ(numbers(texts), (Bytes{0x61, 0, 0, 0, 0, 0, 0x62, 0, 0, 0}));
  const std::vector<Value> ports = {Value::uint16(80), Value::uint16(443)};
  const Value array = Value::array(ValueType::uint16, ports);
  EXPECT_EQ(array.type, 0x86);
  EXPECT_EQ(numbers(array), (Bytes{80, 0, 0xbb, 1}));
}

TEST(EvtxWriterValue, ReadsGuidsAndSids) {
  const auto guid = Guid::parse("{01020304-0506-0708-090a-0b0c0d0e0f10}");
  ASSERT_TRUE(guid.has_value());
  EXPECT_EQ(*guid, Guid::of(0x01020304, 0x0506, 0x0708, 0x090a0b0c0d0e0f10));
  EXPECT_EQ(numbers(Value::guid(*guid)), (Bytes{4, 3, 2, 1, 6, 5, 8, 7, 9, 10, 11, 12, 13, 14, 15, 16}));
  EXPECT_EQ(guid->to_string(), "{01020304-0506-0708-090a-0b0c0d0e0f10}");
  for (const char* text :
       {"", "{}", "{01020304-0506-0708-090a-0b0c0d0e0f1g}", "01020304x0506-0708-090a-0b0c0d0e0f10"}) {
    EXPECT_FALSE(Guid::parse(text).has_value()) << text;
  }
  const auto sid = Sid::parse("S-1-5-21-1-4294967295-3-500");
  ASSERT_TRUE(sid.has_value());
  EXPECT_EQ(numbers(Value::sid(*sid)), (Bytes{1, 5, 0,   0,   0,   0,   0, 5, 21, 0, 0,    0, 1, 0,
                                              0, 0, 255, 255, 255, 255, 3, 0, 0,  0, 0xf4, 1, 0, 0}));
  for (const char* text : {"", "S-", "S-1", "X-1-5", "S-1-5-", "S-1-5-4294967296", "S-1-5-x"}) {
    EXPECT_FALSE(Sid::parse(text).has_value()) << text;
  }
}

TEST(EvtxWriterTemplate, EqualTreesAreOneTemplateAndDifferentOnesAreNot) {
  const auto tree = [](const char* name) {
    return Element{"EventData", {}, {Element{name, {}, {Value::uint32(1)}}}};
  };
  EXPECT_EQ(instantiate(tree("A")).definition->guid, instantiate(tree("A")).definition->guid);
  EXPECT_NE(instantiate(tree("A")).definition->guid, instantiate(tree("B")).definition->guid);
  EXPECT_NE(instantiate(tree("A")).definition->guid, instantiate(tree("A"), true).definition->guid);
}

TEST(EvtxWriterTemplate, HoistsValuesInDocumentOrder) {
  const Instance instance =
      instantiate(Element{"A",
                          {Attribute{"first", {Value::uint8(1)}}},
                          {Element{"B", {}, {Value::uint8(2)}}, Element{"C", {}, {Value::null()}}}});
  ASSERT_EQ(instance.values.size(), 3U);
  EXPECT_EQ(numbers(instance.values[0]), Bytes{1});
  EXPECT_EQ(numbers(instance.values[1]), Bytes{2});
  EXPECT_EQ(instance.values[2].type, 0);
}

TEST(EvtxWriterEvent, UsesWindowsLayoutsOfTheSystemPart) {
  EventRecord event = sample_event(1);
  EXPECT_EQ(lay_out(event, 1).values.size(), 18U);
  event.provider.literal = true;
  const Instance literal = lay_out(event, 5);
  ASSERT_EQ(literal.values.size(), 20U);
  EXPECT_NE(literal.values[19].nested, nullptr);
  EXPECT_EQ(number_at(literal.values[10].bytes, 0, 8), 5U);
}

}  // namespace
}  // namespace landwarden::decode::evtx::write
