#include "engine/spill_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>
#include <zstd.h>

#include "base/limits.h"
#include "base/unnamed_file.h"

namespace landwarden::engine {
namespace {

constexpr const char* kHint = "free space there, or name another folder for temporary files with TMPDIR";
/// zstd's fastest ordinary level: matches repeat so much that it already makes a sixth of them.
constexpr int kLevel = 1;
constexpr std::size_t kBlockHead = 2 * sizeof(std::uint32_t);

void put_number(char* at, std::uint32_t value) {
  std::memcpy(at, &value, sizeof(value));
}

std::uint32_t get_number(const char* at) {
  std::uint32_t value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

}  // namespace

std::string spill_folder(const std::string& folder) {
  return temporary_folder(folder);
}

Result<std::shared_ptr<SpillFile>> SpillFile::create(const std::string& folder) {
  std::string place = spill_folder(folder);
  const int descriptor = open_unnamed_file(place);
  if (descriptor < 0) {
    return std::unexpected(
        io_error("cannot make a temporary file for matches beyond the memory bound", place, kHint));
  }
  return std::shared_ptr<SpillFile>(new SpillFile(descriptor, std::move(place)));
}

SpillFile::~SpillFile() {
  ::close(descriptor_);
}

Result<void> SpillFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      if (written == 0) errno = ENOSPC;
      return std::unexpected(io_error("cannot write matches to a temporary file", folder_, kHint));
    }
    size_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> SpillFile::read(std::uint64_t offset, char* out, std::size_t size) const {
  while (size > 0) {
    const ssize_t got = ::pread(descriptor_, out, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return std::unexpected(io_error("cannot read matches back from a temporary file", folder_, kHint));
    if (got == 0) return std::unexpected(damaged(offset));
    offset += static_cast<std::uint64_t>(got);
    out += got;
    size -= static_cast<std::size_t>(got);
  }
  return {};
}

Error SpillFile::damaged(std::uint64_t offset) const {
  return {ErrorCode::damaged,
          fmt::format("matches in a temporary file came back damaged at byte {}", offset),
          {.file = folder_, .line = 0, .column = 0, .offset = {}},
          "check this disk, or name another folder for temporary files with TMPDIR"};
}

struct RunWriter::Compressor {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  Compressor() {
    if (context == nullptr) return;
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  }
  ~Compressor() { ZSTD_freeCCtx(context); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
};

RunWriter::RunWriter(std::shared_ptr<SpillFile> file)
    : compressor_(std::make_unique<Compressor>()), file_(std::move(file)), begin_(file_->size()) {}
RunWriter::~RunWriter() = default;

Result<void> RunWriter::add(std::string_view record) {
  if (!block_.empty() && block_.size() + record.size() + sizeof(std::uint32_t) > limits::kSpillBlockBytes) {
    if (auto written = write_block(); !written) return written;
  }
  char size[sizeof(std::uint32_t)];
  put_number(size, static_cast<std::uint32_t>(record.size()));
  block_.append(size, sizeof(size));
  block_ += record;
  return {};
}

Result<void> RunWriter::write_block() {
  const std::size_t bound = ZSTD_compressBound(block_.size());
  stored_.resize(kBlockHead + bound);
  const std::size_t size = compressor_->context == nullptr
                               ? 0
                               : ZSTD_compress2(compressor_->context, stored_.data() + kBlockHead, bound,
                                                block_.data(), block_.size());
  if (compressor_->context == nullptr || ZSTD_isError(size) != 0) {
    return fail(ErrorCode::limit, "no memory to compress matches", {}, "give the program more memory");
  }
  put_number(stored_.data(), static_cast<std::uint32_t>(size));
  put_number(stored_.data() + sizeof(std::uint32_t), static_cast<std::uint32_t>(block_.size()));
  block_.clear();
  return file_->append(std::string_view(stored_).substr(0, kBlockHead + size));
}

Result<SpilledRun> RunWriter::finish() {
  if (!block_.empty()) {
    if (auto written = write_block(); !written) return std::unexpected(std::move(written.error()));
  }
  return SpilledRun{file_, begin_, file_->size()};
}

struct RunReader::Decompressor {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  Decompressor() = default;
  ~Decompressor() { ZSTD_freeDCtx(context); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
};

RunReader::RunReader(SpilledRun run)
    : decompressor_(std::make_unique<Decompressor>()), run_(std::move(run)) {}
RunReader::~RunReader() = default;
RunReader::RunReader(RunReader&&) noexcept = default;

Result<bool> RunReader::next(std::string_view& record) {
  if (position_ == block_.size()) {
    if (run_.begin == run_.end) return false;
    if (auto read = read_block(); !read) return std::unexpected(std::move(read.error()));
  }
  const std::size_t left = block_.size() - position_;
  if (left < sizeof(std::uint32_t)) return std::unexpected(run_.file->damaged(run_.begin));
  const std::uint32_t size = get_number(block_.data() + position_);
  if (size > left - sizeof(std::uint32_t)) return std::unexpected(run_.file->damaged(run_.begin));
  record = std::string_view(block_).substr(position_ + sizeof(std::uint32_t), size);
  position_ += sizeof(std::uint32_t) + size;
  return true;
}

Result<void> RunReader::read_block() {
  char head[kBlockHead];
  const std::uint64_t left = run_.end - run_.begin;
  if (left < kBlockHead) return std::unexpected(run_.file->damaged(run_.begin));
  if (auto read = run_.file->read(run_.begin, head, kBlockHead); !read) return read;
  const std::uint32_t stored = get_number(head), size = get_number(head + sizeof(std::uint32_t));
  if (stored > left - kBlockHead) return std::unexpected(run_.file->damaged(run_.begin));
  stored_.resize(stored);
  if (auto read = run_.file->read(run_.begin + kBlockHead, stored_.data(), stored); !read) return read;
  // The frame's own header must agree before its word is taken for an allocation.
  if (ZSTD_getFrameContentSize(stored_.data(), stored) != size || decompressor_->context == nullptr) {
    return std::unexpected(run_.file->damaged(run_.begin));
  }
  block_.resize(size);
  position_ = 0;
  if (ZSTD_decompressDCtx(decompressor_->context, block_.data(), size, stored_.data(), stored) != size) {
    return std::unexpected(run_.file->damaged(run_.begin));
  }
  run_.begin += kBlockHead + stored;
  return {};
}

}  // namespace landwarden::engine
