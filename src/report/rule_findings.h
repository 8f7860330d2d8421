// What a check of rules found, as text for people, JSON, SARIF 2.1.0, and annotations of GitHub's workflows.
//
// Findings come in order (file, line, column, code) and are written in that order: the same rules give the
// same bytes. Nothing of the rules reaches a terminal unescaped. Pure functions.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/rule.h"

namespace landwarden::report {

/// What became of the documents that were read; they add up to `documents`.
struct RuleTotals {
  std::uint64_t files = 0, documents = 0;
  std::uint64_t run = 0;         ///< run here
  std::uint64_t not_run = 0;     ///< sound, but for evidence or features that this program does not have
  std::uint64_t broken = 0;      ///< cannot run anywhere
  std::uint64_t parts = 0;       ///< parts of collections (`action: global`), no rules of their own
  std::uint64_t foreign = 0;     ///< no Sigma documents
  std::uint64_t unreadable = 0;  ///< files that are no YAML, or could not be read; each counts as a document
  std::uint64_t warnings = 0, notes = 0;
};

/// A finding, its code and where it stands.
struct RuleFinding {
  const sigma::Diagnostic* diagnostic = nullptr;
  std::string_view code;
  bool not_run = false;  ///< the document is sound and not run here; no error of its author
};

/// Gives line `line` (from 1) of a file without its line end; nothing if it is not to be had.
using SourceLine = std::function<std::optional<std::string>(const std::string& file, std::uint32_t line)>;

/// How many characters from `column` (from 1) on a finding is about: what its message quotes if that stands
/// there, else the token.
[[nodiscard]] std::uint32_t underlined(std::string_view line, std::uint32_t column, std::string_view message);

/// As a compiler tells it. Notes only if `notes`.
[[nodiscard]] std::string findings_text(std::span<const RuleFinding> findings, const RuleTotals& totals,
                                        const SourceLine& source, bool notes, bool unicode);
[[nodiscard]] std::string findings_json(std::span<const RuleFinding> findings, const RuleTotals& totals,
                                        const SourceLine& source);
/// `version` is the program's.
[[nodiscard]] std::string findings_sarif(std::span<const RuleFinding> findings, const SourceLine& source,
                                         std::string_view version);
/// Workflow commands: a line a finding.
[[nodiscard]] std::string findings_github(std::span<const RuleFinding> findings, bool notes);

}  // namespace landwarden::report
