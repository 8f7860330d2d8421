// The keys of a rule document besides its detection: ids, dates, states, tags, related rules.

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/text.h"
#include "sigma/lint.h"
#include "sigma/spelling.h"

namespace landwarden::sigma {
namespace {

using yaml::Node;
using NodeKind = Node::Kind;

constexpr auto kStatus =
    std::to_array<std::string_view>({"stable", "test", "experimental", "deprecated", "unsupported"});
constexpr auto kRelations =
    std::to_array<std::string_view>({"derived", "obsolete", "merged", "renamed", "similar", "correlation"});
constexpr auto kLogSourceKeys =
    std::to_array<std::string_view>({"category", "product", "service", "definition"});
constexpr auto kTactics = std::to_array<std::string_view>(
    {"reconnaissance", "resource-development", "initial-access", "execution", "persistence",
     "privilege-escalation", "defense-evasion", "stealth", "defense-impairment", "credential-access",
     "discovery", "lateral-movement", "collection", "command-and-control", "exfiltration", "impact",
     // Tactics of the mobile and the ICS matrix that the enterprise matrix does not have.
     "evasion", "inhibit-response-function", "impair-process-control", "network-effects",
     "remote-service-effects"});

bool is_uuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::ranges::equal(text, kForm, [](char c, char form) {
    if (form == '-') return c == '-';
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

int number_of(std::string_view digits) {
  int out = 0;
  (void)std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

/// Days of a month, leap years and all.
int days_in(int year, int month) {
  constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays.at(static_cast<std::size_t>(month - 1));
}

enum class DateForm : std::uint8_t { right, slashes, none };

DateForm form_of(std::string_view text) {
  if (text.size() != 10 || text[4] != text[7] || (text[4] != '-' && text[4] != '/')) return DateForm::none;
  const std::string_view year = text.substr(0, 4), month = text.substr(5, 2), day = text.substr(8, 2);
  if (!is_digits(year) || !is_digits(month) || !is_digits(day)) return DateForm::none;
  const int m = number_of(month);
  if (m < 1 || m > 12 || number_of(day) < 1 || number_of(day) > days_in(number_of(year), m))
    return DateForm::none;
  return text[4] == '-' ? DateForm::right : DateForm::slashes;
}

void lint_dates(const Node& document, LintReport& report) {
  std::string earlier;
  for (const std::string_view key : {"date", "modified"}) {
    const Node* node = document.find(key);
    if (node == nullptr || !node->is_scalar() || node->kind == NodeKind::null) continue;
    const DateForm form = form_of(node->text);
    if (form == DateForm::none) {
      report.at("date", *node, "'" + node->text + "' is no date", "write year-month-day, such as 2026-03-02");
      continue;
    }
    std::string date = node->text;
    std::ranges::replace(date, '/', '-');
    if (key == "modified" && !earlier.empty() && date < earlier)
      report.at("date", *node, "the rule was modified before its date, " + earlier, "check both");
    earlier = date;
  }
}

void lint_id(const Node& document, LintReport& report) {
  const Node* id = document.find("id");
  if (id == nullptr || id->text.empty()) return;
  if (!is_uuid(id->text))
    report.at("id", *id, "'" + id->text + "' is no UUID",
              "make one with uuidgen; others refer to the rule by it");
}

void lint_status(const Node& document, LintReport& report) {
  const Node* status = document.find("status");
  if (status == nullptr || status->kind == NodeKind::null) return;
  if (std::ranges::find(kStatus, status->text) != kStatus.end()) return;
  report.at("status", *status, "unknown status '" + status->text + "'",
            did_you_mean(status->text, kStatus,
                         "states are stable, test, experimental, deprecated and unsupported"));
}

void lint_related(const Node& document, LintReport& report) {
  const Node* related = document.find("related");
  if (related == nullptr || related->kind == NodeKind::null) return;
  if (related->kind != NodeKind::list) {
    report.at("related", *related, "'related' must be a list", "each entry has an id and a type");
    return;
  }
  for (const Node& entry : related->items) {
    const Node* id = entry.find("id");
    const Node* type = entry.find("type");
    if (id == nullptr || type == nullptr) {
      report.at("related", entry, "an entry of 'related' needs id and type");
      continue;
    }
    if (!is_uuid(id->text)) report.at("related", *id, "'" + id->text + "' is no UUID");
    if (std::ranges::find(kRelations, type->text) == kRelations.end()) {
      report.at("related", *type, "unknown relation '" + type->text + "'",
                did_you_mean(type->text, kRelations,
                             "relations are derived, obsolete, merged, renamed and similar"));
    }
  }
}

void lint_log_source(const Node& document, LintReport& report) {
  const Node* source = document.find("logsource");
  if (source == nullptr) return;
  for (const auto& [key, value] : source->entries) {
    if (std::ranges::find(kLogSourceKeys, key.text) != kLogSourceKeys.end()) continue;
    const std::string_view near = nearest_name(key.text, kLogSourceKeys);
    if (near.empty()) continue;
    report.at("unknown-key", key, "unknown key '" + key.text + "' in 'logsource'",
              "did you mean '" + std::string(near) + "'?");
  }
}

std::string normalised(std::string_view text) {
  std::string out = text::folded(text);
  std::ranges::replace(out, '_', '-');
  return out;
}

/// "t1003" or "t1003.001": the id in capitals; empty if it is none.
std::string technique_of(std::string_view name) {
  if (name.size() < 2 || name[0] != 't') return {};
  const std::string_view top = name.substr(1, name.find('.') - 1);
  if (!is_digits(top)) return {};
  return "T" + std::string(name.substr(1));
}

void lint_attack(const Node& tag, std::string_view name, const Techniques& techniques, LintReport& report) {
  // Groups, software, campaigns, mitigations, data sources and components, tactics by number.
  const std::size_t digits = name.find_first_of("0123456789");
  const std::string_view letters = name.substr(0, digits);
  constexpr auto kOthers = std::to_array<std::string_view>({"g", "s", "c", "m", "ds", "dc", "ta"});
  if (digits != std::string_view::npos && name.size() == digits + 4 && is_digits(name.substr(digits)) &&
      std::ranges::find(kOthers, letters) != kOthers.end())
    return;
  const std::string technique = technique_of(name);
  if (technique.empty()) {
    if (std::ranges::find(kTactics, name) != kTactics.end()) return;
    report.at("tag", tag, "ATT&CK has no tactic '" + std::string(name) + "'",
              did_you_mean(name, kTactics, "tags are tactics, or t and the number of a technique"));
    return;
  }
  switch (techniques.state(technique)) {
    case TechniqueState::unknown:
      report.at("unknown-technique", tag, "ATT&CK has no technique " + technique,
                "see content/attack/techniques.yaml for the release that is compared with");
      break;
    case TechniqueState::withdrawn:
      report.at("withdrawn-technique", tag, "ATT&CK withdrew technique " + technique,
                "its page at ATT&CK names the one that took its place");
      break;
    default:
      break;
  }
}

void lint_tags(const Node& document, const Techniques& techniques, LintReport& report) {
  const Node* tags = document.find("tags");
  if (tags == nullptr || tags->kind == NodeKind::null) return;
  if (tags->kind != NodeKind::list) {
    report.at("tag", *tags, "'tags' must be a list");
    return;
  }
  std::set<std::string> seen;
  for (const Node& tag : tags->items) {
    if (!tag.is_scalar() || tag.text.empty()) {
      report.at("tag", tag, "a tag must be a text");
      continue;
    }
    const std::string whole = normalised(tag.text);
    if (!seen.insert(whole).second)
      report.at("duplicate-value", tag, "the tag '" + tag.text + "' stands twice");
    const std::size_t dot = whole.find('.');
    if (dot == std::string::npos || dot == 0) {
      report.at("tag", tag, "the tag '" + tag.text + "' has no namespace",
                "write attack.t1003, cve.2021-44228 …");
    } else if (whole.starts_with("attack.")) {
      lint_attack(tag, std::string_view(whole).substr(dot + 1), techniques, report);
    }
  }
}

void lint_taxonomy(const Node& document, LintReport& report) {
  const Node* taxonomy = document.find("taxonomy");
  if (taxonomy == nullptr || taxonomy->text == "sigma" || taxonomy->text.empty()) return;
  report.at("taxonomy", *taxonomy, "the taxonomy '" + taxonomy->text + "' is not known here",
            "fields and log sources are read as Sigma's own");
}

}  // namespace

void lint_metadata(const Node& document, const LintTables& tables, LintReport& report) {
  lint_id(document, report);
  lint_status(document, report);
  lint_dates(document, report);
  lint_related(document, report);
  lint_log_source(document, report);
  lint_tags(document, tables.techniques, report);
  lint_taxonomy(document, report);
}

}  // namespace landwarden::sigma
