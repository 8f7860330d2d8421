// landwarden rules check: everything that is wrong with rules, as a good compiler tells it.

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <thread>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "base/content.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "cli/console.h"
#include "cli/rule_settings.h"
#include "cli/rules_commands.h"
#include "cli/usual_options.h"
#include "decode/archive_members.h"
#include "report/rule_findings.h"
#include "report/screen.h"
#include "sigma/lint.h"
#include "sigma/loader.h"
#include "sigma/matcher.h"

namespace landwarden::cli {
namespace {

using Severity = sigma::Diagnostic::Severity;

struct CheckWords {
  std::vector<std::string> paths;
  RuleSettingsWords settings;
  std::string format = "text";
  bool strict = false, notes = false;
};

/// One YAML document of a rule file.
struct Document {
  enum class Kind : std::uint8_t { rule, filter, part, foreign, unreadable };
  std::uint32_t line = 0;
  Kind kind = Kind::rule;
};

/// The documents of each file, gathered while it is parsed, on several threads.
class DocumentBook {
 public:
  void add(std::string_view text, const std::string& file);
  [[nodiscard]] const std::map<std::string, std::vector<Document>>& files() const { return files_; }
  /// A file that was never parsed.
  void add_unreadable(const std::string& file) {
    files_.try_emplace(file, std::vector{Document{0, Document::Kind::unreadable}});
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<Document>> files_;
};

Document::Kind kind_of(const yaml::Node& node) {
  const yaml::Node* action = node.find("action");
  const bool whole = node.find("correlation") != nullptr || node.find("filter") != nullptr;
  if (action != nullptr && !whole && action->text != "repeat") return Document::Kind::part;
  if (node.find("filter") != nullptr)
    return Document::Kind::filter;  // becomes part of the rules that it is for
  return node.kind == yaml::Node::Kind::map ? Document::Kind::rule : Document::Kind::foreign;
}

void DocumentBook::add(std::string_view text, const std::string& file) {
  std::vector<Document> made;
  if (const auto documents = yaml::parse(text, file)) {
    for (const yaml::Node& node : *documents) {
      if (node.kind != yaml::Node::Kind::null) made.push_back({node.line, kind_of(node)});
    }
    if (made.empty()) made.push_back({0, Document::Kind::foreign});
  } else {
    made.push_back({0, Document::Kind::unreadable});
  }
  const std::scoped_lock lock(mutex_);
  files_[file] = std::move(made);
}

/// Lines of rule files, read again when a finding wants to show one.
class SourceFiles {
 public:
  std::optional<std::string> line(const std::string& file, std::uint32_t number) {
    const std::vector<std::string>& lines = lines_of(file);
    if (number == 0 || number > lines.size()) return std::nullopt;
    return lines[number - 1];
  }

 private:
  const std::vector<std::string>& lines_of(const std::string& file) {
    if (file == last_) return lines_;
    last_ = file;
    lines_.clear();
    std::string text = content_of(file);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      std::string line = text.substr(at, end - at);
      if (line.ends_with('\r')) line.pop_back();
      lines_.push_back(std::move(line));
      at = end + 1;
    }
    return lines_;
  }

  std::string content_of(const std::string& file) {
    if (const auto member = file.find("!/"); member != std::string::npos) return from_zip(file, member);
    if (const auto built_in = content::find(file)) return std::string(*built_in);
    std::ifstream stream(file, std::ios::binary);
    std::string text(limits::kYamlBytes, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
    return text;
  }

  /// All rules of an archive at once: members cannot be read one by one.
  std::string from_zip(const std::string& file, std::size_t member) {
    const std::string archive = file.substr(0, member);
    if (archives_.insert(archive).second) {
      const decode::ArchiveBounds bounds{limits::kYamlBytes, limits::kSigmaFiles, limits::kSigmaArchiveBytes};
      const auto wanted = [](const std::string& name) {
        return name.ends_with("ml") || name.ends_with("ML");
      };
      (void)decode::read_zip(archive, bounds, wanted,
                             [&](const std::string& name, Result<std::string> content) {
                               if (content) members_[archive + "!/" + name] = std::move(*content);
                             });
    }
    return members_[file];
  }

  std::string last_;
  std::vector<std::string> lines_;
  std::set<std::string> archives_;
  std::map<std::string, std::string> members_;
};

/// Everything that a check found.
struct Checked {
  std::vector<sigma::Diagnostic> diagnostics;
  report::RuleTotals totals;
};

bool is_not_run(const sigma::Diagnostic& diagnostic) {
  return diagnostic.severity == Severity::error && sigma::code_of(diagnostic) == "not-run";
}

/// What keeps a document from running.
struct Faults {
  bool broken = false, not_run = false;
};

Faults faults_between(std::span<const sigma::Diagnostic* const> errors, std::uint32_t begin,
                      std::uint32_t end) {
  Faults out;
  for (const sigma::Diagnostic* error : errors) {
    const std::uint32_t line = error->error.place.line;
    if (line < begin || line >= end) continue;
    (is_not_run(*error) ? out.not_run : out.broken) = true;
  }
  return out;
}

using Places = std::set<std::pair<std::string_view, std::uint32_t>>;

/// Adds up what became of each document; one that neither runs nor was told about is told now.
void account(const DocumentBook& book, const Places& running, Checked& out) {
  std::map<std::string_view, std::vector<const sigma::Diagnostic*>> errors;
  for (const sigma::Diagnostic& diagnostic : out.diagnostics) {
    if (diagnostic.severity == Severity::error) errors[diagnostic.error.place.file].push_back(&diagnostic);
  }
  std::vector<sigma::Diagnostic> silent;
  for (const auto& [file, documents] : book.files()) {
    ++out.totals.files;
    out.totals.documents += documents.size();
    Faults shared;  // of what a collection's documents have in common
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const Document& document = documents[i];
      const std::uint32_t end = i + 1 < documents.size() ? documents[i + 1].line : UINT32_MAX;
      const bool runs = running.contains({file, document.line});
      Faults faults = faults_between(errors[file], document.line, end);
      if (document.kind == Document::Kind::part) shared = std::exchange(faults, {});
      if (document.kind == Document::Kind::rule && !runs && !faults.broken && !faults.not_run)
        faults = shared;
      if (document.kind == Document::Kind::unreadable) {
        ++out.totals.unreadable;
      } else if (faults.broken) {
        ++out.totals.broken;
      } else if (faults.not_run) {
        ++out.totals.not_run;
      } else if (document.kind == Document::Kind::part) {
        ++out.totals.parts;
      } else if (document.kind == Document::Kind::foreign) {
        ++out.totals.foreign;
      } else if (document.kind == Document::Kind::filter || runs) {
        ++out.totals.run;
      } else {
        ++out.totals.foreign;
        const bool told = std::ranges::any_of(out.diagnostics, [&](const sigma::Diagnostic& diagnostic) {
          const Place& place = diagnostic.error.place;
          return place.file == file && place.line >= document.line && place.line < end;
        });
        if (told) continue;
        sigma::Diagnostic& made = silent.emplace_back();
        made.severity = Severity::warning;
        made.error = {ErrorCode::invalid, "this document gives no rule", {file, document.line, 1, {}}, {}};
        made.code = "not-sigma";
      }
    }
  }
  std::ranges::move(silent, std::back_inserter(out.diagnostics));
}

Result<Checked> check(const CheckWords& words) {
  const auto settings = read_rule_settings(words.settings);
  if (!settings) return std::unexpected(settings.error());
  const auto tables = sigma::LintTables::built_in();
  if (!tables) return std::unexpected(tables.error());
  for (const std::string& path : words.paths) {
    if (::access(path.c_str(), R_OK) != 0) return std::unexpected(io_error("cannot read rules", path));
  }
  const sigma::Linter linter(*tables, settings->sources);
  DocumentBook book;
  sigma::LoadOptions options = settings->loading();
  options.threads = std::max(1U, std::thread::hardware_concurrency());
  options.inspect = [&](std::string_view text, const std::string& file, std::span<const sigma::Rule> rules,
                        std::vector<sigma::Diagnostic>& out) {
    book.add(text, file);
    linter.file(text, file, rules, out);
  };
  sigma::LoadedRules loaded =
      words.paths.empty() ? sigma::load_built_in_rules(options) : sigma::load_rules(words.paths, options);
  Checked out{.diagnostics = std::move(loaded.diagnostics), .totals = {}};
  event::Catalogue catalogue;
  const auto compiled =
      sigma::RuleSet::compile(std::move(loaded.rules), settings->sources, catalogue, out.diagnostics);
  for (const sigma::Diagnostic& diagnostic : out.diagnostics) {
    const std::string& file = diagnostic.error.place.file;
    if (diagnostic.severity == Severity::error && !file.empty() && !book.files().contains(file))
      book.add_unreadable(file);
  }
  Places running;
  for (const sigma::Rule& rule : compiled.rules()) running.emplace(rule.file, rule.place.line);
  account(book, running, out);
  return out;
}

void sort_and_count(Checked& checked) {
  auto& all = checked.diagnostics;
  const auto key = [](const sigma::Diagnostic& d) {
    return std::tuple(std::string_view(d.error.place.file), d.error.place.line, d.error.place.column,
                      sigma::code_of(d), std::string_view(d.error.message));
  };
  std::ranges::stable_sort(all, {}, key);
  const auto same = std::ranges::unique(all, {}, key);
  all.erase(same.begin(), same.end());
  for (const sigma::Diagnostic& diagnostic : all) {
    checked.totals.warnings += diagnostic.severity == Severity::warning ? 1 : 0;
    checked.totals.notes += diagnostic.severity == Severity::note ? 1 : 0;
  }
}

std::string text_of(const CheckWords& words, const Checked& checked) {
  std::vector<report::RuleFinding> findings;
  for (const sigma::Diagnostic& diagnostic : checked.diagnostics)
    findings.push_back({&diagnostic, sigma::code_of(diagnostic), is_not_run(diagnostic)});
  SourceFiles files;
  const report::SourceLine source = [&](const std::string& file, std::uint32_t line) {
    return files.line(file, line);
  };
  if (words.format == "json") return report::findings_json(findings, checked.totals, source);
  if (words.format == "sarif") return report::findings_sarif(findings, source, LW_VERSION);
  if (words.format == "github") return report::findings_github(findings, words.notes);
  const bool unicode = screen_for(STDOUT_FILENO, ColourChoice::never).unicode;
  return report::findings_text(findings, checked.totals, source, words.notes, unicode);
}

int run_check(const CheckWords& words) {
  auto checked = check(words);
  if (!checked) {
    say_error(checked.error());
    return kUnusable;
  }
  sort_and_count(*checked);
  const int code = answer(text_of(words, *checked));
  if (code != kDone) return code;
  const auto& totals = checked->totals;
  if (totals.broken > 0 || totals.unreadable > 0) return kUnusable;
  return words.strict && totals.warnings > 0 ? kUnusable : kDone;
}

}  // namespace

void add_rules_check(Command rules) {
  const Command command = rules.command("check",
                                        "Say what is wrong with rules, and what is surely not meant, with "
                                        "file, line, reason and remedy. Exits with 2 if "
                                        "a rule has an error; one that is sound but cannot run on "
                                        "evidence of this kind is named and is no error");
  const auto words = std::make_shared<CheckWords>();
  add_rules_argument(command, words->paths);
  command.option("--rules", words->paths, "PATH", "The same, as hunt takes it");
  command
      .option("--format", words->format, "FORMAT",
              "text (default), json, sarif (2.1.0, for code scanning), github (annotations of a workflow)")
      .one_of({"text", "json", "sarif", "github"});
  add_rule_settings(command, words->settings);
  command.flag("--strict", words->strict, "Warnings count as errors");
  command.flag("--notes", words->notes, "Show notes too; json and sarif always have them");
  command.footer(
      "Examples:\n  landwarden rules check my-rules/\n  landwarden rules check my-rules/ --strict --notes\n"
      "  landwarden rules check my-rules/ --format sarif > rules.sarif\n"
      "  landwarden rules check sigma/rules | grep unused-search");
  command.runs([words] { return run_check(*words); });
}

}  // namespace landwarden::cli
