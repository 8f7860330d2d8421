#include "cli/diagnostics.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/console.h"
#include "report/screen.h"

namespace landwarden::cli {
namespace {

bool is_error(const sigma::Diagnostic& diagnostic) {
  return diagnostic.severity == sigma::Diagnostic::Severity::error;
}

}  // namespace

void sort_by_place(std::vector<sigma::Diagnostic>& diagnostics) {
  std::ranges::stable_sort(diagnostics, {}, [](const sigma::Diagnostic& diagnostic) {
    const Place& place = diagnostic.error.place;
    return std::tuple(std::string_view(place.file), place.line, std::string_view(diagnostic.error.message));
  });
}

std::uint64_t failed_rules(std::span<const sigma::Diagnostic> diagnostics) {
  return static_cast<std::uint64_t>(std::ranges::count_if(diagnostics, is_error));
}

std::string diagnostic_text(const sigma::Diagnostic& diagnostic) {
  std::string text = diagnostic.error.place.to_string();
  if (!text.empty()) text += ": ";
  text += is_error(diagnostic) ? "error: " : "warning: ";
  text += diagnostic.error.message;
  const std::string& name = diagnostic.title.empty() ? diagnostic.rule_id : diagnostic.title;
  if (!name.empty()) text += " [" + name + "]";
  if (!diagnostic.error.hint.empty()) text += " (" + diagnostic.error.hint + ")";
  return text;
}

void say_diagnostics(std::span<const sigma::Diagnostic> diagnostics, bool brief, const std::string& command) {
  const std::uint64_t failed = failed_rules(diagnostics);
  std::size_t left = brief ? 0 : ::isatty(STDERR_FILENO) != 0 ? kDiagnosticsShown : diagnostics.size();
  std::uint64_t shown = 0;
  for (const sigma::Diagnostic& diagnostic : diagnostics) {
    if (left == 0) break;
    if (!is_error(diagnostic)) continue;
    say(diagnostic_text(diagnostic));
    ++shown;
    --left;
  }
  if (failed > shown) {
    say(fmt::format(
        "{}{} cannot run here; {} says why", shown > 0 ? "and " : "",
        report::counted(failed - shown, shown > 0 ? "more rule" : "rule", shown > 0 ? "more rules" : "rules"),
        command));
  }
}

}  // namespace landwarden::cli
