#include "triage/attack.h"

#include <algorithm>

#include "base/content.h"
#include "base/text.h"
#include "base/yaml.h"

namespace landwarden::triage {
namespace {

constexpr std::string_view kFile = "attack/tactics.yaml";
constexpr std::string_view kPrefix = "attack.";

std::string normalised(std::string_view tag) {
  std::string out;
  for (const char c : tag) out += c == '_' ? '-' : text::ascii_lower(c);
  return out;
}

/// "t1003" or "t1003.003".
bool is_technique(std::string_view name) {
  if (name.size() != 5 && name.size() != 9) return false;
  if (name[0] != 't' || (name.size() == 9 && name[5] != '.')) return false;
  for (std::size_t i = 1; i < name.size(); ++i) {
    if (i != 5 && (name[i] < '0' || name[i] > '9')) return false;
  }
  return true;
}

}  // namespace

Result<AttackTable> AttackTable::built_in() {
  const auto bytes = content::find(kFile);
  if (!bytes)
    return fail(ErrorCode::invalid, "the table of ATT&CK tactics is not built in",
                {std::string(kFile), 0, 0, {}});
  return parse(*bytes, std::string(kFile));
}

Result<AttackTable> AttackTable::parse(std::string_view bytes, const std::string& file) {
  const auto documents = yaml::parse(bytes, file);
  if (!documents) return std::unexpected(documents.error());
  const yaml::Node* list = documents->empty() ? nullptr : documents->front().find("tactics");
  if (list == nullptr || list->kind != yaml::Node::Kind::list) {
    return fail(ErrorCode::invalid, "there is no list 'tactics'", {file, 0, 0, {}});
  }
  AttackTable table;
  for (const yaml::Node& entry : list->items) {
    const yaml::Node* id = entry.find("id");
    const yaml::Node* name = entry.find("name");
    const yaml::Node* tags = entry.find("tags");
    if (id == nullptr || name == nullptr || tags == nullptr) {
      return fail(ErrorCode::invalid, "a tactic needs id, name and tags", entry.place(file));
    }
    Tactic tactic{.id = id->text, .name = name->text, .tags = {}};
    for (const yaml::Node& tag : tags->items) tactic.tags.push_back(normalised(tag.text));
    table.tactics_.push_back(std::move(tactic));
  }
  return table;
}

AttackTag AttackTable::read_tag(std::string_view tag) const {
  const std::string whole = normalised(tag);
  if (!whole.starts_with(kPrefix)) return {};
  const std::string_view name = std::string_view(whole).substr(kPrefix.size());
  if (is_technique(name)) return {.tactic = {}, .technique = "T" + std::string(name.substr(1))};
  for (std::size_t i = 0; i < tactics_.size(); ++i) {
    if (std::ranges::find(tactics_[i].tags, name) != tactics_[i].tags.end())
      return {.tactic = i, .technique = {}};
  }
  return {};
}

}  // namespace landwarden::triage
