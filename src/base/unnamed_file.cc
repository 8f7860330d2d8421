#include "base/unnamed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace landwarden {

std::string temporary_folder(const std::string& wish) {
  if (!wish.empty()) return wish;
  if (const char* folder = std::getenv("TMPDIR"); folder != nullptr && *folder != '\0') return folder;
  struct stat status{};
  return ::stat("/var/tmp", &status) == 0 && S_ISDIR(status.st_mode) ? "/var/tmp" : "/tmp";
}

int open_unnamed_file(const std::string& folder) {
  const int unnamed = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (unnamed >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return unnamed;
  // Where the file system cannot make one: a name that is removed at once.
  std::string path = folder + "/landwarden-XXXXXX";
  const int named = ::mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(path.c_str());
  return named;
}

}  // namespace landwarden
