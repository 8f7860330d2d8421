#include "intel/yara_rules.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <unordered_map>

#include <fmt/format.h>
#include <yara.h>

#include "base/assert.h"
#include "base/content.h"
#include "base/shared_library.h"
#include "intel/files.h"
#include "intel/limits.h"

namespace landwarden::intel {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 9> kModules = {"console", "dex",  "dotnet", "elf",   "hash",
                                                      "macho",   "math", "pe",     "string"};
constexpr std::array<std::string_view, 7> kMeta = {"description", "author", "date", "reference",
                                                   "severity",    "level",  "score"};
/// Names that many rules ask for without saying where they come from.
constexpr std::array<const char*, 5> kVariables = {"filename", "filepath", "extension", "filetype", "owner"};

/// The functions of libyara that are used, by their own names.
struct YaraLibrary {
#define LW_YARA_FUNCTIONS(X)            \
  X(yr_initialize)                      \
  X(yr_set_configuration_uint32)        \
  X(yr_compiler_create)                 \
  X(yr_compiler_destroy)                \
  X(yr_compiler_set_callback)           \
  X(yr_compiler_set_include_callback)   \
  X(yr_compiler_add_string)             \
  X(yr_compiler_define_string_variable) \
  X(yr_compiler_get_rules)              \
  X(yr_rules_destroy)                   \
  X(yr_scanner_create)                  \
  X(yr_scanner_destroy)                 \
  X(yr_scanner_set_callback)            \
  X(yr_scanner_set_flags)               \
  X(yr_scanner_define_string_variable)  \
  X(yr_scanner_scan_mem)
#define LW_YARA_POINTER(name) decltype(&::name) name = nullptr;
  LW_YARA_FUNCTIONS(LW_YARA_POINTER)
#undef LW_YARA_POINTER
};

constexpr const char* kName = "libyara.so.9";  // 4.2, whose header this is compiled with

Result<const YaraLibrary*> load() {
  const auto missing = [](const std::string& why) {
    return fail(ErrorCode::unsupported, "YARA cannot be used: " + why, {}, "install it (Debian: libyara9)");
  };
  const auto loaded = SharedLibrary::load(kName);
  if (!loaded) return missing(loaded.error().message);
  static YaraLibrary library;
#define LW_YARA_FIND(name) \
  if (const auto found = loaded->find(#name, library.name); !found) return missing(found.error().message);
  LW_YARA_FUNCTIONS(LW_YARA_FIND)
#undef LW_YARA_FIND
  if (library.yr_initialize() != ERROR_SUCCESS) return missing("it does not start");
  library.yr_set_configuration_uint32(YR_CONFIG_MAX_STRINGS_PER_RULE, limits::kYaraStringsPerRule);
  library.yr_set_configuration_uint32(YR_CONFIG_MAX_MATCH_DATA, limits::kYaraExcerptBytes);
  return &library;
}

/// Loaded and initialised once, for the life of the process; any thread. Fails if it is not installed.
Result<const YaraLibrary*> yara_library() {
  static const Result<const YaraLibrary*> library = load();
  return library;
}

using RulesPointer = std::unique_ptr<YR_RULES, decltype(&::yr_rules_destroy)>;

/// A file to compile, and the folder inside which it may include others; empty: none.
struct Source {
  std::string path, folder;
  std::string text;
};

/// One compilation; libyara calls back into it.
class Compilation {
 public:
  explicit Compilation(const YaraLibrary& yara) : yara_(yara) {
    if (yara_.yr_compiler_create(&compiler_) != ERROR_SUCCESS) compiler_ = nullptr;
    if (compiler_ == nullptr) return;
    yara_.yr_compiler_set_callback(compiler_, &Compilation::on_message, this);
    yara_.yr_compiler_set_include_callback(compiler_, &Compilation::on_include, &Compilation::on_free, this);
    for (const char* name : kVariables) yara_.yr_compiler_define_string_variable(compiler_, name, "");
  }
  ~Compilation() {
    if (compiler_ != nullptr) yara_.yr_compiler_destroy(compiler_);
  }
  Compilation(const Compilation&) = delete;
  Compilation& operator=(const Compilation&) = delete;

  /// After a failure nothing more can be added.
  [[nodiscard]] Result<void> add(const Source& source) {
    if (compiler_ == nullptr) return fail(ErrorCode::limit, "too little memory for YARA's compiler");
    source_ = &source;
    first_.reset();
    resolved_.clear();
    const int errors = yara_.yr_compiler_add_string(compiler_, source.text.c_str(), source.path.c_str());
    source_ = nullptr;
    if (errors == 0) return {};
    if (first_) return std::unexpected(std::move(*first_));
    return fail(ErrorCode::invalid, "it does not compile", {source.path, 0, 0, {}});
  }
  [[nodiscard]] Result<RulesPointer> rules() {
    YR_RULES* rules = nullptr;
    if (compiler_ == nullptr || yara_.yr_compiler_get_rules(compiler_, &rules) != ERROR_SUCCESS)
      return fail(ErrorCode::limit, "too little memory for YARA's rules");
    return RulesPointer(rules, yara_.yr_rules_destroy);
  }
  /// Files that others included.
  [[nodiscard]] const std::set<std::string>& included() const { return included_; }

 private:
  static void on_message(int level, const char* file, int line, const YR_RULE*, const char* message,
                         void* self) {
    auto& me = *static_cast<Compilation*>(self);
    if (level != YARA_ERROR_LEVEL_ERROR || me.first_ || me.source_ == nullptr) return;
    std::string where = me.source_->path;
    if (file != nullptr) {
      const auto known = me.resolved_.find(file);
      where = known != me.resolved_.end() ? known->second : std::string(file);
    }
    me.first_ = Error{ErrorCode::invalid,
                      message != nullptr ? message : "it does not compile",
                      {where, static_cast<std::uint32_t>(std::max(line, 0)), 0, {}},
                      ""};
  }

  static const char* on_include(const char* name, const char* from, const char*, void* self) {
    auto& me = *static_cast<Compilation*>(self);
    auto text = me.include(name != nullptr ? name : "", from != nullptr ? from : "");
    if (!text) {
      if (!me.first_) me.first_ = std::move(text.error());
      return nullptr;
    }
    auto* copy = static_cast<char*>(std::malloc(text->size() + 1));
    if (copy != nullptr) std::memcpy(copy, text->c_str(), text->size() + 1);
    return copy;
  }
  static void on_free(const char* text, void*) { std::free(const_cast<char*>(text)); }

  Result<std::string> include(const std::string& name, const std::string& from) {
    const Place place{source_->path, 0, 0, {}};
    if (source_->folder.empty())
      return fail(ErrorCode::unsupported, "it includes '" + name + "'", place,
                  "includes work only inside a folder: name the folder instead of the file");
    const auto caller = resolved_.find(from);
    const fs::path base = fs::path(caller != resolved_.end() ? caller->second : source_->path).parent_path();
    std::error_code failed;
    const fs::path root = fs::canonical(source_->folder, failed);
    const fs::path path = failed ? fs::path() : fs::canonical(base / name, failed);
    if (failed) return fail(ErrorCode::io, "it includes '" + name + "': " + failed.message(), place);
    const auto [end, rest] = std::ranges::mismatch(root, path);
    if (end != root.end())
      return fail(ErrorCode::unsupported, "it includes '" + name + "', which is outside the folder", place);
    auto text = rule_text(path.string());
    if (!text) return text;
    resolved_[name] = path.string();
    included_.insert(path.string());
    return text;
  }

 public:
  /// A file of rules as it is; no NUL is in it.
  static Result<std::string> rule_text(const std::string& path) {
    auto text = read_whole(path, limits::kYaraRuleBytes);
    if (text && text->find('\0') != std::string::npos)
      return fail(ErrorCode::invalid, "it is no text", {path, 0, 0, {}}, "compiled rules are not read");
    return text;
  }

 private:
  const YaraLibrary& yara_;
  YR_COMPILER* compiler_ = nullptr;
  const Source* source_ = nullptr;
  std::optional<Error> first_;
  std::unordered_map<std::string, std::string> resolved_;  ///< included names
  std::set<std::string> included_;
};

/// A scan of nothing, to learn which modules rules import.
int on_modules(YR_SCAN_CONTEXT*, int message, void* data, void* names) {
  if (message == CALLBACK_MSG_IMPORT_MODULE) {
    static_cast<std::vector<std::string>*>(names)->emplace_back(
        static_cast<YR_MODULE_IMPORT*>(data)->module_name);
  }
  return CALLBACK_CONTINUE;
}

Result<void> check_modules(const YaraLibrary& yara, YR_RULES* rules, const std::string& path) {
  YR_SCANNER* scanner = nullptr;
  if (yara.yr_scanner_create(rules, &scanner) != ERROR_SUCCESS)
    return fail(ErrorCode::limit, "too little memory for YARA");
  std::vector<std::string> names;
  yara.yr_scanner_set_callback(scanner, on_modules, &names);
  yara.yr_scanner_set_flags(scanner, SCAN_FLAGS_NO_TRYCATCH);
  static const std::uint8_t nothing = 0;
  (void)yara.yr_scanner_scan_mem(scanner, &nothing, 0);
  yara.yr_scanner_destroy(scanner);
  for (const std::string& name : names) {
    if (std::ranges::find(kModules, name) != kModules.end()) continue;
    std::string hint = "there are";
    for (const std::string_view known : kModules)
      hint += fmt::format("{} {}", hint == "there are" ? "" : ",", known);
    return fail(ErrorCode::unsupported, "the module '" + name + "' is not offered", {path, 0, 0, {}},
                std::move(hint));
  }
  return {};
}

YaraRule described(const YR_RULE& rule) {
  YaraRule out;
  out.name = rule.identifier;
  out.file = rule.ns->name;
  const char* tag = nullptr;
  yr_rule_tags_foreach((&rule), tag) out.tags.emplace_back(tag);
  for (const std::string_view key : kMeta) {
    const YR_META* meta = nullptr;
    yr_rule_metas_foreach((&rule), meta) {
      if (meta->identifier != key) continue;
      out.meta.emplace_back(std::string(key), meta->type == META_TYPE_STRING ? std::string(meta->string)
                                              : meta->type == META_TYPE_BOOLEAN
                                                  ? meta->integer != 0 ? "true" : "false"
                                                  : std::to_string(meta->integer));
      break;
    }
  }
  return out;
}

bool is_rule_file(const std::string& path) {
  return path.ends_with(".yar") || path.ends_with(".yara");
}

std::string excerpt_of(const std::uint8_t* data, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] >= 0x20 && data[i] < 0x7F) {
      out += static_cast<char>(data[i]);
    } else {
      out += fmt::format("\\x{:02x}", data[i]);
    }
  }
  return out;
}

}  // namespace

std::span<const std::string_view> allowed_modules() {
  return kModules;
}

struct YaraRules::State {
  const YaraLibrary* yara = nullptr;
  RulesPointer compiled{nullptr, nullptr};
  std::vector<YaraRule> rules;
  std::unordered_map<const YR_RULE*, std::uint32_t> index;
  std::vector<Error> errors;

  Result<std::vector<Source>> sources(const std::vector<std::string>& paths);
  void check(std::vector<Source>& sources);
  Result<void> compile(const std::vector<Source>& sources);
};

Result<std::vector<Source>> YaraRules::State::sources(const std::vector<std::string>& paths) {
  std::vector<Source> out;
  std::size_t bytes = 0;
  for (const std::string& path : paths) {
    if (path == kBuiltInYara) {
      for (const content::BuiltIn& file : content::built_in()) {
        const std::string_view name = file.name;
        if (name.starts_with("yara/"))
          out.push_back({"content/" + std::string(name), "", std::string(file.bytes())});
      }
      continue;
    }
    auto files = files_at(path);
    if (!files) return std::unexpected(std::move(files.error()));
    std::error_code unknown;
    const bool folder = fs::is_directory(path, unknown);
    if (folder) std::erase_if(*files, [](const std::string& file) { return !is_rule_file(file); });
    if (files->empty())
      return fail(ErrorCode::invalid, "there are no YARA rules", {path, 0, 0, {}},
                  "they end with .yar or .yara");
    for (std::string& file : *files) {
      auto text = Compilation::rule_text(file);
      if (!text) {
        errors.push_back(std::move(text.error()));
        continue;
      }
      bytes += text->size();
      if (bytes > limits::kYaraRulesBytes)
        return fail(ErrorCode::limit, "more YARA rules than can be held at once", {file, 0, 0, {}},
                    "name fewer of them");
      out.push_back({std::move(file), folder ? path : "", std::move(*text)});
    }
  }
  return out;
}

/// Each by itself: after an error libyara's compiler cannot go on. What another file includes runs there.
void YaraRules::State::check(std::vector<Source>& sources) {
  std::set<std::string> included;
  std::erase_if(sources, [&](const Source& source) {
    Compilation alone(*yara);
    auto good = alone.add(source);
    if (good) {
      auto made = alone.rules();
      good = made ? check_modules(*yara, made->get(), source.path) : std::unexpected(std::move(made.error()));
    }
    if (good) {
      included.insert(alone.included().begin(), alone.included().end());
      return false;
    }
    errors.push_back(std::move(good.error()));
    return true;
  });
  std::erase_if(sources, [&](const Source& source) {
    std::error_code failed;
    const fs::path path = fs::canonical(source.path, failed);
    return !failed && included.contains(path.string());
  });
}

Result<void> YaraRules::State::compile(const std::vector<Source>& sources) {
  Compilation all(*yara);
  for (const Source& source : sources) {
    if (auto added = all.add(source); !added) return added;
  }
  auto made = all.rules();
  if (!made) return std::unexpected(std::move(made.error()));
  compiled = std::move(*made);
  const YR_RULE* rule = nullptr;
  yr_rules_foreach(compiled, rule) {
    if (RULE_IS_PRIVATE(rule)) continue;
    index.emplace(rule, static_cast<std::uint32_t>(rules.size()));
    rules.push_back(described(*rule));
  }
  return {};
}

YaraRules::YaraRules(std::unique_ptr<State> state) : state_(std::move(state)) {}
YaraRules::YaraRules(YaraRules&&) noexcept = default;
YaraRules& YaraRules::operator=(YaraRules&&) noexcept = default;
YaraRules::~YaraRules() = default;

Result<YaraRules> YaraRules::load(const std::vector<std::string>& paths) {
  const auto library = yara_library();
  if (!library) return std::unexpected(library.error());
  auto state = std::make_unique<State>();
  state->yara = *library;
  auto sources = state->sources(paths);
  if (!sources) return std::unexpected(std::move(sources.error()));
  state->check(*sources);
  if (auto compiled = state->compile(*sources); !compiled)
    return std::unexpected(std::move(compiled.error()));
  if (state->rules.empty()) {
    if (state->errors.empty()) return fail(ErrorCode::invalid, "the YARA files have no rules");
    Error first = std::move(state->errors.front());
    if (state->errors.size() > 1)
      first.message += fmt::format(" (and {} more of the files cannot be used)", state->errors.size() - 1);
    return std::unexpected(std::move(first));
  }
  return YaraRules(std::move(state));
}

const std::vector<YaraRule>& YaraRules::rules() const {
  return state_->rules;
}

const std::vector<Error>& YaraRules::errors() const {
  return state_->errors;
}

struct YaraScanner::State {
  const YaraRules::State& rules;
  std::chrono::nanoseconds longest;
  YR_SCANNER* scanner = nullptr;
  std::vector<YaraMatch> found;

  State(const YaraRules::State& all, std::chrono::nanoseconds most) : rules(all), longest(most) {}
  static int on_message(YR_SCAN_CONTEXT* context, int message, void* data, void* self);
  void take(YR_SCAN_CONTEXT& context, const YR_RULE& rule);
};

int YaraScanner::State::on_message(YR_SCAN_CONTEXT* context, int message, void* data, void* self) {
  if (message == CALLBACK_MSG_RULE_MATCHING)
    static_cast<State*>(self)->take(*context, *static_cast<const YR_RULE*>(data));
  return CALLBACK_CONTINUE;
}

void YaraScanner::State::take(YR_SCAN_CONTEXT& context, const YR_RULE& rule) {
  const auto known = rules.index.find(&rule);
  if (known == rules.index.end()) return;
  YaraMatch match{.rule = known->second, .hits = {}, .hits_total = 0};
  const YR_STRING* string = nullptr;
  yr_rule_strings_foreach((&rule), string) {
    // As yr_string_matches_foreach does, but copied out: libyara keeps them at places of any alignment.
    YR_MATCH hit;
    for (const void* at = context.matches[string->idx].head; at != nullptr; at = hit.next) {
      std::memcpy(&hit, at, sizeof hit);
      if (hit.is_private || ++match.hits_total > limits::kYaraHits) continue;
      match.hits.push_back({string->identifier, static_cast<std::uint64_t>(hit.base + hit.offset),
                            static_cast<std::uint64_t>(hit.match_length),
                            excerpt_of(hit.data, static_cast<std::size_t>(hit.data_length))});
    }
  }
  found.push_back(std::move(match));
}

YaraScanner::YaraScanner(const YaraRules& rules, std::chrono::nanoseconds longest)
    : state_(std::make_unique<State>(*rules.state_, longest)) {
  LW_ASSERT(longest.count() > 0);  // zero: libyara would wait for ever
  const YaraLibrary& yara = *state_->rules.yara;
  if (yara.yr_scanner_create(state_->rules.compiled.get(), &state_->scanner) != ERROR_SUCCESS)
    throw std::bad_alloc();
  yara.yr_scanner_set_callback(state_->scanner, &State::on_message, state_.get());
  // The bytes are in memory of our own: no page of them can go away, and signals stay whose they are.
  yara.yr_scanner_set_flags(state_->scanner, SCAN_FLAGS_REPORT_RULES_MATCHING | SCAN_FLAGS_NO_TRYCATCH);
  // As yr_scanner_set_timeout does, which knows whole seconds only.
  state_->scanner->timeout = static_cast<std::uint64_t>(longest.count());
}

YaraScanner::~YaraScanner() {
  state_->rules.yara->yr_scanner_destroy(state_->scanner);
}

Result<void> YaraScanner::scan(std::string_view bytes, std::string_view path, std::vector<YaraMatch>& out) {
  const YaraLibrary& yara = *state_->rules.yara;
  const std::string whole(path), name(path.substr(path.find_last_of("/\\") + 1));
  const std::size_t dot = name.rfind('.');
  const std::string ending = dot == std::string::npos ? std::string() : name.substr(dot);
  yara.yr_scanner_define_string_variable(state_->scanner, "filepath", whole.c_str());
  yara.yr_scanner_define_string_variable(state_->scanner, "filename", name.c_str());
  yara.yr_scanner_define_string_variable(state_->scanner, "extension", ending.c_str());
  state_->found.clear();
  static const char nothing = 0;
  const char* data = bytes.empty() ? &nothing : bytes.data();
  const int ended =
      yara.yr_scanner_scan_mem(state_->scanner, reinterpret_cast<const std::uint8_t*>(data), bytes.size());
  if (ended == ERROR_SCAN_TIMEOUT)
    return fail(ErrorCode::limit,
                fmt::format("YARA was not done with it in {} s",
                            std::chrono::duration<double>(state_->longest).count()),
                {}, "a rule is slow: what the others would have found there is not known either");
  if (ended != ERROR_SUCCESS)
    return fail(ErrorCode::limit, fmt::format("YARA gave up with its error {}", ended));
  std::ranges::sort(state_->found, {}, &YaraMatch::rule);
  std::ranges::move(state_->found, std::back_inserter(out));
  return {};
}

}  // namespace landwarden::intel
