#include "decode/evtx/writer_binxml.h"

#include <algorithm>

#include "base/assert.h"
#include "base/hash.h"

namespace landwarden::decode::evtx::write {
namespace {

// Tokens; kMore says that further content of the same element or attribute follows.
constexpr std::uint8_t kEndOfStream = 0x00;
constexpr std::uint8_t kOpenElement = 0x01;
constexpr std::uint8_t kCloseStart = 0x02;
constexpr std::uint8_t kCloseEmpty = 0x03;
constexpr std::uint8_t kEndElement = 0x04;
constexpr std::uint8_t kValue = 0x05;
constexpr std::uint8_t kAttribute = 0x06;
constexpr std::uint8_t kCdata = 0x07;
constexpr std::uint8_t kCharacterReference = 0x08;
constexpr std::uint8_t kEntityReference = 0x09;
constexpr std::uint8_t kTarget = 0x0a;
constexpr std::uint8_t kData = 0x0b;
constexpr std::uint8_t kTemplateInstance = 0x0c;
constexpr std::uint8_t kSlot = 0x0d;
constexpr std::uint8_t kOptionalSlot = 0x0e;
constexpr std::uint8_t kFragment = 0x0f;
constexpr std::uint8_t kMore = 0x40;
constexpr std::uint32_t kFragmentHeader = 0x00'01'01'00 | kFragment;  // version 1.1, no flags
constexpr std::uint16_t kNoDependency = 0xffff;

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

void describe(const Element& element, std::string& key);

void describe(const std::vector<Node>& nodes, std::string& key) {
  for (const Node& node : nodes) {
    key += static_cast<char>('a' + node.index());
    std::visit(Overloaded{
                   [&](const Element& child) { describe(child, key); },
                   [&](const Text& text) { key += text.utf8; },
                   [&](const Cdata& text) { key += text.utf8; },
                   [&](const Slot& slot) {
                     key += std::to_string(slot.index) + ':' + std::to_string(slot.type) +
                            (slot.optional ? '?' : '!');
                   },
                   [&](const Value& value) {
                     key += std::to_string(value.type) + ':';
                     key.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
                   },
                   [&](const CharacterReference& reference) { key += std::to_string(reference.unit); },
                   [&](const EntityReference& reference) { key += reference.name; },
                   [&](const ProcessingInstruction& instruction) {
                     key += instruction.target + ' ' + instruction.data;
                   },
                   [&](const RawTokens& raw) {
                     key.append(reinterpret_cast<const char*>(raw.bytes.data()), raw.bytes.size());
                   },
                   [&](const Embedded&) { LW_ASSERT(false); },
               },
               node);
    key += '\0';
  }
}

/// A text that is the same for equal trees and different for different ones.
void describe(const Element& element, std::string& key) {
  key += '<';
  key += element.name;
  for (const Attribute& attribute : element.attributes) {
    key += '@';
    key += attribute.name;
    key += '=';
    describe(attribute.content, key);
  }
  key += '>';
  describe(element.children, key);
  key += '/';
}

void hoist(std::vector<Node>& nodes, bool optional, std::vector<Value>& values) {
  for (Node& node : nodes) {
    if (Element* child = std::get_if<Element>(&node)) {
      for (Attribute& attribute : child->attributes) hoist(attribute.content, optional, values);
      hoist(child->children, optional, values);
    } else if (Value* value = std::get_if<Value>(&node)) {
      const std::uint8_t type = value->type == 0 ? static_cast<std::uint8_t>(ValueType::string) : value->type;
      const auto index = static_cast<std::uint16_t>(values.size());
      values.push_back(std::move(*value));
      node = Slot{.index = index, .type = type, .optional = optional};
    }
  }
}

/// The slot whose absence takes the element away: its first direct optional one.
std::uint16_t dependency_of(const Element& element) {
  for (const Node& node : element.children) {
    if (const Slot* slot = std::get_if<Slot>(&node); slot != nullptr && slot->optional) return slot->index;
  }
  return kNoDependency;
}

/// Bytes a unit of values that state their size where they stand in the text; 0: others.
std::size_t counted_unit(std::uint8_t type) {
  switch (static_cast<ValueType>(type)) {
    case ValueType::string:
    case ValueType::xml:
      return 2;
    case ValueType::ansi:
    case ValueType::binary:
      return 1;
    default:
      return 0;
  }
}

std::u16string_view as_units(const Guid& guid, std::array<char16_t, 8>& units) {
  for (std::size_t i = 0; i < units.size(); ++i) {
    units[i] = static_cast<char16_t>(std::to_integer<unsigned>(guid.bytes[2 * i]) |
                                     std::to_integer<unsigned>(guid.bytes[2 * i + 1]) << 8);
  }
  return {units.data(), units.size()};
}

}  // namespace

std::uint16_t bucket_hash(std::u16string_view units) {
  std::uint32_t hash = 0;
  for (const char16_t unit : units) hash = hash * 65599 + unit;
  return static_cast<std::uint16_t>(hash);
}

std::shared_ptr<const Template> Template::make(Element root) {
  std::string key;
  describe(root, key);
  std::vector<std::byte> bytes;
  append_number(bytes, hash_text(key, 1), 8);
  append_number(bytes, hash_text(key, 2), 8);
  auto result = std::make_shared<Template>();
  std::copy(bytes.begin(), bytes.end(), result->guid.bytes.begin());
  result->root = std::move(root);
  return result;
}

Instance instantiate(Element tree, bool optional) {
  std::vector<Node> nodes;
  nodes.emplace_back(std::move(tree));
  Instance instance;
  hoist(nodes, optional, instance.values);
  instance.definition = Template::make(std::get<Element>(std::move(nodes.front())));
  return instance;
}

void Emitter::instance(const Instance& instance) {
  if (instance.fragment_header) number(kFragmentHeader, 4);
  template_instance(instance);
  number(kEndOfStream, 1);
}

void Emitter::fragment(const Element& root) {
  number(kFragmentHeader, 4);
  element(root, false);
  number(kEndOfStream, 1);
}

void Emitter::fragment(const Fragment& fragment) {
  number(kFragmentHeader, 4);
  content(fragment.nodes, false);
  number(kEndOfStream, 1);
}

void Emitter::template_instance(const Instance& instance) {
  LW_ASSERT(instance.definition != nullptr);
  const Guid& guid = instance.definition->guid;
  number(kTemplateInstance, 1);
  number(1, 1);
  for (std::size_t i = 0; i < 4; ++i) out_.push_back(guid.bytes[i]);
  const std::string key(reinterpret_cast<const char*>(guid.bytes.data()), guid.bytes.size());
  if (const auto known = tables_.templates.find(key); known != tables_.templates.end()) {
    number(known->second, 4);
  } else {
    number(here() + 4, 4);
    tables_.templates.emplace(key, here());
    definition(*instance.definition);
  }
  values(instance.values);
}

void Emitter::definition(const Template& definition) {
  std::array<char16_t, 8> units{};
  std::uint32_t& bucket =
      tables_
          .template_buckets[bucket_hash(as_units(definition.guid, units)) % tables_.template_buckets.size()];
  const std::uint32_t next = bucket;
  bucket = here();
  number(next, 4);
  out_.insert(out_.end(), definition.guid.bytes.begin(), definition.guid.bytes.end());
  const std::size_t size_at = out_.size();
  number(0, 4);
  number(kFragmentHeader, 4);
  element(definition.root, true);
  number(kEndOfStream, 1);
  patch(size_at, out_.size() - size_at - 4, 4);
}

void Emitter::values(const std::vector<Value>& values) {
  number(values.size(), 4);
  const std::size_t descriptors_at = out_.size();
  for (const Value& value : values) {
    number(std::min<std::size_t>(value.bytes.size(), 0xffff), 2);
    number(value.type, 1);
    number(0, 1);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].nested == nullptr) {
      out_.insert(out_.end(), values[i].bytes.begin(), values[i].bytes.end());
      continue;
    }
    const std::size_t begin = out_.size();
    instance(*values[i].nested);
    patch(descriptors_at + 4 * i, std::min<std::size_t>(out_.size() - begin, 0xffff), 2);
  }
}

void Emitter::element(const Element& element, bool in_template) {
  number(kOpenElement | (element.attributes.empty() ? 0 : kMore), 1);
  if (in_template) number(dependency_of(element), 2);
  const std::size_t size_at = out_.size();
  number(0, 4);
  name(element.name);
  if (!element.attributes.empty()) attributes(element.attributes, in_template);
  if (element.children.empty()) {
    number(kCloseEmpty, 1);
  } else {
    number(kCloseStart, 1);
    content(element.children, in_template);
    number(kEndElement, 1);
  }
  patch(size_at, out_.size() - size_at - 4, 4);
}

void Emitter::attributes(const std::vector<Attribute>& attributes, bool in_template) {
  const std::size_t size_at = out_.size();
  number(0, 4);
  for (const Attribute& attribute : attributes) {
    number(kAttribute | (&attribute == &attributes.back() ? 0 : kMore), 1);
    name(attribute.name);
    content(attribute.content, in_template);
  }
  patch(size_at, out_.size() - size_at - 4, 4);
}

void Emitter::content(const std::vector<Node>& nodes, bool in_template) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const bool more = i + 1 < nodes.size() && !std::holds_alternative<Element>(nodes[i + 1]);
    node(nodes[i], more, in_template);
  }
}

void Emitter::node(const Node& node, bool more, bool in_template) {
  const std::uint8_t flag = more ? kMore : 0;
  std::visit(Overloaded{
                 [&](const Element& child) { element(child, in_template); },
                 [&](const Text& text) {
                   number(kValue | flag, 1);
                   number(static_cast<std::uint8_t>(ValueType::string), 1);
                   counted_text(text.utf8);
                 },
                 [&](const Slot& slot) {
                   number(slot.optional ? kOptionalSlot : kSlot, 1);
                   number(slot.index, 2);
                   number(slot.type, 1);
                 },
                 [&](const Value& value) {
                   number(kValue | flag, 1);
                   number(value.type, 1);
                   if (const auto unit = counted_unit(value.type)) number(value.bytes.size() / unit, 2);
                   out_.insert(out_.end(), value.bytes.begin(), value.bytes.end());
                 },
                 [&](const Cdata& text) {
                   number(kCdata | flag, 1);
                   counted_text(text.utf8);
                 },
                 [&](const CharacterReference& reference) {
                   number(kCharacterReference | flag, 1);
                   number(reference.unit, 2);
                 },
                 [&](const EntityReference& reference) {
                   number(kEntityReference | flag, 1);
                   name(reference.name);
                 },
                 [&](const ProcessingInstruction& instruction) {
                   number(kTarget, 1);
                   name(instruction.target);
                   number(kData, 1);
                   counted_text(instruction.data);
                 },
                 [&](const RawTokens& raw) { out_.insert(out_.end(), raw.bytes.begin(), raw.bytes.end()); },
                 [&](const Embedded& embedded) { template_instance(*embedded.instance); },
             },
             node);
}

void Emitter::name(std::string_view utf8) {
  std::u16string units = to_utf16(utf8);
  if (const auto known = tables_.names.find(units); known != tables_.names.end()) {
    number(known->second, 4);
    return;
  }
  number(here() + 4, 4);
  const std::uint16_t hash = bucket_hash(units);
  std::uint32_t& bucket = tables_.name_buckets[hash % tables_.name_buckets.size()];
  const std::uint32_t next = bucket;
  bucket = here();
  number(next, 4);
  number(hash, 2);
  number(units.size(), 2);
  append_units(out_, units);
  number(0, 2);
  tables_.names.emplace(std::move(units), bucket);
}

void Emitter::counted_text(std::string_view utf8) {
  const std::u16string units = to_utf16(utf8);
  number(std::min<std::size_t>(units.size(), 0xffff), 2);
  append_units(out_, units);
}

void Emitter::patch(std::size_t at, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) out_[at + i] = static_cast<std::byte>(value >> (8 * i) & 0xff);
}

}  // namespace landwarden::decode::evtx::write
