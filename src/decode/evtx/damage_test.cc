// What the reader makes of damaged files: nothing that is still there is lost, and the receipt says what was
// wrong.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "decode/evtx/written_logs.h"

namespace landwarden::decode::evtx {
namespace {

TEST(EvtxDamage, DirtyHeaderAndStaleCountsLoseNothing) {
  const Decoded got = decode(file_of(300, {.first_record_id = 1, .minor_version = 2, .dirty = true}));
  EXPECT_EQ(got.rows.size(), 300u);
  EXPECT_EQ(got.damage("log marked as in use (copied while Windows wrote to it)"), 1u);
}

TEST(EvtxDamage, WrongChecksumsAreCountedAndRead) {
  std::vector<std::byte> file = file_of(3);
  file[124] ^= std::byte{1};
  set_word(file, kFirstChunk + 52, 1);
  Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 3u);
  EXPECT_EQ(got.damage("wrong checksum of the file header"), 1u);
  EXPECT_EQ(got.damage("wrong checksum of a chunk's header"), 1u) << "it covers the records' checksum";
  EXPECT_EQ(got.damage("wrong checksum of a chunk's records"), 1u);
}

TEST(EvtxDamage, FilesThatDeclareNoChecksumsAreFine) {
  EXPECT_TRUE(
      decode(file_of(3, {.first_record_id = 1, .minor_version = 1, .dirty = false, .checksums = false}))
          .receipt.damage.empty());
}

TEST(EvtxDamage, FirstNumberAboveTheLastLosesNothing) {
  std::vector<std::byte> file = file_of(3);
  set_word(file, kFirstChunk + 24, 99);
  seal(file, kFirstChunk);
  EXPECT_EQ(decode(file).rows.size(), 3u);
}

TEST(EvtxDamage, WrongLastRecordNumberLosesNothing) {
  std::vector<std::byte> file = file_of(5);
  set_word(file, kFirstChunk + 32, 2);
  seal(file, kFirstChunk);
  EXPECT_EQ(decode(file).rows.size(), 5u);
}

TEST(EvtxDamage, SizeZeroIsMendedFromTheCopy) {
  std::vector<std::byte> file = file_of(4);
  set_word(file, record_at(file, 1) + 4, 0);
  seal(file, kFirstChunk);
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 4u);
  EXPECT_EQ(got.damage("a record's size and its copy differ"), 1u);
}

TEST(EvtxDamage, SizePastTheChunkIsMendedFromTheCopy) {
  std::vector<std::byte> file = file_of(4);
  set_word(file, record_at(file, 1) + 4, 0x7fffffff);
  seal(file, kFirstChunk);
  EXPECT_EQ(decode(file).rows.size(), 4u);
}

TEST(EvtxDamage, BothSizesWrongLosesThatRecordOnlyAndSaysSo) {
  std::vector<std::byte> file = file_of(4);
  const std::size_t at = record_at(file, 1), behind = record_at(file, 2);
  set_word(file, at + 4, 0);
  set_word(file, behind - 4, 0);
  seal(file, kFirstChunk);
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 3u);
  ASSERT_EQ(got.receipt.quarantined.size(), 1u);
  EXPECT_EQ(got.receipt.quarantined[0].offset, at);
  EXPECT_EQ(got.receipt.quarantined[0].size, behind - at);
  EXPECT_EQ(got.receipt.quarantined[0].reason, "the record's size is damaged");
}

TEST(EvtxDamage, WrongSizeCopyOrMarkIsMended) {
  std::vector<std::byte> file = file_of(4);
  set_word(file, record_at(file, 2) - 4, 12345);
  file[record_at(file, 2)] = std::byte{0};
  seal(file, kFirstChunk);
  EXPECT_GE(decode(file).rows.size(), 3u);
  file = file_of(4);
  file[record_at(file, 2)] = std::byte{0};
  seal(file, kFirstChunk);
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 4u);
  EXPECT_EQ(got.damage("damaged mark of a record"), 1u);
}

TEST(EvtxDamage, ZeroesInsideAChunkAreQuarantinedAndReadingGoesOn) {
  std::vector<std::byte> file = file_of(6);
  const std::size_t at = record_at(file, 2), behind = record_at(file, 4);
  std::fill(file.begin() + static_cast<long>(at), file.begin() + static_cast<long>(behind), std::byte{0});
  seal(file, kFirstChunk);
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 4u);
  ASSERT_EQ(got.receipt.quarantined.size(), 1u);
  EXPECT_EQ(got.receipt.quarantined[0].reason, "zeroes where records should be");
}

TEST(EvtxDamage, FreeSpaceBeyondTheChunkOrTooLateLosesNothing) {
  for (const std::uint32_t offset : {0x7fffffffu, 65536u, 60000u, 0u}) {
    std::vector<std::byte> file = file_of(5);
    set_word(file, kFirstChunk + 48, offset);
    seal(file, kFirstChunk);
    const Decoded got = decode(file);
    EXPECT_EQ(got.rows.size(), 5u) << offset;
    EXPECT_EQ(got.receipt.records_quarantined, 0u) << offset;
  }
}

TEST(EvtxDamage, RecordsBehindTheFreeSpaceAreNotLive) {
  std::vector<std::byte> file = file_of(5);
  set_word(file, kFirstChunk + 48, static_cast<std::uint32_t>(record_at(file, 3) - kFirstChunk));
  seal(file, kFirstChunk);
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 3u);
  EXPECT_EQ(got.receipt.records_quarantined, 0u);
}

TEST(EvtxDamage, DamagedChunkHeaderIsDoneWithout) {
  std::vector<std::byte> file = file_of(5);
  std::fill(file.begin() + kFirstChunk, file.begin() + kFirstChunk + 128, std::byte{0});
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 5u);
  EXPECT_EQ(got.damage("damaged mark of a chunk"), 1u);
}

TEST(EvtxDamage, RecordsWhoseTemplateIsMissingKeepTheirValues) {
  std::vector<std::byte> file = file_of(3);
  // The template stands in the first record, behind the instance token: its identity is spoilt.
  const std::size_t token = kFirstRecord + kRecordHeaderBytes + 4;
  ASSERT_EQ(file[token], std::byte{0x0c});
  file[token + 10 + 4] ^= std::byte{0xff};
  seal(file, kFirstChunk);
  for (const bool unfold : {false, true}) {
    const Decoded got = decode(file, {.unfold = unfold});
    ASSERT_EQ(got.rows.size(), 3u);
    EXPECT_EQ(got.receipt.records_quarantined, 0u);
    EXPECT_EQ(got.damage("a record's template is not in its chunk: values without names"), 3u);
    const Row& row = got.row(1);
    EXPECT_EQ(row.meta.record_id, 2u) << "the header's";
    EXPECT_EQ(row.meta.time, *parse_time("2026-03-02T07:15:00.1234567Z"));
    EXPECT_EQ(row.shape.channel, "");
    EXPECT_EQ(row.host, "");
    const std::vector<std::string>& data = row.fields.at("Data");
    EXPECT_NE(std::ranges::find(data, "Microsoft-Windows-Sysmon/Operational"), data.end());
    // The event's own template is there: its fields keep their names.
    EXPECT_EQ(row.fields.at("Image"), std::vector<std::string>{"C:\\Windows\\tool1.exe"});
  }
}

TEST(EvtxDamage, AnEventWhoseOwnTemplateIsMissingKeepsItsSystemPart) {
  std::vector<std::byte> file = file_of(3);
  std::size_t embedded = 0;  // the second instance token of the first record whose definition follows it
  for (std::size_t at = kFirstRecord + 40; at < record_at(file, 1) && embedded == 0; ++at) {
    if (file[at] == std::byte{0x0c} && word(file, at + 6) + kFirstChunk == at + 10) embedded = at;
  }
  ASSERT_NE(embedded, 0u);
  file[embedded + 10 + 4] ^= std::byte{0xff};
  seal(file, kFirstChunk);
  for (const bool unfold : {false, true}) {
    const Decoded got = decode(file, {.unfold = unfold});
    ASSERT_EQ(got.rows.size(), 3u);
    const Row& row = got.row(2);
    EXPECT_EQ(row.shape.channel, "Microsoft-Windows-Sysmon/Operational");
    EXPECT_EQ(row.host, "ws1.water.example");
    EXPECT_EQ(row.fields.at("Data"), (std::vector<std::string>{"C:\\Windows\\tool2.exe", "4711", ""}));
  }
}

TEST(EvtxDamage, DoesNotBorrowTemplatesFromEarlierChunks) {
  const std::vector<std::byte> whole = file_of(300);
  std::vector<std::byte> file = whole;
  const std::size_t token = kFirstRecord + kChunkBytes + kRecordHeaderBytes + 4;
  file[token + 10 + 4] ^= std::byte{0xff};
  const Decoded together = decode(file), apart = decode(file, {.unfold = false, .unit_chunks = 1});
  EXPECT_EQ(together.rows, apart.rows);
  EXPECT_GT(together.damage("a record's template is not in its chunk: values without names"), 0u);
}

TEST(EvtxDamage, ATemplateOfTheSameBytesButAnotherNameIsAnotherTemplate) {
  const std::vector<std::byte> first = file_of(2);
  std::vector<std::byte> second = first;
  // Both templates use the name "Name"; it is defined in the first one's bytes.
  static constexpr std::uint8_t kName[] = {4, 0, 'N', 0, 'a', 0, 'm', 0, 'e', 0};
  const auto found = std::search(second.begin(), second.end(), std::begin(kName), std::end(kName),
                                 [](std::byte a, std::uint8_t b) { return a == std::byte{b}; });
  ASSERT_NE(found, second.end());
  found[4] = std::byte{'b'};
  seal(second, kFirstChunk);
  std::vector<std::byte> file = first;
  file.insert(file.end(), second.begin() + kFileHeaderBytes, second.end());
  const Decoded together = decode(file), alone = decode(second);
  ASSERT_EQ(together.rows.size(), 4u);
  ASSERT_EQ(alone.rows.size(), 2u);
  EXPECT_TRUE(together.row(0).fields.contains("Image"));
  EXPECT_FALSE(alone.row(0).fields.contains("Image"));
  EXPECT_EQ(together.row(2).fields, alone.row(0).fields);
  EXPECT_EQ(together.row(3).fields, alone.row(1).fields);
}

TEST(EvtxDamage, TruncatedTailGivesWhatIsThere) {
  const std::vector<std::byte> file = file_of(5);
  const std::size_t last = record_at(file, 4);
  const Decoded got = decode(Bytes(file).first(last + 100));
  EXPECT_EQ(got.rows.size(), 4u);
  EXPECT_EQ(got.receipt.records_quarantined, 1u);
  EXPECT_EQ(got.damage("chunk cut short"), 1u);
  EXPECT_EQ(decode(Bytes(file).first(60)).damage("file cut short in its header"), 1u);
  EXPECT_EQ(decode(Bytes()).receipt.records_seen, 0u);
}

TEST(EvtxDamage, WhatIsNoChunkIsQuarantinedAndZeroesAreSpace) {
  std::vector<std::byte> file = file_of(2);
  file.resize(file.size() + kChunkBytes);  // set aside, never used
  file.resize(file.size() + kChunkBytes, std::byte{'x'});
  const std::vector<std::byte> more = file_of(2);
  file.insert(file.end(), more.begin() + kFileHeaderBytes, more.end());
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 4u);
  ASSERT_EQ(got.receipt.quarantined.size(), 1u);
  EXPECT_EQ(got.receipt.quarantined[0].size, kChunkBytes);
  EXPECT_EQ(got.receipt.quarantined[0].reason, "no chunk of an event log");
}

TEST(EvtxDamage, StaleRecordsOfAnEarlierPassAreNotLiveInADamagedChunk) {
  std::vector<std::byte> file = file_of(6, {.first_record_id = 100});
  // Records 4 and 5 are left from before: their numbers are lower.
  for (std::size_t i : {4u, 5u}) set_word(file, record_at(file, i) + 8, static_cast<std::uint32_t>(10 + i));
  file[kFirstChunk + 60] ^= std::byte{1};  // the header's checksum is wrong now
  EXPECT_EQ(decode(file).rows.size(), 4u);
}

}  // namespace
}  // namespace landwarden::decode::evtx
