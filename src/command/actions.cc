#include "command/actions.h"

#include <algorithm>

#include "base/yaml.h"

namespace landwarden::command {
namespace {

Result<ActionText> read_text(const yaml::Node& action, std::string_view language, const std::string& file) {
  const yaml::Node* node = action.find(language);
  if (node == nullptr)
    return fail(ErrorCode::invalid, "an action needs texts in '" + std::string(language) + "'",
                action.place(file));
  ActionText out;
  const auto take = [&](std::string_view key, std::string& target) {
    const yaml::Node* value = node->find(key);
    if (value == nullptr || !value->is_scalar() || value->text.empty()) return false;
    target = value->text;
    return true;
  };
  if (take("title", out.title) && take("use", out.use) && take("abuse", out.abuse) &&
      take("normal", out.normal))
    return out;
  return fail(ErrorCode::invalid, "an action's texts are title, use, abuse and normal", node->place(file));
}

Result<Action> read_action(const yaml::Node& node, const std::string& file) {
  Action action;
  for (const auto& [key, value] : node.entries) {
    if (key.text == "id") {
      action.id = value.text;
    } else if (key.text == "attack") {
      for (const yaml::Node& technique : value.items) action.techniques.push_back(technique.text);
    } else if (key.text == "weight") {
      if (value.kind != yaml::Node::Kind::integer || value.integer < 0 || value.integer > 3)
        return fail(ErrorCode::invalid, "a weight is 0 to 3", value.place(file));
      action.weight = static_cast<std::uint8_t>(value.integer);
    } else if (key.text != "en" && key.text != "ja") {
      return fail(ErrorCode::invalid, "unknown key of an action: " + key.text, key.place(file));
    }
  }
  if (action.id.empty()) return fail(ErrorCode::invalid, "an action needs an id", node.place(file));
  auto en = read_text(node, "en", file), ja = read_text(node, "ja", file);
  if (!en) return std::unexpected(en.error());
  if (!ja) return std::unexpected(ja.error());
  action.en = std::move(*en);
  action.ja = std::move(*ja);
  return action;
}

}  // namespace

Result<ActionTable> ActionTable::parse(std::string_view bytes, const std::string& file) {
  const auto documents = yaml::parse(bytes, file);
  if (!documents) return std::unexpected(documents.error());
  const yaml::Node* list = documents->empty() ? nullptr : documents->front().find("actions");
  if (list == nullptr || list->kind != yaml::Node::Kind::list)
    return fail(ErrorCode::invalid, "there is no list 'actions'", {file, 0, 0, {}});
  ActionTable table;
  for (const yaml::Node& node : list->items) {
    auto action = read_action(node, file);
    if (!action) return std::unexpected(action.error());
    table.actions_.push_back(std::move(*action));
  }
  std::ranges::sort(table.actions_, {}, &Action::id);
  const auto twice = std::ranges::adjacent_find(table.actions_, {}, &Action::id);
  if (twice != table.actions_.end())
    return fail(ErrorCode::invalid, "an action is there twice: " + twice->id, {file, 0, 0, {}});
  return table;
}

const Action* ActionTable::find(std::string_view id) const {
  const auto found = std::ranges::lower_bound(actions_, id, {}, &Action::id);
  return found != actions_.end() && found->id == id ? &*found : nullptr;
}

}  // namespace landwarden::command
