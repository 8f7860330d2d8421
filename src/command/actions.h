// The vocabulary: what a command can do, as a fixed list of actions with ATT&CK techniques and texts.
//
// Read from content/commands/actions.yaml. Grammars name actions by id; an id that is not in this table is an
// error of the grammar. Immutable once loaded.

#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace landwarden::command {

/// What is told of an action in one language.
struct ActionText {
  std::string title;   ///< what it does
  std::string use;     ///< what it is for
  std::string abuse;   ///< what attackers do with it
  std::string normal;  ///< when it is nothing to worry about
};

struct Action {
  std::string id;                       ///< "ntds_copy"
  std::vector<std::string> techniques;  ///< ATT&CK: "T1003.003"
  /// Which of several actions of a line speaks for it: 0 everyday, 1 administration, 2 rare in honest work,
  /// 3 hardly ever honest.
  std::uint8_t weight = 0;
  ActionText en, ja;
};

class ActionTable {
 public:
  [[nodiscard]] static Result<ActionTable> parse(std::string_view yaml, const std::string& file);

  /// nullptr if there is no such action. The address stays as long as the table (also when it is moved).
  [[nodiscard]] const Action* find(std::string_view id) const;
  [[nodiscard]] const std::deque<Action>& all() const { return actions_; }

 private:
  std::deque<Action> actions_;  ///< by id
};

}  // namespace landwarden::command
