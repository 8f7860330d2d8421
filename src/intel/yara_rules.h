// YARA rules over bytes: libyara, kept on a short lead.
//
// Rules are somebody's program for libyara's machine: what they may do is bounded. A file that does not
// compile is named with its line, the others run. `include` works inside a folder that was named, nowhere
// else. Only modules whose answer depends on the bytes alone are offered (allowed_modules()): none reads the
// clock, the machine, the network, or another process. libyara is loaded when the first rules are: most runs
// need none, and with what it brings along it would cost every start 2.5 ms.
//
// YaraRules is immutable after it is made and serves all threads; a YaraScanner is one thread's.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "intel/limits.h"

namespace landwarden::intel {

struct YaraRule {
  std::string name;
  std::string file;  ///< its namespace: the file that was compiled, as it was named
  std::vector<std::string> tags;
  /// Of the metadata what people agree on, in this order: description, author, date, reference, severity,
  /// level, score. A key that comes twice has its first value.
  std::vector<std::pair<std::string, std::string>> meta;
};

/// Where a string of a rule stands.
struct YaraHit {
  std::string string;  ///< "$a"
  std::uint64_t offset = 0, size = 0;
  std::string excerpt;  ///< printable ASCII; other bytes as \x00
};

struct YaraMatch {
  std::uint32_t rule = 0;  ///< index into YaraRules::rules()
  std::vector<YaraHit>
      hits;  ///< at most limits::kYaraHits, in the order of the rule's strings, then by offset
  std::uint64_t hits_total = 0;
};

/// The word that stands for the rules of content/yara among paths.
inline constexpr std::string_view kBuiltInYara = "built-in";

class YaraRules {
 public:
  /// Compiles files, what ends with .yar or .yara below folders, and kBuiltInYara. Fails if a path is not
  /// there, if none of the rules can be used, or if libyara is not installed; what else goes wrong is in
  /// errors().
  [[nodiscard]] static Result<YaraRules> load(const std::vector<std::string>& paths);
  YaraRules(YaraRules&&) noexcept;
  YaraRules& operator=(YaraRules&&) noexcept;
  ~YaraRules();

  /// Rules that are reported, in the order in which they were compiled; private ones are not among them.
  [[nodiscard]] const std::vector<YaraRule>& rules() const;
  /// Files that were left out, each with the reason.
  [[nodiscard]] const std::vector<Error>& errors() const;

 private:
  friend class YaraScanner;
  struct State;
  explicit YaraRules(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Modules that rules may import.
[[nodiscard]] std::span<const std::string_view> allowed_modules();

class YaraScanner {
 public:
  /// `rules` must outlive it. A scan may take `longest`.
  explicit YaraScanner(const YaraRules& rules, std::chrono::nanoseconds longest = limits::kYaraLongest);
  ~YaraScanner();
  YaraScanner(const YaraScanner&) = delete;
  YaraScanner& operator=(const YaraScanner&) = delete;

  /// Appends what matches, by rule. `path` is for rules that ask for filename, filepath or extension; empty
  /// for what is no file. Fails with ErrorCode::limit when it takes too long; nothing is appended then, and
  /// the next scan starts afresh.
  [[nodiscard]] Result<void> scan(std::string_view bytes, std::string_view path, std::vector<YaraMatch>& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace landwarden::intel
