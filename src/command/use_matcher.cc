#include "command/use_matcher.h"

#include <algorithm>

#include "base/text.h"
#include "command/powershell_script.h"

namespace landwarden::command {
namespace {

using Kind = UsagePart::Kind;

bool has_case(Syntax syntax) {
  return syntax == Syntax::getopt || syntax == Syntax::dashes;
}

/// Whether `text` begins with `with`, which is lower case already; `whole`: and ends there.
bool same_name(std::string_view text, std::string_view with, bool with_case) {
  if (text.size() != with.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((with_case ? text[i] : text::ascii_lower(text[i])) != with[i]) return false;
  }
  return true;
}

/// Whether `text` is a beginning of `name`.
bool abbreviates(std::string_view text, std::string_view name, bool with_case) {
  return !text.empty() && text.size() <= name.size() &&
         same_name(text, name.substr(0, text.size()), with_case);
}

/// Parameters that every cmdlet has and that take a value.
bool common_parameter(std::string_view name) {
  for (const std::string_view known :
       {"erroraction", "ea", "warningaction", "wa", "informationaction", "infa", "outvariable", "ov",
        "errorvariable", "ev", "outbuffer", "ob"}) {
    if (same_name(name, known, false)) return true;
  }
  return false;
}

}  // namespace

const KnownOption* UseMatcher::option_named(const Program& program, std::string_view name,
                                            bool prefix) const {
  const bool with_case = has_case(program.syntax);
  for (const KnownOption& option : program.options) {
    if (same_name(name, option.name, with_case)) return &option;
  }
  if (!prefix) return nullptr;
  for (const KnownOption& option : program.options) {
    if (abbreviates(name, option.name, with_case)) return &option;
  }
  return nullptr;
}

/// -xyz, -xVALUE, -x VALUE.
void UseMatcher::short_options(const Program& program, std::string_view letters, std::span<const Word> words,
                               std::size_t& i) {
  for (std::size_t k = 0; k < letters.size(); ++k) {
    Option option;
    option.name = letters.substr(k, 1);
    option.known = option_named(program, option.name, false);
    if (option.known == nullptr || !(option.known->valued || option.known->glued)) {
      options_.push_back(option);
      continue;
    }
    option.value = letters.substr(k + 1);
    option.has_value = !option.value.empty();
    option.is_known = words[i].known;
    if (!option.has_value && option.known->valued && i + 1 < words.size()) {
      option.value = words[++i].text;
      option.is_known = words[i].known;
      option.has_value = true;
    }
    options_.push_back(option);
    return;
  }
}

/// `body`: the option without its dashes.
void UseMatcher::named_option(const Program& program, std::string_view body, std::span<const Word> words,
                              std::size_t& i) {
  Option option;
  option.is_known = words[i].known;
  const bool prefix = program.syntax == Syntax::cmdlet ||
                      (program.syntax == Syntax::windows && program.abbreviates) ||
                      (program.syntax == Syntax::getopt);
  const std::size_t separator = body.find_first_of(program.syntax == Syntax::cmdlet ? ":" : ":=");
  const bool glued_value = separator != std::string_view::npos && separator > 0;
  option.name = glued_value ? body.substr(0, separator) : body;
  option.known = option_named(program, option.name, prefix);
  if (glued_value) {
    option.value = body.substr(separator + 1);
    option.has_value = true;
    if (option.known != nullptr) {
      options_.push_back(option);
      return;
    }
  }
  if (option.known == nullptr) {  // -pSECRET
    const KnownOption* best = nullptr;
    for (const KnownOption& known : program.options) {
      if (!known.glued || body.size() < known.name.size()) continue;
      if (!same_name(body.substr(0, known.name.size()), known.name, has_case(program.syntax))) continue;
      if (best == nullptr || known.name.size() > best->name.size()) best = &known;
    }
    if (best != nullptr) {
      options_.push_back(
          {best, body.substr(0, best->name.size()), body.substr(best->name.size()), true, option.is_known});
      return;
    }
    const std::size_t next = body.find('/');  // /s/q
    if (program.syntax == Syntax::windows && next != std::string_view::npos && next > 0 && !glued_value) {
      option.name = body.substr(0, next);
      option.known = option_named(program, option.name, prefix);
      options_.push_back(option);
      if (next + 1 < body.size()) named_option(program, body.substr(next + 1), words, i);
      return;
    }
    if (glued_value) {
      options_.push_back(option);
      return;
    }
  }
  const bool valued = option.known != nullptr
                          ? option.known->valued
                          : program.syntax == Syntax::cmdlet && common_parameter(option.name);
  if (valued && i + 1 < words.size()) {
    option.value =
        option.known != nullptr && option.known->command ? command_value(words, ++i) : words[++i].text;
    option.is_known = words[i].known;
    option.has_value = true;
  }
  options_.push_back(option);
}

/// The words from `i` up to ";" or "+", as a shell would have them written. `i` stays on the last one.
std::string_view UseMatcher::command_value(std::span<const Word> words, std::size_t& i) {
  buffer_.clear();
  for (; i < words.size(); ++i) {
    const std::string_view word = words[i].text;
    if (word == ";" || word == "+") break;
    const bool quotes = word.find_first_of(" \t;&|$") != std::string_view::npos && !word.contains('\'');
    buffer_ += buffer_.empty() ? "" : " ";
    buffer_ += quotes ? "'" + std::string(word) + "'" : std::string(word);
  }
  i = std::min(i, words.size() - 1);
  return texts_->keep(buffer_);
}

/// False: the word is none.
bool UseMatcher::take_option(const Program& program, std::span<const Word> words, std::size_t& i) {
  std::string_view text = words[i].text;
  if (text.size() < 2) return false;
  // "\\FS02", and psexec's "@FILE" with many of them.
  if (program.host_word && text.size() > 2 &&
      (text.starts_with("\\\\") || (text[0] == '@' && words_.empty()))) {
    options_.push_back({option_named(program, "\\\\", false), "\\\\", text, true, words[i].known});
    return true;
  }
  std::size_t dash = 0;
  if (program.syntax == Syntax::windows && text[0] == '/') {
    dash = 1;
  } else if (!is_dash(text, 0, dash)) {
    return false;
  }
  if (program.syntax == Syntax::cmdlet && words[i].quoted) return false;
  std::string_view body = text.substr(dash);
  if (program.syntax == Syntax::getopt && !body.starts_with('-')) {
    short_options(program, body, words, i);
    return true;
  }
  if (program.syntax == Syntax::getopt) {
    const std::size_t equals = text.find('=');
    Option option;
    option.name = text.substr(0, equals);
    option.known = option_named(program, option.name, true);
    option.is_known = words[i].known;
    if (equals != std::string_view::npos) {
      option.value = text.substr(equals + 1);
      option.has_value = true;
    } else if (option.known != nullptr && option.known->valued && i + 1 < words.size()) {
      option.value = words[++i].text;
      option.has_value = true;
    }
    options_.push_back(option);
    return true;
  }
  while (body.starts_with('-')) body.remove_prefix(1);
  if (body.empty()) return true;
  named_option(program, body, words, i);
  return true;
}

void UseMatcher::sort_words(const Program& program, std::span<const Word> words) {
  options_.clear();
  words_.clear();
  const auto after = static_cast<std::size_t>(std::max(program.command_after, 0));
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool command_begun = program.command_after >= 0 && words_.size() > after;
    if (!command_begun && take_option(program, words, i)) continue;
    if (command_begun && words[i].text == "--" && words_.size() == after + 1)
      continue;  // kubectl exec pod -- sh
    words_.push_back(words[i]);
  }
}

bool UseMatcher::fits_word(const Program& program, const UsagePart& part, std::string_view word) const {
  const bool with_case = has_case(program.syntax);
  for (const std::string& name : part.names) {
    if (same_name(word, name, with_case)) return true;
  }
  if (!program.abbreviates) return false;
  const auto exact = [&](const std::string& known) { return same_name(word, known, with_case); };
  if (std::ranges::any_of(program.words, exact)) return false;
  return std::ranges::any_of(part.names,
                             [&](const std::string& name) { return abbreviates(word, name, with_case); });
}

void UseMatcher::capture(const UsagePart& part, std::string_view value, bool known, TextStore& texts) {
  if (part.role == Role::ignored) return;
  if (part.role == Role::host && part.type == ValueType::host) return capture_hosts(value, known, texts);
  value = common_form(part.type, value, texts);
  if (part.type == ValueType::key && value.starts_with("\\\\")) {  // reg: \\FS02\HKLM\SAM
    const std::size_t end = value.find('\\', 2);
    if (end != std::string_view::npos) {
      const std::string_view host = value.substr(2, end - 2);
      arguments_.push_back(
          {part.role, part.type, known, common_form(part.type, value.substr(end + 1), texts)});
      arguments_.push_back({Role::host, ValueType::host, known, host});
      return;
    }
  }
  arguments_.push_back({part.role, part.type, known, value});
  if (part.type != ValueType::remote) return;
  const std::size_t colon = value.find(':');
  if (colon == std::string_view::npos || colon < 2 || value.find_first_of("/\\") < colon) return;
  capture_host(value.substr(0, colon), known);
}

/// "fs02", "\\FS02", "http://fs02:5985", "corp/op7:pw@fs02", "fs02,fs03".
void UseMatcher::capture_hosts(std::string_view value, bool known, TextStore& texts) {
  value = common_form(ValueType::text, value, texts);
  while (true) {
    const std::size_t comma = value.find(',');
    std::string_view one = common_form(ValueType::text, value.substr(0, comma), texts);
    if (const std::size_t scheme = one.find("://"); scheme != std::string_view::npos)
      one.remove_prefix(scheme + 3);
    while (one.starts_with('\\') || one.starts_with('/') || one.starts_with(' ')) one.remove_prefix(1);
    capture_host(one, known);
    if (comma == std::string_view::npos) return;
    value.remove_prefix(comma + 1);
  }
}

/// "account:secret@host:port"; the host comes first.
void UseMatcher::capture_host(std::string_view value, bool known) {
  const std::size_t at = value.rfind('@');
  std::string_view host = value, account;
  if (at != std::string_view::npos && at > 0) {
    host = value.substr(at + 1);
    account = value.substr(0, at);
  }
  host = host.substr(0, host.find_first_of("\\/"));
  const std::size_t colon = host.find(':');
  std::string_view port;
  if (colon != std::string_view::npos && colon > 0 && colon == host.rfind(':') && colon + 1 < host.size() &&
      host.find_first_not_of("0123456789", colon + 1) == std::string_view::npos) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  arguments_.push_back({Role::host, ValueType::host, known, host});
  const std::size_t secret = account.find(':');
  if (!account.empty())
    arguments_.push_back({Role::account, ValueType::account, known, account.substr(0, secret)});
  if (secret != std::string_view::npos)
    arguments_.push_back({Role::secret, ValueType::text, known, account.substr(secret + 1)});
  if (!port.empty()) arguments_.push_back({Role::port, ValueType::number, known, port});
}

bool UseMatcher::fits_option(const UsagePart& part, TextStore& texts) {
  for (const Option& option : options_) {
    const std::string_view name =
        option.known != nullptr ? std::string_view(option.known->name) : option.name;
    if (std::ranges::find(part.names, name) == part.names.end()) continue;
    if (part.valued && option.has_value) capture(part, option.value, option.is_known, texts);
    return true;
  }
  return false;
}

/// name=value, or "name= value" in two words.
bool UseMatcher::fits_key(const UsagePart& part, TextStore& texts) {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const std::string_view text = words_[i].text;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const auto named = [&](const std::string& name) {
      return same_name(text.substr(0, equals), name, false);
    };
    if (!std::ranges::any_of(part.names, named)) continue;
    if (equals + 1 < text.size()) {
      capture(part, text.substr(equals + 1), words_[i].known, texts);
    } else if (i + 1 < words_.size()) {
      capture(part, words_[i + 1].text, words_[i + 1].known, texts);
    }
    return true;
  }
  return false;
}

/// Whether a path with a shell's wildcards means the file of a pattern: "/etc/sh?dow". "/etc/*" means too
/// many to say so.
bool UseMatcher::means_file(std::string_view pattern, std::string_view value) {
  if (!value.starts_with('/') || value.find_first_of("?*[") == std::string_view::npos) return false;
  while (pattern.ends_with('*')) pattern.remove_suffix(1);
  if (!pattern.starts_with('/') || pattern.find_first_of("?*") != std::string_view::npos) return false;
  std::size_t plain = 0;
  std::string glob;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::size_t close = value[i] == '[' ? value.find(']', i) : std::string_view::npos;
    glob += close == std::string_view::npos ? value[i] : '?';
    plain += std::string_view("/?*[").contains(value[i]) ? 0 : 1;
    if (close != std::string_view::npos) i = close;
  }
  return plain >= 5 && fits(glob, pattern);
}

bool UseMatcher::conditions_hold(const Use& use, std::size_t first, bool globs) const {
  for (const Condition& condition : use.conditions) {
    bool any = false;
    for (std::size_t i = first; i < arguments_.size() && !any; ++i) {
      if (arguments_[i].role != condition.role) continue;
      const Argument& argument = arguments_[i];
      const bool may_glob = globs && argument.type == ValueType::path && !condition.unless;
      any = std::ranges::any_of(condition.patterns, [&](const std::string& pattern) {
        return fits(pattern, argument.value) || (may_glob && means_file(pattern, argument.value));
      });
    }
    if (any == condition.unless) return false;
  }
  return true;
}

bool UseMatcher::fits_use(const Program& program, const Use& use, std::span<const Word> words,
                          std::string_view rest, TextStore& texts) {
  const std::size_t first = arguments_.size();
  std::size_t at = 0;
  bool holds = true;
  for (const UsagePart& part : use.parts) {
    switch (part.kind) {
      case Kind::word:
        holds = at < words_.size() && fits_word(program, part, words_[at].text);
        at += holds ? 1 : 0;
        break;
      case Kind::value:
        holds = at < words_.size();
        if (holds) capture(part, words_[at].text, words_[at].known, texts);
        at += holds ? 1 : 0;
        break;
      case Kind::rest: {
        holds = at < words_.size();
        if (!holds) break;
        const Word& word = words_[at];
        const bool placed = word.at != Word::kNoPlace && word.at <= rest.size();
        const bool raw = part.type == ValueType::code && placed && !rest.substr(word.at).starts_with('"');
        if (raw || (placed && at + 1 < words_.size())) {
          capture(part, rest.substr(word.at), std::ranges::all_of(words_, &Word::known), texts);
        } else {
          buffer_.clear();
          for (std::size_t i = at; i < words_.size(); ++i) {
            const bool blanks =
                words_[i].text.find_first_of(" \t") != std::string_view::npos && words_.size() - at > 1;
            buffer_ += i > at ? " " : "";
            buffer_ += blanks ? "\"" : "";
            buffer_ += words_[i].text;
            buffer_ += blanks ? "\"" : "";
          }
          capture(part, texts.keep(buffer_), std::ranges::all_of(words_, &Word::known), texts);
        }
        at = words_.size();
        break;
      }
      case Kind::option:
        holds = fits_option(part, texts);
        break;
      case Kind::key_value:
        holds = fits_key(part, texts);
        break;
      case Kind::menu:
        break;
    }
    if (!holds && !part.optional) {
      arguments_.resize(first);
      return false;
    }
  }
  (void)words;
  if (conditions_hold(use, first, program.platform == Platform::unix)) return true;
  arguments_.resize(first);
  return false;
}

std::span<const MatchedUse> UseMatcher::match(const Program& program, std::span<const Word> words,
                                              std::string_view rest, TextStore& texts) {
  arguments_.clear();
  matched_.clear();
  texts_ = &texts;
  if (program.syntax == Syntax::menu) {
    match_menu(program, words, texts);
    return matched_;
  }
  sort_words(program, words);
  for (const Use& use : program.uses) {
    if (!fits_use(program, use, words, rest, texts)) continue;
    matched_.push_back({&use, 0, static_cast<std::uint32_t>(arguments_.size())});
    break;
  }
  return matched_;
}

/// Options before a menu: "netsh -r FS02 -u corp\op7 interface …". Returns the words behind them.
std::span<const Word> UseMatcher::take_before(const Program& program, std::span<const Word> words,
                                              TextStore& texts) {
  before_.clear();
  for (bool found = true; found && words.size() > 1;) {
    std::size_t dash = words[0].text.starts_with('/') ? 1 : 0;
    if (dash == 0 && !is_dash(words[0].text, 0, dash)) break;
    found = false;
    for (const UsagePart& part : program.before) {
      if (!same_name(words[0].text.substr(dash), part.names.front(), false)) continue;
      capture(part, words[1].text, words[1].known, texts);
      words = words.subspan(2);
      found = true;
      break;
    }
  }
  before_.swap(arguments_);
  return words;
}

/// Walks the menu with every word, wherever quotes stand.
void UseMatcher::match_menu(const Program& program, std::span<const Word> words, TextStore& texts) {
  tokens_.clear();
  if (program.menu.empty()) return;
  words = take_before(program, words, texts);
  for (std::size_t element = 0; element < words.size(); ++element) {
    const std::string_view text = words[element].text;
    const std::size_t equals = text.find('=');
    for (std::size_t i = 0; i < text.size();) {
      if (text[i] == ' ' || text[i] == '\t') {
        ++i;
        continue;
      }
      const bool whole = equals != std::string_view::npos && text.find_first_of(" \t", i) > equals;
      const std::size_t end = whole ? text.size() : std::min(text.find_first_of(" \t", i), text.size());
      tokens_.push_back({text.substr(i, end - i), text.substr(i), static_cast<std::uint32_t>(element),
                         words[element].known});
      i = end;
    }
  }
  std::vector<std::uint32_t> open = {0};
  for (std::size_t at = 0; at < tokens_.size();) {
    const auto leaves = [&](const std::string& word) { return same_name(tokens_[at].text, word, false); };
    if (std::ranges::any_of(program.leave, leaves)) {
      if (open.size() > 1) open.pop_back();
      ++at;
      continue;
    }
    std::uint32_t opened = open.back();
    std::size_t next = menu_step(program, open.back(), at, texts, opened);
    if (next == at && open.back() != 0) next = menu_step(program, 0, at, texts, opened);
    if (next == at) ++next;  // a word that is none of ours
    if (opened != open.back()) open.push_back(opened);
    at = next;
  }
}

/// Walks words from `node` as far as they lead. Returns where to go on; `at` if nothing fits.
std::size_t UseMatcher::menu_step(const Program& program, std::uint32_t node, std::size_t at,
                                  TextStore& texts, std::uint32_t& opened) {
  const std::size_t begin = at;
  std::uint32_t here = node;
  std::uint32_t deepest_menu = node;
  std::size_t menu_end = begin;
  struct End {
    std::uint32_t node;
    std::size_t at;
  };
  std::vector<End> ends;
  while (true) {
    if (here != node && !program.menu[here].uses.empty()) ends.push_back({here, at});
    if (here != node && program.menu[here].menu) {
      deepest_menu = here;
      menu_end = at;
    }
    if (at >= tokens_.size()) break;
    const std::string_view word = tokens_[at].text;
    const MenuNode::Next* found = nullptr;
    for (const MenuNode::Next& next : program.menu[here].next) {
      if (same_name(word, next.word, false)) {
        found = &next;
        break;
      }
      if (found == nullptr && abbreviates(word, next.word, false)) found = &next;
    }
    if (found == nullptr) break;
    here = found->node;
    ++at;
  }
  for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
    for (const std::uint32_t number : program.menu[end->node].uses) {
      std::size_t behind = end->at;
      if (!menu_use(program.uses[number], behind, texts)) continue;
      if (deepest_menu != node) opened = deepest_menu;
      return behind;
    }
  }
  if (deepest_menu == node) return begin;
  opened = deepest_menu;
  return menu_end;
}

/// Takes the values of a use whose words were met. False: something is missing.
bool UseMatcher::menu_use(const Use& use, std::size_t& at, TextStore& texts) {
  const std::size_t first = arguments_.size();
  bool holds = true, keys = false;
  for (const UsagePart& part : use.parts) keys = keys || part.kind == Kind::key_value;
  if (keys) {
    // tag=value in any order; a value without a tag is the next tag's.
    std::vector<const UsagePart*> open;
    for (const UsagePart& part : use.parts)
      if (part.kind == Kind::key_value) open.push_back(&part);
    for (; at < tokens_.size(); ++at) {
      const std::string_view text = tokens_[at].text;
      const std::size_t equals = text.find('=');
      const auto named = [&](const UsagePart* part) {
        return std::ranges::any_of(part->names, [&](const std::string& name) {
          return abbreviates(text.substr(0, equals), name, false);
        });
      };
      auto found = equals == std::string_view::npos ? open.begin() : std::ranges::find_if(open, named);
      if (found == open.end()) continue;
      capture(**found, equals == std::string_view::npos ? text : text.substr(equals + 1), tokens_[at].known,
              texts);
      open.erase(found);
    }
    holds = std::ranges::all_of(open, &UsagePart::optional);
  }
  for (const UsagePart& part : use.parts) {
    if (part.kind == Kind::rest && at < tokens_.size()) {
      buffer_.clear();
      for (; at < tokens_.size(); ++at)
        buffer_ += (buffer_.empty() ? "" : " ") + std::string(tokens_[at].text);
      capture(part, texts.keep(buffer_), true, texts);
      continue;
    }
    if (part.kind != Kind::value) continue;
    if (at >= tokens_.size()) {
      holds = holds && part.optional;
      continue;
    }
    const std::uint32_t element = tokens_[at].element;
    const bool within = at > 0 && tokens_[at - 1].element == element;
    capture(part, within ? tokens_[at].behind : tokens_[at].text, tokens_[at].known, texts);
    ++at;
    while (within && at < tokens_.size() && tokens_[at].element == element) ++at;
  }
  if (!holds || !conditions_hold(use, first, false)) {
    arguments_.resize(first);
    return false;
  }
  arguments_.insert(arguments_.end(), before_.begin(), before_.end());
  matched_.push_back(
      {&use, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(arguments_.size() - first)});
  return true;
}

}  // namespace landwarden::command
