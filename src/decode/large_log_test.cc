// An event log of more chunks than its header can count (16 bits), from the stream's first byte to rows. The
// log is made while it is read: a header, and the same chunk over and over.

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "decode/decoder.h"
#include "decode/evtx/format.h"
#include "decode/evtx/written_logs.h"
#include "decode/input.h"
#include "decode/stream.h"

namespace landwarden::decode {
namespace {

constexpr std::uint64_t kChunks = 66'000;
constexpr std::uint64_t kSize = evtx::kFileHeaderBytes + kChunks * evtx::kChunkBytes;

class LongLog final : public ByteStream {
 public:
  explicit LongLog(std::uint64_t size) : file_(evtx::file_of(1)), size_(size) {
    const std::uint64_t last = kChunks - 1;
    std::memcpy(file_.data() + 16, &last, 8);
    const auto counted = static_cast<std::uint16_t>(kChunks);  // what is left of it in 16 bits
    std::memcpy(file_.data() + 42, &counted, 2);
    evtx::set_word(file_, 124, libdeflate_crc32(0, file_.data(), 120));
  }
  Result<std::size_t> read(char* to, std::size_t size) override {
    size = std::min<std::uint64_t>(size, size_ - at_);
    for (std::size_t done = 0; done < size;) {
      const bool front = at_ < evtx::kFileHeaderBytes;
      const std::size_t from =
          front ? at_ : evtx::kFileHeaderBytes + (at_ - evtx::kFileHeaderBytes) % evtx::kChunkBytes;
      const std::size_t piece = std::min(size - done, (front ? evtx::kFileHeaderBytes : file_.size()) - from);
      std::memcpy(to + done, file_.data() + from, piece);
      done += piece;
      at_ += piece;
    }
    return size;
  }
  [[nodiscard]] std::optional<std::uint64_t> seekable_size() const override { return size_; }
  void seek(std::uint64_t offset) override { at_ = offset; }

 private:
  std::vector<std::byte> file_;
  std::uint64_t size_, at_ = 0;
};

/// Decodes each unit when it comes.
class Decoding final : public InputSink, public event::BatchSink {
 public:
  explicit Decoding(BufferPool& pool) : pool_(pool) {}
  event::SourceId begin_source(const std::string&) override { return {}; }
  bool unit(WorkUnit unit) override {
    decoder_.decode(unit, receipt);
    pool_.give_back(std::move(unit.bytes));
    return true;
  }
  void end_source(event::SourceId, event::Receipt read) override { receipt.add(read); }
  void expect_bytes(std::uint64_t) override {}

  event::Wanted wanted(event::ShapeId) override { return {}; }
  void consume(const event::EventBatch& batch) override {
    for (const event::RowMeta& row : batch.rows) {
      if (rows == 0 || row.offset > last_offset) ++rising;
      ++rows;
      last_offset = row.offset;
    }
  }

  event::Receipt receipt;
  std::uint64_t rows = 0, rising = 0, last_offset = 0;

 private:
  BufferPool& pool_;
  event::Catalogue catalogue_;
  event::BatchBuilder builder_{catalogue_, *this};
  Decoder decoder_{builder_};
};

TEST(LargeLog, OfMoreChunksThanItsHeaderCanCountIsReadToTheEnd) {
  BufferPool pool;
  Decoding sink(pool);
  LongLog log(kSize);
  read_bytes("large.evtx", log, pool, sink);
  EXPECT_EQ(sink.rows, kChunks);
  EXPECT_EQ(sink.rising, kChunks) << "each row has its own place";
  EXPECT_EQ(sink.last_offset, kSize - evtx::kChunkBytes + evtx::kChunkHeaderBytes);
  EXPECT_EQ(sink.receipt.records_decoded, kChunks);
  EXPECT_EQ(sink.receipt.records_quarantined, 0U);
  EXPECT_EQ(sink.receipt.bytes, kSize);
  EXPECT_TRUE(sink.receipt.damage.empty());
  EXPECT_TRUE(sink.receipt.errors.empty());
}

TEST(LargeLog, CutShortSaysSoBySixtyFourBits) {
  BufferPool pool;
  Decoding sink(pool);
  LongLog log(evtx::kFileHeaderBytes + 500 * evtx::kChunkBytes);  // more than the 464 that 16 bits count
  read_bytes("large.evtx", log, pool, sink);
  EXPECT_EQ(sink.rows, 500U);
  ASSERT_EQ(sink.receipt.errors.size(), 1U);
  EXPECT_NE(sink.receipt.errors[0].message.find("cut short"), std::string::npos);
}

}  // namespace
}  // namespace landwarden::decode
