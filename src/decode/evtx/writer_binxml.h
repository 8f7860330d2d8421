// Element trees as BinXML tokens ([MS-EVEN6] 2.2.12): templates, their instances, and the odd tokens that
// occur in the wild.
//
// The tree is plain data. Emission needs the chunk the tokens will stand in, since names and template
// definitions are written once a chunk and referred to by their offset afterwards; the Emitter does that
// against a ChunkTables, and keeps what it defined apart until the record is known to fit. Not thread-safe;
// one Emitter a chunk at a time.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "decode/evtx/writer_value.h"

namespace landwarden::decode::evtx::write {

/// A place in a template that an instance fills. An optional slot without a value takes its attribute or
/// element away.
struct Slot {
  std::uint16_t index = 0;
  std::uint8_t type = 0;  ///< what the template expects; the instance's own type rules
  bool optional = false;
};
struct Text {
  std::string utf8;
};
struct Cdata {
  std::string utf8;
};
struct CharacterReference {
  std::uint16_t unit = 0;
};
struct EntityReference {
  std::string name;  ///< "amp", "lt" …
};
struct ProcessingInstruction {
  std::string target;
  std::string data;
};
/// Tokens as they are, for what no tree can say.
struct RawTokens {
  std::vector<std::byte> bytes;
};
struct Element;
struct Instance;
/// A template instance that stands in a stream itself, not as a value; not within templates.
struct Embedded {
  std::shared_ptr<const Instance> instance;
};

/// A Value as content becomes a slot when the tree is instantiated, and a value token where there is no
/// template.
using Node = std::variant<Element, Text, Slot, Value, Cdata, CharacterReference, EntityReference,
                          ProcessingInstruction, RawTokens, Embedded>;

struct Attribute {
  std::string name;
  std::vector<Node> content;
};

struct Element {
  std::string name;
  std::vector<Attribute> attributes;
  std::vector<Node> children;
};

/// What stands at the top of a stream: one element, instructions before and behind it.
struct Fragment {
  std::vector<Node> nodes;
};

/// A tree with slots. Its GUID is its identity within a chunk; two different trees must not share one.
struct Template {
  Guid guid;
  Element root;

  /// Takes the GUID from the tree itself, so that equal trees are one template.
  [[nodiscard]] static std::shared_ptr<const Template> make(Element root);
};

struct Instance {
  std::shared_ptr<const Template> definition;
  std::vector<Value> values;
  bool fragment_header = true;  ///< kernel providers write nested instances without one
};

/// Makes every Value of the tree a slot and returns the instance. With `optional`, values that are null take
/// their element or attribute away, as in Windows' System part; without, the element stays and is empty.
[[nodiscard]] Instance instantiate(Element tree, bool optional = false);

/// Offsets of what one chunk has defined so far, with its two bucket tables.
struct ChunkTables {
  std::unordered_map<std::u16string, std::uint32_t> names;
  std::unordered_map<std::string, std::uint32_t> templates;  ///< key: the GUID's bytes
  std::array<std::uint32_t, 64> name_buckets{};
  std::array<std::uint32_t, 32> template_buckets{};
};

/// Writes tokens into `out`, whose first byte stands at `base` in the chunk, and enters definitions into
/// `tables`.
class Emitter {
 public:
  Emitter(ChunkTables& tables, std::vector<std::byte>& out, std::uint32_t base)
      : tables_(tables), out_(out), base_(base) {}

  /// Fragment header, template instance, end of stream.
  void instance(const Instance& instance);
  /// Fragment header, elements without a template, end of stream.
  void fragment(const Element& root);
  void fragment(const Fragment& fragment);

 private:
  void template_instance(const Instance& instance);
  void definition(const Template& definition);
  void values(const std::vector<Value>& values);
  void element(const Element& element, bool in_template);
  void attributes(const std::vector<Attribute>& attributes, bool in_template);
  void content(const std::vector<Node>& nodes, bool in_template);
  void node(const Node& node, bool more, bool in_template);
  void name(std::string_view utf8);
  void counted_text(std::string_view utf8);
  void number(std::uint64_t value, std::size_t width) { append_number(out_, value, width); }
  void patch(std::size_t at, std::uint64_t value, std::size_t width);
  [[nodiscard]] std::uint32_t here() const { return base_ + static_cast<std::uint32_t>(out_.size()); }

  ChunkTables& tables_;
  std::vector<std::byte>& out_;
  std::uint32_t base_;
};

/// Windows' hash of names and template GUIDs: units times 65599, cut to 16 bits.
[[nodiscard]] std::uint16_t bucket_hash(std::u16string_view units);

}  // namespace landwarden::decode::evtx::write
