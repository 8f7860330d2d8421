// Parts that the JSON forms of coverage and of an assessment share.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "assess/settings.h"
#include "assess/time_set.h"
#include "report/json_writer.h"
#include "triage/survey.h"

namespace landwarden::report {

/// "name": [["from", "until"], …]
inline void ranges(JsonWriter& json, std::string_view name, const assess::TimeSet& set) {
  json.key(name).open('[');
  for (const assess::TimeRange& range : set.ranges()) {
    json.open('[');
    json.time(range.begin);
    json.time(range.end);
    json.close(']');
  }
  json.close(']');
}

inline void texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.begin_flat_key(name);
  json.open('[');
  for (const std::string& text : texts) json.text(text);
  json.close(']');
  json.end_flat();
}

/// "events", "files_unreadable", "interrupted", "period".
inline void evidence_facts(JsonWriter& json, const triage::Survey& survey, const assess::TimeRange& period) {
  json.key("events").number(survey.records);
  json.key("complete").truth(!survey.incomplete());
  json.key("interrupted").truth(survey.interrupted);
  json.key("period").open('{');
  json.key("from").time(period.begin);
  json.key("until").time(period.end);
  json.close('}');
}

inline void setting_object(JsonWriter& json, const assess::Setting& setting) {
  json.open('{');
  json.key("id").text(setting.id);
  json.key("name").text(setting.name.en);
  json.key("name_ja").text(setting.name.ja);
  json.key("effort").text(setting.effort == assess::Effort::policy    ? "policy"
                          : setting.effort == assess::Effort::install ? "install"
                                                                      : "service");
  json.key("volume").text(setting.volume);
  json.key("remedies").open('{');
  for (const assess::Remedy& remedy : setting.remedies) json.key(remedy.way).text(remedy.text);
  json.close('}');
  json.key("note").text(setting.note.en);
  json.key("note_ja").text(setting.note.ja);
  json.close('}');
}

}  // namespace landwarden::report
