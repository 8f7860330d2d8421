#include "decode/stream.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "base/text.h"

namespace landwarden::decode {
namespace {

/// How much a sniffing look takes at once; a tar header needs 512 bytes, a damaged EVTX file 4,104.
constexpr std::size_t kPeekBytes = 8 << 10;
constexpr std::size_t kTranscodeBytes = 64 << 10;
/// How soon a run that waits for its input notices that it is to stop: at once, to a person.
constexpr int kStopPollMs = 100;

}  // namespace

FileStream::~FileStream() {
  close(descriptor_);
}

Result<std::size_t> FileStream::read(char* to, std::size_t size) {
  for (;;) {
    if (!size_ && stopped_ && !await()) return std::size_t{0};
    const ssize_t got =
        size_ ? pread(descriptor_, to, size, static_cast<off_t>(offset_)) : ::read(descriptor_, to, size);
    if (got >= 0) {
      offset_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) return std::unexpected(io_error("cannot read", ""));
  }
}

bool FileStream::await() {
  pollfd entry{.fd = descriptor_, .events = POLLIN, .revents = 0};
  while (!stopped_()) {
    // Anything but "nothing yet" is read()'s to find out: bytes, the end, or an error.
    if (poll(&entry, 1, kStopPollMs) > 0) return true;
  }
  return false;
}

bool FileStream::ready() {
  if (size_) return true;
  pollfd entry{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return poll(&entry, 1, 0) != 0;
}

Result<std::size_t> MemoryStream::read(char* to, std::size_t size) {
  const std::size_t got = std::min({size, step_ == 0 ? size : step_, bytes_.size() - offset_});
  std::memcpy(to, bytes_.data() + offset_, got);
  offset_ += got;
  return got;
}

bool PeekStream::more() {
  if (at_end_) return false;
  const std::size_t before = head_.size();
  head_.resize(before + kPeekBytes);
  const Result<std::size_t> got = inner_.read(head_.data() + before, kPeekBytes);
  head_.resize(before + got.value_or(0));
  if (!got) error_ = got.error();
  at_end_ = !got || *got == 0;
  return !at_end_;
}

Result<std::size_t> PeekStream::read(char* to, std::size_t size) {
  if (taken_ < head_.size()) {
    const std::size_t got = std::min(size, head_.size() - taken_);
    std::memcpy(to, head_.data() + taken_, got);
    taken_ += got;
    return got;
  }
  if (error_) return std::unexpected(std::exchange(error_, std::nullopt).value());
  if (at_end_) return 0;
  Result<std::size_t> got = inner_.read(to, size);
  at_end_ = !got || *got == 0;
  return got;
}

void PeekStream::seek(std::uint64_t offset) {
  head_.clear();
  taken_ = 0;
  at_end_ = false;
  inner_.seek(offset);
}

Result<bool> Utf16Stream::refill() {
  text_.clear();
  given_ = 0;
  const std::size_t kept = raw_.size();
  raw_.resize(kept + kTranscodeBytes);
  const Result<std::size_t> got = inner_.read(raw_.data() + kept, kTranscodeBytes);
  raw_.resize(kept + got.value_or(0));
  if (!got) return std::unexpected(got.error());
  const bool last = *got == 0;
  std::size_t whole = raw_.size() & ~std::size_t{1};
  if (big_endian_) {
    for (std::size_t i = kept & ~std::size_t{1}; i < whole; i += 2) std::swap(raw_[i], raw_[i + 1]);
  }
  std::size_t begin = 0;
  if (first_ && whole >= 2) {
    first_ = false;
    if (raw_[0] == '\xFF' && raw_[1] == '\xFE') begin = 2;
  }
  // A pair may be cut in two: its first half waits for the rest.
  std::size_t end = whole;
  if (!last && end > begin && (static_cast<unsigned char>(raw_[end - 1]) & 0xFC) == 0xD8) end -= 2;
  if (end > begin) text::append_utf16le(text_, std::as_bytes(std::span(raw_).subspan(begin, end - begin)));
  raw_.erase(0, end);
  if (last && !raw_.empty()) {
    raw_.clear();
    text_ += "\xEF\xBF\xBD";
  }
  return !last || !text_.empty();
}

Result<std::size_t> Utf16Stream::read(char* to, std::size_t size) {
  while (given_ == text_.size()) {
    const Result<bool> more = refill();
    if (!more) return std::unexpected(more.error());
    if (!*more) return 0;
  }
  const std::size_t got = std::min(size, text_.size() - given_);
  std::memcpy(to, text_.data() + given_, got);
  given_ += got;
  return got;
}

}  // namespace landwarden::decode
