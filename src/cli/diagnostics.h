// Says what is wrong with rules, as a compiler would.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sigma/rule.h"

namespace landwarden::cli {

/// Lines shown on a terminal, one a reason, before the rest is only counted; a file or pipe gets a line a
/// rule.
inline constexpr std::size_t kDiagnosticsShown = 12;

/// By file, line, message: loading and compiling find them in other orders.
void sort_by_place(std::vector<sigma::Diagnostic>& diagnostics);
[[nodiscard]] std::uint64_t failed_rules(std::span<const sigma::Diagnostic> diagnostics);
/// "file:line: error: message [rule title]" and what to do about it.
[[nodiscard]] std::string diagnostic_text(const sigma::Diagnostic& diagnostic);
/// Names the rules that cannot run, and warnings, on standard error; only the number of the former if
/// `brief`. `command` shows them all.
void say_diagnostics(std::span<const sigma::Diagnostic> diagnostics, bool brief, const std::string& command);

}  // namespace landwarden::cli
