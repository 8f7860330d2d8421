#include "decode/json/positions.h"

#include <map>

#include "base/assert.h"
#include "base/content.h"
#include "base/yaml.h"

namespace landwarden::decode::json {
namespace {

struct Key {
  std::string provider;
  std::uint32_t event_id = 0;
  std::size_t values = 0;
  auto operator<=>(const Key&) const = default;
};
using Names = std::map<Key, std::vector<std::string>>;

/// provider → event id → lists of names separated by blanks, one for each number of values.
Names read_table() {
  Names names;
  for (const content::BuiltIn& entry : content::built_in()) {
    if (std::string_view(entry.name) != "event_fields/windows.yaml") continue;
    const auto documents = yaml::parse(entry.bytes(), "content/event_fields/windows.yaml");
    LW_ASSERT(documents.has_value() && documents->size() == 1);  // built in, and a test reads it
    for (const auto& [provider, events] : documents->front().entries) {
      for (const auto& [id, versions] : events.entries) {
        for (const yaml::Node& version : versions.items) {
          std::vector<std::string> list;
          for (const yaml::Node& name : version.items) list.push_back(name.text);
          const Key key{provider.text, static_cast<std::uint32_t>(id.integer), list.size()};
          names.emplace(key, std::move(list));
        }
      }
    }
  }
  return names;
}

}  // namespace

const std::vector<std::string>* names_of_event(std::string_view provider, std::uint32_t event_id,
                                               std::size_t values) {
  static const Names names = read_table();
  const auto at = names.find({std::string(provider), event_id, values});
  return at == names.end() ? nullptr : &at->second;
}

}  // namespace landwarden::decode::json
