#include "decode/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/text.h"

namespace landwarden::decode {
namespace {

constexpr std::size_t kBlockBytes = 128 << 10;
constexpr const char* kHint =
    "what came before was read; test the archive with its own tool, or unpack it first";

/// libarchive converts names into the thread's locale; ours are UTF-8 whatever the user's is.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {}
  ~Utf8Locale() {
    if (locale_ != nullptr) freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

  /// For this thread, as long as it lives.
  class Use {
   public:
    explicit Use(const Utf8Locale& utf8)
        : before_(utf8.locale_ == nullptr ? nullptr : uselocale(utf8.locale_)) {}
    ~Use() {
      if (before_ != nullptr) uselocale(before_);
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    locale_t before_;
  };

 private:
  locale_t locale_;
};

class LibArchive final : public Archive, public ByteStream {
 public:
  explicit LibArchive(ByteStream& stream)
      : stream_(stream), buffer_(kBlockBytes), archive_(archive_read_new()) {
    archive_read_support_filter_all(archive_);
    archive_read_support_format_tar(archive_);
    archive_read_support_format_zip(archive_);
    archive_read_support_format_7zip(archive_);
    archive_read_support_format_rar(archive_);
    archive_read_support_format_rar5(archive_);
    archive_read_support_format_cab(archive_);
    archive_read_support_format_cpio(archive_);
    archive_read_support_format_raw(archive_);
  }
  ~LibArchive() override { archive_read_free(archive_); }
  LibArchive(const LibArchive&) = delete;
  LibArchive& operator=(const LibArchive&) = delete;

  Result<void> start() {
    archive_read_set_callback_data(archive_, this);
    archive_read_set_read_callback(archive_, &on_read);
    if (stream_.seekable_size()) {
      archive_read_set_seek_callback(archive_, &on_seek);
      archive_read_set_skip_callback(archive_, &on_skip);
    }
    if (archive_read_open1(archive_) < ARCHIVE_WARN)
      return std::unexpected(error("archive cannot be opened"));
    return {};
  }

  Result<std::optional<Member>> next() override {
    const Utf8Locale::Use use(locale_);
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(archive_, &entry);
    if (status == ARCHIVE_EOF) return std::nullopt;
    if (status < ARCHIVE_WARN) return std::unexpected(error("archive is damaged"));
    Member member;
    member.regular = archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr;
    member.encrypted =
        archive_entry_is_data_encrypted(entry) > 0 || archive_entry_is_metadata_encrypted(entry) > 0;
    if (archive_entry_size_is_set(entry)) member.size = static_cast<std::uint64_t>(archive_entry_size(entry));
    if (archive_entry_mtime_is_set(entry))
      member.modified = from_unix(archive_entry_mtime(entry), archive_entry_mtime_nsec(entry));
    if (archive_format(archive_) == ARCHIVE_FORMAT_RAW) {
      if (archive_filter_code(archive_, 0) == ARCHIVE_FILTER_NONE) {
        return fail(ErrorCode::damaged, "begins like an archive but is none", {}, kHint);
      }
      member.regular = true;
      return member;
    }
    const char* name = archive_entry_pathname_utf8(entry);
    if (name == nullptr) name = archive_entry_pathname(entry);
    text::append_valid_utf8(member.name, name == nullptr ? "(no name)" : name);
    if (member.name.empty()) member.name = "(no name)";
    return member;
  }

  ByteStream& content() override { return *this; }

  Result<std::size_t> read(char* to, std::size_t size) override {
    const la_ssize_t got = archive_read_data(archive_, to, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    // Also a warning: that is how a zip member's wrong checksum or size is told, behind its last byte.
    return std::unexpected(error("archive member cannot be read"));
  }

  bool ready() override { return stream_.ready(); }

 private:
  Error error(const std::string& what) {
    if (inner_error_) return *inner_error_;
    const char* reason = archive_error_string(archive_);
    return {ErrorCode::damaged, what + ": " + (reason == nullptr ? "no reason given" : reason), {}, kHint};
  }

  static la_ssize_t on_read(archive* handle, void* data, const void** out) {
    auto& self = *static_cast<LibArchive*>(data);
    const Result<std::size_t> got = self.stream_.read(self.buffer_.data(), self.buffer_.size());
    if (!got) {
      self.inner_error_ = got.error();
      archive_set_error(handle, EIO, "%s", got.error().message.c_str());
      return -1;
    }
    self.at_ += static_cast<std::int64_t>(*got);
    *out = self.buffer_.data();
    return static_cast<la_ssize_t>(*got);
  }

  static la_int64_t on_seek(archive*, void* data, la_int64_t offset, int whence) {
    auto& self = *static_cast<LibArchive*>(data);
    const auto size = static_cast<std::int64_t>(*self.stream_.seekable_size());
    const std::int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? self.at_ : size;
    std::int64_t target = 0;
    if (__builtin_add_overflow(base, offset, &target) || target < 0) return ARCHIVE_FATAL;
    self.at_ = target;
    self.stream_.seek(static_cast<std::uint64_t>(target));
    return target;
  }

  static la_int64_t on_skip(archive*, void* data, la_int64_t request) {
    auto& self = *static_cast<LibArchive*>(data);
    const auto size = static_cast<std::int64_t>(*self.stream_.seekable_size());
    const std::int64_t skipped =
        std::clamp<std::int64_t>(request, 0, std::max<std::int64_t>(size - self.at_, 0));
    self.at_ += skipped;
    self.stream_.seek(static_cast<std::uint64_t>(self.at_));
    return skipped;
  }

  ByteStream& stream_;
  Utf8Locale locale_;
  std::vector<char> buffer_;
  archive* archive_;
  std::int64_t at_ = 0;
  std::optional<Error> inner_error_;
};

}  // namespace

Result<std::unique_ptr<Archive>> Archive::open(ByteStream& stream) {
  auto archive = std::make_unique<LibArchive>(stream);
  if (const Result<void> started = archive->start(); !started) return std::unexpected(started.error());
  return archive;
}

}  // namespace landwarden::decode
