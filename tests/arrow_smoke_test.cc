// Proves that the Arrow and Parquet that ./dev setup fetches are there, link with our compiler and language
// mode, and give back what was written. Nothing of the program links them yet.

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>

#include <string>

namespace {

std::shared_ptr<arrow::Table> hosts() {
  arrow::StringBuilder builder;
  EXPECT_TRUE(builder.AppendValues({"pump-01", "pump-02", "pump-01"}).ok());
  auto column = builder.Finish().ValueOrDie();
  return arrow::Table::Make(arrow::schema({arrow::field("host", arrow::utf8())}), {column});
}

TEST(Arrow, GivesBackAZstdParquetTableThatItWrote) {
  auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  auto settings = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
  auto written = parquet::arrow::WriteTable(*hosts(), arrow::default_memory_pool(), sink, 1024, settings);
  ASSERT_TRUE(written.ok()) << written.ToString();
  auto source = std::make_shared<arrow::io::BufferReader>(sink->Finish().ValueOrDie());
  auto reader = parquet::arrow::OpenFile(source, arrow::default_memory_pool());
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  auto read = (*reader)->ReadTable();
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_TRUE((*read)->Equals(*hosts()));
}

}  // namespace
