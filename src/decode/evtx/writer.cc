#include "decode/evtx/writer.h"

#include <algorithm>
#include <span>
#include <string_view>

#include <fmt/format.h>
#include <libdeflate.h>

namespace landwarden::decode::evtx::write {
namespace {

constexpr std::size_t kFileHeaderBytes = 4096;
constexpr std::size_t kChunkBytes = 65536;
constexpr std::size_t kChunkHeaderBytes = 512;
constexpr std::uint32_t kRecordMagic = 0x00002a2a;
constexpr std::size_t kRecordAlignment = 8;
constexpr std::size_t kLargestValue = 0xffff;
constexpr std::uint32_t kFlagDirty = 1;
constexpr std::uint32_t kFlagNoChecksums = 4;

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0) {
  return libdeflate_crc32(before, bytes.data(), bytes.size());
}

void put(std::span<std::byte> at, std::size_t offset, std::uint64_t number, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) at[offset + i] = static_cast<std::byte>(number >> (8 * i) & 0xff);
}

void put_magic(std::span<std::byte> at, std::string_view magic) {
  std::transform(magic.begin(), magic.end(), at.begin(), [](char c) { return static_cast<std::byte>(c); });
}

/// Whether a value is too large for its 16-bit size.
bool oversized(const std::vector<Value>& values) {
  return std::any_of(values.begin(), values.end(), [](const Value& value) {
    return value.nested != nullptr ? oversized(value.nested->values) : value.bytes.size() > kLargestValue;
  });
}

bool oversized(const Record& record) {
  const Instance* instance = std::get_if<Instance>(&record.content);
  return instance != nullptr && oversized(instance->values);
}

}  // namespace

Writer::Writer(FileOptions options)
    : options_(options), file_(kFileHeaderBytes), next_id_(options.first_record_id) {}

Result<void> Writer::add(const EventRecord& event) {
  const std::uint64_t id = event.record_id.value_or(next_id_);
  return add(Record{.written = event.time, .content = lay_out(event, id, templates_), .record_id = id});
}

Result<void> Writer::add(const Record& record) {
  const std::uint64_t id = record.record_id.value_or(next_id_);
  bool written = !oversized(record) && emit(record, id);
  if (!written && !oversized(record) && !chunk_.empty()) {
    close_chunk();
    written = emit(record, id);
  }
  if (!written) {
    return fail(ErrorCode::limit, fmt::format("record {} does not fit into a chunk of 64 KiB", id), {},
                "split its text");
  }
  next_id_ = id + 1;
  ++total_;
  return {};
}

/// Appends the record to the open chunk, or to a new one; false, and nothing changed, if it does not fit.
bool Writer::emit(const Record& record, std::uint64_t id) {
  const bool opens = chunk_.empty();
  const auto begin = opens ? kChunkHeaderBytes : chunk_.size();
  const auto name_buckets = tables_.name_buckets;
  const auto template_buckets = tables_.template_buckets;

  std::vector<std::byte> bytes;
  append_number(bytes, kRecordMagic, 4);
  append_number(bytes, 0, 4);
  append_number(bytes, id, 8);
  append_number(bytes, static_cast<std::uint64_t>(record.written.ticks), 8);
  Emitter emitter(tables_, bytes, static_cast<std::uint32_t>(begin));
  if (const Instance* instance = std::get_if<Instance>(&record.content)) {
    emitter.instance(*instance);
  } else if (const Fragment* fragment = std::get_if<Fragment>(&record.content)) {
    emitter.fragment(*fragment);
  } else {
    emitter.fragment(std::get<Element>(record.content));
  }
  while ((bytes.size() + 4) % kRecordAlignment != 0) bytes.push_back(std::byte{0});
  const std::size_t size = bytes.size() + 4;
  append_number(bytes, size, 4);
  put(bytes, 4, size, 4);

  if (begin + size > kChunkBytes) {
    // The maps may name what was not written; close_chunk() or the next record's chunk forgets them with the
    // tables.
    tables_.name_buckets = name_buckets;
    tables_.template_buckets = template_buckets;
    if (opens) tables_ = {};
    return false;
  }
  if (opens) {
    chunk_.resize(kChunkHeaderBytes);
    chunk_first_number_ = total_ + 1;
    chunk_first_id_ = id;
  }
  last_record_at_ = static_cast<std::uint32_t>(begin);
  chunk_last_id_ = id;
  chunk_.insert(chunk_.end(), bytes.begin(), bytes.end());
  return true;
}

void Writer::close_chunk() {
  if (chunk_.empty()) return;
  const std::size_t free_space = chunk_.size();
  chunk_.resize(kChunkBytes);
  const std::span<std::byte> chunk(chunk_);
  put_magic(chunk, std::string_view("ElfChnk\0", 8));
  put(chunk, 8, chunk_first_number_, 8);
  put(chunk, 16, total_, 8);
  put(chunk, 24, chunk_first_id_, 8);
  put(chunk, 32, chunk_last_id_, 8);
  put(chunk, 40, 128, 4);
  put(chunk, 44, last_record_at_, 4);
  put(chunk, 48, free_space, 4);
  for (std::size_t i = 0; i < tables_.name_buckets.size(); ++i)
    put(chunk, 128 + 4 * i, tables_.name_buckets[i], 4);
  for (std::size_t i = 0; i < tables_.template_buckets.size(); ++i) {
    put(chunk, 384 + 4 * i, tables_.template_buckets[i], 4);
  }
  if (options_.checksums) {
    put(chunk, 52, crc32(chunk.subspan(kChunkHeaderBytes, free_space - kChunkHeaderBytes)), 4);
    put(chunk, 124, crc32(chunk.subspan(128, 384), crc32(chunk.first(120))), 4);
  } else {
    put(chunk, 120, kFlagNoChecksums, 4);
  }
  file_.insert(file_.end(), chunk_.begin(), chunk_.end());
  ++file_chunks_;
  chunk_.clear();
  tables_ = {};
}

void Writer::file_header() {
  // Windows brings the counters up to date when it closes the file; a copy of a file in use shows those of
  // its creation.
  const std::size_t known_chunks = options_.dirty ? std::min<std::size_t>(file_chunks_, 1) : file_chunks_;
  const std::span<std::byte> header = std::span(file_).first(128);
  put_magic(header, std::string_view("ElfFile\0", 8));
  put(header, 16, known_chunks == 0 ? 0 : known_chunks - 1, 8);
  put(header, 24, options_.dirty ? options_.first_record_id : next_id_, 8);
  put(header, 32, 128, 4);
  put(header, 36, options_.minor_version, 2);
  put(header, 38, 3, 2);
  put(header, 40, kFileHeaderBytes, 2);
  put(header, 42, known_chunks & 0xffff, 2);
  put(header, 120, (options_.dirty ? kFlagDirty : 0) | (options_.checksums ? 0 : kFlagNoChecksums), 4);
  if (options_.checksums) put(header, 124, crc32(header.first(120)), 4);
}

std::vector<std::byte> Writer::finish() {
  close_chunk();
  file_header();
  std::vector<std::byte> file = std::move(file_);
  *this = Writer(options_);
  return file;
}

}  // namespace landwarden::decode::evtx::write
