#include "decode/evtx/unfold.h"

#include "base/limits.h"

namespace landwarden::decode::evtx {
namespace {

/// What the whole record shares.
struct Unfolding {
  Bytes chunk;
  PlanCache& plans;
  std::vector<FieldValue>& out;
  std::string& text;
  std::vector<StreamRoom>& rooms;
  std::size_t output = 0;
  std::size_t depth = 0;
  bool values_only = false;
  Reason reason = nullptr;
};

/// Walks one stream with the values of its instance; streams embedded in it get a walker of their own.
class Unfolder {
 public:
  Unfolder(Unfolding& shared, const Tree& tree, const std::vector<RawValue>& values)
      : shared_(shared), tree_(tree), values_(values) {}

  void run(const Place& place, bool whole) { FieldWalk(tree_, *this).stream(place, whole); }

  bool leave_out(std::uint16_t dependency) {
    return shared_.reason != nullptr ||
           (dependency < values_.size() && values_[dependency].type == value_type::kNull);
  }
  void end_element() {}

  bool embeds(const Node& node, const Place&) { return embeds(node); }

  bool embeds(const Node& node) const {
    if (node.kind == NodeKind::instance) return true;
    const RawValue value = value_of(node);
    return value.type == value_type::kBinXml && value.size != 0;
  }

  void expand(const Node& node, const Place& place, bool whole) {
    if (shared_.reason != nullptr) return;
    if (shared_.depth >= limits::kEvtxStreamDepth) {
      shared_.reason = "templates are nested too deep";
      return;
    }
    ++shared_.depth;
    if (node.kind == NodeKind::instance) {
      expand_instance(node, place, whole);
    } else {
      expand_stream(value_of(node), place);
    }
    --shared_.depth;
  }

  std::string literal(std::uint32_t first) {
    std::string out;
    for (std::uint32_t i = first; i != 0; i = tree_[i].next) append_part(tree_[i], out);
    charge(out.size());
    return out;
  }

  void field(std::string_view name, std::uint32_t first, WhenEmpty when_empty) {
    const Node* only = nullptr;
    const Node* list = nullptr;
    std::size_t count = 0;
    for (std::uint32_t i = first; i != 0; i = tree_[i].next) {
      const Node& node = tree_[i];
      if (node.kind == NodeKind::element || embeds(node) || is_void(node)) continue;
      only = ++count == 1 ? &node : nullptr;
      if (list == nullptr && is_list(value_of(node).type)) list = &node;
    }
    if (list != nullptr) {
      for (RawValue rest = value_of(*list); shared_.reason == nullptr && rest.size > 0;) {
        const RawValue item = next_item(rest);
        if (only != nullptr) {
          put(name, item, when_empty);
        } else {
          put_text(name, joined(first, list, item), when_empty);
        }
      }
      if (value_of(*list).size != 0) return;
    }
    if (only != nullptr && (only->kind == NodeKind::slot || only->kind == NodeKind::value)) {
      put(name, value_of(*only), when_empty);
    } else {
      put_text(name, joined(first, nullptr, {}), when_empty);
    }
  }

 private:
  [[nodiscard]] RawValue value_of(const Node& node) const {
    if (node.kind == NodeKind::slot) return node.number < values_.size() ? values_[node.number] : RawValue{};
    if (node.kind != NodeKind::value) return {};
    return {node.bytes.data(), static_cast<std::uint32_t>(node.bytes.size()), node.type};
  }

  /// Text of the stream's own that says nothing.
  static bool is_void(const Node& node) {
    const auto size = static_cast<std::uint32_t>(node.bytes.size());
    if (node.kind == NodeKind::text) return is_empty({node.bytes.data(), size, value_type::kText});
    return node.kind == NodeKind::value && is_empty({node.bytes.data(), size, node.type});
  }

  void charge(std::size_t bytes) {
    shared_.output += bytes + sizeof(FieldValue);
    if (shared_.output > limits::kEvtxRecordOutput || shared_.out.size() > limits::kEvtxRecordValues) {
      shared_.reason = "it unfolds to more than any event holds";
    }
  }

  [[nodiscard]] StreamRoom& room() const { return shared_.rooms[shared_.depth]; }

  void expand_instance(const Node& node, const Place& place, bool whole) {
    const auto at = static_cast<std::size_t>(node.bytes.data() - shared_.chunk.data());
    const auto instance = parse_instance(shared_.chunk, at, at + node.bytes.size());
    if (!instance) {
      shared_.reason = instance.error();
      return;
    }
    const auto plan =
        shared_.plans.plan(shared_.chunk, instance->definition, instance->template_id, Place::event);
    if (!plan && plan.error() == kTooManyTemplates) {
      shared_.reason = plan.error();
      return;
    }
    std::vector<RawValue>& values = room().values;
    values.resize(instance->count);
    const std::byte* data = shared_.chunk.data() + instance->values;
    const std::byte* descriptor = shared_.chunk.data() + instance->descriptors;
    for (RawValue& value : values) {
      value = {data, load<std::uint16_t>(descriptor), std::to_integer<std::uint8_t>(descriptor[2])};
      data += value.size;
      descriptor += 4;
    }
    if (AnsiText* ansi = shared_.plans.ansi_text(); ansi != nullptr && ansi->converts()) {
      charge(2 * (instance->end - instance->values));
      ansi->convert(values);
    }
    if (!plan) return list_values(values);
    Unfolder(shared_, (*plan)->tree, values).run(place, whole);
  }

  /// What can be said without the definition: the values, in their order. Streams among them bring their own
  /// names, or values in turn.
  void list_values(const std::vector<RawValue>& values) {
    shared_.values_only = true;
    for (const RawValue& value : values) {
      if (shared_.reason != nullptr) return;
      if (value.type == value_type::kBinXml && value.size != 0) {
        expand_stream(value, {});
      } else if (is_list(value.type) && value.size != 0) {
        for (RawValue rest = value; shared_.reason == nullptr && rest.size > 0;)
          put("Data", next_item(rest), WhenEmpty::text);
      } else {
        put("Data", value, WhenEmpty::text);
      }
    }
  }

  void expand_stream(const RawValue& value, const Place& place) {
    // A value that stands in a template's own text is not part of this chunk.
    const std::less<const std::byte*> before;
    const std::byte* begin = shared_.chunk.data();
    if (before(value.data, begin) || !before(value.data, begin + shared_.chunk.size())) {
      shared_.reason = "a template holds a stream of its own";
      return;
    }
    const auto at = static_cast<std::size_t>(value.data - begin);
    Tree& tree = room().tree;
    if (const auto parsed = parse_stream(shared_.chunk, at, at + value.size, StreamKind::record, tree,
                                         nullptr, shared_.plans.name_hashes());
        !parsed) {
      shared_.reason = parsed.error();
      return;
    }
    if (AnsiText* ansi = shared_.plans.ansi_text(); ansi != nullptr && ansi->converts()) {
      charge(std::size_t{2} * value.size);
      ansi->convert(tree);
    }
    const std::vector<RawValue> none;
    Unfolder(shared_, tree, none).run(place, false);
  }

  void append_part(const Node& node, std::string& out) {
    if (node.kind == NodeKind::text) {
      render(value_type::kText, node.bytes, out);
    } else if (node.kind == NodeKind::character) {
      text::append_code_point(out, node.number);
    } else if (node.kind == NodeKind::slot || node.kind == NodeKind::value) {
      const RawValue value = value_of(node);
      if (is_list(value.type)) return append_list(value, out);
      if (!embeds(node) && !is_empty(value)) render(value.type, value.bytes(), out);
    }
  }

  static void append_list(RawValue rest, std::string& out) {
    for (bool first = true; rest.size > 0; first = false) {
      if (!first) out += ',';
      const RawValue item = next_item(rest);
      render(item.type, item.bytes(), out);
    }
  }

  /// The parts' texts in a row, with `item` instead of the list that it comes from.
  std::string joined(std::uint32_t first, const Node* list, const RawValue& item) {
    std::string out;
    for (std::uint32_t i = first; i != 0; i = tree_[i].next) {
      if (&tree_[i] == list) {
        render(item.type, item.bytes(), out);
      } else {
        append_part(tree_[i], out);
      }
    }
    return out;
  }

  void put(std::string_view name, const RawValue& value, WhenEmpty when_empty) {
    if (is_empty(value)) return put_text(name, {}, when_empty);
    // Charged is about the text that comes of it: a letter a UTF-16 unit, two digits a byte.
    charge(name.size() + (value.type == value_type::kText ? value.size / 2 : std::size_t{2} * value.size));
    if (shared_.reason != nullptr) return;
    add_named(name).raw = value;
  }

  void put_text(std::string_view name, std::string_view text, WhenEmpty when_empty) {
    if (text.empty() && when_empty == WhenEmpty::absent) return;
    charge(name.size() + text.size());
    if (shared_.reason != nullptr) return;
    FieldValue& field = add_named(name);
    field.text_at = static_cast<std::uint32_t>(shared_.text.size());
    field.text_size = static_cast<std::uint32_t>(text.size());
    field.null = text.empty() && when_empty == WhenEmpty::null;
    shared_.text += text;
  }

  FieldValue& add_named(std::string_view name) {
    FieldValue& field = shared_.out.emplace_back();
    field.name_at = static_cast<std::uint32_t>(shared_.text.size());
    field.name_size = static_cast<std::uint32_t>(name.size());
    shared_.text += name;
    return field;
  }

  Unfolding& shared_;
  const Tree& tree_;
  const std::vector<RawValue>& values_;
};

}  // namespace

Parsed<void> Unfolded::unfold(Bytes chunk, std::size_t begin, std::size_t end, PlanCache& plans) {
  fields_.clear();
  text_.clear();
  Tree& tree = rooms_[0].tree;
  values_only_ = false;
  if (const auto parsed =
          parse_stream(chunk, begin, end, StreamKind::record, tree, nullptr, plans.name_hashes());
      !parsed) {
    return std::unexpected(parsed.error());
  }
  if (AnsiText* ansi = plans.ansi_text(); ansi != nullptr && ansi->converts()) ansi->convert(tree);
  if (tree.first == 0) return std::unexpected("there is no element in it");
  Unfolding shared{.chunk = chunk, .plans = plans, .out = fields_, .text = text_, .rooms = rooms_};
  const std::vector<RawValue> none;
  Unfolder(shared, tree, none).run({}, true);
  if (shared.reason != nullptr) return std::unexpected(shared.reason);
  values_only_ = shared.values_only;
  return {};
}

const FieldValue* Unfolded::find(std::string_view wanted) const {
  for (const FieldValue& field : fields_) {
    if (name(field) == wanted) return &field;
  }
  return nullptr;
}

std::string Unfolded::find_text(std::string_view wanted) const {
  const FieldValue* field = find(wanted);
  if (field == nullptr) return {};
  if (field->raw.data == nullptr) return std::string(text(*field));
  std::string out;
  render(field->raw.type, field->raw.bytes(), out);
  return out;
}

}  // namespace landwarden::decode::evtx
