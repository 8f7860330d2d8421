#include "base/yaml_packing.h"

namespace landwarden::yaml {
namespace {

constexpr std::uint8_t kQuoted = 0x40, kFlag = 0x80, kKind = 0x3F;

void pack_node(Packer& out, const Node& node) {
  out.put(static_cast<std::uint8_t>(static_cast<std::uint8_t>(node.kind) | (node.quoted ? kQuoted : 0) |
                                    (node.flag ? kFlag : 0)));
  out.put_size(node.line);
  out.put_size(node.column);
  if (node.kind == Node::Kind::integer) out.put(node.integer);
  if (node.kind == Node::Kind::integer || node.kind == Node::Kind::real) out.put(node.real);
  if (node.is_scalar()) return out.put(node.text);
  if (node.kind == Node::Kind::list) return pack(out, node.items);
  out.put_size(node.entries.size());
  for (const auto& [key, value] : node.entries) {
    pack_node(out, key);
    pack_node(out, value);
  }
}

void unpack_node(Unpacker& in, Node& node) {
  const auto head = in.number<std::uint8_t>();
  node.kind = static_cast<Node::Kind>(head & kKind);
  node.quoted = (head & kQuoted) != 0;
  node.flag = (head & kFlag) != 0;
  node.line = static_cast<std::uint32_t>(in.size());
  node.column = static_cast<std::uint32_t>(in.size());
  if (node.kind == Node::Kind::integer) in.get(node.integer);
  if (node.kind == Node::Kind::integer || node.kind == Node::Kind::real) in.get(node.real);
  if (node.is_scalar()) {
    in.get(node.text);
  } else if (node.kind == Node::Kind::list) {
    node.items = unpack(in);
  } else {
    node.entries.resize(in.count(2));
    for (auto& [key, value] : node.entries) {
      unpack_node(in, key);
      unpack_node(in, value);
    }
  }
}

}  // namespace

void pack(Packer& out, const std::vector<Node>& documents) {
  out.put_size(documents.size());
  for (const Node& document : documents) pack_node(out, document);
}

std::vector<Node> unpack(Unpacker& in) {
  std::vector<Node> out(in.count());
  for (Node& node : out) unpack_node(in, node);
  return out;
}

}  // namespace landwarden::yaml
