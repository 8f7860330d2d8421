#include "report/output_file.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace landwarden::report {
namespace {

constexpr std::size_t kBufferBytes = 256 << 10;
constexpr int kNameAttempts = 100;

/// Follows links to the file that will be replaced; the last part need not exist.
std::string resolved(const std::string& path) {
  std::error_code error;
  const auto canonical = std::filesystem::weakly_canonical(path, error);
  return error ? path : canonical.string();
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

const char* hint_for(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "make room, or name a file on another disk with -o; the old file, if there was one, is "
             "untouched";
    case EACCES:
    case EPERM:
    case EROFS:
      return "name a file in a folder that you may write to, or run with more rights";
    case ENOENT:
      return "the folder does not exist; make it first";
    case EISDIR:
      return "name a file, not a folder";
    case ENOTDIR:
      return "a part of the path is a file, not a folder";
    case EPIPE:
      return "the timeline ends there; write it to a file with -o FILE to keep it whole";
    case EFBIG:
      return "the file-size limit is reached (ulimit -f), or the file system cannot hold files this large";
    default:
      return "the old file, if there was one, is untouched";
  }
}

}  // namespace

Result<OutputFile> OutputFile::open(const std::string& path) {
  OutputFile file;
  file.name_ = path == "-" ? "standard output" : path;
  if (path == "-") {
    file.in_place_ = true;
    file.descriptor_ = STDOUT_FILENO;
    return file;
  }
  file.owned_ = true;
  file.target_ = resolved(path);
  struct stat status{};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    return std::unexpected(file.failure("cannot write"));
  }
  file.in_place_ = exists && !S_ISREG(status.st_mode);
  if (file.in_place_) {
    file.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file.descriptor_ < 0) return std::unexpected(file.failure("cannot open"));
    return file;
  }
  if (exists && ::access(path.c_str(), W_OK) != 0) return std::unexpected(file.failure("cannot replace"));
  if (auto opened = file.open_temporary(); !opened) return std::unexpected(opened.error());
  if (exists) ::fchmod(file.descriptor_, status.st_mode & 07777U);
  return file;
}

Result<void> OutputFile::open_temporary() {
  const std::string folder = folder_of(target_);
  descriptor_ = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  for (int attempt = 0; descriptor_ < 0 && attempt < kNameAttempts; ++attempt) {
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL && errno != EEXIST)
      break;
    temporary_ = fmt::format("{}.partial-{}-{}", target_, ::getpid(), attempt);
    descriptor_ = ::open(temporary_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno == ENOENT) break;
  }
  if (descriptor_ >= 0) return {};
  temporary_.clear();
  return std::unexpected(failure("cannot write"));
}

OutputFile::OutputFile(OutputFile&& other) noexcept {
  *this = std::move(other);
}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  if (this == &other) return *this;
  discard();
  name_ = std::move(other.name_);
  target_ = std::move(other.target_);
  temporary_ = std::exchange(other.temporary_, {});
  buffer_ = std::exchange(other.buffer_, {});
  descriptor_ = std::exchange(other.descriptor_, -1);
  owned_ = std::exchange(other.owned_, false);
  in_place_ = other.in_place_;
  reader_gone_ = other.reader_gone_;
  broken_ = other.broken_;
  return *this;
}

OutputFile::~OutputFile() {
  discard();
}

void OutputFile::discard() {
  if (owned_ && descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
  descriptor_ = -1;
}

Error OutputFile::failure(const char* what) {
  broken_ = true;
  reader_gone_ = errno == EPIPE;
  const char* hint = hint_for(errno);
  return io_error(what, name_, hint);
}

Result<void> OutputFile::write(std::string_view bytes) {
  if (bytes.size() >= kBufferBytes) {
    if (auto flushed = flush(); !flushed) return flushed;
    return write_through(bytes);
  }
  buffer_.append(bytes);
  if (buffer_.size() < kBufferBytes) return {};
  return flush();
}

Result<void> OutputFile::flush() {
  auto written = write_through(buffer_);
  if (written) buffer_.clear();
  return written;
}

Result<void> OutputFile::write_through(std::string_view left) {
  if (broken_) return fail(ErrorCode::io, "an earlier write failed", {name_, 0, 0, {}});
  while (!left.empty()) {
    const ssize_t written = ::write(descriptor_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(failure("cannot write"));
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> OutputFile::commit() {
  if (auto flushed = flush(); !flushed) return flushed;
  if (in_place_) {
    if (owned_ && ::close(std::exchange(descriptor_, -1)) != 0)
      return std::unexpected(failure("cannot close"));
    return {};
  }
  return put_in_place();
}

Result<void> OutputFile::put_in_place() {
  if (::fsync(descriptor_) != 0) return std::unexpected(failure("cannot write to disk"));
  const std::string self = fmt::format("/proc/self/fd/{}", descriptor_);
  for (int attempt = 0; temporary_.empty(); ++attempt) {
    const std::string name = fmt::format("{}.partial-{}-{}", target_, ::getpid(), attempt);
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      temporary_ = name;
    } else if (errno != EEXIST || attempt >= kNameAttempts) {
      return std::unexpected(failure("cannot put the finished file in place"));
    }
  }
  if (::close(std::exchange(descriptor_, -1)) != 0) return std::unexpected(failure("cannot close"));
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) return std::unexpected(failure("cannot replace"));
  temporary_.clear();
  if (const int folder = ::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      folder >= 0) {
    ::fsync(folder);  // the name too should survive a power cut; a file system that cannot do this has kept
                      // the data
    ::close(folder);
  }
  return {};
}

Result<void> write_file(const std::string& path, std::string_view text) {
  auto file = OutputFile::open(path);
  if (!file) return std::unexpected(std::move(file.error()));
  if (auto written = file->write(text); !written) return written;
  return file->commit();
}

}  // namespace landwarden::report
