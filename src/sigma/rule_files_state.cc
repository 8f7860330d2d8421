#include "sigma/rule_files_state.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <thread>
#include <utility>

#include "base/limits.h"
#include "base/packing.h"
#include "sigma/loader.h"

namespace landwarden::sigma {
namespace {

struct Entry {
  std::string name;
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
};

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

void note(const struct stat& status, Entry& entry) {
  entry.device = status.st_dev;
  entry.inode = status.st_ino;
  entry.size = static_cast<std::uint64_t>(status.st_size);
  entry.modified_ns = nanoseconds(status.st_mtim);
  entry.changed_ns = nanoseconds(status.st_ctim);
}

struct Folder {
  std::string path;
  std::vector<Entry> entries;
};

/// A folder to be listed (`open` is empty), or some of its entries to be looked at.
struct Task {
  Folder* folder;
  std::shared_ptr<DIR> open;
  std::span<Entry> entries;
};

/// Looked at in one go: large folders are shared out.
constexpr std::size_t kEntriesAtOnce = 64;

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

}  // namespace

class RuleFilesLook::Walk {
 public:
  explicit Walk(std::vector<std::string> paths) : paths_(std::move(paths)) {
    for (const std::string& path : paths_) begin(path);
    if (!tasks_.empty()) helper_ = std::jthread([this] { work(); });
  }
  ~Walk() { give_up(); }

  std::optional<RuleFilesState> finish() {
    work();
    if (helper_.joinable()) helper_.join();
    if (failed_) return std::nullopt;
    return state();
  }

 private:
  void begin(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
      failed_ = true;
    } else if (S_ISDIR(status.st_mode)) {
      tasks_.push_back({&folders_.emplace_back(path), nullptr, {}});
    } else if (S_ISREG(status.st_mode)) {
      if (named_ == nullptr) named_ = &folders_.emplace_back();
      note(status, named_->entries.emplace_back(path));
    } else {
      failed_ = true;
    }
  }

  /// Takes tasks until there are none, and nobody is left who may bring more.
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return failed_ || !tasks_.empty() || busy_ == 0; });
      if (failed_ || tasks_.empty()) break;
      const Task task = std::move(tasks_.back());
      tasks_.pop_back();
      ++busy_;
      lock.unlock();
      const bool done = task.open ? look(task.open.get(), task.entries) : list(*task.folder);
      lock.lock();
      --busy_;
      if (!done) failed_ = true;
    }
    changed_.notify_all();
  }

  void give_up() {
    const std::scoped_lock lock(mutex_);
    failed_ = true;
    changed_.notify_all();
  }

  static bool look(DIR* open, std::span<Entry> entries) {
    struct stat status{};
    for (Entry& entry : entries) {
      if (::fstatat(::dirfd(open), entry.name.c_str(), &status, 0) != 0) return false;
      note(status, entry);
    }
    return true;
  }

  bool list(Folder& folder) {
    const std::shared_ptr<DIR> open(::opendir(folder.path.c_str()), [](DIR* it) {
      if (it != nullptr) ::closedir(it);
    });
    if (!open) return false;
    std::vector<std::string> below;
    while (const dirent* entry = ::readdir(open.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      bool is_folder = entry->d_type == DT_DIR;
      if (entry->d_type == DT_UNKNOWN) {
        struct stat status{};
        if (::fstatat(::dirfd(open.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return false;
        is_folder = S_ISDIR(status.st_mode);
      }
      if (is_folder) {
        below.push_back(joined(folder.path, std::string(name)));
      } else if (has_rule_name(name)) {
        folder.entries.emplace_back(std::string(name));
      }
    }
    const std::span entries(folder.entries);
    const std::size_t mine = std::min(entries.size(), kEntriesAtOnce);
    if (!share(below, folder, open, entries.subspan(mine))) return false;
    return look(open.get(), entries.first(mine));
  }

  /// What is on top is taken first: folders are closed before others are opened.
  bool share(std::vector<std::string>& below, Folder& folder, const std::shared_ptr<DIR>& open,
             std::span<Entry> entries) {
    const std::scoped_lock lock(mutex_);
    for (std::string& path : below) tasks_.push_back({&folders_.emplace_back(std::move(path)), nullptr, {}});
    for (; !entries.empty(); entries = entries.subspan(std::min(entries.size(), kEntriesAtOnce)))
      tasks_.push_back({&folder, open, entries.first(std::min(entries.size(), kEntriesAtOnce))});
    found_ += folder.entries.size();
    changed_.notify_all();
    return found_ <= limits::kSigmaFiles;
  }

  RuleFilesState state() {
    RuleFilesState out{};
    Packer packed;
    packed.put(paths_);
    std::ranges::sort(folders_, {}, &Folder::path);
    for (Folder& folder : folders_) {
      if (folder.entries.empty()) continue;
      std::ranges::sort(folder.entries, {}, &Entry::name);
      RuleFolder& known = out.folders.emplace_back(std::move(folder.path));
      packed.put(known.path);
      packed.put_size(folder.entries.size());
      for (Entry& entry : folder.entries) {
        packed.put(entry.name);
        for (const std::uint64_t number : {entry.device, entry.inode, entry.size}) packed.put(number);
        for (const std::int64_t time : {entry.modified_ns, entry.changed_ns}) packed.put(time);
        out.newest_ns = std::max({out.newest_ns, entry.modified_ns, entry.changed_ns});
        known.names.push_back(std::move(entry.name));
      }
    }
    DigestMaker maker;
    maker.add(packed.bytes());
    out.outside = maker.digest();
    return out;
  }

  const std::vector<std::string> paths_;
  Folder* named_ = nullptr;  ///< of files that were named themselves
  std::mutex mutex_;         ///< for all below
  std::condition_variable changed_;
  std::deque<Folder> folders_;  ///< stable addresses; who has a folder's task may change it
  std::vector<Task> tasks_;
  unsigned busy_ = 0;
  std::size_t found_ = 0;
  bool failed_ = false;
  std::jthread helper_;  ///< last: it uses the others
};

RuleFilesLook::RuleFilesLook(std::vector<std::string> paths)
    : walk_(std::make_unique<Walk>(std::move(paths))) {}
RuleFilesLook::~RuleFilesLook() = default;

std::optional<RuleFilesState> RuleFilesLook::finish() {
  return walk_->finish();
}

std::optional<Digest> content_of_rule_files(const std::vector<RuleFolder>& folders) {
  constexpr int kThreads = 2;
  std::vector<std::string> files;
  for (const RuleFolder& folder : folders) {
    for (const std::string& name : folder.names) files.push_back(joined(folder.path, name));
  }
  std::vector<Digest> digests(files.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  const auto work = [&] {
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
  };
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < kThreads; ++i) others.emplace_back(work);
    work();
  }
  if (failed) return std::nullopt;
  DigestMaker all;
  Packer names;
  names.put(files);
  all.add(names.bytes());
  for (const Digest& digest : digests) all.add(digest);
  return all.digest();
}

}  // namespace landwarden::sigma
