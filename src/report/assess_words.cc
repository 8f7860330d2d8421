#include "report/assess_words.h"

#include <fmt/format.h>

#include "report/coverage_words.h"

namespace landwarden::report {

using assess::Verdict;

std::string_view verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::found:
      return "found";
    case Verdict::not_found:
      return "looked, not found";
    case Verdict::partly_blind:
      return "not found, partly blind";
    case Verdict::blind:
      return "blind";
  }
  return "";
}

std::string_view verdict_kind(Verdict verdict) {
  switch (verdict) {
    case Verdict::found:
      return "bad";
    case Verdict::not_found:
      return "good";
    case Verdict::partly_blind:
      return "part";
    case Verdict::blind:
      return "unknown";
  }
  return "";
}

Ink verdict_ink(Verdict verdict) {
  switch (verdict) {
    case Verdict::found:
      return Ink::bad;
    case Verdict::not_found:
      return Ink::good;
    case Verdict::partly_blind:
      return Ink::medium;
    case Verdict::blind:
      return Ink::strong;
  }
  return Ink::plain;
}

std::vector<std::string> shown_hosts(const assess::Watched& watched) {
  std::vector<std::string> out;
  for (const std::string& host : watched.hosts) out.push_back(host_text(host, watched.estate));
  return out;
}

std::string wanted_text(const assess::BlindPart& part, const assess::SettingTable& table) {
  std::vector<std::string> names;
  for (const std::size_t setting : part.settings) names.push_back(table.settings()[setting].name.en);
  return names_text(names, names.size());
}

std::string summary_text(const assess::Assessment& assessment) {
  return fmt::format("{} found, {} looked for and not found, {} not found and partly blind, {} blind",
                     assessment.count(Verdict::found), assessment.count(Verdict::not_found),
                     assessment.count(Verdict::partly_blind), assessment.count(Verdict::blind));
}

}  // namespace landwarden::report
