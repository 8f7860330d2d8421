#include "command/meaning.h"

#include <array>

#include "command/actions.h"
#include "command/grammar.h"

namespace landwarden::command {

std::string_view dialect_name(Dialect dialect) {
  constexpr std::array<std::string_view, 5> kNames = {"process", "cmd", "powershell", "sh", "menu"};
  return kNames[static_cast<std::size_t>(dialect)];
}

std::string_view role_name(Role role) {
  constexpr std::array<std::string_view, 10> kNames = {"what",   "from", "to",      "host", "account",
                                                       "secret", "name", "command", "port", "_"};
  return kNames[static_cast<std::size_t>(role)];
}

void Meaning::clear() {
  layers.clear();
  commands.clear();
  arguments.clear();
  unresolved.clear();
  texts.clear();
}

const Command* Meaning::main_command() const {
  const Command* best = nullptr;
  for (const Command& command : commands) {
    if (command.action == nullptr) continue;
    // A shell is spoken for by what it runs.
    const auto rank = [](const Command& c) {
      return c.action->weight * 2 + (c.program->carrier == Carrier::none);
    };
    if (best == nullptr || rank(command) > rank(*best) ||
        (rank(command) == rank(*best) && command.layer != best->layer &&
         is_below(command.layer, best->layer)))
      best = &command;
  }
  return best;
}

bool Meaning::is_below(std::uint32_t layer, std::uint32_t above) const {
  while (layer != kNoLayer && layer > above) layer = layers[layer].parent;  // parents come first
  return layer == above;
}

std::string_view Meaning::value(const Command& command, Role role) const {
  for (std::uint32_t i = 0; i < command.arguments; ++i) {
    const Argument& argument = arguments[command.first_argument + i];
    if (argument.role == role) return argument.value;
  }
  return {};
}

}  // namespace landwarden::command
