#include "decode/archive_members.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>

#include "decode/archive.h"

namespace landwarden::decode {
namespace {

constexpr std::size_t kBlockBytes = 64 << 10;

Error at(Error error, const Place& place) {
  error.place = place;
  return error;
}

Result<std::string> content_of(ByteStream& content, const Place& place, std::size_t most) {
  std::string out;
  while (true) {
    const std::size_t have = out.size();
    out.resize(have + kBlockBytes);
    auto got = content.read(out.data() + have, kBlockBytes);
    if (!got) return std::unexpected(at(std::move(got.error()), place));
    out.resize(have + *got);
    if (*got == 0) return out;
    if (out.size() > most)
      return fail(ErrorCode::limit, "larger than " + std::to_string(most >> 20) + " MiB", place);
  }
}

}  // namespace

bool is_zip(std::string_view head) {
  return head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06");
}

Result<void> read_zip(const std::string& path, const ArchiveBounds& bounds,
                      const std::function<bool(const std::string& name)>& wanted,
                      const std::function<void(const std::string& name, Result<std::string>)>& take) {
  const Place place{path, 0, 0, {}};
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (file < 0) return std::unexpected(io_error("cannot open", path));
  struct stat status{};
  const bool regular = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  FileStream stream(file, regular ? std::optional(static_cast<std::uint64_t>(status.st_size)) : std::nullopt);
  auto archive = Archive::open(stream);
  if (!archive) return std::unexpected(at(std::move(archive.error()), place));
  std::size_t members = 0;
  std::size_t total = 0;
  while (true) {
    auto member = (*archive)->next();
    if (!member) return std::unexpected(at(std::move(member.error()), place));
    if (!*member) return {};
    if (++members > bounds.members)
      return fail(ErrorCode::limit, "more members than may be in one archive", place);
    const std::string& name = (*member)->name;
    if (!(*member)->regular || !wanted(name)) continue;
    Result<std::string> content =
        content_of((*archive)->content(), {path + "!/" + name, 0, 0, {}}, bounds.member_bytes);
    total += content ? content->size() : bounds.member_bytes;
    take(name, std::move(content));
    if (total > bounds.total_bytes)
      return fail(ErrorCode::limit, "unpacks to too much", place, "unpack it and name the folder");
  }
}

}  // namespace landwarden::decode
