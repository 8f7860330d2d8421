#include "decode/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/shared_library.h"
#include "base/text.h"

namespace landwarden::decode {
namespace {

constexpr std::size_t kBlockBytes = 128 << 10;
constexpr const char* kHint =
    "what came before was read; test the archive with its own tool, or unpack it first";

// What is used of the library. It and what it brings are loaded when the first archive comes: that takes as
// long as a quarter of a start, and mostly there is none.
#define LW_ARCHIVE_FUNCTIONS(X)          \
  X(archive_entry_filetype)              \
  X(archive_entry_hardlink)              \
  X(archive_entry_is_data_encrypted)     \
  X(archive_entry_is_metadata_encrypted) \
  X(archive_entry_mtime)                 \
  X(archive_entry_mtime_is_set)          \
  X(archive_entry_mtime_nsec)            \
  X(archive_entry_pathname)              \
  X(archive_entry_pathname_utf8)         \
  X(archive_entry_size)                  \
  X(archive_entry_size_is_set)           \
  X(archive_error_string)                \
  X(archive_filter_code)                 \
  X(archive_format)                      \
  X(archive_read_data)                   \
  X(archive_read_free)                   \
  X(archive_read_new)                    \
  X(archive_read_next_header)            \
  X(archive_read_open1)                  \
  X(archive_read_set_callback_data)      \
  X(archive_read_set_read_callback)      \
  X(archive_read_set_seek_callback)      \
  X(archive_read_set_skip_callback)      \
  X(archive_read_support_filter_all)     \
  X(archive_read_support_format_7zip)    \
  X(archive_read_support_format_cab)     \
  X(archive_read_support_format_cpio)    \
  X(archive_read_support_format_rar)     \
  X(archive_read_support_format_rar5)    \
  X(archive_read_support_format_raw)     \
  X(archive_read_support_format_tar)     \
  X(archive_read_support_format_zip)     \
  X(archive_set_error)

struct ArchiveLibrary {
#define LW_ARCHIVE_DECLARE(name) decltype(&::name) name = nullptr;
  LW_ARCHIVE_FUNCTIONS(LW_ARCHIVE_DECLARE)
#undef LW_ARCHIVE_DECLARE
};

constexpr const char* kName = "libarchive.so.13";  // 3.x, whose header this is compiled with

Result<ArchiveLibrary> load() {
  const auto missing = [](const Error& error) {
    return fail(ErrorCode::unsupported, "archives cannot be read: " + error.message, {},
                "install it (Debian: libarchive13), or unpack them first");
  };
  const auto loaded = SharedLibrary::load(kName);
  if (!loaded) return missing(loaded.error());
  ArchiveLibrary library;
#define LW_ARCHIVE_FIND(name) \
  if (const auto found = loaded->find(#name, library.name); !found) return missing(found.error());
  LW_ARCHIVE_FUNCTIONS(LW_ARCHIVE_FIND)
#undef LW_ARCHIVE_FIND
  return library;
}

/// Loaded once, for the life of the process; any thread.
const Result<ArchiveLibrary>& archive_library() {
  static const Result<ArchiveLibrary> library = load();
  return library;
}

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
  LibArchive(const ArchiveLibrary& library, ByteStream& stream)
      : library_(library), stream_(stream), buffer_(kBlockBytes), archive_(library_.archive_read_new()) {
    library_.archive_read_support_filter_all(archive_);
    library_.archive_read_support_format_tar(archive_);
    library_.archive_read_support_format_zip(archive_);
    library_.archive_read_support_format_7zip(archive_);
    library_.archive_read_support_format_rar(archive_);
    library_.archive_read_support_format_rar5(archive_);
    library_.archive_read_support_format_cab(archive_);
    library_.archive_read_support_format_cpio(archive_);
    library_.archive_read_support_format_raw(archive_);
  }
  ~LibArchive() override { library_.archive_read_free(archive_); }
  LibArchive(const LibArchive&) = delete;
  LibArchive& operator=(const LibArchive&) = delete;

  Result<void> start() {
    library_.archive_read_set_callback_data(archive_, this);
    library_.archive_read_set_read_callback(archive_, &on_read);
    if (stream_.seekable_size()) {
      library_.archive_read_set_seek_callback(archive_, &on_seek);
      library_.archive_read_set_skip_callback(archive_, &on_skip);
    }
    if (library_.archive_read_open1(archive_) < ARCHIVE_WARN)
      return std::unexpected(error("archive cannot be opened"));
    return {};
  }

  Result<std::optional<Member>> next() override {
    const Utf8Locale::Use use(locale_);
    archive_entry* entry = nullptr;
    const int status = library_.archive_read_next_header(archive_, &entry);
    if (status == ARCHIVE_EOF) return std::nullopt;
    if (status < ARCHIVE_WARN) return std::unexpected(error("archive is damaged"));
    Member member;
    member.regular = library_.archive_entry_filetype(entry) == AE_IFREG &&
                     library_.archive_entry_hardlink(entry) == nullptr;
    member.encrypted = library_.archive_entry_is_data_encrypted(entry) > 0 ||
                       library_.archive_entry_is_metadata_encrypted(entry) > 0;
    if (library_.archive_entry_size_is_set(entry))
      member.size = static_cast<std::uint64_t>(library_.archive_entry_size(entry));
    if (library_.archive_entry_mtime_is_set(entry))
      member.modified =
          from_unix(library_.archive_entry_mtime(entry), library_.archive_entry_mtime_nsec(entry));
    if (library_.archive_format(archive_) == ARCHIVE_FORMAT_RAW) {
      if (library_.archive_filter_code(archive_, 0) == ARCHIVE_FILTER_NONE) {
        return fail(ErrorCode::damaged, "begins like an archive but is none", {}, kHint);
      }
      member.regular = true;
      return member;
    }
    const char* name = library_.archive_entry_pathname_utf8(entry);
    if (name == nullptr) name = library_.archive_entry_pathname(entry);
    text::append_valid_utf8(member.name, name == nullptr ? "(no name)" : name);
    if (member.name.empty()) member.name = "(no name)";
    return member;
  }

  ByteStream& content() override { return *this; }

  Result<std::size_t> read(char* to, std::size_t size) override {
    const la_ssize_t got = library_.archive_read_data(archive_, to, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    // Also a warning: that is how a zip member's wrong checksum or size is told, behind its last byte.
    return std::unexpected(error("archive member cannot be read"));
  }

  bool ready() override { return stream_.ready(); }

 private:
  Error error(const std::string& what) {
    if (inner_error_) return *inner_error_;
    const char* reason = library_.archive_error_string(archive_);
    return {ErrorCode::damaged, what + ": " + (reason == nullptr ? "no reason given" : reason), {}, kHint};
  }

  static la_ssize_t on_read(archive* handle, void* data, const void** out) {
    auto& self = *static_cast<LibArchive*>(data);
    const Result<std::size_t> got = self.stream_.read(self.buffer_.data(), self.buffer_.size());
    if (!got) {
      self.inner_error_ = got.error();
      self.library_.archive_set_error(handle, EIO, "%s", got.error().message.c_str());
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

  const ArchiveLibrary& library_;
  ByteStream& stream_;
  Utf8Locale locale_;
  std::vector<char> buffer_;
  archive* archive_;
  std::int64_t at_ = 0;
  std::optional<Error> inner_error_;
};

}  // namespace

Result<std::unique_ptr<Archive>> Archive::open(ByteStream& stream) {
  const auto& library = archive_library();
  if (!library) return std::unexpected(library.error());
  auto archive = std::make_unique<LibArchive>(*library, stream);
  if (const Result<void> started = archive->start(); !started) return std::unexpected(started.error());
  return archive;
}

}  // namespace landwarden::decode
