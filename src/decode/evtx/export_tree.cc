#include "decode/evtx/export_tree.h"

#include <functional>
#include <utility>

#include "base/limits.h"

namespace landwarden::decode::evtx {
namespace {

constexpr Reason kTooMuch = "it unfolds to more than any event holds";
constexpr Reason kTooDeep = "templates are nested too deep";

bool is_long_list(RawValue value) {
  if (value.size == 0 || !is_list(value.type)) return false;
  static_cast<void>(next_item(value));
  return value.size > 0;
}

/// What stands in a slot keeps its number, so that it can be told from the template's own text.
Node value_node(const Node& part, const RawValue& value) {
  const std::uint16_t number = part.kind == NodeKind::slot ? part.number : kNoDependency;
  return {.kind = NodeKind::value, .type = value.type, .number = number, .bytes = value.bytes()};
}

}  // namespace

std::uint32_t RecordTree::add(Chain& chain, Node node) {
  if (tree_.nodes.size() >= limits::kEvtxExportNodes) {
    reason_ = kTooMuch;
    return 0;
  }
  node.next = node.first = node.attributes = 0;
  const auto index = static_cast<std::uint32_t>(tree_.nodes.size());
  tree_.nodes.push_back(node);
  if (chain.last != 0) {
    tree_.nodes[chain.last].next = index;
  } else if (chain.owner == 0) {
    tree_.first = index;
  } else {
    (chain.attributes ? tree_.nodes[chain.owner].attributes : tree_.nodes[chain.owner].first) = index;
  }
  chain.last = index;
  return index;
}

RawValue RecordTree::value_of(const Level& level, const Node& node) const {
  for (const auto& [part, item] : items_) {
    if (part == &node) return item;
  }
  RawValue value;
  if (node.kind == NodeKind::slot) {
    if (node.number < level.count) value = level.values[node.number];
  } else if (node.kind == NodeKind::value) {
    value = {node.bytes.data(), static_cast<std::uint32_t>(node.bytes.size()), node.type};
  }
  // An array of one is that one.
  if (value.size != 0 && is_list(value.type) && !is_long_list(value)) return next_item(value);
  return value;
}

const Node* RecordTree::find_list(const Level& level, const Node& element) {
  const Tree& tree = *level.tree;
  const auto in_chain = [&](std::uint32_t first) -> const Node* {
    for (std::uint32_t i = first; i != 0 && reason_ == nullptr; i = tree[i].next) {
      if (++steps_ > limits::kEvtxExportSteps) reason_ = kTooMuch;
      const Node& part = tree[i];
      if ((part.kind == NodeKind::slot || part.kind == NodeKind::value) &&
          is_long_list(value_of(level, part)))
        return &part;
    }
    return nullptr;
  };
  if (const Node* found = in_chain(element.first)) return found;
  for (std::uint32_t i = element.attributes; i != 0; i = tree[i].next) {
    if (const Node* found = in_chain(tree[i].first)) return found;
  }
  return nullptr;
}

/// `top`: of a stream. What stands there is shown whatever it depends on.
void RecordTree::copy_chain(const Level& level, std::uint32_t first, Chain& to, bool top) {
  for (std::uint32_t i = first; i != 0 && reason_ == nullptr; i = (*level.tree)[i].next) {
    const Node& node = (*level.tree)[i];
    if (node.kind != NodeKind::element) {
      copy_content(level, node, to);
    } else if (top || node.number >= level.count || level.values[node.number].type != value_type::kNull) {
      copy_element(level, i, to);
    }
  }
}

void RecordTree::copy_content(const Level& level, const Node& node, Chain& to) {
  if (node.kind == NodeKind::instance) return expand_instance(node, to);
  if (node.kind != NodeKind::slot && node.kind != NodeKind::value) {
    add(to, node);
    return;
  }
  const RawValue value = value_of(level, node);
  if (is_empty(value)) return;
  if (value.type == value_type::kBinXml) return expand_stream(value, to);
  add(to, {.kind = NodeKind::value, .type = value.type, .bytes = value.bytes()});
}

void RecordTree::copy_element(const Level& level, std::uint32_t index, Chain& to) {
  const Node& element = (*level.tree)[index];
  const Node* list = find_list(level, element);
  if (list == nullptr) return copy_element_once(level, element, to);
  RawValue rest = value_of(level, *list);
  while (rest.size > 0 && reason_ == nullptr) {
    items_.emplace_back(list, next_item(rest));
    copy_element(level, index, to);  // it may have more of them
    items_.pop_back();
  }
}

void RecordTree::copy_element_once(const Level& level, const Node& element, Chain& to) {
  Node made = element;
  made.type = element.first != 0 ? kHasContent : 0;
  const std::uint32_t copy = add(to, made);
  if (copy == 0) return;
  Chain attributes{.owner = copy, .attributes = true};
  for (std::uint32_t i = element.attributes; i != 0 && reason_ == nullptr; i = (*level.tree)[i].next) {
    const Node& attribute = (*level.tree)[i];
    Chain parts{.owner = add(attributes, attribute)};
    if (parts.owner == 0) return;
    for (std::uint32_t k = attribute.first; k != 0; k = (*level.tree)[k].next) {
      const Node& part = (*level.tree)[k];
      if (part.kind == NodeKind::text || part.kind == NodeKind::character) {
        add(parts, part);
      } else if (const RawValue value = value_of(level, part);
                 !is_empty(value) && value.type != value_type::kBinXml) {
        add(parts, value_node(part, value));
      }
    }
  }
  Chain content{.owner = copy};
  copy_chain(level, element.first, content, false);
}

void RecordTree::expand_instance(const Node& node, Chain& to) {
  const auto at = static_cast<std::size_t>(node.bytes.data() - chunk_.data());
  const auto instance = parse_instance(chunk_, at, at + node.bytes.size());
  if (!instance) {
    reason_ = instance.error();
    return;
  }
  const auto plan = plans_->plan(chunk_, instance->definition, instance->template_id, Place::event);
  if (!plan && plan.error() == kTooManyTemplates) {
    reason_ = plan.error();
    return;
  }
  if (depth_ >= limits::kEvtxStreamDepth) {
    reason_ = kTooDeep;
    return;
  }
  std::vector<RawValue>& values = rooms_[depth_].values;
  values.resize(instance->count);
  const std::byte* data = chunk_.data() + instance->values;
  const std::byte* descriptor = chunk_.data() + instance->descriptors;
  for (RawValue& value : values) {
    value = {data, load<std::uint16_t>(descriptor), std::to_integer<std::uint8_t>(descriptor[2])};
    data += value.size;
    descriptor += 4;
  }
  if (AnsiText* ansi = plans_->ansi_text(); ansi != nullptr && ansi->converts()) ansi->convert(values);
  if (!plan) return list_values(values, to);
  const Tree& tree = (*plan)->tree;
  ++depth_;
  copy_chain({&tree, values.data(), values.size()}, tree.first, to, true);
  --depth_;
}

std::uint32_t RecordTree::add_element(Chain& chain, std::u16string_view name) {
  return add(chain, {.kind = NodeKind::element,
                     .bytes = {reinterpret_cast<const std::byte*>(name.data()), name.size() * 2}});
}

/// What can be said without the definition: the values, in their order, as Data; around them the elements
/// that Data stands in. Streams among them bring their own names.
void RecordTree::list_values(const std::vector<RawValue>& values, Chain& to) {
  values_only_ = true;
  const Node* owner = to.owner == 0 ? nullptr : &tree_[to.owner];
  Chain event = to, data = to;
  if (owner == nullptr) event = {.owner = add_element(to, u"Event")};
  if (owner == nullptr || has_name(*owner, u"Event")) data = {.owner = add_element(event, u"EventData")};
  for (const RawValue& value : values) {
    if (reason_ != nullptr) break;
    if (value.type == value_type::kBinXml && value.size != 0) {
      expand_stream(value, event);
      continue;
    }
    RawValue rest = value;
    do {
      Chain content{.owner = add_element(data, u"Data")};
      const RawValue item =
          is_list(value.type) && rest.size > 0 ? next_item(rest) : std::exchange(rest, RawValue{});
      if (content.owner != 0 && !is_empty(item))
        add(content, {.kind = NodeKind::value, .type = item.type, .bytes = item.bytes()});
    } while (rest.size > 0 && reason_ == nullptr);
  }
  if (owner != nullptr) to = has_name(tree_[to.owner], u"Event") ? event : data;
}

void RecordTree::expand_stream(const RawValue& value, Chain& to) {
  const std::less<const std::byte*> before;
  const std::byte* begin = chunk_.data();
  if (before(value.data, begin) || !before(value.data, begin + chunk_.size())) {
    reason_ = "a template holds a stream of its own";
    return;
  }
  if (depth_ >= limits::kEvtxStreamDepth) {
    reason_ = kTooDeep;
    return;
  }
  const auto at = static_cast<std::size_t>(value.data - begin);
  Tree& tree = rooms_[depth_].tree;
  if (const auto parsed =
          parse_stream(chunk_, at, at + value.size, StreamKind::record, tree, nullptr, plans_->name_hashes());
      !parsed) {
    reason_ = parsed.error();
    return;
  }
  if (AnsiText* ansi = plans_->ansi_text(); ansi != nullptr && ansi->converts()) ansi->convert(tree);
  ++depth_;
  copy_chain({&tree, nullptr, 0}, tree.first, to, true);
  --depth_;
}

Parsed<void> RecordTree::build(Bytes chunk, std::size_t begin, std::size_t end, PlanCache& plans) {
  chunk_ = chunk;
  plans_ = &plans;
  reason_ = nullptr;
  depth_ = 0;
  steps_ = 0;
  items_.clear();
  tree_.clear();
  values_only_ = false;
  if (const auto parsed =
          parse_stream(chunk, begin, end, StreamKind::record, record_, nullptr, plans.name_hashes());
      !parsed) {
    return std::unexpected(parsed.error());
  }
  if (record_.first == 0) return std::unexpected("there is no element in it");
  if (AnsiText* ansi = plans.ansi_text(); ansi != nullptr && ansi->converts()) ansi->convert(record_);
  Chain top;
  copy_chain({&record_, nullptr, 0}, record_.first, top, true);
  if (reason_ != nullptr) return std::unexpected(reason_);
  return {};
}

SystemParts find_system(const Tree& tree) {
  SystemParts found;
  const auto child = [&](std::uint32_t first, std::u16string_view name) -> std::uint32_t {
    for (std::uint32_t i = first; i != 0; i = tree[i].next) {
      const bool named = tree[i].kind == NodeKind::element || tree[i].kind == NodeKind::attribute;
      if (named && has_name(tree[i], name)) return i;
    }
    return 0;
  };
  const std::uint32_t event = child(tree.first, u"Event");
  const std::uint32_t system = event == 0 ? 0 : child(tree[event].first, u"System");
  if (system == 0) return found;
  const auto content = [&](std::u16string_view name) {
    const std::uint32_t element = child(tree[system].first, name);
    return element == 0 ? 0 : tree[element].first;
  };
  found.event_id = content(u"EventID");
  found.channel = content(u"Channel");
  found.computer = content(u"Computer");
  if (const std::uint32_t time = child(tree[system].first, u"TimeCreated"); time != 0) {
    const std::uint32_t attribute = child(tree[time].attributes, u"SystemTime");
    if (attribute != 0) found.time = tree[attribute].first;
  }
  return found;
}

bool is_void(const Node& node) {
  const auto size = static_cast<std::uint32_t>(node.bytes.size());
  if (node.kind == NodeKind::text) return is_empty({node.bytes.data(), size, value_type::kText});
  if (node.kind == NodeKind::value)
    return node.type == value_type::kBinXml || is_empty({node.bytes.data(), size, node.type});
  return node.kind != NodeKind::character;
}

}  // namespace landwarden::decode::evtx
