#include "decode/evtx/carve.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "decode/evtx/binxml.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace landwarden::decode::evtx {
namespace {

/// Bytes that must be there (or the end) before anything that begins in front of them is judged: a chunk, and
/// the mark of the one behind it.
constexpr std::size_t kLookahead = kChunkBytes + 8;

bool is_chunk(Bytes bytes, std::size_t at) {
  // The size of the header is the same in all chunks: text that happens to be the mark is not one.
  return begins_with(bytes.subspan(at), kChunkMagic) && bytes.size() - at >= kChunkHeaderBytes &&
         load<std::uint32_t>(bytes.data() + at + 40) == 128;
}

/// The size of the record at `at`; 0 if there is none.
std::size_t record_size(Bytes bytes, std::size_t at) {
  const std::size_t room = bytes.size() - at;
  if (room < kRecordFrameBytes || load<std::uint32_t>(bytes.data() + at) != kRecordMagic) return 0;
  const std::size_t size = load<std::uint32_t>(bytes.data() + at + 4);
  if (size < kRecordFrameBytes || size > room || size > kChunkBytes - kChunkHeaderBytes) return 0;
  return load<std::uint32_t>(bytes.data() + at + size - 4) == size ? size : 0;
}

/// Where the record stood in its chunk, if a definition inside it says so.
std::optional<std::uint32_t> place_in_chunk(Bytes record) {
  const auto place = [&](std::uint32_t stated, std::size_t at) -> std::optional<std::uint32_t> {
    const std::int64_t begin = std::int64_t{stated} - static_cast<std::int64_t>(at);
    if (begin < static_cast<std::int64_t>(kChunkHeaderBytes)) return std::nullopt;
    if (static_cast<std::size_t>(begin) + record.size() > kChunkBytes) return std::nullopt;
    return static_cast<std::uint32_t>(begin);
  };
  const std::size_t end = record.size() - 4;
  // An element without a template, whose name is defined right behind it.
  std::size_t token = kRecordHeaderBytes;
  if (record[token] == std::byte{0x0f}) token += 4;
  if (token + 17 <= end && (record[token] & ~std::byte{0x40}) == std::byte{0x01}) {
    const std::size_t units = std::size_t{2} * load<std::uint16_t>(record.data() + token + 15);
    if (units != 0 && units <= end - token - 17 &&
        load<std::uint16_t>(record.data() + token + 13) == name_hash(record.subspan(token + 17, units))) {
      if (const auto found = place(load<std::uint32_t>(record.data() + token + 5), token + 9)) return found;
    }
  }
  // An instance with its definition behind it: the GUID there begins with the number in the instance.
  for (std::size_t at = kRecordHeaderBytes; at + 10 + kDefinitionHeaderBytes <= end; ++at) {
    if (record[at] != std::byte{0x0c}) continue;
    const std::byte* definition = record.data() + at + 10;
    if (load<std::uint32_t>(record.data() + at + 2) != load<std::uint32_t>(definition + 4)) continue;
    if (load<std::uint32_t>(definition + 20) > end - at - 10 - kDefinitionHeaderBytes) continue;
    if (const auto found = place(load<std::uint32_t>(record.data() + at + 6), at + 10)) return found;
  }
  return std::nullopt;
}

class Carver {
 public:
  Carver(Bytes bytes, std::uint64_t offset, bool at_end, std::vector<CarvedPiece>& found)
      : bytes_(bytes), offset_(offset), at_end_(at_end), found_(found) {}

  std::size_t run() {
    for (std::size_t at = find_mark(bytes_, 0);; at = find_mark(bytes_, at)) {
      // A mark may be torn by the end.
      if (!at_end_ && bytes_.size() - at < kLookahead)
        return std::min(at, bytes_.size() - std::min<std::size_t>(bytes_.size(), 8));
      if (at >= bytes_.size()) return bytes_.size();
      if (is_chunk(bytes_, at)) {
        at += take_chunk(at);
      } else if (record_size(bytes_, at) != 0) {
        at += take_run(at);
      } else {
        ++at;
      }
    }
  }

 private:
  /// A chunk goes on for 64 KiB, or to where the next one begins: files lie in pieces on a disk.
  [[nodiscard]] std::size_t chunk_extent(std::size_t at) const {
    const std::size_t end = std::min(bytes_.size(), at + kChunkBytes);
    for (std::size_t next = find_mark(bytes_.first(end), at + 1); next < end;
         next = find_mark(bytes_.first(end), next + 1)) {
      if (is_chunk(bytes_, next)) return next - at;
    }
    return end - at;
  }

  std::size_t take_chunk(std::size_t at) {
    const std::size_t extent = chunk_extent(at);
    const Bytes chunk = bytes_.subspan(at, extent);
    CarvedPiece piece{.chunk_offset = offset_ + at, .begin = at, .size = extent, .place = 0, .records = {}};
    for (std::size_t next = find_mark(chunk, kChunkHeaderBytes); next < extent;) {
      const std::size_t size = record_size(chunk, next);
      if (size != 0)
        piece.records.push_back({static_cast<std::uint32_t>(next), static_cast<std::uint32_t>(size)});
      next = find_mark(chunk, next + std::max<std::size_t>(size, 1));
    }
    if (!piece.records.empty()) found_.push_back(std::move(piece));
    return extent;
  }

  /// Records back to back, as long as one chunk can hold them all.
  std::size_t take_run(std::size_t at) {
    std::vector<CarvedRecord> run;
    std::optional<std::uint32_t> place;  // of the first
    std::size_t size = 0;
    while (at + size < bytes_.size()) {
      const std::size_t next = record_size(bytes_, at + size);
      if (next == 0 || size + next > kChunkBytes - kChunkHeaderBytes) break;
      if (const auto own = place_in_chunk(bytes_.subspan(at + size, next))) {
        const bool fits = *own >= kChunkHeaderBytes + size && (!place || *place + size == *own);
        if (!fits) break;  // another chunk's
        place = *own - static_cast<std::uint32_t>(size);
      }
      if (place && *place + size + next > kChunkBytes) break;
      run.push_back({static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(next)});
      size += next;
    }
    if (place) {
      for (CarvedRecord& record : run) record.at += *place;
      found_.push_back({.chunk_offset = offset_ + at - *place,
                        .begin = at,
                        .size = size,
                        .place = *place,
                        .records = std::move(run)});
    } else {
      for (const CarvedRecord& record : run) take_alone(at + record.at, record.size);
    }
    return size;
  }

  /// A record that cannot say where in its chunk it stood. It is put where no instance of it refers to the
  /// bytes behind itself: their definitions are somewhere else.
  void take_alone(std::size_t at, std::uint32_t size) {
    const Bytes record = bytes_.subspan(at, size);
    std::vector<bool> taken(kChunkBytes);
    for (std::size_t token = kRecordHeaderBytes; token + 10 <= size; ++token) {
      if (record[token] != std::byte{0x0c}) continue;
      const std::int64_t behind = std::int64_t{load<std::uint32_t>(record.data() + token + 6)} -
                                  static_cast<std::int64_t>(token + 10);
      if (behind >= 0 && behind < static_cast<std::int64_t>(kChunkBytes))
        taken[static_cast<std::size_t>(behind)] = true;
    }
    std::uint32_t place = kChunkHeaderBytes;
    while (taken[place] && place + size < kChunkBytes) ++place;
    found_.push_back({.chunk_offset = offset_ + at - place,
                      .begin = at,
                      .size = size,
                      .place = place,
                      .records = {{place, size}}});
  }

  Bytes bytes_;
  std::uint64_t offset_;
  bool at_end_;
  std::vector<CarvedPiece>& found_;
};

bool mark_begins(const std::byte* at) {
  const auto first = load<std::uint16_t>(at);
  return first == 0x2a2a || first == 0x6c45;  // "**", "El"
}

/// Whether it is more than the first two bytes of one.
bool is_mark(Bytes bytes, std::size_t at) {
  if (bytes.size() - at < 4) return true;
  const auto front = load<std::uint32_t>(bytes.data() + at);
  return front == kRecordMagic || front == 0x43666c45;  // "ElfC"
}

}  // namespace

std::size_t find_mark(Bytes bytes, std::size_t from) {
  std::size_t at = from;
#ifdef __SSE2__
  // Sixteen places at once: images are read as fast as memory gives them.
  const __m128i star = _mm_set1_epi8('*'), upper = _mm_set1_epi8('E'), lower = _mm_set1_epi8('l');
  for (; at + 17 <= bytes.size(); at += 16) {
    const auto* data = reinterpret_cast<const __m128i*>(bytes.data() + at);
    const auto* next = reinterpret_cast<const __m128i*>(bytes.data() + at + 1);
    const __m128i first = _mm_loadu_si128(data), second = _mm_loadu_si128(next);
    const __m128i stars = _mm_and_si128(_mm_cmpeq_epi8(first, star), _mm_cmpeq_epi8(second, star));
    const __m128i letters = _mm_and_si128(_mm_cmpeq_epi8(first, upper), _mm_cmpeq_epi8(second, lower));
    auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(stars, letters)));
    for (; hits != 0; hits &= hits - 1) {
      const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(hits));
      if (is_mark(bytes, place)) return place;
    }
  }
#endif
  for (; at + 2 <= bytes.size(); ++at) {
    if (mark_begins(bytes.data() + at) && is_mark(bytes, at)) return at;
  }
  return bytes.size();
}

std::size_t carve(Bytes bytes, std::uint64_t offset, bool at_end, std::vector<CarvedPiece>& found) {
  return Carver(bytes, offset, at_end, found).run();
}

}  // namespace landwarden::decode::evtx
