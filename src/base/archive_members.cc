#include "base/archive_members.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>

#include "base/text.h"

namespace landwarden {
namespace {

constexpr std::size_t kBlockBytes = 64 << 10;

struct Free {
  void operator()(archive* handle) const { archive_read_free(handle); }
};

std::string text_of(archive* handle) {
  const char* text = archive_error_string(handle);
  return text != nullptr ? text : "unknown error";
}

Result<std::string> content_of(archive* handle, const std::string& place, std::size_t most) {
  std::string out;
  while (true) {
    const std::size_t have = out.size();
    out.resize(have + kBlockBytes);
    const la_ssize_t got = archive_read_data(handle, out.data() + have, kBlockBytes);
    if (got < 0) return fail(ErrorCode::damaged, "cannot be unpacked: " + text_of(handle), {place, 0, 0, {}});
    out.resize(have + static_cast<std::size_t>(got));
    if (got == 0) return out;
    if (out.size() > most)
      return fail(ErrorCode::limit, "larger than " + std::to_string(most >> 20) + " MiB", {place, 0, 0, {}});
  }
}

std::string name_of(archive_entry* entry) {
  const char* name = archive_entry_pathname_utf8(entry);
  if (name == nullptr) name = archive_entry_pathname(entry);
  std::string out;
  if (name != nullptr) text::append_valid_utf8(out, name);
  return out;
}

}  // namespace

bool is_zip(std::string_view head) {
  return head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06");
}

Result<void> read_zip(const std::string& path, const ArchiveBounds& bounds,
                      const std::function<bool(const std::string& name)>& wanted,
                      const std::function<void(const std::string& name, Result<std::string>)>& take) {
  const Place place{path, 0, 0, {}};
  const std::unique_ptr<archive, Free> handle(archive_read_new());
  if (!handle) return fail(ErrorCode::limit, "out of memory", place);
  archive_read_support_format_zip(handle.get());
  if (archive_read_open_filename(handle.get(), path.c_str(), kBlockBytes) != ARCHIVE_OK) {
    return fail(ErrorCode::io, "cannot open: " + text_of(handle.get()), place);
  }
  std::size_t members = 0;
  std::size_t total = 0;
  while (true) {
    archive_entry* entry = nullptr;
    const int got = archive_read_next_header(handle.get(), &entry);
    if (got == ARCHIVE_EOF) return {};
    if (got < ARCHIVE_WARN)
      return fail(ErrorCode::damaged, "damaged archive: " + text_of(handle.get()), place);
    if (++members > bounds.members)
      return fail(ErrorCode::limit, "more members than may be in one archive", place);
    const std::string name = name_of(entry);
    if (archive_entry_filetype(entry) != AE_IFREG || !wanted(name)) continue;
    Result<std::string> content = content_of(handle.get(), path + "!/" + name, bounds.member_bytes);
    total += content ? content->size() : bounds.member_bytes;
    take(name, std::move(content));
    if (total > bounds.total_bytes)
      return fail(ErrorCode::limit, "unpacks to too much", place, "unpack it and name the folder");
  }
}

}  // namespace landwarden
