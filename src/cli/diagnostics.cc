#include "cli/diagnostics.h"

#include <algorithm>
#include <map>
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

constexpr std::string_view kForeign = "no evidence of ";  // how the table of log sources begins its reasons

struct Reason {
  const sigma::Diagnostic* first = nullptr;
  std::uint64_t rules = 0;
  bool foreign = false;
};

/// What keeps rules from running, the rarest first and what is for other products last: a slip in one's own
/// rule comes before hundreds that were never meant for this evidence.
std::vector<Reason> by_reason(std::span<const sigma::Diagnostic> diagnostics) {
  std::map<std::string_view, Reason> reasons;
  for (const sigma::Diagnostic& diagnostic : diagnostics) {
    if (!is_error(diagnostic)) continue;
    const bool foreign = diagnostic.error.message.starts_with(kForeign);
    Reason& reason = reasons[foreign ? kForeign : std::string_view(diagnostic.error.message)];
    if (reason.rules++ == 0) reason.first = &diagnostic;
    reason.foreign = foreign;
  }
  std::vector<Reason> out;
  for (const auto& [message, reason] : reasons) out.push_back(reason);
  std::ranges::stable_sort(out, {},
                           [](const Reason& reason) { return std::pair(reason.foreign, reason.rules); });
  return out;
}

std::string reason_text(const Reason& reason) {
  if (reason.rules == 1) return diagnostic_text(*reason.first);
  const std::string rules = report::counted(reason.rules, "rule", "rules");
  if (reason.foreign) return rules + " are for products and logs that cannot be read here";
  return rules + ": " + reason.first->error.message;
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
  std::uint64_t said = 0;
  bool some_unnamed = false;
  if (!brief && ::isatty(STDERR_FILENO) == 0) {
    for (const sigma::Diagnostic& diagnostic : diagnostics) {
      say(diagnostic_text(diagnostic));
    }
    return;
  }
  if (const std::uint64_t warnings = diagnostics.size() - failed; warnings > 0 && !brief) {
    say(fmt::format("{} about rules that run; {} says which",
                    report::counted(warnings, "warning", "warnings"), command));
  }
  const std::vector<Reason> reasons = brief ? std::vector<Reason>() : by_reason(diagnostics);
  for (std::size_t i = 0; i < std::min(reasons.size(), kDiagnosticsShown); ++i) {
    said += reasons[i].rules;
    some_unnamed |= reasons[i].rules > 1;
    say(reason_text(reasons[i]));
  }
  if (failed > said) {
    say(fmt::format(
        "{}{} cannot run here; {} says why", said > 0 ? "and " : "",
        report::counted(failed - said, said > 0 ? "more rule" : "rule", said > 0 ? "more rules" : "rules"),
        command));
  }
  if (failed == said && some_unnamed) say(command + " names each");
}

}  // namespace landwarden::cli
