// One host as a survey saw it: which records it sent, which stretches of time its logs cover, and on which of
// them a record of some kind would be there if it had been written.
//
// A stretch counts as *looked at* for a setting only if something shows it: the log is there without missing
// numbers, and (Rhythm::steady) such records came that day or the host was not in use, or (Rhythm::rare) one
// such record proves that the setting is on. What is not shown is blind, for the first reason that applies.
// docs/coverage.md has the rules in words.
//
// Views point into the survey and the table, which must outlive them. Not thread-safe to build, safe to read.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "assess/settings.h"
#include "assess/time_set.h"
#include "triage/survey.h"

namespace landwarden::assess {

/// Why a record of some kind would not have been seen.
enum class Blindness : std::uint8_t {
  no_log,        ///< no log of that time
  numbers_gone,  ///< record numbers are missing there: removed, overwritten or not exported
  off,           ///< the log is there and such records are not, though they would come every day
  field_empty,   ///< the records are there without the field
  unproven,      ///< nothing shows that the setting is on
};
inline constexpr std::size_t kBlindnesses = 5;
[[nodiscard]] const char* to_text(Blindness why);  ///< "no-log", for programs

/// One setting on one host over the period.
struct Sight {
  std::uint64_t records = 0;  ///< that only come where the setting is on
  TimeSet looked;
  std::array<TimeSet, kBlindnesses> blind;  ///< by Blindness; apart from each other and from `looked`
  [[nodiscard]] TimeSet blind_at_all() const;
};

class HostView {
 public:
  /// `host` is empty for the estate as a whole, which has the records of all hosts.
  HostView(const triage::Survey& survey, const SettingTable& table, std::string host, bool estate);

  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] bool estate() const { return estate_; }
  /// "windows"; of several the one with most records. Empty for the estate.
  [[nodiscard]] const std::string& product() const { return product_; }
  [[nodiscard]] const std::vector<std::string>& roles() const { return roles_; }
  void give_role(std::string role);
  [[nodiscard]] bool has_role(std::string_view role) const;
  [[nodiscard]] const std::vector<const triage::Arrival*>& arrivals() const { return arrivals_; }
  [[nodiscard]] const std::vector<const triage::LogSurvey*>& logs() const { return logs_; }
  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] TimeRange seen() const { return seen_; }

  /// Whether such records can be expected of this host at all.
  [[nodiscard]] bool applies(const Setting& setting) const;
  [[nodiscard]] Sight look(const Setting& setting, TimeRange period) const;
  /// What the logs of a channel cover: without holes, and where numbers are missing. `whole` says that
  /// nothing but the log's own beginning and end bound it; else days without records say nothing.
  struct Kept {
    TimeSet covered, numbers_gone;
    bool whole = false;
  };
  [[nodiscard]] Kept kept(const RecordKind& kind) const;

 private:
  [[nodiscard]] TimeSet days_of(const RecordKind& kind, std::uint32_t mask, std::uint64_t* records) const;
  void extend_quiet_end(const RecordKind& kind, TimeSet& covered) const;

  const SettingTable& table_;
  std::string host_, product_;
  bool estate_ = false;
  std::vector<std::string> roles_;
  std::vector<const triage::Arrival*> arrivals_;
  std::vector<const triage::LogSurvey*> logs_;
  TimeSet alive_;  ///< whole days with any record
  std::uint64_t records_ = 0;
  TimeRange seen_{Time::unknown(), Time::unknown()};
};

/// The estate first, then hosts by name. Roles are seen from the records; `roles` adds hosts by name.
[[nodiscard]] std::vector<HostView> views_of(const triage::Survey& survey, const SettingTable& table,
                                             const std::vector<std::pair<std::string, std::string>>& roles);

}  // namespace landwarden::assess
