#include "sigma/rule_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "sigma/limits.h"
#include "sigma/rule_packing.h"

namespace landwarden::sigma {
namespace {

constexpr std::string_view kMagic = "LWRULES5";
constexpr std::size_t kHmacBytes = sizeof(Digest);
constexpr std::size_t kSignedAt = kMagic.size() + kHmacBytes;          // what the HMAC is of begins there
constexpr std::size_t kHeadBytes = kSignedAt + sizeof(std::uint64_t);  // magic, HMAC, size of the payload
constexpr std::string_view kEnding = ".rules";
constexpr const char* kKeyName = "key";
constexpr const char* kHint = "--rule-cache names another folder, --no-rule-cache does without";

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  [[nodiscard]] int get() const { return value_; }
  explicit operator bool() const { return value_ >= 0; }

 private:
  int value_;
};

std::unexpected<Error> unusable(std::string message, const std::string& path) {
  return fail(ErrorCode::io, "the cache of compiled rules cannot be used: " + std::move(message),
              {path, 0, 0, {}}, kHint);
}

std::unexpected<Error> system_says(const std::string& path) {
  return std::unexpected(io_error("the cache of compiled rules cannot be used", path, kHint));
}

/// What others may not have done with what is the user's own.
Result<void> check_owned(int descriptor, mode_t forbidden, const std::string& path) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return system_says(path);
  if (status.st_uid != ::geteuid()) return unusable("it belongs to somebody else", path);
  if ((status.st_mode & forbidden) != 0) return unusable("others may write or read it", path);
  return {};
}

Result<void> make_folders(const std::string& path) {
  for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
    const std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return system_says(part);
    if (at == std::string::npos) return {};
  }
}

/// Bytes of a file. Its pages are asked for in one go: to be given them one by one, as they are first
/// written, takes longer than reading the file. (Huge pages took longer still.)
class FileBytes {
 public:
  explicit FileBytes(std::size_t size) : size_(size) {
    void* const pages = ::mmap(nullptr, std::max<std::size_t>(size, 1), PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<std::byte*>(pages);
  }
  ~FileBytes() {
    if (data_ != nullptr) ::munmap(data_, std::max<std::size_t>(size_, 1));
  }
  FileBytes(FileBytes&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(other.size_) {}
  FileBytes& operator=(FileBytes&&) = delete;

  [[nodiscard]] std::span<std::byte> bytes() { return {data_, size_}; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  std::byte* data_;
  std::size_t size_;
};

bool read_at(int file, std::uint64_t at, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::pread(file, out.data(), out.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
    at += static_cast<std::uint64_t>(got);
  }
  return true;
}

std::optional<FileBytes> read_from(int file, std::uint64_t at, std::size_t size) {
  FileBytes out(size);
  if (!read_at(file, at, out.bytes())) return std::nullopt;
  return out;
}

/// Nothing if it is no ordinary file, or larger than any of ours.
std::optional<std::size_t> size_of(int file) {
  struct stat status{};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < 0) return std::nullopt;
  const auto size = static_cast<std::size_t>(status.st_size);
  return size <= limits::kRuleCacheFileBytes ? std::optional(size) : std::nullopt;
}

bool write_whole(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

std::string hexadecimal(std::span<const std::byte> bytes) {
  std::string out;
  for (const std::byte byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return out;
}

/// A file is written beside its place and put there when it is whole.
bool put_file(int folder, const std::string& name, std::span<const std::span<const std::byte>> pieces,
              bool replace) {
  std::array<std::byte, 8> random;
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) return false;
  const std::string temporary = ".new-" + hexadecimal(random);
  const Descriptor file(
      ::openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return false;
  bool done = std::ranges::all_of(pieces, [&](const auto& piece) { return write_whole(file.get(), piece); });
  if (done && replace) {
    if (::renameat(folder, temporary.c_str(), folder, name.c_str()) == 0) return true;
    done = false;
  } else if (done) {
    // A key must not be lost half-way to the disk: all that was cached would be refused. Who comes second
    // takes what the first has put.
    done = ::fsync(file.get()) == 0 &&
           (::linkat(folder, temporary.c_str(), folder, name.c_str(), 0) == 0 || errno == EEXIST);
  }
  const int reason = errno;
  ::unlinkat(folder, temporary.c_str(), 0);
  errno = reason;
  return done;
}

Result<Descriptor> open_folder(const std::string& path, bool make) {
  if (make) {
    if (auto made = make_folders(path); !made) return std::unexpected(made.error());
  }
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return system_says(path);
  Descriptor out(folder);
  if (auto owned = check_owned(folder, 0022, path); !owned) return std::unexpected(owned.error());
  return out;
}

/// The user's key; made if there is none.
Result<Digest> key_in(int folder, const std::string& path) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Descriptor file(::openat(folder, kKeyName, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (file) {
      if (auto owned = check_owned(file.get(), 0077, path + "/key"); !owned)
        return std::unexpected(owned.error());
      Digest key;
      if (size_of(file.get()) != key.size() || !read_at(file.get(), 0, key))
        return unusable("its key is damaged", path + "/key");
      return key;
    }
    if (errno != ENOENT) return system_says(path + "/key");
    Digest fresh;
    if (::getrandom(fresh.data(), fresh.size(), 0) != static_cast<ssize_t>(fresh.size()))
      return system_says(path);
    const std::span<const std::byte> piece = fresh;
    if (!put_file(folder, kKeyName, std::span(&piece, 1), false)) return system_says(path + "/key");
  }
  return unusable("its key comes and goes", path + "/key");
}

/// Another build of the program may compile otherwise. False: nobody knows which one this is.
bool put_program(Packer& out) {
  struct stat status{};
  if (::stat("/proc/self/exe", &status) != 0) return false;
  out.put(kMagic);
  out.put(static_cast<std::uint64_t>(status.st_dev));
  out.put(static_cast<std::uint64_t>(status.st_ino));
  out.put(static_cast<std::uint64_t>(status.st_size));
  for (const timespec& time : {status.st_mtim, status.st_ctim}) {
    out.put(static_cast<std::int64_t>(time.tv_sec));
    out.put(static_cast<std::int64_t>(time.tv_nsec));
  }
  return true;
}

/// Everything in front of the payload.
std::array<std::byte, kHeadBytes> head_of(const Digest& key, std::span<const std::byte> payload) {
  std::array<std::byte, kHeadBytes> head{};
  const std::uint64_t size = payload.size();
  std::ranges::copy(std::as_bytes(std::span(kMagic)), head.begin());
  std::ranges::copy(std::as_bytes(std::span(&size, 1)), head.begin() + kSignedAt);
  DigestMaker maker(key);
  maker.add(std::span(head).subspan(kSignedAt));
  maker.add(payload);
  std::ranges::copy(maker.digest(), head.begin() + kMagic.size());
  return head;
}

}  // namespace

/// A cache file whose payload is in memory and as it was written; the blocks behind it are still on the disk.
struct CacheFile {
  Descriptor file;
  FileBytes payload;
  std::size_t blocks_at = 0, blocks_size = 0;
};

namespace {

class BlocksInFile : public RuleBlocks {
 public:
  explicit BlocksInFile(std::shared_ptr<const CacheFile> file) : file_(std::move(file)) {}
  bool read(std::uint64_t at, std::span<std::byte> out) const override {
    if (at > file_->blocks_size || out.size() > file_->blocks_size - at) return false;
    return read_at(file_->file.get(), file_->blocks_at + at, out);
  }

 private:
  std::shared_ptr<const CacheFile> file_;
};

/// The file, if it is there, ours, and as it was written.
Result<std::shared_ptr<const CacheFile>> read_verified(const std::string& folder_path,
                                                       const std::string& name) {
  if (::access(folder_path.c_str(), F_OK) != 0) return nullptr;
  const auto opened = open_folder(folder_path, false);
  if (!opened) return std::unexpected(opened.error());
  const int folder = opened->get();
  const std::string path = folder_path + "/" + name;
  Descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file && errno == ENOENT) return nullptr;
  if (!file) return system_says(path);
  if (auto owned = check_owned(file.get(), 0022, path); !owned) return std::unexpected(owned.error());
  const auto key = key_in(folder, folder_path);
  if (!key) return std::unexpected(key.error());
  const auto tampered = [&] {
    return fail(ErrorCode::damaged, "cached rules are not as they were written; rules are compiled anew",
                {path, 0, 0, {}}, "if this comes again, see who writes there");
  };
  const auto size = size_of(file.get());
  std::array<std::byte, kHeadBytes> head;
  std::uint64_t payload_size = 0;
  if (!size || *size < kHeadBytes || !read_at(file.get(), 0, head)) return tampered();
  std::memcpy(&payload_size, head.data() + kSignedAt, sizeof payload_size);
  if (payload_size > *size - kHeadBytes) return tampered();
  auto payload = read_from(file.get(), kHeadBytes, static_cast<std::size_t>(payload_size));
  if (!payload || head_of(*key, payload->bytes()) != head) return tampered();
  const std::size_t blocks_at = kHeadBytes + payload->bytes().size();
  return std::make_shared<const CacheFile>(
      CacheFile{std::move(file), std::move(*payload), blocks_at, *size - blocks_at});
}

void put(Packer& out, const Digest& digest) {
  out.put_array(std::span<const std::byte>(digest));
}

/// Whether the next thing is this digest.
bool next_is(Unpacker& in, const Digest& digest) {
  return std::ranges::equal(in.array<std::byte>(), digest);
}

/// Keeps the folder small: the files used longest ago go first, and what a process left that was killed.
void tidy(int folder) {
  const int copy = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return;
  const std::unique_ptr<DIR, decltype([](DIR* open) { ::closedir(open); })> listing(::fdopendir(copy));
  if (!listing) return;
  struct File {
    std::string name;
    std::int64_t used;
    std::uint64_t size;
  };
  std::vector<File> files;
  const std::int64_t now = ::time(nullptr);
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string name = entry->d_name;
    struct stat status{};
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
      continue;
    if (name.starts_with(".new-") && status.st_mtim.tv_sec + 3600 < now) ::unlinkat(folder, name.c_str(), 0);
    if (name.ends_with(kEnding))
      files.push_back({name, status.st_mtim.tv_sec, static_cast<std::uint64_t>(status.st_size)});
  }
  std::ranges::sort(files, std::greater{}, &File::used);
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    bytes += files[i].size;
    if (i >= limits::kRuleCacheFiles || bytes > limits::kRuleCacheBytes)
      ::unlinkat(folder, files[i].name.c_str(), 0);
  }
}

}  // namespace

std::string default_rule_cache() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return std::string(cache) + "/landwarden/rules";
  const char* home = std::getenv("HOME");
  return home != nullptr && home[0] == '/' ? std::string(home) + "/.cache/landwarden/rules" : std::string();
}

RuleCache::RuleCache(std::string folder, std::vector<std::string> paths, std::chrono::nanoseconds settle)
    : folder_(std::move(folder)),
      paths_(std::move(paths)),
      settle_(settle),
      look_(std::make_unique<RuleFilesLook>(paths_)) {}
RuleCache::~RuleCache() = default;

void RuleCache::identify(const std::vector<std::string>& options, const view::LogSources& sources) {
  Packer out;
  if (!put_program(out)) return;
  out.put(paths_);
  out.put(options);
  out.put(sources.fingerprint());
  DigestMaker maker;
  maker.add(out.bytes());
  identity_ = maker.digest();
  name_ = hexadecimal(std::span(identity_).first(16)) + std::string(kEnding);
}

/// What was kept of a rule set, and of which rule files.
struct RuleCache::Kept {
  std::shared_ptr<const CacheFile> file;
  std::span<const std::byte> outside, content, rest;  ///< digests; and all behind `outside`
  CompiledRules rules;
};

std::optional<RuleCache::Kept> RuleCache::load(std::shared_ptr<const CacheFile> file,
                                               const view::LogSources& sources,
                                               event::Catalogue& catalogue) const {
  const std::span<const std::byte> payload = file->payload.bytes();
  Unpacker in(payload);
  if (!next_is(in, identity_)) return std::nullopt;
  const auto outside = in.array<std::byte>();
  const auto rest = payload.subspan(in.at());
  const auto content = in.array<std::byte>();
  std::vector<Diagnostic> diagnostics;
  std::uint64_t left_out = 0;
  bool none_loaded = false;
  load_diagnostics(in, diagnostics);
  in.get(left_out);
  in.get(none_loaded);
  auto rules = RuleSet::load(in, file, std::make_unique<BlocksInFile>(file), sources, catalogue);
  if (!rules) return std::nullopt;  // other log sources than then
  return Kept{.file = std::move(file),
              .outside = outside,
              .content = content,
              .rest = rest,
              .rules = {std::move(*rules), std::move(diagnostics), left_out, none_loaded}};
}

Result<std::optional<CompiledRules>> RuleCache::find(const std::vector<std::string>& options,
                                                     const view::LogSources& sources,
                                                     event::Catalogue& catalogue) {
  identify(options, sources);
  if (name_.empty()) return std::nullopt;
  auto file = read_verified(folder_, name_);
  // The rule set is made while the rule files are still looked at: mostly they have not changed.
  auto kept = file && *file ? load(std::move(*file), sources, catalogue) : std::nullopt;
  before_ = look_->finish();
  if (!file) return std::unexpected(file.error());
  if (!kept || !before_) return std::nullopt;
  const bool same_outside = std::ranges::equal(kept->outside, before_->outside);
  if (!same_outside) {
    const auto now = content_of_rule_files(before_->folders);
    if (!now || !std::ranges::equal(kept->content, *now)) return std::nullopt;
  }
  const CacheFile& from = *kept->file;
  if (!same_outside && may_store()) {
    // The same rules with other times: the next start need not read them.
    Packer renewed;
    put(renewed, identity_);
    put(renewed, before_->outside);
    std::vector<std::byte> bytes = renewed.take();
    bytes.insert(bytes.end(), kept->rest.begin(), kept->rest.end());
    const auto blocks = read_from(from.file.get(), from.blocks_at, from.blocks_size);
    if (blocks) (void)write(bytes, blocks->bytes());
  }
  ::futimens(from.file.get(), nullptr);
  return std::move(kept->rules);
}

bool RuleCache::may_store() const {
  if (!before_) return false;
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const auto now_ns = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  return before_->newest_ns + settle_.count() <= now_ns;
}

Result<void> RuleCache::store(const CompiledRules& rules) {
  if (!may_store()) return {};
  Packer payload;
  const auto content = content_of_rule_files(before_->folders);
  // If a file changed while it was read, nobody knows what was compiled.
  const auto after = RuleFilesLook(paths_).finish();
  if (!content || !after || !same(after->outside, before_->outside)) return {};
  put(payload, identity_);
  put(payload, before_->outside);
  put(payload, *content);
  save_diagnostics(payload, rules.diagnostics);
  payload.put(rules.left_out);
  payload.put(rules.none_loaded);
  Packer blocks;
  rules.rules.save(payload, blocks);
  return write(payload.bytes(), blocks.bytes());
}

Result<void> RuleCache::write(std::span<const std::byte> payload, std::span<const std::byte> blocks) {
  if (kHeadBytes + payload.size() + blocks.size() > limits::kRuleCacheFileBytes) return {};
  const auto folder = open_folder(folder_, true);
  if (!folder) return std::unexpected(folder.error());
  const auto key = key_in(folder->get(), folder_);
  if (!key) return std::unexpected(key.error());
  const auto head = head_of(*key, payload);
  const std::span<const std::byte> pieces[] = {head, payload, blocks};
  if (!put_file(folder->get(), name_, pieces, true)) return system_says(folder_ + "/" + name_);
  tidy(folder->get());
  return {};
}

}  // namespace landwarden::sigma
