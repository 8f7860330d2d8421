// Settings of logging: which records each makes arrive, and how it is switched on. From content/coverage
// (schema described there).
//
// Immutable once loaded, but for add(), which tables of advisories and rules for other logs need before the
// table is used. Share it among threads afterwards.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assess/table_reader.h"
#include "base/result.h"
#include "triage/survey.h"

namespace landwarden::assess {

/// Records of some kind. Empty lists leave everything; compared without case.
struct RecordKind {
  std::string product;
  std::vector<std::string> channels, providers;
  std::vector<std::uint32_t> event_ids;

  [[nodiscard]] bool covers(const triage::Arrival& arrival) const;
  [[nodiscard]] bool has_channel(std::string_view channel) const;
};

/// How often records come where the setting is on.
enum class Rhythm : std::uint8_t {
  always,  ///< nothing has to be switched on
  steady,  ///< every day that the host is in use
  rare,    ///< one proves that it is on, none proves nothing
};
enum class Effort : std::uint8_t { policy, install, service };

struct Remedy {
  std::string way,
      text;  ///< way: "gpo", "auditpol", "registry", "command", "sysmon", "auditd", "macos", "other"
};

struct Setting {
  std::string id;
  Text name, note;
  Effort effort = Effort::policy;
  std::string volume;
  std::vector<Remedy> remedies;
  RecordKind records;
  Rhythm rhythm = Rhythm::always;
  std::optional<RecordKind> witness;  ///< records that never come without these
  std::optional<std::size_t> filled;  ///< index into SettingTable::watches(): the records come with it filled
  std::vector<std::size_t> needs;     ///< settings without which this one gives nothing
  std::string role;                   ///< hosts of this role only; empty: all
  bool estate = false;                ///< one sensor speaks for all hosts
  bool missed = false;                ///< of the estate: also where there is no record of the product at all
};

/// A kind of record that says that logging itself was touched.
struct Sign {
  RecordKind records;
  Text title;
};

struct NamedText {
  std::string name;
  std::string_view bytes;
};

class SettingTable {
 public:
  [[nodiscard]] static Result<SettingTable> built_in();
  /// `settings`, `quality`, and one file or more of arrivals.
  [[nodiscard]] static Result<SettingTable> parse(const NamedText& settings, const NamedText& quality,
                                                  const std::vector<NamedText>& arrivals);

  /// In the order in which they are preferred.
  [[nodiscard]] const std::vector<Setting>& settings() const { return settings_; }
  [[nodiscard]] const std::vector<triage::Watch>& watches() const { return watches_; }
  [[nodiscard]] const std::vector<Text>& watch_titles() const { return watch_titles_; }
  [[nodiscard]] const std::vector<Sign>& signs() const { return signs_; }
  /// Role → what only its hosts write.
  [[nodiscard]] const std::map<std::string, std::vector<RecordKind>>& roles() const { return roles_; }
  [[nodiscard]] bool is_steady_channel(std::string_view product, std::string_view channel) const;
  [[nodiscard]] std::optional<std::size_t> find(std::string_view id) const;
  [[nodiscard]] std::optional<std::size_t> find_watch(std::string_view name) const;
  /// The setting with all that it needs, sorted.
  [[nodiscard]] std::vector<std::size_t> with_needs(std::size_t setting) const;
  /// A setting of somebody else's; that of the same id if it is there already.
  std::size_t add(Setting setting);

 private:
  struct Names;
  [[nodiscard]] Result<void> add_arrivals(const yaml::Node& document, const std::string& file, Names& names);
  [[nodiscard]] Result<void> add_arrival(const yaml::Node& node, const std::string& file,
                                         const std::string& product, Names& names);
  [[nodiscard]] Result<void> add_watches(const NamedText& quality);

  std::vector<Setting> settings_;
  std::vector<triage::Watch> watches_;
  std::vector<Text> watch_titles_;
  std::vector<Sign> signs_;
  std::map<std::string, std::vector<RecordKind>> roles_;
  std::vector<RecordKind> steady_;
};

/// Reads {channel, provider, event_id} of a map.
[[nodiscard]] RecordKind read_kind(TableReader& reader, const std::string& product);

}  // namespace landwarden::assess
