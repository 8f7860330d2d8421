#include "report/yara_foreign.h"

#include <charconv>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "report/json.h"

namespace landwarden::report {
namespace {

std::string_view meta_of(const intel::YaraRule& rule, std::string_view key) {
  for (const auto& [name, value] : rule.meta) {
    if (name == key) return value;
  }
  return {};
}

}  // namespace

sigma::Level level_of(const intel::YaraRule& rule) {
  for (const char* key : {"level", "severity"}) {
    if (const auto level = sigma::parse_level(text::folded(meta_of(rule, key)))) return *level;
  }
  const std::string_view text = meta_of(rule, "score");
  int score = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return sigma::Level::medium;
  if (score >= 80) return sigma::Level::high;
  if (score >= 60) return sigma::Level::medium;
  return score >= 40 ? sigma::Level::low : sigma::Level::informational;
}

triage::ForeignRule foreign_of(const intel::YaraRule& rule) {
  triage::ForeignRule out;
  out.ruleset = kYaraRuleset;
  out.rule.title = "YARA: " + rule.name;
  out.rule.id = "yara:" + rule.name;
  out.rule.description = meta_of(rule, "description");
  out.rule.level = level_of(rule);
  out.rule.tags = rule.tags;
  out.rule.file = rule.file;
  out.line = rule.file;
  if (!out.rule.description.empty()) out.line += ": " + out.rule.description;
  for (const char* key : {"author", "date"}) {
    const std::string_view value = meta_of(rule, key);
    if (!value.empty()) out.line += fmt::format(", {}", value);
  }
  std::string& json = out.details;
  json = "{\"rule\": ";
  append_json_string(json, rule.name);
  json += ", \"namespace\": ";
  append_json_string(json, rule.file);
  json += ", \"tags\": [";
  for (std::size_t i = 0; i < rule.tags.size(); ++i) {
    if (i > 0) json += ", ";
    append_json_string(json, rule.tags[i]);
  }
  json += "], \"meta\": {";
  for (std::size_t i = 0; i < rule.meta.size(); ++i) {
    if (i > 0) json += ", ";
    append_json_string(json, rule.meta[i].first);
    json += ": ";
    append_json_string(json, rule.meta[i].second);
  }
  json += "}}";
  return out;
}

}  // namespace landwarden::report
