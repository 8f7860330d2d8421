#include "sigma/loader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>
#include <unordered_map>

#include "base/content.h"
#include "base/limits.h"
#include "decode/archive_members.h"
#include "sigma/processing.h"

namespace landwarden::sigma {
namespace {

namespace fs = std::filesystem;

/// A rule file that is still to be parsed.
struct Source {
  std::string name;                    ///< as told to the user
  std::optional<std::string> content;  ///< of archive members
  std::string_view built_in;
  bool named = false;  ///< by the user, not found in a folder
};

/// What one file gave.
struct Parsed {
  std::vector<Rule> rules;
  std::vector<Diagnostic> diagnostics;
};

Diagnostic error_of(Error error) {
  return {Diagnostic::Severity::error, std::move(error), {}, {}, "file"};
}

class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

/// At most `most` bytes and one: who gets more knows that there is too much.
Result<std::string> read_file(const std::string& path, std::size_t most) {
  const Descriptor file(path);
  if (file.get() < 0) return std::unexpected(io_error("cannot open", path));
  struct stat status{};
  std::string out;
  if (::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    out.reserve(std::min<std::size_t>(static_cast<std::size_t>(status.st_size), most) + 1);
  }
  while (out.size() <= most) {
    const std::size_t have = out.size();
    const std::size_t room =
        std::min<std::size_t>(std::max<std::size_t>(out.capacity() - have, 4096), most + 1 - have);
    out.resize(have + room);
    const ssize_t got = ::read(file.get(), out.data() + have, room);
    if (got < 0 && errno != EINTR) return std::unexpected(io_error("cannot read", path));
    out.resize(have + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) break;
  }
  return out;
}

/// Finds the files behind the paths.
class Finder {
 public:
  explicit Finder(LoadedRules& out) : out_(out) {}

  void add(const std::string& path);
  std::vector<Source> sorted();

 private:
  void add_folder(const std::string& path);
  void add_zip(const std::string& path);
  void put(Source source);
  void complain(Error error) { out_.diagnostics.push_back(error_of(std::move(error))); }

  LoadedRules& out_;
  std::vector<Source> sources_;
};

void Finder::add(const std::string& path) {
  std::error_code failed;
  const fs::file_status status = fs::status(path, failed);
  if (failed || status.type() == fs::file_type::not_found) {
    complain({ErrorCode::io,
              "cannot open: " + (failed ? failed.message() : "No such file or directory"),
              {path, 0, 0, {}},
              "check the path of the rules"});
  } else if (status.type() == fs::file_type::directory) {
    add_folder(path);
  } else if (const auto head =
                 status.type() == fs::file_type::regular ? read_file(path, 3) : Result<std::string>();
             head && decode::is_zip(*head)) {
    add_zip(path);
  } else {
    put({.name = path, .content = {}, .built_in = {}, .named = true});
  }
}

void Finder::put(Source source) {
  if (sources_.size() == limits::kSigmaFiles) {
    complain({ErrorCode::limit,
              "more rule files than can be loaded",
              {source.name, 0, 0, {}},
              "name fewer folders"});
  }
  if (sources_.size() <= limits::kSigmaFiles) sources_.push_back(std::move(source));
}

void Finder::add_folder(const std::string& path) {
  const std::size_t before = sources_.size();
  std::error_code failed;
  std::vector<fs::path> folders = {path};
  while (!folders.empty()) {
    const fs::path folder = std::move(folders.back());
    folders.pop_back();
    fs::directory_iterator entry(folder, failed);
    if (failed) {
      complain(
          {ErrorCode::io, "cannot read the folder: " + failed.message(), {folder.string(), 0, 0, {}}, {}});
      continue;
    }
    while (entry != fs::directory_iterator() && sources_.size() <= limits::kSigmaFiles) {
      std::error_code unknown;
      // Folders behind links are left out: they may lead in a circle.
      if (entry->is_directory(unknown) && !entry->is_symlink(unknown)) {
        folders.push_back(entry->path());
      } else if (entry->is_regular_file(unknown) && has_rule_name(entry->path().native())) {
        put({.name = entry->path().string(), .content = {}, .built_in = {}, .named = false});
      } else {
        ++out_.other_files;
      }
      entry.increment(failed);
      if (failed) {
        complain(
            {ErrorCode::io, "cannot read the folder: " + failed.message(), {folder.string(), 0, 0, {}}, {}});
        break;
      }
    }
  }
  if (sources_.size() == before) {
    complain({ErrorCode::invalid,
              "no rule files in this folder",
              {path, 0, 0, {}},
              "rules are files that end in .yml or .yaml"});
  }
}

void Finder::add_zip(const std::string& path) {
  const std::size_t before = sources_.size();
  const decode::ArchiveBounds bounds{limits::kYamlBytes, limits::kSigmaFiles, limits::kSigmaArchiveBytes};
  const auto wanted = [&](const std::string& name) {
    const bool rule = has_rule_name(name);
    if (!rule) ++out_.other_files;
    return rule;
  };
  const auto take = [&](const std::string& name, Result<std::string> content) {
    if (content) {
      put({.name = path + "!/" + name, .content = std::move(*content), .built_in = {}, .named = false});
    } else {
      complain(std::move(content.error()));
    }
  };
  if (auto read = decode::read_zip(path, bounds, wanted, take); !read) {
    complain(std::move(read.error()));
  } else if (sources_.size() == before) {
    complain({ErrorCode::invalid,
              "no rule files in this archive",
              {path, 0, 0, {}},
              "rules are files that end in .yml or .yaml"});
  }
}

std::vector<Source> Finder::sorted() {
  // Of a file that is named and found in a folder too, the named one stays.
  std::ranges::sort(sources_, [](const Source& left, const Source& right) {
    return left.name != right.name ? left.name < right.name : left.named > right.named;
  });
  const auto same = std::ranges::unique(sources_, {}, &Source::name);
  sources_.erase(same.begin(), same.end());
  return std::move(sources_);
}

void parse_source(Source& source, const LoadOptions& options, Parsed& out) {
  const ParseOptions how{options.placeholders, options.processing, source.named};
  const auto parse = [&](std::string_view text) {
    parse_rules(text, source.name, how, out.rules, out.diagnostics);
    if (options.inspect) options.inspect(text, source.name, out.rules, out.diagnostics);
  };
  if (!source.built_in.empty()) return parse(source.built_in);
  if (!source.content) {
    auto read = read_file(source.name, limits::kYamlBytes);
    if (!read) {
      out.diagnostics.push_back(error_of(std::move(read.error())));
      return;
    }
    source.content = std::move(*read);
  }
  parse(*source.content);
  source.content.reset();
}

/// Rules with one id are told apart by nothing in the output; both run.
void warn_of_duplicates(LoadedRules& loaded) {
  std::unordered_map<std::string_view, const Rule*> seen;
  for (const Rule& rule : loaded.rules) {
    if (rule.id.empty() || rule.implied) continue;
    const auto [first, added] = seen.emplace(rule.id, &rule);
    if (added) continue;
    loaded.diagnostics.push_back(
        {Diagnostic::Severity::warning,
         {ErrorCode::invalid, "another rule has the same id: " + first->second->place.to_string(), rule.place,
          "both run; give one of them another id"},
         rule.id,
         rule.title,
         "duplicate-id"});
  }
}

void parse_all(std::vector<Source> sources, const LoadOptions& options, LoadedRules& out) {
  constexpr std::size_t kFilesAtOnce = 16;  // few enough that no thread waits long for the last one
  std::vector<Parsed> parsed(sources.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    while (true) {
      const std::size_t begin = next.fetch_add(kFilesAtOnce);
      if (begin >= sources.size()) return;
      const std::size_t end = std::min(begin + kFilesAtOnce, sources.size());
      for (std::size_t i = begin; i < end; ++i) parse_source(sources[i], options, parsed[i]);
    }
  };
  {
    std::vector<std::jthread> threads;
    const std::size_t useful = std::min<std::size_t>(std::clamp(options.threads, 1u, limits::kThreads),
                                                     sources.size() / kFilesAtOnce + 1);
    for (std::size_t i = 1; i < useful; ++i) threads.emplace_back(work);
    work();
  }
  out.files = sources.size();
  for (Parsed& one : parsed) {
    std::ranges::move(one.rules, std::back_inserter(out.rules));
    std::ranges::move(one.diagnostics, std::back_inserter(out.diagnostics));
  }
  if (options.processing != nullptr) options.processing->apply_to_correlations(out.rules, out.diagnostics);
  warn_of_duplicates(out);
}

}  // namespace

bool has_rule_name(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  const std::string_view base = slash == std::string_view::npos ? name : name.substr(slash + 1);
  return !base.starts_with("._") &&
         (base.ends_with(".yml") || base.ends_with(".yaml") || base.ends_with(".YML"));
}

LoadedRules load_rules(const std::vector<std::string>& paths, const LoadOptions& options) {
  LoadedRules out;
  Finder finder(out);
  for (const std::string& path : paths) finder.add(path);
  parse_all(finder.sorted(), options, out);
  return out;
}

LoadedRules load_built_in_rules(const LoadOptions& options) {
  LoadedRules out;
  std::vector<Source> sources;
  for (const content::BuiltIn& file : content::built_in()) {
    const std::string_view name = file.name;
    if (!name.starts_with("rules/") || !has_rule_name(name)) continue;
    sources.push_back({.name = std::string(name), .content = {}, .built_in = file.bytes(), .named = true});
  }
  parse_all(std::move(sources), options, out);
  return out;
}

}  // namespace landwarden::sigma
