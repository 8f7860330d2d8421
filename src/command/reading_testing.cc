#include "command/reading_testing.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "command/shape.h"

namespace landwarden::command {

const Grammar& built_in_grammar() {
  static const auto grammar = Grammar::built_in();
  if (!grammar) {
    ADD_FAILURE() << grammar.error().to_string();
    static const auto empty = Grammar::make(ActionTable{});
    return *empty;
  }
  return *grammar;
}

Reading read(const Input& input) {
  Analyzer analyzer(built_in_grammar());
  Meaning meaning;
  analyzer.analyze(input, meaning);
  Reading out;
  for (const Layer& layer : meaning.layers)
    out.layers.push_back(std::string(dialect_name(layer.dialect)) + ": " + std::string(layer.text));
  for (const Unresolved& what : meaning.unresolved) out.unresolved.emplace_back(what.what);
  for (const Command& command : meaning.commands) {
    if (command.action != nullptr) out.actions.push_back(command.action->id);
    out.renamed = out.renamed || command.renamed;
  }
  if (const Command* main = meaning.main_command()) {
    out.main = main->action->id;
    for (std::uint32_t i = 0; i < main->arguments; ++i) {
      const Argument& argument = meaning.arguments[main->first_argument + i];
      out.arguments.push_back(std::string(role_name(argument.role)) + "=" + std::string(argument.value));
    }
  }
  append_shape(meaning, out.shape);
  return out;
}

bool Reading::has(std::string_view action) const {
  return std::ranges::find(actions, action) != actions.end();
}

std::string Reading::argument(std::string_view role) const {
  for (const std::string& argument : arguments) {
    if (argument.starts_with(std::string(role) + "=")) return argument.substr(role.size() + 1);
  }
  return {};
}

std::string Reading::all(std::string_view role) const {
  std::string out;
  for (const std::string& argument : arguments) {
    if (argument.starts_with(std::string(role) + "="))
      out += (out.empty() ? "" : " ") + argument.substr(role.size() + 1);
  }
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
    };
    const unsigned bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (int k = 0; k < 4; ++k) {
      const bool padding = i + static_cast<std::size_t>(k) > bytes.size();
      out += padding ? '=' : kLetters[bits >> (18 - 6 * k) & 63];
    }
  }
  return out;
}

std::string encoded_command(std::string_view text) {
  std::string bytes;
  for (const char c : text) bytes += {c, '\0'};  // tests write ASCII
  return base64(bytes);
}

}  // namespace landwarden::command
