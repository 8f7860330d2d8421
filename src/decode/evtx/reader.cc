#include "decode/evtx/reader.h"

#include "decode/evtx/unit_walk.h"

namespace landwarden::decode::evtx {
void Reader::decode_unit(event::SourceId source, Bytes bytes, std::uint64_t offset, event::Receipt& receipt) {
  builder_.begin_unit(source);
  walk_unit(bytes, offset, receipt, [&](Bytes chunk, const Stretch* record) -> Parsed<void> {
    if (record != nullptr) return read(*record, receipt);
    records_.begin_chunk(chunk, offset + static_cast<std::uint64_t>(chunk.data() - bytes.data()));
    return {};
  });
  records_.fill_rows();
  builder_.end_unit();
  records_.end_unit();
}

void Reader::decode_carved(event::SourceId source, Bytes bytes, std::span<const CarvedPiece> carved,
                           event::Receipt& receipt) {
  records_.carving(true);
  for (const CarvedPiece& piece : carved) {
    builder_.begin_unit(source);
    read_piece(piece, bytes.subspan(piece.begin, piece.size), receipt);
    // Rows view the bytes of their chunk, and the next piece may take its place.
    builder_.end_unit();
    records_.end_unit();
  }
  records_.carving(false);
}

void Reader::read_piece(const CarvedPiece& piece, Bytes bytes, event::Receipt& receipt) {
  records_.begin_chunk(as_chunk(piece, bytes, chunk_), piece.chunk_offset);
  for (const CarvedRecord& record : piece.records) {
    if (const auto read = records_.read(record.at, record.size)) {
      count_carved(*read == RecordReader::Outcome::values_only, receipt);
    } else {
      event::count_damage(receipt, kCarvedLost);
    }
  }
}

Parsed<void> Reader::read(const Stretch& record, event::Receipt& receipt) {
  const auto outcome = records_.read(record.at, record.size);
  if (!outcome) return std::unexpected(outcome.error());
  if (*outcome == RecordReader::Outcome::values_only) event::count_damage(receipt, kValuesOnly);
  return {};
}

}  // namespace landwarden::decode::evtx
