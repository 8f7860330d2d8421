// Keeps compiled rules on disk, so that the next start need not read thousands of rule files.
//
// A folder of the user's own holds a key, and a file for each combination of rule paths, options and tables
// of log sources. A file is used if it is the user's, nobody else can write it, its HMAC under the key is
// right (tested before anything in it is looked at), it was written by this very program, and the rule files
// are the same: by path, size, times and inode of each; or else by their contents. Otherwise rules are
// compiled and the file is replaced in one step, so that processes may run side by side. What comes out is
// the same with and without the cache. docs/formats/rule-cache.md has the format.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "sigma/matcher.h"
#include "sigma/rule_files_state.h"

namespace landwarden::sigma {

/// XDG_CACHE_HOME/landwarden/rules, by default in ~/.cache; empty if there is no home.
[[nodiscard]] std::string default_rule_cache();

/// Everything that loading and compiling gave.
struct CompiledRules {
  RuleSet rules;
  std::vector<Diagnostic> diagnostics;
  std::uint64_t left_out = 0;  ///< rules that were loaded, but not wanted
  bool none_loaded = false;
};

struct CacheFile;  // rule_cache.cc

class RuleCache {
 public:
  /// From now on the rule files behind `paths` (files, folders, archives) are looked at, beside whatever is
  /// done until find(). `settle`: files that were changed so shortly ago are not cached, for they might
  /// change again without their times showing it.
  RuleCache(std::string folder, std::vector<std::string> paths,
            std::chrono::nanoseconds settle = std::chrono::seconds(2));
  ~RuleCache();

  /// What store() kept, if nothing has changed since. `options` are all that decides what is compiled besides
  /// rule files and tables of log sources, in words. An error says that the cache cannot be used, or was
  /// tampered with; then store() must not be called, or may be called to replace it (ErrorCode::damaged).
  [[nodiscard]] Result<std::optional<CompiledRules>> find(const std::vector<std::string>& options,
                                                          const view::LogSources& sources,
                                                          event::Catalogue& catalogue);
  /// Call after find(), with what was loaded and compiled since.
  [[nodiscard]] Result<void> store(const CompiledRules& rules);

 private:
  struct Kept;
  void identify(const std::vector<std::string>& options, const view::LogSources& sources);
  [[nodiscard]] std::optional<Kept> load(std::shared_ptr<const CacheFile> file,
                                         const view::LogSources& sources, event::Catalogue& catalogue) const;
  [[nodiscard]] bool may_store() const;
  [[nodiscard]] Result<void> write(std::span<const std::byte> payload, std::span<const std::byte> blocks);

  std::string folder_;
  std::vector<std::string> paths_;
  std::chrono::nanoseconds settle_;
  std::string name_;   ///< of the file; empty until find(), or if there can be none
  Digest identity_{};  ///< of paths, options, tables and program
  std::unique_ptr<RuleFilesLook> look_;
  std::optional<RuleFilesState> before_;  ///< as find() saw it
};

}  // namespace landwarden::sigma
