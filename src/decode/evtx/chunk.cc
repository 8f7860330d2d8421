#include "decode/evtx/chunk.h"

#include <libdeflate.h>

#include <algorithm>

namespace landwarden::decode::evtx {
namespace {

constexpr std::uint32_t kNoChecksums = 4;

std::uint32_t header_checksum(Bytes chunk) {
  const std::uint32_t front = libdeflate_crc32(0, chunk.data(), 120);
  return libdeflate_crc32(front, chunk.data() + 128, kChunkHeaderBytes - 128);
}

}  // namespace

std::uint64_t chunks_promised(Bytes file_header) {
  if (file_header.size() < 128 || !begins_with(file_header, kFileMagic)) return 0;
  const bool unchecked = (load<std::uint32_t>(file_header.data() + 120) & kNoChecksums) != 0;
  const bool sound = unchecked || libdeflate_crc32(0, file_header.data(), 120) ==
                                      load<std::uint32_t>(file_header.data() + 124);
  if (!sound) return 0;
  const auto count = load<std::uint16_t>(file_header.data() + 42);
  // What does not fit 16 bits is known by the last chunk's number, if both tell the same.
  const std::uint64_t last = load<std::uint64_t>(file_header.data() + 16);
  return last >= 0xffff && static_cast<std::uint16_t>(last + 1) == count ? last + 1 : count;
}

ChunkCheck check_chunk(Bytes chunk) {
  ChunkCheck check;
  check.complete = chunk.size() >= kChunkBytes;
  check.has_mark = begins_with(chunk, kChunkMagic);
  if (chunk.size() < kChunkHeaderBytes) return check;
  const bool unchecked = (load<std::uint32_t>(chunk.data() + 120) & kNoChecksums) != 0;
  check.header_sound =
      check.has_mark && (unchecked || header_checksum(chunk) == load<std::uint32_t>(chunk.data() + 124));
  const std::size_t free_space = load<std::uint32_t>(chunk.data() + 48);
  check.free_space_sound = free_space >= kChunkHeaderBytes && free_space <= kChunkBytes;
  if (check.free_space_sound && free_space <= chunk.size()) {
    check.records_sound =
        unchecked || libdeflate_crc32(0, chunk.data() + kChunkHeaderBytes, free_space - kChunkHeaderBytes) ==
                         load<std::uint32_t>(chunk.data() + 52);
  }
  check.numbers_sound = load<std::uint64_t>(chunk.data() + 24) <= load<std::uint64_t>(chunk.data() + 32);
  return check;
}

RecordWalk::RecordWalk(Bytes chunk, const ChunkCheck& check)
    : chunk_(chunk), trusted_(check.header_sound && check.free_space_sound), end_(chunk.size()) {
  if (!trusted_) return;
  end_ = std::min<std::size_t>(end_, load<std::uint32_t>(chunk.data() + 48));
  if (check.numbers_sound) {
    first_id_ = load<std::uint64_t>(chunk.data() + 24);
    last_id_ = load<std::uint64_t>(chunk.data() + 32);
  }
}

bool RecordWalk::is_record(std::size_t at, std::size_t& size) const {
  if (chunk_.size() < at || chunk_.size() - at < kRecordFrameBytes) return false;
  size = load<std::uint32_t>(chunk_.data() + at + 4);
  return load<std::uint32_t>(chunk_.data() + at) == kRecordMagic && size >= kRecordFrameBytes &&
         size <= chunk_.size() - at && load<std::uint32_t>(chunk_.data() + at + size - 4) == size;
}

bool RecordWalk::is_live(std::size_t at) const {
  const auto id = load<std::uint64_t>(chunk_.data() + at + 8);
  if (trusted_ && last_id_ != 0) return id >= first_id_ && id <= last_id_;
  return !before_ || id > *before_;
}

/// The first whole, live record at or behind `from`; the end of the live area if there is none.
std::size_t RecordWalk::find_record(std::size_t from) const {
  static constexpr std::byte kMark[] = {std::byte{0x2a}, std::byte{0x2a}, std::byte{0}, std::byte{0}};
  const auto end = chunk_.begin() + static_cast<std::ptrdiff_t>(end_);
  for (auto at = chunk_.begin() + static_cast<std::ptrdiff_t>(std::min(from, end_));; ++at) {
    at = std::search(at, end, std::begin(kMark), std::end(kMark));
    if (at == end) return end_;
    const auto position = static_cast<std::size_t>(at - chunk_.begin());
    std::size_t size = 0;
    if (is_record(position, size) && is_live(position)) return position;
  }
}

bool RecordWalk::is_blank(std::size_t begin, std::size_t end) const {
  return std::all_of(chunk_.begin() + static_cast<std::ptrdiff_t>(begin),
                     chunk_.begin() + static_cast<std::ptrdiff_t>(end),
                     [](std::byte b) { return b == std::byte{0}; });
}

std::optional<Stretch> RecordWalk::next() {
  if (at_ >= end_) return std::nullopt;
  Stretch found{.at = at_};
  std::size_t size = 0;
  if (is_record(at_, size)) {
    const auto id = load<std::uint64_t>(chunk_.data() + at_ + 8);
    // Behind the last live record of a damaged chunk lie those of an earlier pass over the log; their numbers
    // are lower.
    if (!trusted_ && before_ && id <= *before_) return std::nullopt;
    before_ = id;
    found.size = size;
    at_ += size;
    return found;
  }
  return mend(at_);
}

/// What stands at `at` is not quite a record: saves it if one of its three marks is wrong, else goes on
/// behind it.
std::optional<Stretch> RecordWalk::mend(std::size_t at) {
  Stretch found{.at = at};
  const std::size_t room = chunk_.size() - at;
  const bool framed = room >= kRecordFrameBytes;
  const bool marked = framed && load<std::uint32_t>(chunk_.data() + at) == kRecordMagic;
  const std::size_t size = framed ? load<std::uint32_t>(chunk_.data() + at + 4) : 0;
  const bool fits = size >= kRecordFrameBytes && size <= room;
  if (fits && !marked && load<std::uint32_t>(chunk_.data() + at + size - 4) == size) {
    found.mark_mended = true;
    found.size = size;
  } else if (fits && marked) {
    std::size_t ignored = 0;
    const std::size_t behind = at + size;
    if (behind == end_ || is_record(behind, ignored) || (behind < end_ && is_blank(behind, end_))) {
      found.size_mended = true;  // the copy is wrong
      found.size = size;
    }
  }
  if (found.size == 0) {
    const std::size_t behind = find_record(at + 1);
    if (behind == end_ && (is_blank(at, end_) || (!trusted_ && !marked))) return std::nullopt;
    found.size = behind - at;
    if (marked && found.size >= kRecordFrameBytes &&
        load<std::uint32_t>(chunk_.data() + behind - 4) == found.size) {
      found.size_mended = true;
    } else if (marked && fits && size <= found.size) {
      found.size_mended = true;  // its tail was overwritten; whether its values are whole will be seen
      found.size = size;
    } else {
      found.lost = is_blank(at, behind)                    ? "zeroes where records should be"
                   : marked && chunk_.size() < kChunkBytes ? "the record is cut short"
                   : marked                                ? "the record's size is damaged"
                                                           : "no record begins here";
    }
  }
  at_ = at + found.size;
  if (found.lost == nullptr) before_ = load<std::uint64_t>(chunk_.data() + at + 8);
  return found;
}

}  // namespace landwarden::decode::evtx
