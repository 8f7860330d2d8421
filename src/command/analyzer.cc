#include "command/analyzer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "command/char_set.h"
#include "command/cmd_script.h"
#include "command/foreign_code.h"
#include "command/limits.h"
#include "command/powershell_script.h"
#include "command/sh_script.h"

namespace landwarden::command {
namespace {

constexpr CharSet kNameEnds(" \t,;=");

constexpr std::string_view kUnknownInput = "commands on standard input";
constexpr std::string_view kTooDeep = "limit: too many layers inside each other";
constexpr std::string_view kTooMany = "limit: too many layers or commands";
constexpr std::string_view kTooLong = "limit: the line is too long, its end was not read";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\0'))
    text.remove_suffix(1);
  return text;
}

bool folded_begins(std::string_view text, std::string_view with) {
  if (text.size() < with.size()) return false;
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (text::ascii_lower(text[i]) != with[i]) return false;
  }
  return true;
}

/// The words after the first as one text, quoted where blanks ask for it.
std::string joined(std::span<const Word> words) {
  std::string out;
  for (const Word& word : words) {
    if (!out.empty()) out += ' ';
    const bool blanks = words.size() > 1 && word.text.find_first_of(" \t") != std::string_view::npos;
    if (blanks) out += '"';
    out += word.text;
    if (blanks) out += '"';
  }
  return out;
}

/// Name and rest as cmd parts them: quotes in the name do not count, a separator or a switch ends it.
ProgramAndRest split_for_cmd(std::string_view line, TextStore& texts) {
  std::size_t i = 0;
  bool inside = false, quotes = false;
  for (; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      inside = !inside;
      quotes = true;
      continue;
    }
    if (!inside && kNameEnds.has(c)) break;
    if (!inside && c == '/' && i > 0) break;
    if (!inside && (c == '.' || c == '(' || c == ':' || c == '\\') && i == 4 && folded_begins(line, "echo"))
      break;
  }
  std::string_view program = line.substr(0, i);
  if (quotes) {
    std::string plain(program);
    std::erase(plain, '"');
    program = texts.keep(plain);
  }
  return {program, trimmed(line.substr(i))};
}

/// Whether a word is a path of Unix: /a/b, ~/a, ./a or a lone dot. Tells "find . -name x" from Windows' find.
bool names_unix_path(std::string_view rest) {
  if (rest.contains('\\')) return false;
  for (std::size_t i = 0; i < rest.size(); i = std::min(rest.find(' ', i), rest.size() - 1) + 1) {
    const std::string_view word = rest.substr(i, rest.find(' ', i) - i);
    if (word == "." || word.starts_with("~/") || word.starts_with("./")) return true;
    if (word.starts_with('/') && (word.size() == 1 || word.find('/', 1) != std::string_view::npos))
      return true;
  }
  return false;
}

Dialect dialect_of(ValueType type) {
  switch (type) {
    case ValueType::cmd:
      return Dialect::cmd;
    case ValueType::powershell:
      return Dialect::powershell;
    case ValueType::sh:
      return Dialect::sh;
    default:
      return Dialect::process;
  }
}

bool nests(ValueType type) {
  return type == ValueType::line || type == ValueType::cmd || type == ValueType::powershell ||
         type == ValueType::sh;
}

}  // namespace

void Analyzer::note(std::uint32_t layer, std::string_view what) {
  if (out_->unresolved.size() >= limits::kCommandCommands) return;
  const auto same = [&](const Unresolved& known) { return known.layer == layer && known.what == what; };
  if (std::ranges::none_of(out_->unresolved, same)) out_->unresolved.push_back({layer, what});
}

/// "curl … | bash": no process has a bar in its arguments, and only one of the shells starts that program.
bool Analyzer::pipes_to_sh(std::string_view line) const {
  for (std::size_t bar = line.find('|'); bar != std::string_view::npos; bar = line.find('|', bar + 1)) {
    const std::string_view behind = trimmed(line.substr(bar + 1));
    const Program* program =
        grammar_.find(Platform::unix, behind.substr(0, behind.find_first_of(" \t;|&)\"'")));
    if (program != nullptr && program->carrier == Carrier::sh) return true;
  }
  return false;
}

Origin Analyzer::guess(std::string_view line) const {
  const ProgramAndRest parts = split_program(line);
  std::string buffer;
  const std::string_view name = program_name(parts.program, buffer);
  if (parts.program.starts_with('/') || pipes_to_sh(line)) return Origin::unix;
  if (parts.program.find_first_of("^%") != std::string_view::npos) return Origin::cmd;
  const Program* shell = grammar_.find(Platform::unix, name);
  if (shell != nullptr && shell->carrier == Carrier::sh && parts.program == name) return Origin::unix;
  if (shell != nullptr && parts.program == name && names_unix_path(parts.rest)) return Origin::unix;
  if (parts.program.starts_with('$') || parts.program.starts_with('[') || parts.program.starts_with('('))
    return Origin::powershell;
  constexpr std::array<std::string_view, 14> kBuiltIns = {"dir",   "echo",  "type", "copy",  "move",
                                                          "del",   "erase", "rd",   "rmdir", "set",
                                                          "start", "call",  "if",   "for"};
  if (std::ranges::find(kBuiltIns, name) != kBuiltIns.end())
    return name == "for" && !parts.rest.contains('%') ? Origin::unix : Origin::cmd;
  if (grammar_.find(Platform::windows, name) != nullptr) return Origin::process;
  std::string lower;
  for (const char c : parts.program) lower += text::ascii_lower(c);
  const bool windows_file = lower.contains('\\') || lower.ends_with(".exe");
  if (windows_file) return Origin::process;
  if (grammar_.find(Platform::powershell, lower) != nullptr) return Origin::powershell;
  return grammar_.find(Platform::unix, name) != nullptr ? Origin::unix : Origin::process;
}

void Analyzer::analyze(const Input& input, Meaning& out) {
  out.clear();
  out_ = &out;
  variables_.clear();
  std::string_view line = input.line;
  const bool cut = line.size() > limits::kCommandBytes;
  line = out.texts.keep(trimmed(line.substr(0, limits::kCommandBytes)));
  const Origin origin = input.origin == Origin::guessed ? guess(line) : input.origin;
  const Dialect dialect = origin == Origin::cmd          ? Dialect::cmd
                          : origin == Origin::powershell ? Dialect::powershell
                          : origin == Origin::unix       ? Dialect::sh
                                                         : Dialect::process;
  const std::uint32_t layer = add_layer(dialect, line, kNoLayer, {});
  if (cut) note(layer, kTooLong);
  const Context context = {layer, dialect, input.image, input.original_name};
  if (dialect == Dialect::sh) {
    read_unix_process(layer, context);
  } else {
    read_layer(layer, context);
  }
  if (out.texts.full()) note(layer, kTooMany);
  out_ = nullptr;
}

std::uint32_t Analyzer::add_layer(Dialect dialect, std::string_view text, std::uint32_t parent,
                                  std::string_view how) {
  const auto depth = parent == kNoLayer ? 0 : out_->layers[parent].depth + 1;
  out_->layers.push_back({dialect, parent, static_cast<std::uint16_t>(depth), text, how});
  return static_cast<std::uint32_t>(out_->layers.size() - 1);
}

void Analyzer::nest(Dialect dialect, std::string_view text, const Context& from, std::string_view how) {
  text = trimmed(text);
  if (text.empty()) return;
  if (std::size_t{out_->layers[from.layer].depth} + 1 >= limits::kCommandDepth)
    return note(from.layer, kTooDeep);
  if (out_->layers.size() >= limits::kCommandLayers) return note(from.layer, kTooMany);
  const std::uint32_t layer = add_layer(dialect, text, from.layer, how);
  read_layer(layer, {layer, dialect, {}, {}});
}

/// A process's arguments were joined by blanks, so what -c was given can no longer be told from what follows:
/// all of it is read as the script.
void Analyzer::read_unix_process(std::uint32_t layer, const Context& context) {
  const std::string_view text = out_->layers[layer].text;
  const ProgramAndRest parts = split_program(text);
  const Program* program = grammar_.find(Platform::unix, program_name(parts.program, name_buffer_));
  if (program != nullptr && program->carrier == Carrier::sh) {
    std::string_view rest = parts.rest;
    while (rest.starts_with('-')) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      const std::string_view option = rest.substr(0, end);
      rest = trimmed(rest.substr(end));
      if (option.starts_with("--") || !option.ends_with('c')) continue;
      if (rest.starts_with('\'') || rest.starts_with('"') || rest.starts_with('$')) break;
      SimpleCommand command;
      command.line = text;
      command.words.push_back({parts.program});
      command.words.push_back({"-c"});
      command.words.push_back({rest});
      return run(command, context);
    }
  }
  read_layer(layer, context);
}

void Analyzer::read_layer(std::uint32_t layer, const Context& context) {
  const std::string_view text = out_->layers[layer].text;
  if (context.dialect == Dialect::process) {
    SimpleCommand command;
    command.line = text;
    return run(command, context);
  }
  ShellCommands found;
  if (context.dialect == Dialect::cmd) {
    read_cmd_script(text, variables_, out_->texts, found);
  } else if (context.dialect == Dialect::powershell) {
    Variables variables(&grammar_.powershell_environment());
    for (const Variables::Set& entry : variables_.entries())
      variables.set(out_->texts.keep("env:" + std::string(entry.name)), entry.value);
    read_powershell_script(text, variables, out_->texts, found);
  } else {
    Variables variables(nullptr, false);
    read_sh_script(text, variables, out_->texts, found);
  }
  for (const std::string_view what : found.unresolved) note(layer, what);
  for (std::size_t i = 0; i < found.commands.size(); ++i) {
    if (out_->commands.size() >= limits::kCommandCommands) return note(layer, kTooMany);
    piped_input(found.commands, i);
    // The image is that of one process; what a bar or a semicolon starts besides is another's.
    const std::size_t first = out_->commands.size();
    run(found.commands[i], i == 0 ? context : Context{.layer = context.layer, .dialect = context.dialect});
    if (i > 0 && found.commands[i].piped && is_bare_shell(found.commands[i - 1]))
      mark_shell_over_network(first);
  }
  for (const NestedScript& nested : found.nested) {
    const Dialect dialect = nested.kind == NestedScript::Kind::powershell ? Dialect::powershell
                            : nested.kind == NestedScript::Kind::cmd      ? Dialect::cmd
                                                                          : Dialect::sh;
    nest(dialect, nested.text, context, nested.how);
  }
}

/// A shell that reads its commands from its standard input: "sh -i".
bool Analyzer::is_bare_shell(const SimpleCommand& command) {
  if (command.words.empty()) return false;
  const Program* program =
      grammar_.find(Platform::unix, program_name(command.words.front().text, name_buffer_));
  if (program == nullptr || program->carrier != Carrier::sh) return false;
  return std::ranges::all_of(command.words.begin() + 1, command.words.end(), [](const Word& word) {
    return word.text.starts_with('-') && !word.text.ends_with('c');
  });
}

/// "sh -i < pipe | nc HOST PORT > pipe": what such a shell answers goes to another host, and so come its
/// commands.
void Analyzer::mark_shell_over_network(std::size_t first) {
  constexpr std::array<std::string_view, 6> kCarry = {"nc", "ncat", "netcat", "telnet", "openssl", "socat"};
  for (Command& command : std::span(out_->commands).subspan(first)) {
    if (command.action != nullptr && std::ranges::find(kCarry, command.name) != kCarry.end())
      command.action = grammar_.actions().find("reverse_shell");
  }
}

/// What cmd's echo hands to the command behind the bar.
void Analyzer::piped_input(std::vector<SimpleCommand>& commands, std::size_t i) const {
  SimpleCommand& command = commands[i];
  if (!command.piped || command.has_input || i == 0 || !command.words.empty()) return;
  const std::string_view before = commands[i - 1].line;
  if (!folded_begins(before, "echo") || before.size() < 6) return;
  command.input = trimmed(before.substr(5));
  command.has_input = true;
}

void Analyzer::run_redirects(const SimpleCommand& command, const Context& context) {
  const Platform platform = context.dialect == Dialect::sh ? Platform::unix : Platform::windows;
  for (const Redirect& redirect : command.redirects) {
    const Program* program = grammar_.find(platform, redirect.input ? "<" : ">");
    if (program == nullptr) continue;
    const std::array words = {Word{redirect.target, true}};
    Command made;
    made.line = command.line;
    made.name = program->name;
    made.layer = context.layer;
    for (const MatchedUse& use : matcher_.match(*program, words, {}, out_->texts)) {
      if (use.use->action == nullptr) continue;
      made.program = program;
      made.action = use.use->action;
      made.first_argument = static_cast<std::uint32_t>(out_->arguments.size());
      made.arguments = use.arguments;
      const auto arguments = matcher_.arguments().subspan(use.first_argument, use.arguments);
      out_->arguments.insert(out_->arguments.end(), arguments.begin(), arguments.end());
      out_->commands.push_back(made);
    }
  }
}

/// The grammar of a program: by its maker's name first, then by its file's, then by the line's own word.
const Program* Analyzer::resolve(std::string_view path, const Context& context, Command& out) {
  const std::string_view own = program_name(path, name_buffer_);
  const Program* program = nullptr;
  if (context.dialect == Dialect::powershell) {
    const bool file = path.find_first_of("\\/") != std::string_view::npos;
    if (!file) {
      std::string lower;
      for (const char c : path) lower += text::ascii_lower(c);
      program = grammar_.find(Platform::powershell, lower);
    }
    if (program == nullptr) program = grammar_.find(Platform::windows, own);
    if (program == nullptr) program = grammar_.find(Platform::unix, own);
  } else if (context.dialect == Dialect::sh) {
    program = grammar_.find(Platform::unix, own);
    if (program == nullptr) program = grammar_.find(Platform::windows, own);
  } else {
    program = grammar_.find(Platform::windows, own);
    if (program == nullptr) program = grammar_.find(Platform::unix, own);
  }
  out.name = out_->texts.keep(own);
  if (!context.image.empty()) {
    std::string buffer;
    const std::string_view image = program_name(context.image, buffer);
    const Platform platform = context.dialect == Dialect::sh ? Platform::unix : Platform::windows;
    const Program* of_image = grammar_.find(platform, image);
    if (of_image != nullptr) program = of_image;
    if (!image.empty()) out.name = out_->texts.keep(image);
  }
  const Program* maker = context.original.empty() ? nullptr : grammar_.find_original(context.original);
  if (maker != nullptr && maker != program) {
    out.renamed = true;
    program = maker;
  }
  return program;
}

/// Services and tasks keep their line as it was registered, with a variable in front: %COMSPEC%,
/// %SystemRoot%.
std::string_view Analyzer::expanded(std::string_view program) {
  const std::size_t end = program.starts_with('%') ? program.find('%', 1) : std::string_view::npos;
  if (end == std::string_view::npos) return program;
  const auto value = variables_.find(program.substr(1, end - 1));
  if (!value) return program;
  return out_->texts.keep(std::string(*value) + std::string(program.substr(end + 1)));
}

void Analyzer::run(SimpleCommand& command, const Context& context) {
  run_redirects(command, context);
  Command made;
  made.line = command.line;
  made.layer = context.layer;
  std::vector<Word> own;
  std::span<const Word> words;
  std::string_view path, rest;
  if (!command.words.empty()) {
    path = command.words.front().text;
    words = std::span(command.words).subspan(1);
    if (!command.words.front().known) {
      made.name = path;
      out_->commands.push_back(made);
      return;
    }
  } else {
    const ProgramAndRest parts = context.dialect == Dialect::cmd ? split_for_cmd(command.line, out_->texts)
                                                                 : split_program(command.line);
    path = context.dialect == Dialect::process ? expanded(parts.program) : parts.program;
    rest = parts.rest;
  }
  if (path.empty()) return;
  const Program* program = resolve(path, context, made);
  made.program = program;
  if (program == nullptr) {
    out_->commands.push_back(made);
    return;
  }
  if (command.words.empty()) {
    if (program->comma_parts) {
      const std::size_t comma = rest.find(',');
      if (comma != std::string_view::npos) {
        std::string parted(rest);
        parted[comma] = ' ';
        rest = out_->texts.keep(parted);
      }
    }
    if (program->carrier != Carrier::cmd) {
      split_arguments(rest, out_->texts, own);
      words = own;
    }
  } else if (program->carrier == Carrier::cmd || program->comma_parts) {
    std::string parted = joined(words);
    const std::size_t comma = program->comma_parts ? parted.find(',') : std::string::npos;
    if (comma != std::string::npos) parted[comma] = ' ';
    rest = out_->texts.keep(parted);
    if (program->comma_parts) {
      split_arguments(rest, out_->texts, own);
      words = own;
    }
  }
  if (program->syntax == Syntax::menu && command.has_input) {  // lines typed at its prompt
    for (std::string_view input = command.input; !input.empty();) {
      const std::size_t end = std::min(input.find('\n'), input.size());
      if (own.empty()) own.assign(words.begin(), words.end());
      own.push_back({trimmed(input.substr(0, end))});
      input.remove_prefix(std::min(end + 1, input.size()));
    }
    words = own;
  }
  if (program->prompt && words.empty() && command.has_input)
    return run_typed(command, *program, made, context);
  const std::size_t layers = out_->layers.size();
  match(*program, words, rest, made, command.redirects, context);
  if (program->carrier == Carrier::cmd) {
    carry_cmd(rest, command, context);
  } else if (program->carrier == Carrier::powershell) {
    carry_powershell(*program, words, command, context);
  } else if (program->carrier == Carrier::sh && command.has_input && out_->layers.size() == layers) {
    nest(Dialect::sh, command.input, context, "standard input of sh");
  }
  const bool fed = command.piped || std::ranges::any_of(command.redirects, &Redirect::input);
  if (fed && !command.has_input && out_->layers.size() == layers &&
      (program->carrier != Carrier::none || program->syntax == Syntax::menu || program->prompt))
    note(context.layer, kUnknownInput);
}

/// Lines typed at the prompt of a program that reads them as it does its arguments.
void Analyzer::run_typed(const SimpleCommand& command, const Program& program, Command made,
                         const Context& context) {
  for (std::string_view input = command.input; !input.empty();) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string_view line = trimmed(input.substr(0, end));
    input.remove_prefix(std::min(end + 1, input.size()));
    if (line.empty()) continue;
    std::vector<Word> words;
    split_arguments(line, out_->texts, words);
    match(program, words, line, made, command.redirects, context);
  }
}

void Analyzer::carry_cmd(std::string_view rest, const SimpleCommand& command, const Context& context) {
  const CmdCall call = read_cmd_call(rest, out_->texts);
  if (call.script) {
    nest(Dialect::cmd, call.text, context, "cmd /c");
  } else if (command.has_input) {
    nest(Dialect::cmd, command.input, context, "standard input of cmd");
  }
}

void Analyzer::carry_powershell(const Program& program, std::span<const Word> words,
                                const SimpleCommand& command, const Context& context) {
  const std::vector<Word> arguments(words.begin(), words.end());
  const PowershellCall call = read_powershell_call(arguments, program.name == "pwsh", out_->texts);
  if (call.undecodable) note(context.layer, "-EncodedCommand that is no base64");
  if (!call.file.empty() && call.file != "-") note(context.layer, "commands of a script file");
  if (!call.script.empty()) {
    nest(Dialect::powershell, call.script, context,
         call.encoded ? "powershell -EncodedCommand" : "powershell -Command");
  } else if (command.has_input) {
    nest(Dialect::powershell, command.input, context, "standard input of powershell");
  }
}

/// A path on a share names a host: \\FS02\c$\x. What the grammar took for one goes before.
void Analyzer::add_share_host(Command& made) {
  const auto arguments = std::span(out_->arguments).subspan(made.first_argument, made.arguments);
  if (std::ranges::any_of(arguments, [](const Argument& one) { return one.role == Role::host; })) return;
  for (const Argument argument : arguments) {
    if (argument.role != Role::what && argument.role != Role::from && argument.role != Role::to) continue;
    const std::string_view path = argument.value;
    const std::size_t end = path.starts_with("\\\\") ? path.find('\\', 2) : std::string_view::npos;
    if (end == std::string_view::npos || end == 2 || path[2] == '?' || path[2] == '.') continue;
    out_->arguments.push_back({Role::host, ValueType::host, argument.known, path.substr(2, end - 2)});
    ++made.arguments;
    return;
  }
}

/// Where a shell writes what the command has to say.
void Analyzer::add_outputs(Command& made, std::span<const Redirect> redirects) {
  for (const Redirect& redirect : redirects) {
    if (redirect.input || redirect.target.empty() || redirect.target.front() == '&') continue;
    if (redirect.target == "/dev/null" ||
        (redirect.target.size() == 3 && folded_begins(redirect.target, "nul")))
      continue;
    out_->arguments.push_back({Role::to, ValueType::path, true, redirect.target});
    ++made.arguments;
  }
}

/// Records what the command means; what it starts is read behind it.
void Analyzer::match(const Program& program, std::span<const Word> words, std::string_view rest,
                     Command command, std::span<const Redirect> redirects, const Context& context) {
  const std::size_t first = out_->commands.size();
  for (const MatchedUse& use : matcher_.match(program, words, rest, out_->texts)) {
    if (!use.use->unresolved.empty()) note(context.layer, use.use->unresolved);
    if (use.use->action == nullptr && program.syntax == Syntax::menu) continue;
    Command& made = out_->commands.emplace_back(command);
    made.action = use.use->action;
    made.first_argument = static_cast<std::uint32_t>(out_->arguments.size());
    made.arguments = use.arguments;
    const auto arguments = matcher_.arguments().subspan(use.first_argument, use.arguments);
    out_->arguments.insert(out_->arguments.end(), arguments.begin(), arguments.end());
    add_share_host(made);
    add_outputs(made, redirects);
  }
  if (out_->commands.size() == first) {
    Command& made = out_->commands.emplace_back(command);
    made.first_argument = static_cast<std::uint32_t>(out_->arguments.size());
    add_outputs(made, redirects);
  }
  const std::size_t end = out_->commands.size();
  for (std::size_t i = first; i < end; ++i) {
    const Command made = out_->commands[i];
    nest_arguments(made, context);
  }
}

void Analyzer::nest_arguments(const Command& command, const Context& context) {
  for (std::uint32_t i = 0; i < command.arguments; ++i) {
    const Argument argument = out_->arguments[command.first_argument + i];
    if (argument.type == ValueType::code) nest_code(command, argument, context);
    if (!nests(argument.type) || argument.value.empty()) continue;
    std::string_view text = argument.value;
    if (folded_begins(text, "commandline=")) text.remove_prefix(12);  // of @{CommandLine='…'}
    const std::string_view how = command.program->name;
    nest(dialect_of(argument.type), text, context, how);
  }
}

/// What a program in another language starts. Windows' own start a process, or hand it to cmd.
void Analyzer::nest_code(const Command& command, const Argument& argument, const Context& context) {
  const bool of_unix = command.program->platform == Platform::unix && context.dialect != Dialect::process;
  for (const ForeignCommand& found : commands_in_code(argument.value, out_->texts)) {
    const Dialect dialect = of_unix ? Dialect::sh : found.by_shell ? Dialect::cmd : Dialect::process;
    nest(dialect, found.text, context, command.program->name);
  }
}

std::optional<Origin> origin_named(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Origin>, 3> kOrigins = {{
      {"process", Origin::process},
      {"powershell", Origin::powershell},
      {"unix", Origin::unix},
  }};
  for (const auto& [known, origin] : kOrigins) {
    if (known == name) return origin;
  }
  return std::nullopt;
}

}  // namespace landwarden::command
