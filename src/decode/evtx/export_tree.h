// A whole record as one tree: every instance of a template put in its place, every value in its slot. What
// programs (export_program.h) have no short cut for is exported from it.
//
// Elements that depend on a null value are left out, and an element with an array in it comes once for each
// item ([MS-EVEN6] 2.2.12 and 3.1.4.7.5). Nodes view the chunk and the plans. One a worker: it keeps its
// memory from record to record.

#pragma once

#include <optional>
#include <vector>

#include "decode/evtx/plan.h"

namespace landwarden::decode::evtx {

/// Type of an element that has content, if only an empty one: <X></X> and not <X/>.
inline constexpr std::uint8_t kHasContent = 1;

class RecordTree {
 public:
  /// The record whose stream is chunk[begin, end).
  [[nodiscard]] Parsed<void> build(Bytes chunk, std::size_t begin, std::size_t end, PlanCache& plans);

  /// Elements, attributes, text, characters and values; neither slots nor instances. A value that stood in a
  /// slot has the slot's number.
  [[nodiscard]] const Tree& tree() const { return tree_; }
  /// Whether a template's definition was missing or damaged: its values then stand in Data without names.
  [[nodiscard]] bool values_only() const { return values_only_; }

 private:
  struct Level {
    const Tree* tree = nullptr;
    const RawValue* values = nullptr;
    std::size_t count = 0;
  };
  /// Where the next node of a chain is hooked in: the `first` or `attributes` of a node, or the tree's.
  struct Chain {
    std::uint32_t owner = 0;
    std::uint32_t last = 0;
    bool attributes = false;
  };
  std::uint32_t add(Chain& chain, Node node);
  void copy_chain(const Level& level, std::uint32_t first, Chain& to, bool top);
  void copy_content(const Level& level, const Node& node, Chain& to);
  void copy_element(const Level& level, std::uint32_t index, Chain& to);
  void copy_element_once(const Level& level, const Node& element, Chain& to);
  void expand_instance(const Node& node, Chain& to);
  void expand_stream(const RawValue& value, Chain& to);
  void list_values(const std::vector<RawValue>& values, Chain& to);
  std::uint32_t add_element(Chain& chain, std::u16string_view name);
  [[nodiscard]] RawValue value_of(const Level& level, const Node& node) const;
  /// The first part of the element, or of its attributes, that is an array of more than one item.
  [[nodiscard]] const Node* find_list(const Level& level, const Node& element);

  Bytes chunk_;
  PlanCache* plans_ = nullptr;
  Tree tree_;
  Tree record_;  ///< as it stands in the chunk
  /// What one level of streams inside each other needs.
  struct Room {
    Tree tree;
    std::vector<RawValue> values;
  };
  std::vector<Room> rooms_ = std::vector<Room>(limits::kEvtxStreamDepth + 1);
  bool values_only_ = false;
  Reason reason_ = nullptr;
  std::size_t depth_ = 0;
  std::size_t steps_ = 0;
  /// Arrays that are being gone through: the part that holds one, and the item that stands for it now.
  std::vector<std::pair<const Node*, RawValue>> items_;
};

/// What a record says of itself in its System part, as chains of a tree's nodes; 0: nothing.
struct SystemParts {
  std::uint32_t event_id = 0, channel = 0, computer = 0, time = 0;
};
[[nodiscard]] SystemParts find_system(const Tree& tree);

/// Whether a part of content shows nothing.
[[nodiscard]] bool is_void(const Node& node);

/// Whether a stream stands in the template itself.
[[nodiscard]] inline bool is_stream(const Node& node) {
  return node.kind == NodeKind::instance ||
         (node.kind == NodeKind::value && node.type == value_type::kBinXml);
}

/// Whether a node's name is `name`.
[[nodiscard]] inline bool has_name(const Node& node, std::u16string_view name) {
  return node.bytes.size() == name.size() * 2 &&
         std::memcmp(node.bytes.data(), name.data(), node.bytes.size()) == 0;
}

}  // namespace landwarden::decode::evtx
