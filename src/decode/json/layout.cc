#include "decode/json/layout.h"

#include <algorithm>
#include <optional>

#include "base/content.h"
#include "base/yaml.h"

namespace landwarden::decode::json {
namespace {

using yaml::Node;

std::unexpected<Error> wrong(const Node& node, const std::string& file, std::string message) {
  return fail(ErrorCode::invalid, std::move(message), node.place(file));
}

/// A scalar, or a list of scalars.
Result<std::vector<std::string>> texts(const Node& node, const std::string& file) {
  std::vector<std::string> out;
  if (node.is_scalar()) {
    out.push_back(node.text);
    return out;
  }
  if (node.kind != Node::Kind::list) return wrong(node, file, "a name or a list of names is expected");
  for (const Node& item : node.items) {
    if (!item.is_scalar()) return wrong(item, file, "a name is expected");
    out.push_back(item.text);
  }
  return out;
}

Result<FieldRule> field_rule(const Node& name, const Node& node, const std::string& file) {
  FieldRule rule{.field = name.text, .paths = {}, .values = {}};
  const Node* from = &node;
  if (node.kind == Node::Kind::map) {
    from = node.find("from");
    if (from == nullptr) return wrong(node, file, "a rule needs the key 'from'");
    for (const auto& [key, value] : node.entries) {
      if (key.text == "values" && value.kind == Node::Kind::map) {
        for (const auto& [written, meant] : value.entries) rule.values.emplace_back(written.text, meant.text);
      } else if (key.text == "as" && value.text == "hex64") {
        rule.hex64 = true;
      } else if (key.text != "from") {
        return wrong(key, file, "unknown key '" + key.text + "'");
      }
    }
  }
  auto paths = texts(*from, file);
  if (!paths) return std::unexpected(paths.error());
  rule.paths = std::move(*paths);
  return rule;
}

std::optional<Error> read_key(Layout& layout, const Node& key, const Node& value, const std::string& file) {
  const auto two = [&](const char* a, std::string& to_a, const char* b,
                       std::string& to_b) -> std::optional<Error> {
    const Node *first = value.find(a), *second = value.find(b);
    if (first == nullptr || second == nullptr)
      return wrong(value, file, std::string(a) + " and " + b + " are expected").error();
    to_a = first->text;
    to_b = second->text;
    return std::nullopt;
  };
  if (key.text == "name") {
    layout.name = value.text;
  } else if (key.text == "rank") {
    layout.rank = value.integer;
  } else if (key.text == "inside") {
    layout.inside = value.text;
  } else if (key.text == "xml") {
    layout.xml = value.text;
  } else if (key.text == "escaped") {
    if (value.text != "xml") return wrong(value, file, "xml is expected").error();
    layout.escaped = true;
  } else if (key.text == "rest") {
    layout.rest = value.text;
  } else if (key.text == "embedded") {
    return two("from", layout.embedded_from, "at", layout.embedded_at);
  } else if (key.text == "zone") {
    return two("local", layout.zone_local, "utc", layout.zone_utc);
  } else if (key.text == "data") {
    auto names = texts(value, file);
    if (!names) return names.error();
    layout.data = std::move(*names);
  } else if (key.text == "needs") {
    for (const Node& item : value.items) {
      auto names = texts(item, file);
      if (!names) return names.error();
      layout.needs.push_back(std::move(*names));
    }
  } else if (key.text == "fields") {
    for (const auto& [name, node] : value.entries) {
      auto rule = field_rule(name, node, file);
      if (!rule) return rule.error();
      layout.fields.push_back(std::move(*rule));
    }
  } else {
    return wrong(key, file, "unknown key '" + key.text + "'").error();
  }
  return std::nullopt;
}

bool is_namespace(std::string_view attribute) {
  return attribute == "xmlns" || attribute.starts_with("xmlns:");
}

}  // namespace

Result<Layout> parse_layout(std::string_view yaml, const std::string& file) {
  const auto documents = yaml::parse(yaml, file);
  if (!documents) return std::unexpected(documents.error());
  if (documents->size() != 1 || documents->front().kind != Node::Kind::map) {
    return fail(ErrorCode::invalid, "one map is expected", {file, 1, 1, {}});
  }
  Layout layout;
  for (const auto& [key, value] : documents->front().entries) {
    if (auto error = read_key(layout, key, value, file)) return std::unexpected(std::move(*error));
  }
  if (layout.name.empty() || layout.needs.empty()) {
    return fail(ErrorCode::invalid, "a layout needs the keys 'name' and 'needs'", {file, 1, 1, {}});
  }
  return layout;
}

Result<std::vector<Layout>> built_in_layouts() {
  std::vector<Layout> layouts;
  for (const content::BuiltIn& entry : content::built_in()) {
    const std::string name = entry.name;
    if (!name.starts_with("layouts/") || !name.ends_with(".yaml")) continue;
    auto layout = parse_layout(entry.bytes(), "content/" + name);
    if (!layout) return std::unexpected(layout.error());
    layouts.push_back(std::move(*layout));
  }
  std::sort(layouts.begin(), layouts.end(), [](const Layout& a, const Layout& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.name < b.name;
  });
  return layouts;
}

XmlName name_of_xml(const std::vector<std::string_view>& keys) {
  constexpr std::string_view kBeside = "_attributes";
  std::vector<std::string_view> elements;
  std::string_view attribute;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string_view key = keys[i];
    if (key == "#text") continue;
    const bool beside = key.size() > kBeside.size() && key.ends_with(kBeside);
    if (key == "#attributes" || beside) {
      if (beside) elements.push_back(key.substr(0, key.size() - kBeside.size()));
      if (i + 1 < keys.size()) attribute = keys[++i];
    } else if (key.size() > 1 && key.front() == '@') {
      attribute = key.substr(1);
    } else {
      elements.push_back(key);
    }
  }
  if (elements.empty() || is_namespace(attribute)) return {{}, NullAs::absent};
  const std::string_view group = elements.front();
  std::string name;
  NullAs null_as = NullAs::null;
  if (group == "System") {
    name = "System.";
    null_as = NullAs::absent;
  } else if (group == "RenderingInfo" || group == "ProcessingErrorData") {
    name = std::string(group) + '.';
  } else if (group == "EventData" && elements.size() == 2) {
    null_as = NullAs::text;  // <Data Name="X"/> is an empty text
  }
  const bool of_group = elements.size() == 1;
  if (of_group && !name.empty()) {
    name += attribute;
    return {attribute.empty() ? std::string{} : name, NullAs::absent};
  }
  if (name.empty() && elements.back().starts_with("System."))
    name = "EventData.";  // nobody passes for the System part
  name += elements.back();
  if (!attribute.empty()) {
    name += '_';
    name += attribute;
  }
  return {std::move(name), attribute.empty() && !of_group ? null_as : NullAs::absent};
}

}  // namespace landwarden::decode::json
