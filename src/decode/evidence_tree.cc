#include "decode/evidence_tree.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "base/text.h"

namespace landwarden::decode {
namespace {

using FileKey = std::pair<dev_t, ino_t>;

std::string printable(const std::string& path) {
  std::string name;
  text::append_valid_utf8(name, path);
  return name;
}

const char* special_kind(mode_t mode) {
  if (S_ISFIFO(mode)) return "named pipe";
  if (S_ISSOCK(mode)) return "socket";
  if (S_ISBLK(mode)) return "block device";
  return S_ISCHR(mode) ? "character device" : "special file";
}

const char* remedy(int code) {
  switch (code) {
    case EACCES:
    case EPERM:
      return "run as a user who may read it, or copy it first";
    case ENOENT:
      return "check the path";
    case ELOOP:
      return "the symbolic links form a circle";
    case ENAMETOOLONG:
      return "move the evidence to a shorter path";
    default:
      return "";
  }
}

class Walk {
 public:
  std::vector<Found> run(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      path == "-" ? add_standard_input() : add_named(path);
    }
    mark_duplicates();
    return std::move(found_);
  }

 private:
  Found& add(const std::string& path) {
    found_.push_back({.path = path, .name = printable(path)});
    keys_.emplace_back();
    return found_.back();
  }
  void add_error(const std::string& path, const char* what) {
    const int code = errno;
    add(path).error = io_error(what, printable(path), remedy(code));
  }
  void add_standard_input() {
    Found& found = add("-");
    if (std::exchange(standard_input_, true)) found.note = "standard input was named before";
    found.standard_input = found.note.empty();
  }
  void add_file(const std::string& path, const struct stat& status) {
    add(path).size = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
    keys_.back() = FileKey{status.st_dev, status.st_ino};
  }

  void add_named(const std::string& path) {
    struct stat status = {};
    if (stat(path.c_str(), &status) != 0) return add_error(path, "cannot be read");
    if (S_ISDIR(status.st_mode)) return walk(path, status);
    if (S_ISREG(status.st_mode)) return add_file(path, status);
    Found& found = add(path);  // pipes and devices are read when they are asked for by name
    if (S_ISSOCK(status.st_mode)) found.note = "socket";
  }

  struct Folder {
    std::string path;
    FileKey key;
    std::vector<std::string> names;  ///< still to do, last first
  };

  /// Depth first without recursion: how deep folders nest is not ours to choose.
  void walk(const std::string& path, const struct stat& status) {
    std::vector<Folder> open;
    enter(open, path, status);
    while (!open.empty()) {
      if (open.back().names.empty()) {
        open.pop_back();
        continue;
      }
      const std::string child = open.back().path + open.back().names.back();
      open.back().names.pop_back();
      visit(open, child);
    }
  }

  void enter(std::vector<Folder>& open, const std::string& path, const struct stat& status) {
    const FileKey key{status.st_dev, status.st_ino};
    if (std::any_of(open.begin(), open.end(), [&](const Folder& folder) { return folder.key == key; })) {
      add(path).note = "folder that lies in itself, not entered again";
      return;
    }
    DIR* folder = opendir(path.c_str());
    if (folder == nullptr) return add_error(path, "folder cannot be read");
    Folder entered{path.ends_with('/') ? path : path + '/', key, {}};
    errno = 0;
    while (const dirent* entry = readdir(folder)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") entered.names.push_back(name);
      errno = 0;
    }
    if (errno != 0) add_error(path, "folder cannot be read to its end");
    closedir(folder);
    std::sort(entered.names.begin(), entered.names.end(), std::greater<>());
    open.push_back(std::move(entered));
  }

  void visit(std::vector<Folder>& open, const std::string& path) {
    struct stat status = {};
    if (lstat(path.c_str(), &status) != 0) return add_error(path, "cannot be read");
    if (S_ISLNK(status.st_mode)) {
      if (stat(path.c_str(), &status) != 0) {
        add(path).note = errno == ELOOP ? "symbolic link in a circle" : "symbolic link to nothing";
        return;
      }
      if (S_ISDIR(status.st_mode)) {
        add(path).note = "symbolic link to a folder, not followed";
        return;
      }
    }
    if (S_ISDIR(status.st_mode)) return enter(open, path, status);
    if (S_ISREG(status.st_mode)) return add_file(path, status);
    add(path).note = special_kind(status.st_mode);
  }

  void mark_duplicates() {
    std::map<FileKey, std::size_t> first;
    for (std::size_t i = 0; i < found_.size(); ++i) {
      if (!keys_[i]) continue;
      const auto [at, added] = first.emplace(*keys_[i], i);
      if (!added && found_[i].name < found_[at->second].name) at->second = i;
    }
    for (std::size_t i = 0; i < found_.size(); ++i) {
      if (!keys_[i]) continue;
      const std::size_t chosen = first.at(*keys_[i]);
      if (chosen != i) found_[i].note = "same file as " + found_[chosen].name + ", read once";
    }
  }

  std::vector<Found> found_;
  std::vector<std::optional<FileKey>> keys_;  ///< beside found_; regular files only
  bool standard_input_ = false;
};

}  // namespace

std::vector<Found> find_evidence(const std::vector<std::string>& paths) {
  return Walk().run(paths);
}

}  // namespace landwarden::decode
