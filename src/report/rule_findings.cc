#include "report/rule_findings.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "report/json.h"
#include "report/screen.h"
#include "report/screen_text.h"
#include "sigma/lint.h"

namespace landwarden::report {
namespace {

using Severity = sigma::Diagnostic::Severity;

constexpr std::size_t kShownColumns = 110;  // of a source line
constexpr std::size_t kShownBefore = 40;    // columns kept before what is underlined, if the line is longer

std::string_view level_of(const RuleFinding& finding) {
  if (finding.not_run) return "note";
  const Severity severity = finding.diagnostic->severity;
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

bool is_note(const RuleFinding& finding) {
  return finding.diagnostic->severity == Severity::note;
}

/// Byte offset of a column that counts code points from 1.
std::size_t offset_of(std::string_view line, std::uint32_t column) {
  std::size_t at = 0;
  for (std::uint32_t i = 1; i < column && at < line.size(); ++i) (void)text::next_code_point(line, at);
  return at;
}

std::uint32_t characters(std::string_view text) {
  std::uint32_t out = 0;
  for (std::size_t at = 0; at < text.size(); ++out) (void)text::next_code_point(text, at);
  return out;
}

/// The end of the YAML token that begins at `at`.
std::size_t token_end(std::string_view line, std::size_t at) {
  const char quote = line[at];
  if (quote == '\'' || quote == '"') {
    for (std::size_t end = at + 1; end < line.size(); ++end) {
      if (quote == '"' && line[end] == '\\') {
        ++end;
      } else if (line[end] == quote) {
        if (quote == '\'' && end + 1 < line.size() && line[end + 1] == '\'') {
          ++end;
        } else {
          return end + 1;
        }
      }
    }
    return line.size();
  }
  std::size_t end = std::min(line.find(": ", at), line.find(" #", at));
  if (end == std::string_view::npos) end = line.size();
  while (end > at + 1 && (line[end - 1] == ' ' || line[end - 1] == '\r' || line[end - 1] == ':')) --end;
  return end;
}

std::uint32_t length_of(const RuleFinding& finding, const std::optional<std::string>& line) {
  const sigma::Diagnostic& diagnostic = *finding.diagnostic;
  if (diagnostic.length > 0) return diagnostic.length;
  return line ? underlined(*line, diagnostic.error.place.column, diagnostic.error.message) : 1;
}

std::optional<std::string> line_of(const RuleFinding& finding, const SourceLine& source) {
  const Place& place = finding.diagnostic->error.place;
  if (place.line == 0 || place.column == 0) return std::nullopt;
  return source(place.file, place.line);
}

/// "   9 |     other:" and the underline.
std::string excerpt_text(const RuleFinding& finding, const std::string& whole, bool unicode) {
  const Place& place = finding.diagnostic->error.place;
  const std::size_t from = offset_of(whole, place.column);
  const std::size_t to = offset_of(whole, place.column + length_of(finding, whole));
  const auto shown = [&](std::string_view part) { return visible(part, unicode); };
  const std::size_t indent = std::min(whole.find_first_not_of(' '), from);
  std::string before =
      std::string(indent, ' ') + shown(std::string_view(whole).substr(indent, from - indent));
  if (width_of(before) > kShownColumns / 2 && indent < from) {
    const std::uint32_t back = std::min<std::uint32_t>(place.column - 1, kShownBefore);
    const std::size_t begin = offset_of(whole, place.column - back);
    before = (unicode ? "…" : "...") + shown(std::string_view(whole).substr(begin, from - begin));
  }
  const std::size_t room = kShownColumns - std::min(kShownColumns - 1, width_of(before));
  const std::string marked = shortened(std::string_view(whole).substr(from, to - from), room, unicode);
  const std::size_t left = room - std::min(room, width_of(marked));
  const std::string behind = left > 1 ? shortened(std::string_view(whole).substr(to), left, unicode) : "";
  std::string behind_kept = behind;
  if (to < whole.size() && whole[to] == ' ' && !behind.empty() && behind.front() != ' ')
    behind_kept = " " + behind;
  while (behind_kept.ends_with(' ')) behind_kept.pop_back();
  const std::string number = std::to_string(place.line);
  return fmt::format("  {} | {}{}{}\n  {} | {}{}\n", number, before, marked, behind_kept,
                     std::string(number.size(), ' '), std::string(width_of(before), ' '),
                     std::string(std::max<std::size_t>(width_of(marked), 1), '^'));
}

std::string totals_text(const RuleTotals& totals, bool notes) {
  std::string out = fmt::format("{} in {}: {} run", counted(totals.documents, "document", "documents"),
                                counted(totals.files, "file", "files"), grouped(totals.run));
  out += fmt::format(", {} with errors", grouped(totals.broken));
  out += fmt::format(", {} not run here", grouped(totals.not_run));
  if (totals.parts > 0) out += fmt::format(", {} parts of collections", grouped(totals.parts));
  if (totals.foreign > 0) out += fmt::format(", {} not Sigma", grouped(totals.foreign));
  if (totals.unreadable > 0) out += fmt::format(", {} unreadable", grouped(totals.unreadable));
  out += fmt::format("\n{}, {}", counted(totals.warnings, "warning", "warnings"),
                     counted(totals.notes, "note", "notes"));
  if (totals.notes > 0 && !notes) out += " (--notes shows them)";
  return out + "\n";
}

void member(std::string& out, std::string_view name, std::string_view value) {
  append_json_string(out, name);
  out += ": ";
  append_json_string(out, value);
}

/// A path as a URI reference.
std::string uri_of(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/._-~!").contains(c);
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

std::string full_message(const Error& error) {
  return error.hint.empty() ? error.message : error.message + " (" + error.hint + ")";
}

std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    out += special ? fmt::format("%{:02X}", static_cast<unsigned>(c)) : std::string(1, c);
  }
  return out;
}

}  // namespace

std::uint32_t underlined(std::string_view line, std::uint32_t column, std::string_view message) {
  const std::size_t at = offset_of(line, column);
  if (column == 0 || at >= line.size()) return 1;
  const std::size_t open = message.find('\'');
  const std::size_t close = open == std::string_view::npos ? open : message.find('\'', open + 1);
  if (close != std::string_view::npos && close > open + 1) {
    const std::string_view quoted = message.substr(open + 1, close - open - 1);
    if (line.substr(at).starts_with(quoted)) return characters(quoted);
  }
  return std::max(1U, characters(line.substr(at, token_end(line, at) - at)));
}

std::string findings_text(std::span<const RuleFinding> findings, const RuleTotals& totals,
                          const SourceLine& source, bool notes, bool unicode) {
  std::string out;
  for (const RuleFinding& finding : findings) {
    if (is_note(finding) && !notes) continue;
    const Error& error = finding.diagnostic->error;
    const std::string place = error.place.to_string();
    const std::string_view label = finding.not_run ? "not run" : level_of(finding);
    out += visible(fmt::format("{}{}{}: {} [{}]", place, place.empty() ? "" : ": ", label, error.message,
                               finding.code),
                   unicode) +
           "\n";
    if (finding.not_run) continue;
    if (const auto line = line_of(finding, source)) out += excerpt_text(finding, *line, unicode);
    if (!error.hint.empty()) out += "  = help: " + visible(error.hint, unicode) + "\n";
  }
  return out + totals_text(totals, notes);
}

std::string findings_json(std::span<const RuleFinding> findings, const RuleTotals& totals,
                          const SourceLine& source) {
  std::string out = "{\n  \"findings\": [";
  bool first = true;
  for (const RuleFinding& finding : findings) {
    const sigma::Diagnostic& diagnostic = *finding.diagnostic;
    const Place& place = diagnostic.error.place;
    out += first ? "\n    {" : ",\n    {";
    first = false;
    member(out, "file", place.file);
    out += fmt::format(", \"line\": {}, \"column\": {}, \"length\": {}, ", place.line, place.column,
                       length_of(finding, line_of(finding, source)));
    member(out, "severity", level_of(finding));
    out += ", ";
    member(out, "code", finding.code);
    for (const auto& [name, value] :
         {std::pair<std::string_view, std::string_view>{"message", diagnostic.error.message},
          {"help", diagnostic.error.hint},
          {"rule_id", diagnostic.rule_id},
          {"rule_title", diagnostic.title}}) {
      out += ", ";
      member(out, name, value);
    }
    out += '}';
  }
  out += first ? "],\n" : "\n  ],\n";
  out += fmt::format(
      "  \"totals\": {{\"files\": {}, \"documents\": {}, \"run\": {}, \"errors\": {}, \"not_run\": {}, "
      "\"collection_parts\": {}, \"not_sigma\": {}, \"unreadable\": {}, \"warnings\": {}, \"notes\": "
      "{}}}\n}}\n",
      totals.files, totals.documents, totals.run, totals.broken, totals.not_run, totals.parts, totals.foreign,
      totals.unreadable, totals.warnings, totals.notes);
  return out;
}

std::string findings_sarif(std::span<const RuleFinding> findings, const SourceLine& source,
                           std::string_view version) {
  std::string out =
      "{\n  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n  \"version\": \"2.1.0\",\n"
      "  \"runs\": [{\n    \"tool\": {\"driver\": {\"name\": \"landwarden\", ";
  member(out, "version", version);
  out += ", \"rules\": [";
  const auto codes = sigma::lint_codes();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    out += i == 0 ? "\n      {" : ",\n      {";
    member(out, "id", codes[i].code);
    out += ", \"shortDescription\": {";
    member(out, "text", codes[i].meaning);
    const Severity severity = codes[i].severity;
    out += fmt::format("}}, \"defaultConfiguration\": {{\"level\": \"{}\"}}}}",
                       severity == Severity::error     ? "error"
                       : severity == Severity::warning ? "warning"
                                                       : "note");
  }
  out += "]}},\n    \"columnKind\": \"unicodeCodePoints\",\n    \"results\": [";
  bool first = true;
  for (const RuleFinding& finding : findings) {
    const Place& place = finding.diagnostic->error.place;
    out += first ? "\n      {" : ",\n      {";
    first = false;
    member(out, "ruleId", finding.code);
    const auto index = std::ranges::find(codes, finding.code, &sigma::LintCode::code);
    if (index != codes.end()) out += fmt::format(", \"ruleIndex\": {}", index - codes.begin());
    out += ", ";
    member(out, "level", level_of(finding));
    out += ", \"message\": {";
    member(out, "text", full_message(finding.diagnostic->error));
    out += "}, \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {";
    member(out, "uri", uri_of(place.file));
    out += '}';
    if (place.line > 0) {
      out += fmt::format(", \"region\": {{\"startLine\": {}", place.line);
      if (place.column > 0) {
        out += fmt::format(", \"startColumn\": {}, \"endColumn\": {}", place.column,
                           place.column + length_of(finding, line_of(finding, source)));
      }
      out += '}';
    }
    out += "}}]}";
  }
  return out + (first ? "]" : "\n    ]") + "\n  }]\n}\n";
}

std::string findings_github(std::span<const RuleFinding> findings, bool notes) {
  std::string out;
  for (const RuleFinding& finding : findings) {
    if ((is_note(finding) || finding.not_run) && !notes) continue;
    const Place& place = finding.diagnostic->error.place;
    const std::string_view level = level_of(finding);
    out += fmt::format("::{} file={}", level == "note" ? "notice" : level, escaped(place.file, true));
    if (place.line > 0) out += fmt::format(",line={}", place.line);
    if (place.column > 0) out += fmt::format(",col={}", place.column);
    out +=
        fmt::format(",title={}::{}\n", finding.code, escaped(full_message(finding.diagnostic->error), false));
  }
  return out;
}

}  // namespace landwarden::report
