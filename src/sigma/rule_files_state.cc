#include "sigma/rule_files_state.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include "base/limits.h"
#include "base/packing.h"
#include "sigma/loader.h"

namespace landwarden::sigma {
namespace {

struct Entry {
  std::string path;
  std::uint64_t device, inode, size;
  std::int64_t modified_ns, changed_ns;
};

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Entry entry_of(std::string path, const struct stat& status) {
  return {.path = std::move(path),
          .device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .modified_ns = nanoseconds(status.st_mtim),
          .changed_ns = nanoseconds(status.st_ctim)};
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

/// One thread's part of a walk.
struct Walk {
  std::vector<Entry> entries;
  std::vector<std::string> folders;  ///< still to be walked
  bool failed = false;

  void take_all(std::size_t most) {
    while (!folders.empty() && !failed && entries.size() <= most) {
      const std::string folder = std::move(folders.back());
      folders.pop_back();
      take(folder);
    }
  }

  void take(const std::string& path) {
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
    if (!folder) {
      failed = true;
      return;
    }
    while (const dirent* entry = ::readdir(folder.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      const bool rule = has_rule_name(name);
      bool is_folder = entry->d_type == DT_DIR;
      struct stat status{};
      if (entry->d_type == DT_UNKNOWN) {
        failed = failed || ::fstatat(::dirfd(folder.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0;
        is_folder = S_ISDIR(status.st_mode);
      }
      if (is_folder) {
        folders.push_back(path + "/" + entry->d_name);
      } else if (rule) {
        failed = failed || ::fstatat(::dirfd(folder.get()), entry->d_name, &status, 0) != 0;
        entries.push_back(entry_of(path + "/" + entry->d_name, status));
      }
    }
  }
};

template <class Work>
void on_threads(unsigned threads, Work&& work) {
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < std::clamp(threads, 1u, 4u); ++i) others.emplace_back([&work, i] { work(i); });
  work(0u);
}

}  // namespace

std::optional<RuleFilesState> state_of_rule_files(const std::vector<std::string>& paths, unsigned threads) {
  constexpr std::size_t kFoldersToShare = 24;
  constexpr std::size_t kMost = limits::kSigmaFiles;
  Walk first;
  for (const std::string& path : paths) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    if (S_ISDIR(status.st_mode)) {
      first.folders.push_back(path);
    } else if (S_ISREG(status.st_mode)) {
      first.entries.push_back(entry_of(path, status));
    } else {
      return std::nullopt;
    }
  }
  // Some folders from the top, until there are enough to share out.
  for (std::size_t next = 0;
       threads > 1 && next < first.folders.size() && first.folders.size() < kFoldersToShare;) {
    const std::string folder = first.folders[next];
    first.folders.erase(first.folders.begin() + static_cast<std::ptrdiff_t>(next));
    first.take(folder);
  }
  std::vector<Walk> walks(std::clamp(threads, 1u, 4u));
  std::atomic<std::size_t> next = 0;
  on_threads(threads, [&](unsigned number) {
    Walk& walk = walks[number];
    for (std::size_t i = next++; i < first.folders.size(); i = next++) {
      walk.folders.push_back(first.folders[i]);
      walk.take_all(kMost);
    }
  });
  std::vector<Entry> entries = std::move(first.entries);
  bool failed = first.failed;
  for (Walk& walk : walks) {
    std::ranges::move(walk.entries, std::back_inserter(entries));
    failed = failed || walk.failed;
  }
  if (failed || entries.size() > kMost) return std::nullopt;
  std::ranges::sort(entries, {}, &Entry::path);
  RuleFilesState state{};
  Packer packed;
  packed.put(paths);
  for (Entry& entry : entries) {
    packed.put(entry.path);
    for (const std::uint64_t number : {entry.device, entry.inode, entry.size}) packed.put(number);
    for (const std::int64_t time : {entry.modified_ns, entry.changed_ns}) packed.put(time);
    state.newest_ns = std::max({state.newest_ns, entry.modified_ns, entry.changed_ns});
    state.files.push_back(std::move(entry.path));
  }
  DigestMaker maker;
  maker.add(packed.bytes());
  state.outside = maker.digest();
  return state;
}

std::optional<Digest> content_of_rule_files(const std::vector<std::string>& files, unsigned threads) {
  std::vector<Digest> digests(files.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  on_threads(threads, [&](unsigned) {
    std::vector<std::byte> buffer(64 << 10);
    for (std::size_t i = next++; i < files.size() && !failed; i = next++) {
      const int file = ::open(files[i].c_str(), O_RDONLY | O_CLOEXEC);
      DigestMaker maker;
      ssize_t got = file < 0 ? -1 : 1;
      while (got > 0) {
        got = ::read(file, buffer.data(), buffer.size());
        if (got > 0) maker.add(std::span(buffer).first(static_cast<std::size_t>(got)));
      }
      if (got < 0) failed = true;
      if (file >= 0) ::close(file);
      digests[i] = maker.digest();
    }
  });
  if (failed) return std::nullopt;
  DigestMaker all;
  Packer names;
  names.put(files);
  all.add(names.bytes());
  for (const Digest& digest : digests) all.add(digest);
  return all.digest();
}

}  // namespace landwarden::sigma
