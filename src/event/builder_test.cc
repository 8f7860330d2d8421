#include "event/builder.h"

#include <gtest/gtest.h>

#include <map>

#include "base/limits.h"

namespace landwarden::event {
namespace {

// Keeps what it is given as text: shape → rows → field → values.
class KeepingSink : public BatchSink {
 public:
  explicit KeepingSink(const Catalogue& catalogue) : catalogue_(catalogue) {}
  Wanted wanted(ShapeId) override { return {}; }
  void consume(const EventBatch& batch) override {
    ++batches;
    for (std::size_t row = 0; row < batch.rows.size(); ++row) {
      auto& fields = rows.emplace_back();
      for (const Column& column : batch.columns) {
        for (const Code code : column.cell(row)) {
          fields[std::string(catalogue_.field_name(column.field))].emplace_back(
              code == kNull ? "<null>" : column.values->at(code).text);
        }
      }
      for (const Extra& extra : batch.extras) {
        if (extra.row == row) fields[extra.name].push_back(extra.text);
      }
    }
  }
  using Fields = std::map<std::string, std::vector<std::string>>;
  std::vector<Fields> rows;
  int batches = 0;

 private:
  const Catalogue& catalogue_;
};

struct BuilderTest : testing::Test {
  Catalogue catalogue;
  KeepingSink sink{catalogue};
  BatchBuilder builder{catalogue, sink};
  ShapeId shape = *catalogue.shape({.product = "windows", .channel = "Security", .event_id = 4688});

  void put(ShapeWriter& writer, std::string_view name, std::string_view value) {
    const auto column = *writer.column(*catalogue.field(name));
    writer.put(column, writer.table(column).intern(ValueType::text, value));
  }
};

TEST_F(BuilderTest, GivesBackWhatWasPut) {
  ShapeWriter& writer = builder.open(shape);
  writer.begin_row({});
  put(writer, "A", "1");
  writer.end_row();
  writer.begin_row({});
  put(writer, "B", "");
  put(writer, "C", "x");
  put(writer, "C", "y");
  put(writer, "C", "x");
  writer.put(*writer.column(*catalogue.field("D")), kNull);
  writer.put_extra("E", ValueType::text, "z");
  writer.end_row();
  builder.end_unit();
  ASSERT_EQ(sink.rows.size(), 2U);
  EXPECT_EQ(sink.rows[0], (KeepingSink::Fields{{"A", {"1"}}}));
  EXPECT_EQ(sink.rows[1],
            (KeepingSink::Fields{{"B", {""}}, {"C", {"x", "y", "x"}}, {"D", {"<null>"}}, {"E", {"z"}}}));
}

TEST_F(BuilderTest, ClosesFullBatches) {
  ShapeWriter& writer = builder.open(shape);
  for (std::size_t i = 0; i < limits::kBatchRows + 1; ++i) {
    writer.begin_row({});
    put(writer, "A", std::to_string(i));
    writer.end_row();
  }
  EXPECT_EQ(sink.batches, 1);
  builder.end_unit();
  EXPECT_EQ(sink.batches, 2);
  ASSERT_EQ(sink.rows.size(), limits::kBatchRows + 1);
  EXPECT_EQ(sink.rows.back().at("A"), std::vector<std::string>{std::to_string(limits::kBatchRows)});
}

TEST_F(BuilderTest, ForgetsDictionariesThatGrewTooLarge) {
  ShapeWriter& writer = builder.open(shape);
  const auto epoch = builder.dictionary_epoch();
  const std::string large(limits::kDictionaryBytes, 'x');
  writer.begin_row({});
  put(writer, "A", large);
  writer.end_row();
  builder.end_unit();
  EXPECT_GT(builder.dictionary_epoch(), epoch);
  writer.begin_row({});
  put(writer, "A", "again");
  writer.end_row();
  builder.end_unit();
  EXPECT_EQ(sink.rows.back().at("A"), std::vector<std::string>{"again"});
}

TEST_F(BuilderTest, PromotesABoundedNumberOfColumns) {
  ShapeWriter& writer = builder.open(shape);
  for (std::size_t i = 0; i < limits::kShapeColumns; ++i) {
    EXPECT_TRUE(writer.column(*catalogue.field("F" + std::to_string(i))));
  }
  EXPECT_FALSE(writer.column(*catalogue.field("one more")));
}

TEST(ValueTable, TellsKindsApart) {
  ValueTable table;
  const Code text = table.intern(ValueType::text, "15");
  const Code number = table.intern(ValueType::uinteger, "15");
  EXPECT_NE(text, number);
  EXPECT_EQ(table.intern(ValueType::text, "15"), text);
}

TEST(ValueTable, ShowsRawValuesWhenTheyAreLookedAt) {
  static int shown = 0;
  const ValueTable::Show show = [](std::uint8_t kind, std::span<const std::byte> raw, std::string& out) {
    ++shown;
    out += std::to_string(kind) + " of " + std::to_string(raw.size()) + " from " +
           std::to_string(std::to_integer<int>(raw[0]));
    return ValueType::hex;
  };
  DictionaryLoad load;
  ValueTable table(&load);
  const std::byte raw[] = {std::byte{15}};
  const Code binary = table.intern_raw(72, raw, show);
  const Code number = table.intern_number(72, 15, 8, show);
  EXPECT_NE(binary, number);
  EXPECT_EQ(table.intern_raw(72, raw, show), binary);
  EXPECT_EQ(table.intern_number(72, 15, 8, show), number);
  EXPECT_EQ(table.raw(binary).bytes, "\x0f");
  EXPECT_EQ(table.raw(number).bytes.size(), 8u);
  EXPECT_EQ(shown, 0);
  const std::string_view first = table.at(binary).text;
  EXPECT_EQ(table.at(number).text, "72 of 8 from 15");
  EXPECT_EQ(table.at(number).type, ValueType::hex);
  EXPECT_EQ(shown, 2);
  for (int i = 0; i < 1000; ++i) (void)table.at(table.intern_number(73, i, 4, show));
  EXPECT_EQ(first, "72 of 1 from 15");
  EXPECT_EQ(load.bytes + ValueTable().bytes(), table.bytes());
  table.clear();
  EXPECT_EQ(load.bytes, 0u);
}

TEST(ValueTable, KeepsManyValuesApart) {
  ValueTable table;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 10'000; ++i) {
      const std::string text = "value " + std::to_string(i);
      EXPECT_EQ(table.at(table.intern(ValueType::text, text)).text, text);
    }
    // Where values hardly repeat they may get another code the second time, never the code of another value.
    EXPECT_GE(table.end(), kFirstValue + 10'000);
    EXPECT_LE(table.end(), kFirstValue + 20'000);
  }
}

TEST(Catalogue, GivesOneNumberAName) {
  Catalogue catalogue;
  const auto a = catalogue.field("Image");
  EXPECT_EQ(catalogue.field("Image"), a);
  EXPECT_NE(catalogue.field("image"), a);
  EXPECT_EQ(catalogue.field_name(*a), "Image");
  EXPECT_FALSE(catalogue.find_field("unheard of"));
}

TEST(Catalogue, RefusesNamesBeyondItsLimit) {
  Catalogue catalogue;
  for (std::size_t i = 0; i < limits::kFieldNames; ++i) ASSERT_TRUE(catalogue.field("n" + std::to_string(i)));
  EXPECT_FALSE(catalogue.field("one more"));
  EXPECT_TRUE(catalogue.field("n0"));
}

TEST(Receipt, ListsTheFirstQuarantinedPlacesWhateverTheOrder) {
  Receipt forward, backward;
  for (std::uint64_t i = 0; i < 100; ++i) {
    quarantine(forward, {i, 1, "bad"});
    quarantine(backward, {99 - i, 1, "bad"});
  }
  EXPECT_EQ(forward.records_quarantined, 100U);
  ASSERT_EQ(forward.quarantined.size(), kQuarantineListed);
  for (std::size_t i = 0; i < kQuarantineListed; ++i) {
    EXPECT_EQ(forward.quarantined[i].offset, i);
    EXPECT_EQ(backward.quarantined[i].offset, i);
  }
}

TEST(Receipt, AddsUp) {
  Receipt a, b;
  a.records_seen = 2, b.records_seen = 3;
  quarantine(b, {7, 1, "bad"});
  a.add(b);
  EXPECT_EQ(a.records_seen, 5U);
  EXPECT_EQ(a.records_quarantined, 1U);
  EXPECT_EQ(a.quarantined.size(), 1U);
}

}  // namespace
}  // namespace landwarden::event
