// landwarden rules diff: which hits appear and disappear on evidence between two rule sets.
//
// The evidence is hunted twice, once with each; a hit is the same when rule (id, or title) and record
// (source, offset, record number) are.

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

#include <fmt/format.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/console.h"
#include "cli/diagnostics.h"
#include "cli/interrupt.h"
#include "cli/rule_choice.h"
#include "cli/rule_settings.h"
#include "cli/rules_commands.h"
#include "cli/usual_options.h"
#include "engine/hunt.h"
#include "report/json.h"
#include "report/screen.h"
#include "report/screen_text.h"

namespace landwarden::cli {
namespace {

struct DiffWords {
  RuleSettingsWords settings;
  std::string before, after;
  std::vector<std::string> evidence;
  std::string format = "text";
  unsigned threads = 0;
};

/// A rule as both sides know it.
struct RuleName {
  std::string id, title;
};

struct Hit {
  std::uint32_t rule = 0, source = 0;  ///< numbers given in Diff
  std::uint64_t offset = 0, record_id = 0;
  Time time;
  std::uint32_t host = 0;
  [[nodiscard]] auto key() const { return std::tuple(rule, source, offset, record_id); }
};

/// Names as numbers, so that a hit is small.
class Numbers {
 public:
  std::uint32_t of(const std::string& name) {
    const auto [at, fresh] = numbers_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
    if (fresh) names_.push_back(name);
    return at->second;
  }
  [[nodiscard]] const std::string& name(std::uint32_t number) const { return names_[number]; }

 private:
  std::map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> names_;
};

class Diff {
 public:
  explicit Diff(const DiffWords& words) : words_(words) {}
  [[nodiscard]] Result<int> run();

 private:
  [[nodiscard]] Result<std::vector<Hit>> hunt(const std::string& rules);
  [[nodiscard]] std::string text(const std::vector<Hit>& gone, const std::vector<Hit>& come,
                                 std::size_t kept) const;
  [[nodiscard]] std::string json(const std::vector<Hit>& gone, const std::vector<Hit>& come,
                                 std::size_t kept) const;
  void hits_json(std::string& out, const std::vector<Hit>& hits) const;

  const DiffWords& words_;
  Numbers rules_, sources_, hosts_;
  std::map<std::string, RuleName> names_;
  bool incomplete_ = false, interrupted_ = false;
};

Result<std::vector<Hit>> Diff::hunt(const std::string& path) {
  const auto settings = read_rule_settings(words_.settings);
  if (!settings) return std::unexpected(settings.error());
  RuleChoice choice;
  choice.paths = {path};
  auto chosen = choose_rules(choice, settings->loading());
  if (!chosen) return std::unexpected(chosen.error());
  event::Catalogue catalogue;
  std::vector<sigma::Diagnostic> diagnostics = std::move(chosen->diagnostics);
  const auto rules =
      sigma::RuleSet::compile(std::move(chosen->rules), settings->sources, catalogue, diagnostics);
  sort_by_place(diagnostics);
  say_diagnostics(diagnostics, true, "landwarden rules check " + path);
  engine::HuntOptions options;
  options.evidence = words_.evidence;
  options.threads = words_.threads;
  options.cut_texts = settings->sources.cut_texts();
  engine::Progress progress;
  std::vector<Hit> out;
  const auto result =
      engine::hunt(options, rules, catalogue, progress, watch_for_interrupt(),
                   [&](const engine::MatchView& view) -> Result<void> {
                     if (out.size() == limits::kDiffHits)
                       return fail(ErrorCode::limit, "too many hits to compare", {path, 0, 0, {}},
                                   "compare fewer rules at once");
                     const std::string& name = view.rule.id.empty() ? view.rule.title : view.rule.id;
                     names_.try_emplace(name, RuleName{view.rule.id, view.rule.title});
                     out.push_back({rules_.of(name), sources_.of(std::string(view.source)), view.match.offset,
                                    view.match.record_id, view.match.time, hosts_.of(view.match.host)});
                     return {};
                   });
  if (!result) return std::unexpected(result.error());
  incomplete_ |= result->incomplete();
  interrupted_ |= result->interrupted;
  std::ranges::stable_sort(out, {}, &Hit::key);
  return out;
}

/// Hits of `hits` that are not in `others`, by time again.
std::vector<Hit> only_in(const std::vector<Hit>& hits, const std::vector<Hit>& others) {
  std::vector<Hit> out;
  std::ranges::set_difference(hits, others, std::back_inserter(out), {}, &Hit::key, &Hit::key);
  std::ranges::stable_sort(out, {}, [](const Hit& hit) { return hit.time.ticks; });
  return out;
}

std::string Diff::text(const std::vector<Hit>& gone, const std::vector<Hit>& come, std::size_t kept) const {
  const bool unicode = screen_for(STDOUT_FILENO, ColourChoice::never).unicode;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> by_rule;
  std::string out;
  const auto lines = [&](const std::vector<Hit>& hits, char sign) {
    for (const Hit& hit : hits) {
      const std::string& name = rules_.name(hit.rule);
      auto& [less, more] = by_rule[name];
      ++(sign == '-' ? less : more);
      std::string where = sources_.name(hit.source);
      where += hit.record_id == event::kNoRecordId ? fmt::format("@{}", hit.offset)
                                                   : fmt::format("#{}", hit.record_id);
      out += report::visible(
                 fmt::format("{} {}  {}  {}  {}", sign, hit.time.known() ? to_rfc3339(hit.time) : "-",
                             hosts_.name(hit.host), names_.at(name).title, where),
                 unicode) +
             "\n";
    }
  };
  lines(gone, '-');
  lines(come, '+');
  for (const auto& [name, counts] : by_rule) {
    out += report::visible(fmt::format("{:>7} {:>7}  {}", fmt::format("-{}", counts.first),
                                       fmt::format("+{}", counts.second), names_.at(name).title),
                           unicode) +
           "\n";
  }
  out += fmt::format("{} fewer, {} more, {} the same\n", report::counted(gone.size(), "hit", "hits"),
                     report::grouped(come.size()), report::grouped(kept));
  return out;
}

void Diff::hits_json(std::string& out, const std::vector<Hit>& hits) const {
  bool first = true;
  for (const Hit& hit : hits) {
    const RuleName& rule = names_.at(rules_.name(hit.rule));
    out += first ? "\n    {" : ",\n    {";
    first = false;
    const std::string time = hit.time.known() ? to_rfc3339(hit.time) : "";
    const std::pair<std::string_view, std::string_view> members[] = {{"rule_id", rule.id},
                                                                     {"rule_title", rule.title},
                                                                     {"time", time},
                                                                     {"host", hosts_.name(hit.host)},
                                                                     {"source", sources_.name(hit.source)}};
    for (const auto& [name, value] : members) {
      report::append_json_string(out, name);
      out += ": ";
      report::append_json_string(out, value);
      out += ", ";
    }
    out += fmt::format("\"offset\": {}", hit.offset);
    if (hit.record_id != event::kNoRecordId) out += fmt::format(", \"record_id\": {}", hit.record_id);
    out += '}';
  }
  out += first ? "]" : "\n  ]";
}

std::string Diff::json(const std::vector<Hit>& gone, const std::vector<Hit>& come, std::size_t kept) const {
  std::string out = "{\n  \"disappeared\": [";
  hits_json(out, gone);
  out += ",\n  \"appeared\": [";
  hits_json(out, come);
  return out + fmt::format(",\n  \"the_same\": {}\n}}\n", kept);
}

Result<int> Diff::run() {
  const auto before = hunt(words_.before);
  if (!before) return std::unexpected(before.error());
  const auto after = hunt(words_.after);
  if (!after) return std::unexpected(after.error());
  const std::vector<Hit> gone = only_in(*before, *after), come = only_in(*after, *before);
  const std::size_t kept = before->size() - gone.size();
  const int code = answer(words_.format == "json" ? json(gone, come, kept) : text(gone, come, kept));
  if (code != kDone) return code;
  if (interrupted_) return kInterrupted;
  if (incomplete_) return kIncomplete;
  return gone.empty() && come.empty() ? kDone : kFound;
}

}  // namespace

void add_rules_diff(Command rules) {
  const Command command = rules.command("diff",
                                        "Say which hits appear and disappear on evidence between two rule "
                                        "sets. Exits with 1 if there are any, as diff "
                                        "does");
  const auto words = std::make_shared<DiffWords>();
  command.option("old", words->before, "OLD", "Rules before: a file, folder or zip").required();
  command.option("new", words->after, "NEW", "Rules after").required();
  command
      .option("evidence", words->evidence, "EVIDENCE",
              "Evidence, as for hunt (not standard input: it is read twice)")
      .required()
      .check(
          [](const std::string& path) { return path == "-" ? "standard input cannot be read twice" : ""; });
  add_text_or_json_option(command, words->format);
  add_rule_settings(command, words->settings);
  add_threads_option(command, words->threads, "");
  command.footer(
      "Examples:\n  landwarden rules diff sigma-old/rules sigma/rules /evidence\n"
      "  landwarden rules diff rule.yml.orig rule.yml /evidence --format json");
  command.runs([words] { return exit_code_of(Diff(*words).run()); });
}

}  // namespace landwarden::cli
