// The YARA rules of a hunt: which ones, and what they are beside its Sigma rules.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "engine/beside_rules.h"
#include "intel/yara_rules.h"
#include "sigma/rule.h"

namespace landwarden::cli {

/// Adds --yara; `paths` must live until the command has run.
void add_hunt_yara(Command command, std::vector<std::string>& paths);

class HuntYara {
 public:
  HuntYara() = default;
  HuntYara(const HuntYara&) = delete;
  HuntYara& operator=(const HuntYara&) = delete;

  /// Compiles what is named; says which files cannot be used. Does nothing if there are none. Matches of
  /// rules below `least` are not told.
  [[nodiscard]] Result<void> read(const std::vector<std::string>& paths, std::optional<sigma::Level> least);
  /// Nothing if none were asked for. `texts` are the fields that hold scripts; neither may it outlive nor
  /// this.
  [[nodiscard]] std::optional<engine::HuntedYara> hunted(const std::vector<view::CutText>& texts);
  /// Says what was not looked at; true if there is such.
  bool say_problems() const;
  /// "3 rules looked at 12 scripts and 2 files"; empty if there are none.
  [[nodiscard]] std::string told(std::uint64_t matched) const;

 private:
  std::optional<intel::YaraRules> rules_;
  std::vector<triage::ForeignRule> foreign_;
  std::vector<bool> left_out_;
  engine::YaraReport report_;
};

}  // namespace landwarden::cli
