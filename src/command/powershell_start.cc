#include "command/powershell_start.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "command/powershell_script.h"

namespace landwarden::command {
namespace {

constexpr std::array<std::string_view, 8> kValued = {"workingdirectory",
                                                     "redirectstandardoutput",
                                                     "redirectstandarderror",
                                                     "redirectstandardinput",
                                                     "credential",
                                                     "verb",
                                                     "windowstyle",
                                                     "environment"};

/// The value's text; that of the word where only the running program knows the value.
std::string text_of(const PsValue& value, const Word& word) {
  if (!value.known()) return std::string(word.text);
  std::string out;
  for (const PsValue& item : value.as_list()) out += (out.empty() ? "" : " ") + item.as_text();
  return out;
}

}  // namespace

void join_program_and_arguments(std::vector<Word>& words, std::span<const PsValue> values, TextStore& texts) {
  if (words.size() != values.size() + 1) return;
  std::size_t program = 0, arguments = 0;
  bool named = false;  // the arguments, by their parameter
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::size_t dash = 0;
    if (words[i].quoted || !is_dash(words[i].text, 0, dash)) {
      (program == 0 ? program : arguments == 0 ? arguments : i) = i;
      continue;
    }
    std::string name;
    for (const char c : words[i].text.substr(dash)) name += text::ascii_lower(c);
    if (name.empty() || i + 1 >= words.size()) continue;
    const auto is = [&](std::string_view full) { return full.starts_with(name); };
    if (is("filepath") || name == "path" || name == "pspath") {
      program = ++i;
    } else if (is("argumentlist") || is("args")) {
      arguments = ++i;
      named = true;
    } else if (std::ranges::any_of(kValued, is)) {
      ++i;
    }
  }
  if (program == 0 || arguments == 0) return;
  std::string line = text_of(values[program - 1], words[program]);
  if (line.contains(' ') && !line.starts_with('"')) line = '"' + line + '"';
  line += ' ' + text_of(values[arguments - 1], words[arguments]);
  words[program].text = texts.keep(line);
  words[program].known = words[program].known && words[arguments].known;
  const auto gone = words.begin() + static_cast<std::ptrdiff_t>(arguments);
  words.erase(named ? gone - 1 : gone, gone + 1);
}

}  // namespace landwarden::command
