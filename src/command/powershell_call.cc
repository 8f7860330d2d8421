// powershell.exe's own switches.

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "command/decoding.h"
#include "command/powershell_script.h"

namespace landwarden::command {
namespace {

/// A switch with the shortest form that the program takes. Facts: PowerShell's CommandLineParameterParser.
struct Switch {
  std::string_view name, shortest;
  bool value;
};
constexpr std::array kSwitches = {
    Switch{"encodedcommand", "e", true},
    Switch{"encodedarguments", "encodeda", true},
    Switch{"ec", "ec", true},
    Switch{"ea", "ea", true},
    Switch{"executionpolicy", "ex", true},
    Switch{"ep", "ep", true},
    Switch{"command", "c", true},
    Switch{"commandwithargs", "commandw", true},
    Switch{"cwa", "cwa", true},
    Switch{"configurationname", "config", true},
    Switch{"custompipename", "cus", true},
    Switch{"file", "f", true},
    Switch{"help", "h", false},
    Switch{"inputformat", "in", true},
    Switch{"if", "if", true},
    Switch{"interactive", "i", false},
    Switch{"login", "l", false},
    Switch{"mta", "mta", false},
    Switch{"noexit", "noe", false},
    Switch{"nologo", "nol", false},
    Switch{"noninteractive", "noni", false},
    Switch{"noprofile", "nop", false},
    Switch{"outputformat", "o", true},
    Switch{"of", "of", true},
    Switch{"psconsolefile", "psc", true},
    Switch{"settingsfile", "settings", true},
    Switch{"sta", "st", false},
    Switch{"version", "v", true},
    Switch{"windowstyle", "w", true},
    Switch{"workingdirectory", "wo", true},
    Switch{"wd", "wd", true},
};

const Switch* switch_named(std::string_view name) {
  for (const Switch& known : kSwitches) {
    if (known.name == name) return &known;
  }
  for (const Switch& known : kSwitches) {
    if (known.name.starts_with(name) && name.starts_with(known.shortest)) return &known;
  }
  return nullptr;
}

std::string joined(const std::vector<Word>& words, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < words.size(); ++i) {
    if (!out.empty()) out += ' ';
    out += words[i].text;
  }
  return out;
}

bool begins_folded(std::string_view text, std::string_view with) {
  return text.size() >= with.size() &&
         std::ranges::equal(text.substr(0, with.size()), with,
                            [](char a, char b) { return text::ascii_lower(a) == b; });
}

/// "hidden", "Hid" and 1 are the same to the program.
bool is_hidden(std::string_view style) {
  return style == "1" ||
         (!style.empty() && std::ranges::equal(style, std::string_view("hidden").substr(0, style.size()),
                                               [](char a, char b) { return text::ascii_lower(a) == b; }));
}

}  // namespace

bool is_dash(std::string_view text, std::size_t at, std::size_t& size) {
  if (at >= text.size()) return false;
  if (text[at] == '-') {
    size = 1;
    return true;
  }
  const std::string_view rest = text.substr(at);
  size = 3;  // U+2013 en dash, U+2014 em dash, U+2015 horizontal bar
  return rest.starts_with("\xE2\x80\x93") || rest.starts_with("\xE2\x80\x94") ||
         rest.starts_with("\xE2\x80\x95");
}

PowershellCall read_powershell_call(const std::vector<Word>& words, bool core, TextStore& texts) {
  PowershellCall call;
  std::size_t i = 0;
  for (; i < words.size(); ++i) {
    std::string_view word = words[i].text;
    std::size_t dash = 0;
    if (word.starts_with('/')) {
      dash = 1;
    } else if (!is_dash(word, 0, dash)) {
      break;
    }
    std::string name;
    for (const char c : word.substr(dash)) name += text::ascii_lower(c);
    if (name.starts_with('-')) name.erase(0, 1);  // pwsh takes two
    if (name.empty()) {
      call.standard_input = true;
      return call;
    }
    const std::size_t colon = name.find(':');
    const Switch* known = switch_named(name.substr(0, colon));
    if (known == nullptr) break;  // Windows PowerShell runs what it does not know as a command
    const bool has_value = known->value && (colon != std::string::npos || i + 1 < words.size());
    const std::string_view value = !has_value                   ? std::string_view()
                                   : colon != std::string::npos ? word.substr(dash + colon + 1)
                                                                : words[i + 1].text;
    if (known->name == "encodedcommand" || known->name == "ec") {
      call.how = "-EncodedCommand";
      call.encoded = true;
      const auto bytes = from_base64(value);
      call.script = bytes ? texts.keep(from_utf16(*bytes)) : std::string_view();
      call.undecodable = !bytes;
      return call;
    }
    if (known->name.starts_with("command") || known->name == "cwa") {
      call.how = "-Command";
      call.script = texts.keep(joined(words, i + 1));
      if (call.script == "-") {
        call.script = {};
        call.standard_input = true;
      }
      return call;
    }
    if (known->name == "file") {
      call.file = value;
      call.standard_input = value == "-";
      return call;
    }
    call.no_profile = call.no_profile || known->name == "noprofile";
    call.hidden = call.hidden || (known->name == "windowstyle" && is_hidden(value));
    call.bypass = call.bypass ||
                  (known->name.starts_with('e') && (begins_folded(value, "b") || begins_folded(value, "un")));
    if (known->name == "version") call.version = value;
    if (has_value && colon == std::string::npos) ++i;
  }
  if (i >= words.size()) return call;
  if (core) {
    call.file = words[i].text;
    return call;
  }
  call.how = "-Command";
  call.script = texts.keep(joined(words, i));
  return call;
}

}  // namespace landwarden::command
