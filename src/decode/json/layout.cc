#include "decode/json/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/assert.h"
#include "base/content.h"
#include "base/text.h"
#include "base/yaml.h"
#include "decode/json/times.h"

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

/// The keys of a rule that say what becomes of its value; false if it is none of them.
Result<bool> read_rewrite(Rewrite& rewrite, const Node& key, const Node& value, const std::string& file) {
  if (key.text == "values" || key.text == "begins") {
    if (value.kind != Node::Kind::map) return wrong(value, file, "a map is expected");
    auto& pairs = key.text == "values" ? rewrite.values : rewrite.begins;
    for (const auto& [written, meant] : value.entries) pairs.emplace_back(written.text, meant.text);
    return true;
  }
  if (key.text != "as") return false;
  if (value.text == "hex64") {
    rewrite.as = Rewrite::As::hex64;
  } else if (value.text == "time") {
    rewrite.as = Rewrite::As::time;
  } else {
    return wrong(value, file, "hex64 or time is expected");
  }
  return true;
}

Result<MadeField::Part> part(const Node& node, const std::string& file) {
  MadeField::Part out;
  const Node* from = node.kind == Node::Kind::map ? node.find("from") : &node;
  if (from == nullptr) return wrong(node, file, "a part needs the key 'from'");
  if (const Node* front = node.find("front")) out.front = front->text;
  auto paths = texts(*from, file);
  if (!paths) return std::unexpected(paths.error());
  out.paths = std::move(*paths);
  return out;
}

/// {is: text} or {join: [part, …], with: between, whole: true}.
Result<MadeField> made_field(const Node& name, const Node& node, const std::string& file) {
  MadeField made;
  made.field = name.text;
  for (const auto& [key, value] : node.entries) {
    if (key.text == "is") {
      made.constant = value.text;
    } else if (key.text == "with") {
      made.between = value.text;
    } else if (key.text == "whole") {
      made.whole = value.flag;
    } else if (key.text == "join") {
      for (const Node& item : value.items) {
        auto read = part(item, file);
        if (!read) return std::unexpected(read.error());
        made.parts.push_back(std::move(*read));
      }
    } else {
      const auto known = read_rewrite(made.rewrite, key, value, file);
      if (!known) return std::unexpected(known.error());
      if (!*known) return wrong(key, file, "unknown key '" + key.text + "'");
    }
  }
  return made;
}

Result<FieldRule> field_rule(const Node& name, const Node& node, const std::string& file) {
  FieldRule rule;
  rule.field = name.text;
  const Node* from = &node;
  if (node.kind == Node::Kind::map) {
    from = node.find("from");
    if (from == nullptr) return wrong(node, file, "a rule needs the key 'from', 'is' or 'join'");
    for (const auto& [key, value] : node.entries) {
      if (key.text == "from") continue;
      const auto known = read_rewrite(rule.rewrite, key, value, file);
      if (!known) return std::unexpected(known.error());
      if (!*known) return wrong(key, file, "unknown key '" + key.text + "'");
    }
  }
  auto paths = texts(*from, file);
  if (!paths) return std::unexpected(paths.error());
  rule.paths = std::move(*paths);
  return rule;
}

std::optional<Error> read_fields(Layout& layout, const Node& map, const std::string& file) {
  // A case says anew what the layout says of the same field.
  const auto forget = [&](const std::string& field) {
    std::erase_if(layout.fields, [&](const FieldRule& rule) { return rule.field == field; });
    std::erase_if(layout.made, [&](const MadeField& made) { return made.field == field; });
  };
  for (const auto& [name, node] : map.entries) {
    forget(name.text);
    if (node.find("is") != nullptr || node.find("join") != nullptr) {
      auto made = made_field(name, node, file);
      if (!made) return made.error();
      layout.made.push_back(std::move(*made));
    } else {
      auto rule = field_rule(name, node, file);
      if (!rule) return rule.error();
      layout.fields.push_back(std::move(*rule));
    }
  }
  return std::nullopt;
}

/// A path, or {path: P, is: values, begins: text}.
Result<Need> need(const Node& node, const std::string& file) {
  if (node.is_scalar()) return Need{node.text, {}, {}};
  const Node* path = node.find("path");
  if (path == nullptr) return wrong(node, file, "a path is expected");
  Need out{path->text, {}, {}};
  if (const Node* begins = node.find("begins")) out.begins = begins->text;
  if (const Node* is = node.find("is")) {
    auto values = texts(*is, file);
    if (!values) return std::unexpected(values.error());
    out.is = std::move(*values);
  }
  return out;
}

std::optional<Error> read_needs(Layout& layout, const Node& list, const std::string& file) {
  for (const Node& any_of : list.items) {
    if (any_of.kind != Node::Kind::list) return wrong(any_of, file, "a list of paths is expected").error();
    auto& out = layout.needs.emplace_back();
    for (const Node& item : any_of.items) {
      auto read = need(item, file);
      if (!read) return read.error();
      out.push_back(std::move(*read));
    }
  }
  return std::nullopt;
}

std::optional<Error> read_embedded(Layout& layout, const Node& value, const std::string& file) {
  const Node *from = value.find("from"), *at = value.find("at"), *as = value.find("as");
  if (from == nullptr || at == nullptr) return wrong(value, file, "from and at are expected").error();
  auto paths = texts(*from, file);
  if (!paths) return paths.error();
  layout.embedded_from = std::move(*paths);
  layout.embedded_at = at->text;
  if (as == nullptr) return std::nullopt;
  if (as->text != "xml") return wrong(*as, file, "xml is expected").error();
  layout.embedded = Layout::Embedded::xml;
  return std::nullopt;
}

std::optional<Error> read_zone(Layout& layout, const Node& value, const std::string& file) {
  const Node *local = value.find("local"), *utc = value.find("utc");
  if (local == nullptr || utc == nullptr) return wrong(value, file, "local and utc are expected").error();
  layout.zone_local = local->text;
  layout.zone_utc = utc->text;
  return std::nullopt;
}

std::optional<Error> read_word(bool& flag, const Node& value, const char* word, const std::string& file) {
  if (value.text != word) return wrong(value, file, std::string(word) + " is expected").error();
  flag = true;
  return std::nullopt;
}

std::optional<Error> read_names(std::vector<std::string>& to, const Node& value, const std::string& file) {
  auto names = texts(value, file);
  if (!names) return names.error();
  to = std::move(*names);
  return std::nullopt;
}

std::optional<Error> read_key(Layout& layout, const Node& key, const Node& value, const std::string& file) {
  const std::string& word = key.text;
  if (word == "needs") return read_needs(layout, value, file);
  if (word == "fields") return read_fields(layout, value, file);
  if (word == "data") return read_names(layout.data, value, file);
  if (word == "leaves") return read_names(layout.leaves, value, file);
  if (word == "inside") return read_names(layout.inside, value, file);
  if (word == "embedded") return read_embedded(layout, value, file);
  if (word == "zone") return read_zone(layout, value, file);
  if (word == "messages") return read_word(layout.messages, value, "syslog", file);
  if (word == "escaped") return read_word(layout.escaped, value, "xml", file);
  if (word == "names") return read_word(layout.capital, value, "capital", file);
  if (word == "name") {
    layout.name = value.text;
  } else if (word == "rank") {
    layout.rank = value.integer;
  } else if (word == "xml") {
    layout.xml = value.text;
  } else if (word == "product") {
    layout.product = value.text;
  } else if (word == "positions") {
    layout.positions = value.text;
  } else if (word == "rest") {
    layout.rest = value.text;
  } else {
    return wrong(key, file, "unknown key '" + word + "'").error();
  }
  return std::nullopt;
}

/// A copy of the layout in which the case's fields come before its own.
Result<Layout> read_case(const Layout& layout, const Node& node, const std::string& file,
                         std::vector<Need>& when) {
  Layout out = layout;
  out.needs.clear();
  out.cases.clear();
  out.is_case = true;
  const Node* conditions = node.find("when");
  if (conditions == nullptr || conditions->kind != Node::Kind::map)
    return wrong(node, file, "a case needs the key 'when', a map");
  for (const auto& [path, values] : conditions->entries) {
    auto is = texts(values, file);
    if (!is) return std::unexpected(is.error());
    when.push_back({path.text, std::move(*is), {}});
  }
  for (const auto& [key, value] : node.entries) {
    if (key.text == "when") continue;
    if (key.text == "product") {
      out.product = value.text;
      continue;
    }
    if (key.text != "fields") return wrong(key, file, "unknown key '" + key.text + "'");
    if (auto error = read_fields(out, value, file)) return std::unexpected(std::move(*error));
  }
  return out;
}

bool is_namespace(std::string_view attribute) {
  return attribute == "xmlns" || attribute.starts_with("xmlns:");
}

}  // namespace

bool Need::met_by(std::string_view value) const {
  if (!begins.empty() && !value.starts_with(begins)) return false;
  return is.empty() || std::any_of(is.begin(), is.end(), [&](const std::string& wanted) {
           return std::equal(wanted.begin(), wanted.end(), value.begin(), value.end(),
                             [](char a, char b) { return text::ascii_lower(a) == text::ascii_lower(b); });
         });
}

std::optional<std::string_view> Rewrite::apply(std::string_view text, std::string& buffer) const {
  for (const auto& [written, meant] : values) {
    if (written == text) return meant;
  }
  if (!values.empty()) return std::nullopt;
  for (const auto& [written, meant] : begins) {
    if (!text.starts_with(written)) continue;
    buffer = meant;
    buffer += text.substr(written.size());
    return buffer;
  }
  if (as == As::time) return time_text(text, buffer);
  if (as != As::hex64) return text;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::uint64_t bits = static_cast<std::uint64_t>(number);
  if (error == std::errc::result_out_of_range) {
    const auto [end64, error64] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error64 != std::errc{} || end64 != text.data() + text.size()) return text;
  } else if (error != std::errc{} || end != text.data() + text.size()) {
    return text;
  }
  buffer = fmt::format("0x{:x}", bits);
  return buffer;
}

Result<std::vector<Layout>> parse_layout(std::string_view yaml, const std::string& file) {
  const auto documents = yaml::parse(yaml, file);
  if (!documents) return std::unexpected(documents.error());
  if (documents->size() != 1 || documents->front().kind != Node::Kind::map) {
    return fail(ErrorCode::invalid, "one map is expected", {file, 1, 1, {}});
  }
  std::vector<Layout> layouts(1);
  const Node* cases = nullptr;
  for (const auto& [key, value] : documents->front().entries) {
    if (key.text == "cases") {
      cases = &value;
    } else if (auto error = read_key(layouts[0], key, value, file)) {
      return std::unexpected(std::move(*error));
    }
  }
  if (layouts[0].name.empty() || layouts[0].needs.empty()) {
    return fail(ErrorCode::invalid, "a layout needs the keys 'name' and 'needs'", {file, 1, 1, {}});
  }
  if (cases == nullptr) return layouts;
  for (const Node& node : cases->items) {
    std::vector<Need> when;
    auto variant = read_case(layouts[0], node, file, when);
    if (!variant) return std::unexpected(variant.error());
    layouts[0].cases.push_back({std::move(when), layouts.size()});
    layouts.push_back(std::move(*variant));
  }
  return layouts;
}

Result<std::vector<Layout>> built_in_layouts() {
  std::vector<std::vector<Layout>> files;
  for (const content::BuiltIn& entry : content::built_in()) {
    const std::string name = entry.name;
    if (!name.starts_with("layouts/") || !name.ends_with(".yaml")) continue;
    auto layout = parse_layout(entry.bytes(), "content/" + name);
    if (!layout) return std::unexpected(layout.error());
    files.push_back(std::move(*layout));
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
    return a[0].rank != b[0].rank ? a[0].rank < b[0].rank : a[0].name < b[0].name;
  });
  std::vector<Layout> layouts;
  for (auto& file : files) layouts.push_back(std::move(file[0]));
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t k = 1; k < files[i].size(); ++k) {
      layouts[i].cases[k - 1].layout = layouts.size();
      layouts.push_back(std::move(files[i][k]));
    }
  }
  return layouts;
}

std::span<const Layout> known_layouts() {
  static const std::vector<Layout> layouts = [] {
    auto read = built_in_layouts();
    LW_ASSERT(read.has_value());  // built in, and a test reads them
    return std::move(*read);
  }();
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
