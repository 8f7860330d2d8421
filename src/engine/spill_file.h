// Temporary storage for sorted runs: a file that has no name and goes away with the process, whatever happens
// to it.
//
// A run is a sequence of blocks, each compressed on its own (zstd, with checksum): u32 stored size, u32 size,
// bytes. Within the blocks stand records, each with its size (u32) before it; no record is torn. Nothing here
// is thread-safe; readers of different runs of one file may be used by different threads once writing is
// over.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace landwarden::engine {

/// The folder for temporary files: `folder` if given, else TMPDIR, else /var/tmp (which is on disk where /tmp
/// may be memory), else /tmp.
[[nodiscard]] std::string spill_folder(const std::string& folder);

class SpillFile {
 public:
  [[nodiscard]] static Result<std::shared_ptr<SpillFile>> create(const std::string& folder);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  [[nodiscard]] Result<void> append(std::string_view bytes);
  [[nodiscard]] Result<void> read(std::uint64_t offset, char* out, std::size_t size) const;
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Error damaged(std::uint64_t offset) const;

 private:
  SpillFile(int descriptor, std::string folder) : descriptor_(descriptor), folder_(std::move(folder)) {}
  int descriptor_;
  std::string folder_;
  std::uint64_t size_ = 0;
};

/// Where a run lies.
struct SpilledRun {
  std::shared_ptr<SpillFile> file;
  std::uint64_t begin = 0, end = 0;
};

/// Writes one run at the end of a file. finish() must be called; until it returned there is no run.
class RunWriter {
 public:
  explicit RunWriter(std::shared_ptr<SpillFile> file);
  ~RunWriter();
  [[nodiscard]] Result<void> add(std::string_view record);
  [[nodiscard]] Result<SpilledRun> finish();

 private:
  [[nodiscard]] Result<void> write_block();
  struct Compressor;
  std::unique_ptr<Compressor> compressor_;
  std::shared_ptr<SpillFile> file_;
  std::uint64_t begin_;
  std::string block_, stored_;
};

class RunReader {
 public:
  explicit RunReader(SpilledRun run);
  ~RunReader();
  RunReader(RunReader&&) noexcept;
  /// The next record into `record` (valid until the next call); false at the end of the run.
  [[nodiscard]] Result<bool> next(std::string_view& record);

 private:
  [[nodiscard]] Result<void> read_block();
  struct Decompressor;
  std::unique_ptr<Decompressor> decompressor_;
  SpilledRun run_;
  std::string block_, stored_;
  std::size_t position_ = 0;
};

}  // namespace landwarden::engine
