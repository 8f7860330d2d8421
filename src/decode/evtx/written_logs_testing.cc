#include "decode/evtx/written_logs.h"

#include <gtest/gtest.h>
#include <libdeflate.h>

namespace landwarden::decode::evtx {

Decoder::Decoder(How how) : how_(how), reader_(builder_, how.ansi_codepage) {
  reader_.always_unfold(how.unfold);
}

Decoded Decoder::decode(Bytes file) {
  Decoded out;
  sink_.rows.clear();
  std::size_t at = 0;
  while (at < file.size()) {
    const std::size_t size =
        std::min(file.size() - at, how_.unit_chunks * kChunkBytes + (at == 0 ? kFileHeaderBytes : 0));
    reader_.decode_unit({}, file.subspan(at, size), at, out.receipt);
    at += size;
  }
  out.rows = std::move(sink_.rows);
  EXPECT_EQ(out.receipt.records_seen, out.receipt.records_decoded + out.receipt.records_quarantined);
  EXPECT_EQ(out.receipt.records_decoded, out.rows.size());
  return out;
}

Decoded decode(Bytes file, How how) {
  return Decoder(how).decode(file);
}

std::vector<std::byte> file_of(std::size_t records, write::FileOptions options) {
  Writer writer(options);
  for (std::size_t i = 0; i < records; ++i)
    EXPECT_TRUE(writer.add(event("C:\\Windows\\tool" + std::to_string(i) + ".exe")));
  return writer.finish();
}

Decoded decode_tree(std::vector<write::Node> parts, bool as_template) {
  Writer writer;
  write::Record record{.written = *parse_time("2026-01-01"), .content = event_tree(parts), .record_id = {}};
  if (as_template) record.content = write::instantiate(event_tree(std::move(parts)));
  EXPECT_TRUE(writer.add(record));
  return decode(writer.finish());
}

void seal(std::vector<std::byte>& file, std::size_t chunk) {
  const std::size_t free_space =
      std::min<std::size_t>(word(file, chunk + 48), std::min(kChunkBytes, file.size() - chunk));
  if (free_space >= kChunkHeaderBytes) {
    set_word(file, chunk + 52, libdeflate_crc32(0, file.data() + chunk + 512, free_space - 512));
  }
  const std::uint32_t front = libdeflate_crc32(0, file.data() + chunk, 120);
  set_word(file, chunk + 124, libdeflate_crc32(front, file.data() + chunk + 128, 384));
}

}  // namespace landwarden::decode::evtx
