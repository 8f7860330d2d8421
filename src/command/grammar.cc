#include "command/grammar.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/content.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/yaml.h"
#include "command/usage.h"

namespace landwarden::command {
namespace {

constexpr std::string_view kFolder = "commands/";
constexpr std::string_view kActions = "commands/actions.yaml";
constexpr std::string_view kEnvironment = "commands/environment.yaml";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = text::ascii_lower(c);
  return out;
}

template <class T, std::size_t N>
Result<T> choice(const yaml::Node& node, const std::array<std::pair<std::string_view, T>, N>& known,
                 const std::string& file) {
  std::string names;
  for (const auto& [name, value] : known) {
    if (name == node.text) return value;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return fail(ErrorCode::invalid, "command grammar: not known here: " + node.text, node.place(file),
              "known: " + names);
}

constexpr std::array<std::pair<std::string_view, Platform>, 3> kPlatforms = {
    {{"windows", Platform::windows}, {"unix", Platform::unix}, {"powershell", Platform::powershell}}};
constexpr std::array<std::pair<std::string_view, Syntax>, 5> kSyntaxes = {{{"windows", Syntax::windows},
                                                                           {"dashes", Syntax::dashes},
                                                                           {"getopt", Syntax::getopt},
                                                                           {"cmdlet", Syntax::cmdlet},
                                                                           {"menu", Syntax::menu}}};
constexpr std::array<std::pair<std::string_view, Carrier>, 3> kCarriers = {
    {{"cmd", Carrier::cmd}, {"powershell", Carrier::powershell}, {"sh", Carrier::sh}}};

std::vector<std::string> texts_of(const yaml::Node& node) {
  std::vector<std::string> out;
  if (node.is_scalar()) out.push_back(node.text);
  for (const yaml::Node& item : node.items) out.push_back(item.text);
  return out;
}

/// Reads one program of a table.
class ProgramReader {
 public:
  ProgramReader(const ActionTable& actions, const std::string& file) : actions_(actions), file_(file) {}

  Result<void> read(const yaml::Node& node);

  Program program;
  std::vector<std::string> files, originals;

 private:
  Result<void> key(const std::string& name, const yaml::Node& value);
  Result<void> use(const yaml::Node& node);
  Result<void> conditions(const yaml::Node& node, bool unless, Use& out);
  void know(const std::string& name, bool valued, bool glued);
  void add_to_menu(std::uint32_t number);

  const ActionTable& actions_;
  const std::string& file_;
};

Result<void> ProgramReader::key(const std::string& name, const yaml::Node& value) {
  const auto take = [&](auto result, auto& target) -> Result<void> {
    if (!result) return std::unexpected(result.error());
    target = *result;
    return {};
  };
  if (name == "program") {
    program.name = value.text;
  } else if (name == "files") {
    files = texts_of(value);
  } else if (name == "original") {
    originals = texts_of(value);
  } else if (name == "platform") {
    return take(choice(value, kPlatforms, file_), program.platform);
  } else if (name == "syntax") {
    return take(choice(value, kSyntaxes, file_), program.syntax);
  } else if (name == "carrier") {
    return take(choice(value, kCarriers, file_), program.carrier);
  } else if (name == "abbreviates") {
    program.abbreviates = value.flag;
  } else if (name == "host_word") {
    program.host_word = value.flag;
  } else if (name == "comma_parts") {
    program.comma_parts = value.flag;
  } else if (name == "prompt") {
    program.prompt = value.flag;
  } else if (name == "command_after") {
    program.command_after = static_cast<std::int32_t>(std::clamp<std::int64_t>(value.integer, -1, 100));
  } else if (name == "leave") {
    program.leave = texts_of(value);
  } else if (name == "before") {
    for (const std::string& option : texts_of(value)) {
      auto part = parse_usage(option, Syntax::windows);
      if (!part || part->size() != 1 || part->front().kind != UsagePart::Kind::option ||
          !part->front().valued)
        return fail(ErrorCode::invalid, "command grammar: not an option with a value: " + option,
                    value.place(file_));
      program.before.push_back(std::move(part->front()));
    }
  } else if (name != "takes" && name != "takes_command" && name != "flags" && name != "uses") {
    return fail(ErrorCode::invalid, "command grammar: unknown key: " + name, value.place(file_));
  }
  return {};
}

void ProgramReader::know(const std::string& name, bool valued, bool glued) {
  for (KnownOption& option : program.options) {
    if (option.name != name) continue;
    option.valued = option.valued || valued;
    option.glued = option.glued || glued;
    return;
  }
  program.options.push_back({name, valued, glued});
}

Result<void> ProgramReader::conditions(const yaml::Node& node, bool unless, Use& out) {
  for (const auto& [role_key, patterns] : node.entries) {
    const auto role = role_named(role_key.text);
    if (!role)
      return fail(ErrorCode::invalid, "command grammar: unknown role: " + role_key.text,
                  role_key.place(file_));
    out.conditions.push_back({*role, unless, texts_of(patterns)});
  }
  return {};
}

Result<void> ProgramReader::use(const yaml::Node& node) {
  Use out;
  for (const auto& [name, value] : node.entries) {
    Result<void> done;
    if (name.text == "usage") {
      out.usage = value.text;
      auto parts = parse_usage(value.text, program.syntax);
      if (!parts)
        return fail(ErrorCode::invalid, "command grammar: " + parts.error().message, value.place(file_));
      out.parts = std::move(*parts);
    } else if (name.text == "action") {
      out.action = actions_.find(value.text);
      if (out.action == nullptr)
        done = fail(ErrorCode::invalid, "command grammar: there is no action " + value.text,
                    value.place(file_), "actions are listed in content/commands/actions.yaml");
    } else if (name.text == "unresolved") {
      out.unresolved = value.text;
    } else if (name.text == "when" || name.text == "unless") {
      done = conditions(value, name.text == "unless", out);
    } else {
      done =
          fail(ErrorCode::invalid, "command grammar: unknown key of a use: " + name.text, name.place(file_));
    }
    if (!done) return done;
  }
  for (const UsagePart& part : out.parts) {
    if (part.kind == UsagePart::Kind::word)
      program.words.insert(program.words.end(), part.names.begin(), part.names.end());
    if (part.kind != UsagePart::Kind::option) continue;
    for (const std::string& name : part.names) know(name, part.valued, part.glued);
  }
  program.uses.push_back(std::move(out));
  if (program.syntax == Syntax::menu) add_to_menu(static_cast<std::uint32_t>(program.uses.size() - 1));
  return {};
}

/// The leading words of a use become a path of nodes.
void ProgramReader::add_to_menu(std::uint32_t number) {
  if (program.menu.empty()) program.menu.emplace_back().menu = true;
  std::vector<std::uint32_t> at = {0};
  for (const UsagePart& part : program.uses[number].parts) {
    if (part.kind == UsagePart::Kind::menu) {
      for (const std::uint32_t node : at) program.menu[node].menu = true;
      continue;
    }
    if (part.kind != UsagePart::Kind::word) break;
    std::vector<std::uint32_t> reached;
    for (const std::uint32_t node : at) {
      for (const std::string& word : part.names) {
        auto& next = program.menu[node].next;
        const auto found = std::ranges::find(next, word, &MenuNode::Next::word);
        if (found != next.end()) {
          reached.push_back(found->node);
          continue;
        }
        const auto made = static_cast<std::uint32_t>(program.menu.size());
        next.push_back({word, made});
        program.menu.emplace_back();
        reached.push_back(made);
      }
    }
    at = std::move(reached);
  }
  for (const std::uint32_t node : at) program.menu[node].uses.push_back(number);
}

Result<void> ProgramReader::read(const yaml::Node& node) {
  if (node.kind != yaml::Node::Kind::map)
    return fail(ErrorCode::invalid, "command grammar: keys with values are wanted here", node.place(file_));
  for (const auto& [name, value] : node.entries) {
    if (auto done = key(name.text, value); !done) return done;
  }
  if (program.name.empty())
    return fail(ErrorCode::invalid, "command grammar: 'program' is missing", node.place(file_));
  for (const std::string_view list : {"takes", "takes_command", "flags"}) {
    const yaml::Node* names = node.find(list);
    if (names == nullptr) continue;
    for (const std::string& written : texts_of(*names)) {
      auto part = parse_usage(written, program.syntax);
      if (!part || part->size() != 1 || part->front().kind != UsagePart::Kind::option)
        return fail(ErrorCode::invalid, "command grammar: not an option: " + written, names->place(file_));
      for (const std::string& name : part->front().names) know(name, list != "flags", false);
      if (list != "takes_command") continue;
      for (const std::string& name : part->front().names)
        std::ranges::find(program.options, name, &KnownOption::name)->command = true;
    }
  }
  if (const yaml::Node* uses = node.find("uses")) {
    for (const yaml::Node& item : uses->items) {
      if (auto done = use(item); !done) return done;
    }
  }
  if (files.empty()) files.push_back(program.name);
  if (originals.empty() && program.platform == Platform::windows)
    for (const std::string& file : files) originals.push_back(file + ".exe");
  return {};
}

bool fits_from(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() &&
        (pattern[p] == '?' || text::ascii_lower(pattern[p]) == text::ascii_lower(text[t])) &&
        pattern[p] != '*') {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

bool fits(std::string_view pattern, std::string_view text) {
  return fits_from(pattern, text);
}

std::size_t Grammar::Hash::operator()(std::string_view text) const {
  return hash_short(text.data(), text.size(), 0);
}

Result<Grammar> Grammar::make(ActionTable actions) {
  Grammar grammar;
  grammar.actions_ = std::move(actions);
  return grammar;
}

Result<void> Grammar::add(std::string_view bytes, const std::string& file) {
  const auto documents = yaml::parse(bytes, file);
  if (!documents) return std::unexpected(documents.error());
  const yaml::Node* list = documents->empty() ? nullptr : documents->front().find("programs");
  if (list == nullptr || list->kind != yaml::Node::Kind::list)
    return fail(ErrorCode::invalid, "command grammar: there is no list 'programs'", {file, 0, 0, {}});
  Program usual;  // what the table says of all its programs
  for (const auto& [name, value] : documents->front().entries) {
    if (name.text == "programs") continue;
    const auto platform =
        name.text == "platform" ? choice(value, kPlatforms, file) : Result<Platform>(usual.platform);
    const auto syntax = name.text == "syntax" ? choice(value, kSyntaxes, file) : Result<Syntax>(usual.syntax);
    if (!platform) return std::unexpected(platform.error());
    if (!syntax) return std::unexpected(syntax.error());
    usual.platform = *platform;
    usual.syntax = *syntax;
    if (name.text != "platform" && name.text != "syntax")
      return fail(ErrorCode::invalid, "command grammar: unknown key: " + name.text, name.place(file));
  }
  for (const yaml::Node& node : list->items) {
    ProgramReader reader(actions_, file);
    reader.program = usual;
    if (auto done = reader.read(node); !done) return done;
    programs_.push_back(std::move(reader.program));
    const Program* program = &programs_.back();
    for (const std::string& name : reader.files) {
      Names& names = names_[static_cast<std::size_t>(program->platform)];
      if (!names.emplace(lower(name), program).second)
        return fail(ErrorCode::invalid, "command grammar: there is already a grammar for " + name,
                    node.place(file));
    }
    for (const std::string& name : reader.originals) originals_.emplace(lower(name), program);
  }
  return {};
}

Result<void> Grammar::add_environment(std::string_view bytes, const std::string& file) {
  const auto documents = yaml::parse(bytes, file);
  if (!documents) return std::unexpected(documents.error());
  if (documents->empty()) return {};
  const auto keep = [&](std::string text) -> std::string_view {
    return environment_texts_.emplace_back(std::move(text));
  };
  for (const std::string_view part : {"windows", "powershell"}) {
    const yaml::Node* node = documents->front().find(part);
    if (node == nullptr || node->kind != yaml::Node::Kind::map)
      return fail(ErrorCode::invalid, fmt::format("environment: there is no map '{}'", part),
                  {file, 0, 0, {}});
    for (const auto& [name, value] : node->entries) {
      if (part == "windows") cmd_environment_.set(keep(name.text), keep(value.text));
      powershell_environment_.set(keep(lower((part == "windows" ? "env:" : "") + name.text)),
                                  keep(value.text));
    }
  }
  return {};
}

Result<Grammar> Grammar::built_in() {
  const auto actions_text = content::find(kActions), environment = content::find(kEnvironment);
  if (!actions_text || !environment)
    return fail(ErrorCode::invalid, "the table of actions is not built in",
                {std::string(kActions), 0, 0, {}});
  auto actions = ActionTable::parse(*actions_text, std::string(kActions));
  if (!actions) return std::unexpected(actions.error());
  auto grammar = make(std::move(*actions));
  if (auto done = grammar->add_environment(*environment, std::string(kEnvironment)); !done)
    return std::unexpected(done.error());
  for (const content::BuiltIn& file : content::built_in()) {
    const std::string name = file.name;
    if (!name.starts_with(kFolder) || !name.ends_with(".yaml") || name == kActions || name == kEnvironment)
      continue;
    if (auto done = grammar->add(file.bytes(), name); !done) return std::unexpected(done.error());
  }
  return grammar;
}

const Program* Grammar::find(Platform platform, std::string_view name) const {
  const Names& names = names_[static_cast<std::size_t>(platform)];
  const auto found = names.find(name);
  return found == names.end() ? nullptr : found->second;
}

const Program* Grammar::find_original(std::string_view name) const {
  std::string key = lower(name);
  const auto found = originals_.find(key);
  return found == originals_.end() ? nullptr : found->second;
}

}  // namespace landwarden::command
