// Bytes of one source from front to back: a file, standard input, memory, or what another stream gives when
// decompressed.
//
// A stream belongs to one thread. read() gives what is there: less than asked does not mean the end, nothing
// does. After an error a stream gives nothing more; what it gave before is good.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace landwarden::decode {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Up to `size` bytes; 0 at the end. Errors carry no file name: the caller knows it.
  [[nodiscard]] virtual Result<std::size_t> read(char* to, std::size_t size) = 0;
  /// Whether the next read() would give something (or the end) at once; false only where data comes slowly.
  [[nodiscard]] virtual bool ready() { return true; }
  /// Something a reader should know at the end though nothing was lost; empty if there is nothing.
  [[nodiscard]] virtual std::string note() const { return {}; }
  /// Size of a stream that can be read at any offset; nothing for all others.
  [[nodiscard]] virtual std::optional<std::uint64_t> seekable_size() const { return std::nullopt; }
  /// Goes on reading at `offset`. Only where seekable_size() is known.
  virtual void seek(std::uint64_t offset) { (void)offset; }
};

/// An open file. Regular files are read by position and can seek; pipes and terminals may keep us waiting.
class FileStream final : public ByteStream {
 public:
  /// Takes over `descriptor`. `stopped`, if given, is asked while waiting for what is no regular file; true
  /// ends it.
  FileStream(int descriptor, std::optional<std::uint64_t> regular_size, std::function<bool()> stopped = {})
      : descriptor_(descriptor), size_(regular_size), stopped_(std::move(stopped)) {}
  ~FileStream() override;
  FileStream(const FileStream&) = delete;
  FileStream& operator=(const FileStream&) = delete;
  [[nodiscard]] Result<std::size_t> read(char* to, std::size_t size) override;
  [[nodiscard]] bool ready() override;
  [[nodiscard]] std::optional<std::uint64_t> seekable_size() const override { return size_; }
  void seek(std::uint64_t offset) override { offset_ = offset; }

 private:
  /// Whether there is something to read before the run is stopped.
  [[nodiscard]] bool await();

  int descriptor_;
  std::optional<std::uint64_t> size_;
  std::function<bool()> stopped_;
  std::uint64_t offset_ = 0;
};

/// Bytes in memory, which must outlive the stream.
class MemoryStream final : public ByteStream {
 public:
  /// With a `step` it is as a slow pipe: no read gives more, it is never ready, and cannot seek.
  explicit MemoryStream(std::string_view bytes, std::size_t step = 0) : bytes_(bytes), step_(step) {}
  [[nodiscard]] Result<std::size_t> read(char* to, std::size_t size) override;
  [[nodiscard]] bool ready() override { return step_ == 0; }
  [[nodiscard]] std::optional<std::uint64_t> seekable_size() const override {
    return step_ == 0 ? std::optional<std::uint64_t>(bytes_.size()) : std::nullopt;
  }
  void seek(std::uint64_t offset) override { offset_ = offset < bytes_.size() ? offset : bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t step_;
  std::size_t offset_ = 0;
};

/// A stream whose first bytes can be looked at before they are read.
class PeekStream final : public ByteStream {
 public:
  /// `inner` must outlive it.
  explicit PeekStream(ByteStream& inner) : inner_(inner) {}

  /// What is known of the front so far.
  [[nodiscard]] std::string_view head() const { return std::string_view(head_).substr(taken_); }
  /// Reads once more into the head. False at the end or after an error.
  bool more();
  [[nodiscard]] bool at_end() const { return at_end_; }
  /// What went wrong while looking; read() gives it behind the head.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  [[nodiscard]] Result<std::size_t> read(char* to, std::size_t size) override;
  [[nodiscard]] bool ready() override { return taken_ < head_.size() || at_end_ || inner_.ready(); }
  [[nodiscard]] std::string note() const override { return inner_.note(); }
  [[nodiscard]] std::optional<std::uint64_t> seekable_size() const override { return inner_.seekable_size(); }
  void seek(std::uint64_t offset) override;

 private:
  ByteStream& inner_;
  std::string head_;
  std::size_t taken_ = 0;
  bool at_end_ = false;
  std::optional<Error> error_;
};

/// UTF-16 text as UTF-8, without its byte order mark; unpaired surrogates become U+FFFD.
class Utf16Stream final : public ByteStream {
 public:
  /// `inner` must outlive it.
  Utf16Stream(ByteStream& inner, bool big_endian) : inner_(inner), big_endian_(big_endian) {}
  [[nodiscard]] Result<std::size_t> read(char* to, std::size_t size) override;
  [[nodiscard]] bool ready() override { return given_ < text_.size() || inner_.ready(); }
  [[nodiscard]] std::string note() const override { return inner_.note(); }

 private:
  [[nodiscard]] Result<bool> refill();

  ByteStream& inner_;
  bool big_endian_;
  bool first_ = true;
  std::string raw_;   ///< units not yet decoded
  std::string text_;  ///< decoded, not yet given
  std::size_t given_ = 0;
};

}  // namespace landwarden::decode
