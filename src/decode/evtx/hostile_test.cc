// Files made to hurt: depth, size, and whatever a byte can be changed to.

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "decode/evtx/written_logs.h"

namespace landwarden::decode::evtx {
namespace {

TEST(EvtxHostile, DeepElementsAndEndlessTemplatesEnd) {
  write::Element deep = leaf("x", write::Text{"y"});
  for (int i = 0; i < 100; ++i) deep = {.name = "x", .attributes = {}, .children = {deep}};
  const Decoded got = decode_tree({deep}, false);
  ASSERT_EQ(got.receipt.quarantined.size(), 1u);
  EXPECT_EQ(got.receipt.quarantined[0].reason, "elements are nested too deep");
}

TEST(EvtxHostile, ValuesThatUnfoldToTooMuchAreRefused) {
  // 700 elements that show the same 40,000 bytes.
  write::Element data{.name = "EventData", .attributes = {}, .children = {}};
  for (int i = 0; i < 700; ++i) {
    data.children.push_back(
        leaf("V" + std::to_string(i % 7), write::Slot{.index = 0, .type = 1, .optional = false}));
  }
  Writer writer;
  const write::Instance instance{.definition = write::Template::make(event_tree({data})),
                                 .values = {write::Value::text(std::string(20000, 'a'))}};
  ASSERT_TRUE(writer.add({.written = {}, .content = instance, .record_id = {}}));
  EXPECT_EQ(decode(writer.finish()).rows.size(), 1u) << "14 MB are still allowed";
  for (int i = 0; i < 300; ++i) {
    data.children.push_back(
        leaf("V" + std::to_string(i % 7), write::Slot{.index = 0, .type = 1, .optional = false}));
  }
  const write::Instance more{.definition = write::Template::make(event_tree({data})),
                             .values = {write::Value::text(std::string(20000, 'a'))}};
  ASSERT_TRUE(writer.add({.written = {}, .content = more, .record_id = {}}));
  const Decoded got = decode(writer.finish());
  ASSERT_EQ(got.receipt.quarantined.size(), 1u);
  EXPECT_EQ(got.receipt.quarantined[0].reason, "it unfolds to more than any event holds");
}

/// A small file with every kind of record.
std::vector<std::byte> mixed_file() {
  Writer writer;
  EXPECT_TRUE(writer.add(event("C:\\a.exe")));
  EXPECT_TRUE(writer.add(event("C:\\b.exe")));
  write::EventRecord classic = event("x");
  classic.provider = {.name = "Classic", .guid = {}, .event_source_name = {}, .literal = true};
  classic.data = write::ClassicData{.strings = {"one", "two"}, .binary = {std::byte{1}}};
  EXPECT_TRUE(writer.add(classic));
  write::EventRecord user = event("x");
  user.data = write::UserData{.tree = leaf("Wrapper", leaf("Name", write::Value::text("n")))};
  EXPECT_TRUE(writer.add(user));
  EXPECT_TRUE(writer.add({.written = *parse_time("2026-01-01"),
                          .content = event_tree({leaf("Other", write::Text{"t"})}),
                          .record_id = {}}));
  EXPECT_TRUE(writer.add(event("C:\\c.exe")));
  return writer.finish();
}

std::size_t used_bytes(const std::vector<std::byte>& file) {
  return kFirstChunk + word(file, kFirstChunk + 48);
}

/// Decoders that have seen some damaged files, not the oddities of thousands.
constexpr int kFilesOfADecoder = 64;
constexpr std::size_t kFieldsOfFileHeader = 128;

TEST(EvtxHostile, OneFlippedByteLosesNoMoreThanWhatItIsPartOf) {
  std::vector<std::byte> file = file_of(4);
  const std::size_t used = used_bytes(file), second = record_at(file, 1);
  std::optional<Decoder> decoder;
  int files = 0;
  for (std::size_t at = 0; at < used; ++at) {
    // No field stands in most of the file's header, so no bit of it has a meaning of its own.
    const bool filler = at >= kFieldsOfFileHeader && at < kFirstChunk;
    for (const unsigned flip : filler ? std::vector{0xffu} : std::vector{0x01u, 0x80u, 0xffu}) {
      if (files++ % kFilesOfADecoder == 0) decoder.emplace();
      file[at] ^= std::byte(flip);
      const Decoded got = decoder->decode(file);
      file[at] ^= std::byte(flip);
      EXPECT_GE(got.receipt.records_seen, 4u) << at;
      if (at < kFirstRecord) {
        EXPECT_EQ(got.rows.size(), 4u) << "headers hold no record: " << at;
      } else if (at >= second) {
        EXPECT_GE(got.rows.size(), 3u) << "only the first record holds the template: " << at;
      }
    }
  }
}

TEST(EvtxHostile, MutatedFilesNeverCrashAndBothWaysAgree) {
  const std::vector<std::byte> good = mixed_file();
  ASSERT_EQ(decode(good).rows.size(), 6u);
  const std::size_t used = used_bytes(good);
  std::mt19937_64 random(20260302);
  std::optional<Decoder> direct_way, long_way;
  for (int round = 0; round < 12000; ++round) {
    if (round % kFilesOfADecoder == 0) {
      direct_way.emplace();
      long_way.emplace(How{.unfold = true});
    }
    std::vector<std::byte> file(good.begin(), good.begin() + static_cast<long>(used + 256));
    const std::size_t changes = 1 + random() % 8;
    for (std::size_t i = 0; i < changes; ++i) {
      const std::size_t at = kFirstChunk + random() % (file.size() - kFirstChunk);
      switch (random() % 4) {
        case 0:
          file[at] = std::byte(random());
          break;
        case 1:
          file[at] ^= std::byte(1u << (random() % 8));
          break;
        case 2:
          file[at] = std::byte{0xff};
          break;
        default:
          file[at] = good[kFirstRecord + random() % (used - kFirstRecord)];
      }
    }
    if (random() % 2 == 0) seal(file, kFirstChunk);
    if (random() % 16 == 0) file.resize(kFirstChunk + random() % (file.size() - kFirstChunk));
    const Decoded direct = direct_way->decode(file), unfolded = long_way->decode(file);
    EXPECT_EQ(direct.receipt.records_seen, unfolded.receipt.records_seen) << round;
    // The long way also looks at what no field needs, and refuses more.
    for (const auto& [offset, row] : unfolded.rows) {
      ASSERT_TRUE(direct.rows.contains(offset)) << round;
      EXPECT_EQ(direct.rows.at(offset), row) << round;
    }
  }
}

}  // namespace
}  // namespace landwarden::decode::evtx
