// ANSI text of values and of templates in other code pages than 1252.

#include "decode/evtx/ansi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/time.h"
#include "decode/evtx/reader.h"
#include "decode/evtx/writer.h"

namespace landwarden::decode::evtx {
namespace {

std::string converted(unsigned codepage, std::string_view bytes) {
  AnsiText ansi(codepage);
  RawValue value{as_bytes(bytes).data(), static_cast<std::uint32_t>(bytes.size()), value_type::kAnsi};
  if (ansi.converts()) ansi.convert({&value, 1});
  std::string out;
  render(value.type, value.bytes(), out);
  return out;
}

TEST(EvtxAnsi, ReadsTheCodePageThatIsSaid) {
  EXPECT_EQ(converted(1252, "\x80uro"), "€uro");
  EXPECT_EQ(converted(1251, "\xCF\xF0\xE8"), "При");
  EXPECT_EQ(converted(932, "\x93\xFA\x96\x7B"), "日本");
  EXPECT_EQ(converted(936, "\xD6\xD0"), "中");
  EXPECT_EQ(converted(949, "\xC7\xD1"), "한");
  EXPECT_EQ(converted(950, "\xA4\xA4"), "中");
  EXPECT_EQ(converted(437, "\x84"), "ä");
  EXPECT_EQ(converted(850, "\x84"), "ä");
  EXPECT_EQ(converted(874, "\xA1"), "ก");
  EXPECT_EQ(converted(65001, "\xC3\xA4"), "ä");
}

TEST(EvtxAnsi, ShowsWhatACodePageDoesNotDefine) {
  EXPECT_EQ(converted(932, "a\x93"), "a\uFFFD") << "cut in the middle of a character";
  EXPECT_EQ(converted(1253, "a\x81z"), "a\u0081z") << "as Windows does";
  EXPECT_EQ(converted(65001, "a\xFFz"), "a\uFFFDz");
}

TEST(EvtxAnsi, EveryCodePageIsThere) {
  for (const unsigned codepage : ansi_codepages())
    EXPECT_EQ(converted(codepage, "plain"), "plain") << codepage;
}

class Texts final : public event::BatchSink {
 public:
  event::Wanted wanted(event::ShapeId) override { return {}; }
  void consume(const event::EventBatch& batch) override {
    for (const event::Column& column : batch.columns) {
      for (const event::Code code : column.cell(0)) all.emplace_back(column.values->at(code).text);
    }
  }
  [[nodiscard]] std::size_t count(const std::string& text) const {
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), text));
  }
  std::vector<std::string> all;
};

TEST(EvtxAnsi, HoldsForValuesListsAndTextOfTemplatesOnBothWays) {
  const std::string_view list("\x93\xFA\0\x96\x7B\0", 6);
  write::Element data{.name = "EventData", .attributes = {}, .children = {}};
  for (const write::Value& value :
       {write::Value::ansi("\x93\xFA"), write::Value::raw(0x82, std::as_bytes(std::span(list)))}) {
    data.children.push_back(write::Element{.name = "Data", .attributes = {}, .children = {value}});
  }
  const write::Element root{.name = "Event", .attributes = {}, .children = {data}};
  Writer writer;
  ASSERT_TRUE(writer.add({.written = {}, .content = write::instantiate(root), .record_id = {}}));
  const std::vector<std::byte> file = writer.finish();
  for (const bool unfold : {false, true}) {
    event::Catalogue catalogue;
    Texts texts;
    event::BatchBuilder builder(catalogue, texts);
    Reader reader(builder, 932);
    reader.always_unfold(unfold);
    event::Receipt receipt;
    reader.decode_unit({}, file, 0, receipt);
    EXPECT_EQ(texts.count("日"), 2U) << unfold;
    EXPECT_EQ(texts.count("本"), 1U) << unfold;
  }
}

}  // namespace
}  // namespace landwarden::decode::evtx
