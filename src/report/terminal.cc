#include "report/terminal.h"

#include <algorithm>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "report/host_names.h"
#include "report/indicator_rules.h"
#include "report/telling.h"

namespace landwarden::report {
namespace {

using sigma::Level;

constexpr std::array kWorstFirst = {Level::critical, Level::high, Level::medium, Level::low,
                                    Level::informational};
constexpr std::size_t kEvidenceColumns =
    200;  // beyond this a line is no easier to read, however wide the screen

std::string upper(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

/// "2026-03-04 02:14:11", to the second.
std::string moment(Time time) {
  if (!time.known()) return "at a time that is not known";
  std::string text = to_rfc3339(time);
  text.resize(19);
  text[10] = ' ';
  return text;
}

std::string span_text(Time first, Time last) {
  const std::string from = moment(first), to = moment(last);
  if (from == to || !last.known()) return from;
  if (first.known() && from.compare(0, 10, to, 0, 10) == 0) return from + " to " + to.substr(11);
  return from + " to " + to;
}

class Writer {
 public:
  Writer(const triage::Summary& summary, const Coverage& coverage, const NextSteps& steps,
         const TerminalOptions& options)
      : summary_(summary),
        coverage_(coverage),
        steps_(steps),
        options_(options),
        screen_(options.screen),
        names_(coverage.hosts) {}

  std::string write();

 private:
  [[nodiscard]] std::string headline() const;
  /// A level's name in its colour; the worst on a coloured ground, which needs a margin.
  [[nodiscard]] std::string badge(const std::string& name, Level level) const {
    const bool ground = screen_.options().colour && level == Level::critical;
    return screen_.paint(ground ? " " + name + " " : name, ink_of(level));
  }
  [[nodiscard]] bool incomplete() const {
    return std::ranges::any_of(coverage_.receipts, [](const event::Receipt& receipt) {
      return !receipt.errors.empty() || receipt.records_quarantined > 0;
    });
  }
  void what_was_read();
  void what_was_not_read();
  void problems(const std::string& title, const std::vector<const event::Receipt*>& receipts,
                std::string (Writer::*describe)(const event::Receipt&) const);
  [[nodiscard]] std::string error_of(const event::Receipt& receipt) const;
  [[nodiscard]] std::string quarantine_of(const event::Receipt& receipt) const;
  void damage_read_across();
  void not_evidence(const std::vector<const event::Receipt*>& receipts);
  [[nodiscard]] const char* where_the_rest_is() const {
    return options_.all ? "all of them below" : "--all lists them";
  }
  void every_problem();
  void level(Level level);
  void rule(const triage::RuleFindings& entry);
  void finding(const triage::Finding& finding);
  void evidence_line(const triage::Finding& finding);
  [[nodiscard]] std::string field_excerpt(const sigma::Rule& rule, const sigma::FieldValues& field,
                                          std::size_t columns, std::size_t& used) const;
  void why_nothing_was_found();
  void rules_without_records(const std::string& indent);
  void tactics();
  void next();
  void closing();

  [[nodiscard]] std::size_t bound(std::size_t shown) const {
    return options_.all ? std::numeric_limits<std::size_t>::max() : shown;
  }
  [[nodiscard]] std::string label(std::string_view text) const {
    return "  " + screen_.paint(padded(std::string(text), 10), Ink::faint);
  }
  void entry(std::string_view name, std::string_view text);

  const triage::Summary& summary_;
  const Coverage& coverage_;
  const NextSteps& steps_;
  const TerminalOptions& options_;
  Screen screen_;
  HostNames names_;
};

/// A labelled paragraph; the label is painted after the words were laid out.
void Writer::entry(std::string_view name, std::string_view text) {
  Screen plain({.columns = screen_.options().columns, .unicode = screen_.options().unicode, .colour = false});
  const std::string first = "  " + padded(std::string(name), 10);
  plain.paragraph(first, text);
  std::string_view lines = plain.text();
  lines.remove_prefix(first.size());
  screen_.line(label(name) + std::string(lines.substr(0, lines.find('\n'))));
  lines.remove_prefix(lines.find('\n') + 1);
  while (!lines.empty()) {
    screen_.line(lines.substr(0, lines.find('\n')));
    lines.remove_prefix(lines.find('\n') + 1);
  }
}

/// For narrow screens: "2026-03-04 02:14 to 02:15".
std::string without_seconds(std::string span) {
  for (std::size_t at = 0; (at = span.find(':', at)) != span.npos; at += 3)
    span.erase(std::min(at + 3, span.size()), 3);
  return span;
}

std::string Writer::headline() const {
  std::string text;
  std::size_t columns = 0;
  for (const Level level : kWorstFirst) {
    const triage::LevelCount count = summary_.of(level);
    if (count.findings == 0) continue;
    if (!text.empty()) text += fmt::format(" {} ", screen_.sign(Sign::dot));
    const std::string name = level == Level::critical ? std::string("CRITICAL") : to_text(level);
    const std::string counted_name = grouped(count.findings) + " " + name;
    text += badge(counted_name, level);
    columns += counted_name.size() + 3;
  }
  if (text.empty()) {
    text = screen_.paint("No findings", Ink::strong);
  } else {
    const std::uint64_t with = summary_.hosts().size();
    const std::uint64_t hosts = std::max<std::uint64_t>(coverage_.hosts.size(), with);
    const std::string where = fmt::format(" finding{} on {} of {}", summary_.findings_total() == 1 ? "" : "s",
                                          grouped(with), counted(hosts, "host", "hosts"));
    const bool fits = columns + where.size() <= screen_.options().columns;
    text += screen_.paint(fits ? where : "\n" + where.substr(1), Ink::strong);
  }
  if (coverage_.interrupted) text += screen_.paint(", stopped early", Ink::bad);
  if (incomplete()) text += screen_.paint(", but not all could be read", Ink::bad);
  return text;
}

void Writer::what_was_read() {
  const Screen& screen = screen_;
  const auto evidence = std::ranges::count_if(coverage_.receipts, [](const auto& receipt) {
    return !receipt.not_evidence && (receipt.errors.empty() || receipt.records_seen > 0);
  });
  std::string read = fmt::format("{} from {}, {}", counted(coverage_.records, "event", "events"),
                                 counted(static_cast<std::uint64_t>(evidence), "file", "files"),
                                 bytes_text(coverage_.bytes));
  entry("Read", read);
  std::uint64_t carved = 0;
  for (const event::Receipt& receipt : coverage_.receipts) carved += receipt.records_carved;
  if (carved > 0)
    entry("Carved", counted(carved, "event", "events") + " of these, from where no live record stands");
  if (coverage_.first.known()) entry("Period", span_text(coverage_.first, coverage_.last) + " UTC");
  const auto some = [&](std::size_t all, std::size_t shown, auto&& name) {
    std::string text;
    for (std::size_t i = 0; i < std::min(all, shown); ++i) {
      if (i > 0) text += fmt::format(" {} ", screen.sign(Sign::dot));
      text += name(i);
    }
    if (all > shown) text += fmt::format(" {} {} more", screen.sign(Sign::dot), grouped(all - shown));
    return text;
  };
  if (!coverage_.channels.empty()) {
    entry("Channels", some(coverage_.channels.size(), bound(5), [&](std::size_t i) {
            const auto& [channel, records] = coverage_.channels[i];
            return (channel.empty() ? "(no channel)" : screen.safe(channel)) + " " + grouped(records);
          }));
  }
  if (!coverage_.hosts.empty()) {
    const std::string text = some(coverage_.hosts.size(), bound(8), [&](std::size_t i) {
      return screen.safe(names_.show(coverage_.hosts[i]));
    });
    entry("Hosts", names_.domain().empty() ? text : text + " (of " + screen.safe(names_.domain()) + ")");
  }
  if (coverage_.records_left_out > 0) {
    entry("Left out", fmt::format("{} of {} events by --since, --until or --host",
                                  grouped(coverage_.records_left_out), grouped(coverage_.records)));
  }
  if (coverage_.put_together > 0 || coverage_.not_whole > 0) {
    std::string text = counted(coverage_.put_together, "text", "texts") + " out of several events each";
    if (coverage_.not_whole > 0) text += fmt::format("; {} lacked a part", grouped(coverage_.not_whole));
    entry("Joined", text);
  }
  if (coverage_.only_fuller > 0) {
    entry("Beyond", counted(coverage_.only_fuller, "match", "matches") +
                        " that --strict-sources would not give: other log sources, or texts put together");
  }
  if (summary_.matches() > 0) {
    const double part = coverage_.records == 0 ? 0
                                               : 100.0 * static_cast<double>(coverage_.records_matched) /
                                                     static_cast<double>(coverage_.records);
    entry("Matched", fmt::format("{} of {} events ({:.{}f} %), {}", grouped(coverage_.records_matched),
                                 grouped(coverage_.records), part, part < 1 ? 2 : 1,
                                 counted(summary_.matches(), "match", "matches")));
  }
  std::string rules = fmt::format("{} loaded", grouped(coverage_.rules_loaded));
  if (coverage_.rules.rules_without > 0 && coverage_.records > 0) {
    rules += fmt::format(", {} of them had no events of their kind", grouped(coverage_.rules.rules_without));
  }
  if (coverage_.rules_failed > 0) {
    rules += fmt::format("; {} cannot run here, landwarden rules check{} says why",
                         grouped(coverage_.rules_failed), options_.own_rules ? " with the same --rules" : "");
  }
  entry("Rules", rules);
  if (!coverage_.yara.empty()) entry("YARA", coverage_.yara);
  if (coverage_.indicators > 0)
    entry("IoCs",
          fmt::format("{} looked for, {} met", counted(coverage_.indicators, "indicator", "indicators"),
                      grouped(summary_.of_ruleset(kIndicatorRuleset).rules)));
}

std::string Writer::error_of(const event::Receipt& receipt) const {
  const Error& error = receipt.errors.front();
  std::string text = screen_.safe(error.message);
  if (receipt.errors.size() > 1)
    text += fmt::format(" (and {} more)", counted(receipt.errors.size() - 1, "error", "errors"));
  if (!error.hint.empty()) text += fmt::format(" {} {}", screen_.sign(Sign::arrow), screen_.safe(error.hint));
  return text;
}

std::string Writer::quarantine_of(const event::Receipt& receipt) const {
  std::string text = counted(receipt.records_quarantined, "event", "events");
  if (!receipt.quarantined.empty()) {
    const event::Quarantined& first = receipt.quarantined.front();
    text += fmt::format(", the first at byte {}: {}", grouped(first.offset), screen_.safe(first.reason));
  }
  return text;
}

void Writer::problems(const std::string& title, const std::vector<const event::Receipt*>& receipts,
                      std::string (Writer::*describe)(const event::Receipt&) const) {
  if (receipts.empty()) return;
  entry("Not read", title);
  const std::size_t shown = std::min(receipts.size(), kProblemsShown);
  const std::size_t room = std::max<std::size_t>(screen_.options().columns, 40) - 14;
  for (std::size_t i = 0; i < shown; ++i) {
    const std::string name = shortened_middle(receipts[i]->source, room, screen_.options().unicode);
    screen_.paragraph(std::string(14, ' '), name + ": " + (this->*describe)(*receipts[i]));
  }
  if (receipts.size() > shown) {
    screen_.paragraph(std::string(14, ' '),
                      fmt::format("and {} more ({})", grouped(receipts.size() - shown), where_the_rest_is()));
  }
}

void Writer::not_evidence(const std::vector<const event::Receipt*>& receipts) {
  if (receipts.empty()) return;
  std::string text = counted(receipts.size(), "file is", "files are") + " no event log: ";
  const std::size_t shown = std::min(receipts.size(), kOthersShown);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += fmt::format(" {} ", screen_.sign(Sign::dot));
    text += shortened_middle(receipts[i]->source, 50, screen_.options().unicode);
  }
  if (receipts.size() > shown) {
    text += fmt::format(" {} {} more ({})", screen_.sign(Sign::dot), grouped(receipts.size() - shown),
                        where_the_rest_is());
  }
  entry("Not read", text);
}

/// Damage that cost no event: a line for each kind, since a log that was tampered with looks like this too.
void Writer::damage_read_across() {
  struct Kind {
    std::uint64_t count = 0, files = 0;
    std::string_view first_file;
  };
  std::map<std::string_view, Kind> kinds;
  for (const event::Receipt& receipt : coverage_.receipts) {
    for (const event::Counted& entry : receipt.damage) {
      Kind& kind = kinds[entry.what];
      kind.count += entry.count;
      if (kind.files++ == 0) kind.first_file = receipt.source;
    }
  }
  for (const auto& [what, kind] : kinds) {
    const std::string file = shortened_middle(kind.first_file, 40, screen_.options().unicode);
    const std::string where =
        kind.files == 1 ? file : counted(kind.files, "file", "files") + ", the first " + file;
    entry("Damage", fmt::format("{} ({}{}) in {}; read all the same", screen_.safe(what), grouped(kind.count),
                                screen_.sign(Sign::times), where));
  }
}

void Writer::what_was_not_read() {
  std::vector<const event::Receipt*> failed, damaged, other;
  std::uint64_t quarantined = 0;
  for (const event::Receipt& receipt : coverage_.receipts) {
    if (!receipt.errors.empty()) failed.push_back(&receipt);
    if (receipt.not_evidence && receipt.errors.empty()) other.push_back(&receipt);
    if (receipt.records_quarantined > 0) damaged.push_back(&receipt);
    quarantined += receipt.records_quarantined;
  }
  problems(counted(failed.size(), "file", "files") + " could not be read, or not to the end:", failed,
           &Writer::error_of);
  problems(fmt::format("{} too damaged to decode, left where they are in {}:",
                       counted(quarantined, "event", "events"), counted(damaged.size(), "file", "files")),
           damaged, &Writer::quarantine_of);
  damage_read_across();
  not_evidence(other);
  if (coverage_.interrupted) {
    screen_.line(
        label("Stopped") +
        screen_.paint("interrupted: what follows is true, but not all of the evidence was read", Ink::bad));
  }
}

void Writer::level(Level level) {
  const auto entries = summary_.findings(level);
  if (entries.empty()) return;
  const triage::LevelCount count = summary_.of(level);
  const std::string name = badge(upper(to_text(level)), level);
  const std::size_t name_columns =
      upper(to_text(level)).size() + (screen_.options().colour && level == Level::critical ? 2 : 0);
  const std::string counts = fmt::format("{}, {}", counted(count.rules, "rule", "rules"),
                                         counted(count.matches, "match", "matches"));
  screen_.line();
  screen_.heading(name + "  " + counts, name_columns + 2 + counts.size());
  const std::size_t shown =
      std::min(entries.size(), bound(kRulesShown[kRulesShown.size() - 1 - static_cast<std::size_t>(level)]));
  for (std::size_t i = 0; i < shown; ++i) rule(entries[i]);
  if (entries.size() == shown) return;
  std::uint64_t rest = 0;
  for (std::size_t i = shown; i < entries.size(); ++i) rest += entries[i].count;
  screen_.line();
  screen_.paragraph("  ",
                    fmt::format("and {} of level {} with {}: --all shows them",
                                counted(entries.size() - shown, "more rule", "more rules"), to_text(level),
                                counted(rest, "match", "matches")),
                    Ink::faint);
}

void Writer::rule(const triage::RuleFindings& entry) {
  const sigma::Rule& rule = summary_.rule(entry.rule);
  const bool unicode = screen_.options().unicode;
  const std::size_t room = std::max<std::size_t>(screen_.options().columns, 40) - 2;
  std::string techniques;
  for (const std::string& tag : rule.tags) {
    const std::string technique = summary_.attack().read_tag(tag).technique;
    if (!technique.empty()) techniques += "  " + technique;
  }
  const std::string title = shortened(rule.title.empty() ? rule.id : rule.title, room, unicode);
  if (width_of(title) + techniques.size() > room) techniques.clear();
  screen_.line();
  screen_.line("  " + screen_.paint(title, Ink::strong) + screen_.paint(techniques, Ink::faint));
  if (const triage::ForeignRule* foreign = summary_.foreign(entry.rule))
    screen_.paragraph("    ", screen_.safe(foreign->line), Ink::faint);
  const std::size_t shown = std::min(entry.findings.size(), bound(kHostsShown));
  for (std::size_t i = 0; i < shown; ++i) finding(*entry.findings[i]);
  if (entry.findings.size() > shown) {
    std::string hosts;
    for (std::size_t i = shown; i < entry.findings.size() && hosts.size() < room; ++i) {
      hosts += (hosts.empty() ? "" : ", ") + screen_.safe(names_.show(entry.findings[i]->host));
    }
    const std::string text = fmt::format(
        "and on {}: {}", counted(entry.findings.size() - shown, "more host", "more hosts"), hosts);
    screen_.line("    " + screen_.paint(shortened(text, room - 2, unicode), Ink::faint));
  }
}

void Writer::finding(const triage::Finding& finding) {
  const bool unicode = screen_.options().unicode;
  const std::size_t columns = std::max<std::size_t>(screen_.options().columns, 40);
  const std::string count = fmt::format("{}{}", grouped(finding.count), screen_.sign(Sign::times));
  const std::string name = shortened(names_.show(finding.host), 60, unicode);
  std::string when = span_text(finding.first, finding.last);
  constexpr std::size_t kBetween = 4 + 2 + 2;
  if (kBetween + width_of(name) + width_of(count) + when.size() > columns) when = without_seconds(when);
  const std::size_t taken = kBetween + width_of(count) + when.size();
  const std::string host = shortened(name, columns > taken + 8 ? columns - taken : 8, unicode);
  screen_.line(fmt::format("    {}  {}  {}", host, count, when));
  evidence_line(finding);
}

/// One field with its telling parts marked, on at most `columns`; `used` says how many it took.
std::string Writer::field_excerpt(const sigma::Rule& rule, const sigma::FieldValues& field,
                                  std::size_t columns, std::size_t& used) const {
  const bool unicode = screen_.options().unicode;
  const std::string name =
      field.field.empty() ? std::string() : shortened(field.field, columns / 2, unicode) + ": ";
  used = width_of(name);
  if (field.values.empty()) {
    used += 6;
    return screen_.paint(name, Ink::faint) + "(null)";
  }
  const std::string* value = &field.values.front();
  std::vector<Span> telling;
  for (const std::string& candidate : field.values) {
    telling = telling_parts(rule, field.field, candidate);
    if (telling.empty()) continue;
    value = &candidate;
    break;
  }
  const bool colour = screen_.options().colour;
  const std::string open = colour ? "" : screen_.sign(Sign::open),
                    close = colour ? "" : screen_.sign(Sign::close);
  const std::size_t mark = width_of(open) + width_of(close);
  std::string out = screen_.paint(name, Ink::faint);
  for (const Run& run : excerpt(*value, telling, columns > used ? columns - used : 1, mark, unicode)) {
    out += run.telling ? open + screen_.paint(run.text, Ink::telling) + close : run.text;
    used += width_of(run.text) + (run.telling ? mark : 0);
  }
  return out;
}

void Writer::evidence_line(const triage::Finding& finding) {
  const sigma::Rule& rule = summary_.rule(finding.rule);
  const std::size_t columns =
      std::min(std::max<std::size_t>(screen_.options().columns, 40), kEvidenceColumns) - 6;
  constexpr std::size_t kWorthStarting = 24;  // columns below which another field would only be a stump
  std::string line;
  std::size_t left = columns;
  for (const sigma::FieldValues* field : by_weight(finding.example.matched)) {
    if (!line.empty() && left < kWorthStarting + 2) break;
    std::size_t used = 0;
    if (!line.empty()) {
      line += "  ";
      left -= 2;
    }
    line += field_excerpt(rule, *field, left, used);
    left -= std::min(left, used);
  }
  if (line.empty()) line = shortened(finding.example.why, columns, screen_.options().unicode);
  if (!line.empty()) screen_.line("      " + line);
}

void Writer::rules_without_records(const std::string& indent) {
  const auto& missing = coverage_.rules.missing;
  const std::size_t shown = std::min(missing.size(), bound(6));
  for (std::size_t i = 0; i < shown; ++i) {
    screen_.paragraph(indent, fmt::format("{} {}, and no such event was read",
                                          counted(missing[i].rules, "rule needs", "rules need"),
                                          screen_.safe(missing[i].needs)));
  }
  if (missing.size() > shown) {
    screen_.paragraph(
        indent, fmt::format("and {} (--all lists them)",
                            counted(missing.size() - shown, "more kind of event", "more kinds of events")));
  }
}

void Writer::why_nothing_was_found() {
  if (summary_.matches() > 0) return;
  screen_.line();
  screen_.heading("Why that may be", 15);
  if (coverage_.rules_loaded == 0) {
    screen_.paragraph("  ", "No rule could run, so nothing could be found: landwarden rules check says why.");
    return;
  }
  if (coverage_.records == 0) {
    screen_.paragraph(
        "  ",
        "No event was read. Windows event logs lie in C:\\Windows\\System32\\winevt\\Logs as .evtx files; "
        "their events as JSON, XML or CSV of other tools are read too. If you gave --since, --until or "
        "--host, try without.");
    return;
  }
  if (coverage_.records_left_out == coverage_.records) {
    screen_.paragraph(
        "  ", "--since, --until or --host leave out every event that was read: no rule looked at one.");
    return;
  }
  if (coverage_.rules.rules_without > 0) rules_without_records("  ");
  if (coverage_.rules.rules_with_records == 0) {
    screen_.paragraph("  ", "So no rule had anything to look at.");
    return;
  }
  screen_.paragraph(
      "  ", fmt::format(
                "{} looked at the events above{} and none of them matched. That is good news only as far as "
                "the logs go: what was not logged cannot be found.",
                counted(coverage_.rules.rules_with_records, "rule", "rules"),
                coverage_.records_left_out > 0 ? " that were not left out" : ""));
}

void Writer::tactics() {
  const auto touched = summary_.tactics();
  if (touched.empty()) return;
  std::string text;
  for (const triage::TacticCount& count : touched) {
    if (!text.empty()) text += fmt::format(" {} ", screen_.sign(Sign::arrow));
    text += fmt::format("{} ({})", summary_.attack().tactics()[count.tactic].name,
                        counted(count.rules, "rule", "rules"));
  }
  screen_.line();
  const std::string heading = "ATT&CK tactics touched, in the order of an intrusion";
  screen_.heading(screen_.paint(heading, Ink::strong), heading.size());
  screen_.paragraph("  ", text);
}

void Writer::next() {
  const auto texts = steps_.choose(summary_, names_, kStepsShown);
  if (texts.empty()) return;
  screen_.line();
  const std::string heading = "What to do next";
  screen_.heading(screen_.paint(heading, Ink::strong), heading.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    screen_.paragraph(fmt::format("  {}. ", i + 1), screen_.safe(texts[i]));
  }
}

void Writer::closing() {
  if (summary_.remainder() > 0) {
    screen_.line();
    screen_.paragraph(
        "",
        fmt::format("{} of further rules and hosts are counted above but not listed one by one: there are "
                    "more than {} pairs of rule and host. The timeline (-o FILE) has every one.",
                    counted(summary_.remainder(), "match", "matches"), grouped(limits::kFindings)));
  }
  if (summary_.matches() == 0) return;
  screen_.line();
  if (options_.timeline.empty()) {
    screen_.paragraph("", "Every match, one a line: add -o timeline.csv (or .jsonl, .json).", Ink::faint);
  } else {
    screen_.paragraph("",
                      fmt::format("{} in {}", counted(summary_.matches(), "line", "lines"),
                                  screen_.safe(options_.timeline)),
                      Ink::faint);
  }
}

/// Paths are not shortened here: this list is for people who look for one of them, and for programs that
/// search it.
void Writer::every_problem() {
  if (!options_.all) return;
  const std::string heading = "Files that were not read, or not all of them";
  const auto noteworthy = [](const event::Receipt& receipt) {
    return receipt.not_evidence || !receipt.errors.empty() || receipt.records_quarantined > 0 ||
           !receipt.notes.empty() || !receipt.damage.empty();
  };
  if (std::ranges::none_of(coverage_.receipts, noteworthy)) return;
  screen_.line();
  screen_.heading(screen_.paint(heading, Ink::strong), heading.size());
  for (const event::Receipt& receipt : coverage_.receipts) {
    if (!noteworthy(receipt)) continue;
    screen_.line("  " + screen_.safe(receipt.source));
    if (!receipt.errors.empty()) screen_.paragraph("      ", error_of(receipt));
    if (receipt.records_quarantined > 0)
      screen_.paragraph("      ", "too damaged: " + quarantine_of(receipt));
    for (const event::Counted& entry : receipt.damage) {
      screen_.paragraph("      ", fmt::format("read all the same: {} ({}{})", screen_.safe(entry.what),
                                              grouped(entry.count), screen_.sign(Sign::times)));
    }
    for (const std::string& note : receipt.notes) screen_.paragraph("      ", screen_.safe(note));
    if (receipt.not_evidence && receipt.notes.empty()) {
      screen_.paragraph("      ",
                        "no event log" + (receipt.kind.empty() ? "" : ": " + screen_.safe(receipt.kind)));
    }
  }
}

std::string Writer::write() {
  screen_.line(headline());
  screen_.line();
  what_was_read();
  what_was_not_read();
  for (const Level worst : kWorstFirst) level(worst);
  if (summary_.of_ruleset(kIndicatorRuleset).rules > 0) {
    screen_.line();
    screen_.paragraph("", kIndicatorNote);
  }
  why_nothing_was_found();
  every_problem();
  tactics();
  next();
  closing();
  return screen_.text();
}

}  // namespace

std::string terminal_summary(const triage::Summary& summary, const Coverage& coverage, const NextSteps& steps,
                             const TerminalOptions& options) {
  return Writer(summary, coverage, steps, options).write();
}

}  // namespace landwarden::report
