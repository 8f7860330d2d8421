#include "decode/evtx/seen_instance.h"

#include <gtest/gtest.h>

#include <random>

#include "decode/evtx/cells.h"
#include "decode/evtx/written_logs.h"

namespace landwarden::decode::evtx {
namespace {

/// An instance as it stands in a record: event id, channel, a number, and the stream inside.
struct Known {
  std::vector<std::byte> descriptors, values;
  std::vector<Cell> cells;
  std::vector<std::uint16_t> watched = {0, 1};
  SeenInstance seen;

  Known() {
    add(value_type::kUint16, 2);
    add(value_type::kText, 14);
    add(value_type::kUint64, 8);
    add(value_type::kBinXml, 20);
    EXPECT_TRUE(seen.learn(descriptors.data(), cells, values.data(), watched));
  }
  void add(std::uint8_t type, std::uint32_t size) {
    cells.push_back({100 + static_cast<std::uint32_t>(values.size()), described(type, size)});
    for (const std::uint32_t byte : {size & 0xff, size >> 8, std::uint32_t{type}, std::uint32_t{0}})
      descriptors.push_back(static_cast<std::byte>(byte));
    for (std::uint32_t i = 0; i < size; ++i) values.push_back(static_cast<std::byte>('a' + i));
  }
  [[nodiscard]] bool take(std::vector<Cell>& out, std::size_t room) const {
    out.assign(16, {});
    return seen.take(descriptors.data(), static_cast<std::uint32_t>(cells.size()), values.data(), room, 300,
                     out.data());
  }
  [[nodiscard]] bool take(std::vector<Cell>& out) const { return take(out, values.size()); }
};

TEST(SeenInstance, PutsCellsOfAnInstanceThatIsDescribedAlike) {
  Known known;
  std::vector<Cell> got;
  known.descriptors[12] = std::byte{9};  // the stream inside may have any size
  ASSERT_TRUE(known.take(got));
  for (std::size_t i = 0; i < known.cells.size(); ++i) {
    EXPECT_EQ(got[i].at, known.cells[i].at + 200);
    EXPECT_EQ(got[i].type(), known.cells[i].type());
    EXPECT_EQ(got[i].size(), i == 3 ? 9 : known.cells[i].size());
  }
}

TEST(SeenInstance, IsNotLikeOneWithAnyOtherSizeOrType) {
  std::vector<Cell> got;
  for (const std::size_t at : {0, 1, 2, 4, 5, 6, 8, 9, 10, 14}) {
    Known known;
    known.descriptors[at] ^= std::byte{1};
    EXPECT_FALSE(known.take(got)) << at;
  }
  Known empty;
  empty.descriptors[12] = std::byte{0};
  EXPECT_FALSE(empty.take(got)) << "no stream inside";
}

TEST(SeenInstance, IsNotLikeOneThatRunsPastItsRecord) {
  const Known known;
  std::vector<Cell> got;
  EXPECT_TRUE(known.take(got, known.values.size()));
  EXPECT_FALSE(known.take(got, known.values.size() - 1));
  EXPECT_FALSE(known.take(got, 0));
}

TEST(SeenInstance, IsNotLikeOneOfAnotherChannel) {
  Known known;
  std::vector<Cell> got;
  known.values[5] ^= std::byte{1};
  EXPECT_FALSE(known.take(got));
}

TEST(SeenInstance, KeepsShapesByTheirShortValues) {
  Known known;
  auto* const shape = reinterpret_cast<ShapePlan*>(&known);  // only kept
  const std::uint64_t key = known.seen.key(known.values.data());
  EXPECT_EQ(known.seen.shape(key), nullptr);
  known.seen.note(key, shape);
  EXPECT_EQ(known.seen.shape(key), shape);
  for (const std::size_t byte : {0, 1}) {
    known.values[byte] ^= std::byte{1};
    EXPECT_NE(known.seen.key(known.values.data()), key) << byte;
    EXPECT_EQ(known.seen.shape(known.seen.key(known.values.data())), nullptr) << byte;
    known.values[byte] ^= std::byte{1};
  }
  known.values[2] ^= std::byte{1};
  EXPECT_EQ(known.seen.key(known.values.data()), key) << "no byte of the event id";
}

/// Records whose outer instances are alike by turns: in sizes, in what decides about the shape, in both.
std::vector<std::byte> alternating_file(unsigned seed) {
  std::mt19937 random(seed);
  Writer writer;
  for (int i = 0; i < 600; ++i) {
    write::EventRecord record = event(std::string(random() % 30, 'x'));
    record.provider.name = random() % 8 == 0 ? "Provider-B" : "Provider-A";
    record.provider.literal = random() % 16 == 0;
    record.provider.kernel = random() % 4 == 0;
    record.channel = random() % 8 == 0 ? "Channel-2" : "Channel-1";
    record.event_id = static_cast<std::uint16_t>(random() % (i % 2 == 0 ? 3 : 300));
    record.version = static_cast<std::uint8_t>(random() % 3);
    record.level = static_cast<std::uint8_t>(random() % 3);
    record.task = static_cast<std::uint16_t>(random() % 3);
    record.computer = random() % 8 == 0 ? "ws2.water.example" : "ws1.water.example";
    record.process_id = random() % 3;
    if (random() % 4 == 0) record.qualifiers = static_cast<std::uint16_t>(random() % 3);
    if (random() % 4 == 0) record.user.reset();
    if (random() % 4 == 0) record.activity_id = record.provider.guid;
    if (random() % 16 == 0) record.data = write::ClassicData{.strings = {"one", "two"}, .binary = {}};
    EXPECT_TRUE(writer.add(record));
  }
  return writer.finish();
}

TEST(SeenInstance, RowsAreThoseOfTheLongWay) {
  for (unsigned seed = 0; seed < 12; ++seed) {
    const std::vector<std::byte> file = alternating_file(seed);
    const Decoded quick = decode(file), slow = decode(file, {.unfold = true});
    ASSERT_EQ(quick.rows.size(), 600U);
    ASSERT_EQ(quick.rows, slow.rows) << "seed " << seed;
    ASSERT_EQ(quick.rows, decode(file, {.unfold = false, .unit_chunks = 1}).rows) << "seed " << seed;
  }
}

}  // namespace
}  // namespace landwarden::decode::evtx
