#include "cli/rule_settings.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include <fmt/format.h>

#include "base/digest.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "cli/arguments.h"

namespace landwarden::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSettingsHint =
    "keys of a settings file: placeholders, mappings, pipelines; see docs/settings.md";

Result<std::string> read_file(const std::string& path, const char* what) {
  std::error_code unknown;
  if (fs::is_directory(path, unknown))
    return fail(ErrorCode::io, std::string(what) + ": it is a folder", {path, 0, 0, {}}, "name a file");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::unexpected(io_error(std::string(what) + " cannot be opened", path));
  std::string out(limits::kYamlBytes + 1, '\0');
  stream.read(out.data(), static_cast<std::streamsize>(out.size()));
  out.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  if (stream.bad()) return std::unexpected(io_error(std::string(what) + " cannot be read", path));
  return out;
}

std::string digest_of(std::string_view text) {
  DigestMaker maker;
  maker.add(text);
  std::string out;
  for (const std::byte byte : maker.digest()) out += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return out;
}

std::unexpected<Error> wrong(const yaml::Node& node, const std::string& file, std::string message) {
  return fail(ErrorCode::invalid, std::move(message), node.place(file), kSettingsHint);
}

/// A scalar, or a list of scalars.
Result<std::vector<std::string>> texts(const yaml::Node& node, const std::string& file,
                                       const std::string& what) {
  const auto none = [](const yaml::Node& one) {
    return !one.is_scalar() || one.kind == yaml::Node::Kind::null;
  };
  std::vector<std::string> out;
  if (node.kind != yaml::Node::Kind::list) {
    if (none(node)) return wrong(node, file, what + ": a value or a list of values is expected");
    out.push_back(node.text);
    return out;
  }
  for (const yaml::Node& item : node.items) {
    if (none(item)) return wrong(item, file, what + ": a value is expected here");
    out.push_back(item.text);
  }
  return out;
}

/// A settings file on its way in.
class SettingsReader {
 public:
  SettingsReader(const std::string& file, RuleSettings::Lists& lists, std::vector<std::string>& mappings,
                 std::vector<std::string>& pipelines)
      : file_(file), lists_(lists), mappings_(mappings), pipelines_(pipelines) {}

  Result<void> read(std::string_view text) {
    const auto documents = yaml::parse(text, file_);
    if (!documents) return std::unexpected(documents.error());
    for (const yaml::Node& document : *documents) {
      if (document.kind == yaml::Node::Kind::null) continue;
      if (document.kind != yaml::Node::Kind::map)
        return wrong(document, file_, "settings are keys with values");
      for (const auto& [key, value] : document.entries) {
        if (auto done = read_key(key, value); !done) return done;
      }
    }
    return {};
  }

 private:
  Result<void> read_key(const yaml::Node& key, const yaml::Node& value) {
    if (key.text == "placeholders") return read_placeholders(value);
    if (key.text == "mappings") return read_paths(value, key.text, mappings_);
    if (key.text == "pipelines") return read_paths(value, key.text, pipelines_);
    return wrong(key, file_, "unknown setting '" + key.text + "'");
  }

  Result<void> read_placeholders(const yaml::Node& map) {
    if (map.kind == yaml::Node::Kind::null) return {};
    if (map.kind != yaml::Node::Kind::map)
      return wrong(map, file_, "placeholders: names with lists of values are expected");
    for (const auto& [key, value] : map.entries) {
      std::string_view name = key.text;
      // As rules write it, or without the percent signs.
      if (name.size() > 2 && name.front() == '%' && name.back() == '%')
        name = name.substr(1, name.size() - 2);
      if (name.empty() || name.find_first_of("%\\") != std::string_view::npos)
        return wrong(key, file_, "no rule can name this placeholder: '" + key.text + "'");
      auto values = texts(value, file_, key.text);
      if (!values) return std::unexpected(values.error());
      auto& list = lists_[std::string(name)];
      list.insert(list.end(), values->begin(), values->end());
    }
    return {};
  }

  /// Names are meant from the folder of the settings file.
  Result<void> read_paths(const yaml::Node& node, const std::string& what, std::vector<std::string>& out) {
    if (node.kind == yaml::Node::Kind::null) return {};
    auto paths = texts(node, file_, what);
    if (!paths) return std::unexpected(paths.error());
    for (const std::string& path : *paths) out.push_back((fs::path(file_).parent_path() / path).string());
    return {};
  }

  const std::string& file_;
  RuleSettings::Lists& lists_;
  std::vector<std::string>& mappings_;
  std::vector<std::string>& pipelines_;
};

/// The settings file to read; empty if there is none.
std::string settings_file(const RuleSettingsWords& words) {
  if (words.no_settings) return {};
  if (!words.settings.empty()) return words.settings;
  std::string path = default_settings();
  std::error_code unknown;
  return !path.empty() && fs::exists(path, unknown) ? path : std::string();
}

}  // namespace

sigma::LoadOptions RuleSettings::loading() const {
  sigma::LoadOptions out;
  out.placeholders = [lists = placeholders](std::string_view name) -> const std::vector<std::string>* {
    const auto found = lists->find(name);
    return found == lists->end() ? nullptr : &found->second;
  };
  if (processing) {
    out.placeholders = processing->placeholders(std::move(out.placeholders));
    out.processing = processing.get();
  }
  return out;
}

void add_rule_settings(Command command, RuleSettingsWords& words) {
  const auto files = [&](const char* name, std::vector<std::string>& target, const char* text) {
    command.option(name, target, "FILE", text).repeated();
  };
  files("--mapping", words.mappings,
        "Log sources of your own: a YAML table as docs/settings.md has it. May be repeated");
  files("--pipeline", words.pipelines,
        "A processing pipeline of pySigma that works on the rules. May be repeated");
  const Option settings =
      command.option("--settings", words.settings, "FILE",
                     "Values for placeholders, and mappings and pipelines that are always used; by default "
                     "~/.config/landwarden/settings.yaml, if it is there");
  command.flag("--no-settings", words.no_settings, "Read no settings file").excludes(settings);
}

std::string default_settings() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  if (config != nullptr && config[0] == '/') return std::string(config) + "/landwarden/settings.yaml";
  const char* home = std::getenv("HOME");
  return home != nullptr && home[0] == '/' ? std::string(home) + "/.config/landwarden/settings.yaml"
                                           : std::string();
}

Result<RuleSettings> read_rule_settings(const RuleSettingsWords& words) {
  auto sources = view::LogSources::built_in();
  if (!sources) return std::unexpected(sources.error());
  RuleSettings out{.sources = std::move(*sources), .placeholders = {}, .processing = {}, .words = {}};
  RuleSettings::Lists lists;
  std::vector<std::string> mappings, pipelines;
  if (const std::string file = settings_file(words); !file.empty()) {
    const auto text = read_file(file, "the settings");
    if (!text) return std::unexpected(text.error());
    if (auto read = SettingsReader(file, lists, mappings, pipelines).read(*text); !read)
      return std::unexpected(read.error());
    out.words.push_back("settings " + digest_of(*text));
  }
  mappings.insert(mappings.end(), words.mappings.begin(), words.mappings.end());
  for (const std::string& file : mappings) {
    const auto text = read_file(file, "the mapping");
    if (!text) return std::unexpected(text.error());
    if (auto added = out.sources.add(*text, file); !added) return std::unexpected(added.error());
    out.words.push_back("mapping " + digest_of(*text));
  }
  pipelines.insert(pipelines.end(), words.pipelines.begin(), words.pipelines.end());
  sigma::Processing processing;
  for (const std::string& file : pipelines) {
    const auto text = read_file(file, "the pipeline");
    if (!text) return std::unexpected(text.error());
    if (auto added = processing.add(*text, file); !added) return std::unexpected(added.error());
    out.words.push_back("pipeline " + digest_of(*text));
  }
  if (!processing.empty()) out.processing = std::make_shared<const sigma::Processing>(std::move(processing));
  out.placeholders = std::make_shared<const RuleSettings::Lists>(std::move(lists));
  return out;
}

}  // namespace landwarden::cli
