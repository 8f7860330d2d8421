// ATT&CK tactics and techniques as rules name them in their tags, from content/attack/tactics.yaml.
//
// Immutable once loaded.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace landwarden::triage {

struct Tactic {
  std::string id, name;           ///< "TA0006", "Credential Access"
  std::vector<std::string> tags;  ///< behind "attack.", lower case, with '-'
};

/// What one tag of a rule says.
struct AttackTag {
  std::optional<std::size_t> tactic;  ///< index into AttackTable::tactics()
  std::string technique;              ///< "T1003.003"; empty if the tag names none
};

class AttackTable {
 public:
  [[nodiscard]] static Result<AttackTable> built_in();
  [[nodiscard]] static Result<AttackTable> parse(std::string_view yaml, const std::string& file);

  /// In the order in which an intrusion usually goes through them.
  [[nodiscard]] const std::vector<Tactic>& tactics() const { return tactics_; }
  [[nodiscard]] AttackTag read_tag(std::string_view tag) const;

 private:
  std::vector<Tactic> tactics_;
};

}  // namespace landwarden::triage
