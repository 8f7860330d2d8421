#include "decode/compressed.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/limits.h"

namespace landwarden::decode {
namespace {

constexpr std::size_t kInputBytes = 128 << 10;
constexpr const char* kDamagedHint = "what came before the damage was read; get a complete copy for the rest";

/// The compressed side of both decompressors.
class Source {
 public:
  explicit Source(ByteStream& inner) : inner_(inner), buffer_(kInputBytes) {}
  [[nodiscard]] std::string_view rest() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) { begin_ += bytes; }
  [[nodiscard]] bool ready() { return begin_ < end_ || inner_.ready(); }
  /// Reads on when nothing is left. False at the end.
  [[nodiscard]] Result<bool> fill() {
    if (begin_ < end_) return true;
    const Result<std::size_t> got = inner_.read(buffer_.data(), buffer_.size());
    if (!got) return std::unexpected(got.error());
    begin_ = 0;
    end_ = *got;
    return *got > 0;
  }

 private:
  ByteStream& inner_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

class Gunzip final : public ByteStream {
 public:
  explicit Gunzip(ByteStream& inner) : source_(inner) {}
  ~Gunzip() override {
    if (open_) inflateEnd(&state_);
  }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  Result<std::size_t> read(char* to, std::size_t size) override {
    while (!done_) {
      const Result<bool> more = source_.fill();
      if (!more) return std::unexpected(more.error());
      if (!open_ && (!*more || !begin_member())) break;
      if (!*more) {
        done_ = true;
        return fail(ErrorCode::damaged, "gzip data ends in the middle", {}, kDamagedHint);
      }
      const Result<std::size_t> got = inflate_some(to, size);
      if (!got || *got > 0) return got;
    }
    done_ = true;
    return 0;
  }

  bool ready() override { return done_ || source_.ready(); }

  std::string note() const override {
    return trailing_ ? "bytes behind the end of the gzip data were not read" : "";
  }

 private:
  bool begin_member() {
    const std::string_view rest = source_.rest();
    if (members_ > 0 && rest.front() != '\x1F') {  // padding of tapes and block devices, or rubbish
      trailing_ = true;
      return false;
    }
    state_ = {};
    open_ = inflateInit2(&state_, 15 + 16) == Z_OK;  // 15 bits of window, 16: gzip's header and trailer
    ++members_;
    return open_;
  }

  Result<std::size_t> inflate_some(char* to, std::size_t size) {
    const std::string_view rest = source_.rest();
    state_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest.data()));
    state_.avail_in = static_cast<uInt>(rest.size());
    const std::size_t room = std::min<std::size_t>(size, 1U << 30);
    state_.next_out = reinterpret_cast<Bytef*>(to);
    state_.avail_out = static_cast<uInt>(room);
    const int status = inflate(&state_, Z_NO_FLUSH);
    source_.consume(rest.size() - state_.avail_in);
    const std::size_t got = room - state_.avail_out;
    if (status == Z_STREAM_END) {
      inflateEnd(&state_);
      open_ = false;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      if (got > 0) return got;  // zlib says the same again next time
      done_ = true;
      const std::string reason = state_.msg != nullptr ? state_.msg : "no reason given";
      return fail(ErrorCode::damaged, "gzip data is damaged: " + reason, {}, kDamagedHint);
    }
    return got;
  }

  Source source_;
  z_stream state_ = {};
  bool open_ = false, done_ = false, trailing_ = false;
  std::uint64_t members_ = 0;
};

class Unzstd final : public ByteStream {
 public:
  explicit Unzstd(ByteStream& inner) : source_(inner), state_(ZSTD_createDCtx()) {
    ZSTD_DCtx_setParameter(state_, ZSTD_d_windowLogMax, limits::kZstdWindowLog);
  }
  ~Unzstd() override { ZSTD_freeDCtx(state_); }
  Unzstd(const Unzstd&) = delete;
  Unzstd& operator=(const Unzstd&) = delete;

  Result<std::size_t> read(char* to, std::size_t size) override {
    ZSTD_outBuffer out{to, size, 0};
    while (!done_ && out.pos == 0) {
      const Result<bool> more = source_.fill();
      if (!more) return std::unexpected(more.error());
      if (!*more && (!in_frame_ || !pending_)) {
        done_ = true;
        if (!in_frame_) break;
        return fail(ErrorCode::damaged, "zstd data ends in the middle", {}, kDamagedHint);
      }
      const std::string_view rest = source_.rest();
      ZSTD_inBuffer in{rest.data(), rest.size(), 0};
      const std::size_t status = ZSTD_decompressStream(state_, &out, &in);
      source_.consume(in.pos);
      if (ZSTD_isError(status)) {
        done_ = true;
        if (out.pos > 0) break;
        return fail(ErrorCode::damaged, std::string("zstd data cannot be read: ") + ZSTD_getErrorName(status),
                    {}, kDamagedHint);
      }
      in_frame_ = status != 0;
      pending_ = out.pos == out.size;  // there may be more inside the decoder though the input is used up
    }
    return out.pos;
  }

  bool ready() override { return done_ || pending_ || source_.ready(); }

 private:
  Source source_;
  ZSTD_DCtx* state_;
  bool done_ = false, in_frame_ = false, pending_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> gunzip(ByteStream& inner) {
  return std::make_unique<Gunzip>(inner);
}
std::unique_ptr<ByteStream> unzstd(ByteStream& inner) {
  return std::make_unique<Unzstd>(inner);
}

}  // namespace landwarden::decode
