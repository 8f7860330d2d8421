#include "decode/evtx/export_json.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace landwarden::decode::evtx {
namespace {

std::string key_of(Bytes name) {
  TextOut out;
  add_escaped(out, Escape::json, name);
  return std::string(out.text());
}

bool is_container(const Node& node) {
  return has_name(node, u"EventData") || has_name(node, u"UserData");
}

/// One key of an object, with the elements that share it.
struct Member {
  enum Kind : std::uint8_t { plain, named_data, unnamed_data } kind = plain;
  std::string key;
  std::vector<std::uint32_t> elements;
};

/// Questions to the tree that both ways ask.
class Elements {
 public:
  explicit Elements(const Tree& tree) : tree_(tree) {}

  [[nodiscard]] bool has_elements(std::uint32_t first) const {
    return any(first, [](const Node& node) { return node.kind == NodeKind::element; });
  }
  [[nodiscard]] bool has_text(std::uint32_t first) const {
    return any(first, [](const Node& node) { return !is_void(node) && node.kind != NodeKind::element; });
  }
  [[nodiscard]] bool has_slots(std::uint32_t first) const {
    return any(first, [](const Node& node) { return node.kind == NodeKind::slot; });
  }
  /// Attributes that show something; those of Data without its name.
  [[nodiscard]] bool has_attributes(const Node& element, bool but_name) const {
    for (std::uint32_t i = element.attributes; i != 0; i = tree_[i].next) {
      if (but_name && has_name(tree_[i], u"Name")) continue;
      if (has_text(tree_[i].first) || has_slots(tree_[i].first)) return true;
    }
    return false;
  }
  [[nodiscard]] std::uint32_t data_name(const Node& element) const {
    for (std::uint32_t i = element.attributes; i != 0; i = tree_[i].next) {
      if (has_name(tree_[i], u"Name") && (has_text(tree_[i].first) || has_slots(tree_[i].first)))
        return tree_[i].first;
    }
    return 0;
  }
  /// The only part of a content that shows something; nothing if there are several, or it is no value.
  [[nodiscard]] const Node* only_value(std::uint32_t first) const {
    const Node* only = nullptr;
    for (std::uint32_t i = first; i != 0; i = tree_[i].next) {
      if (is_void(tree_[i]) || tree_[i].kind == NodeKind::element) continue;
      if (only != nullptr || tree_[i].kind != NodeKind::value) return nullptr;
      only = &tree_[i];
    }
    return only;
  }
  void add_text(TextOut& out, std::uint32_t first) const {
    for (std::uint32_t i = first; i != 0; i = tree_[i].next) {
      const Node& node = tree_[i];
      if (is_void(node)) continue;
      const auto size = static_cast<std::uint32_t>(node.bytes.size());
      if (node.kind == NodeKind::text) {
        add_escaped(out, Escape::json, node.bytes);
      } else if (node.kind == NodeKind::value) {
        add_value(out, Escape::json, {node.bytes.data(), size, node.type});
      } else if (node.kind == NodeKind::character) {
        const std::uint16_t unit = node.number;
        add_escaped(out, Escape::json, Bytes(reinterpret_cast<const std::byte*>(&unit), 2));
      }
    }
  }
  /// Content as a value, bare if it is a number.
  void add_content(TextOut& out, std::uint32_t first) const {
    if (const Node* only = only_value(first)) {
      const RawValue value{only->bytes.data(), static_cast<std::uint32_t>(only->bytes.size()), only->type};
      if (is_bare(value)) return add_value(out, Escape::json, value);
    }
    out.add('"');
    add_text(out, first);
    out.add('"');
  }

  /// Whether no key stands twice, and all are elements' names or the plain text of a Data's name: then the
  /// members need not be gathered.
  [[nodiscard]] bool all_differ(std::uint32_t first, bool container) const {
    constexpr std::size_t kFew = 64;
    std::string_view seen[kFew];
    std::size_t count = 0;
    for (std::uint32_t i = first; i != 0; i = tree_[i].next) {
      const Node& node = tree_[i];
      if (node.kind != NodeKind::element) continue;
      Bytes name = node.bytes;
      if (container && has_name(node, u"Data")) {
        const std::uint32_t part = data_name(node);
        if (part == 0 || tree_[part].next != 0 || tree_[part].type == value_type::kAnsi ||
            (tree_[part].kind != NodeKind::text && tree_[part].type != value_type::kText)) {
          return false;
        }
        name = tree_[part].bytes;
        // Text that ends before its last unit could be the same as another's.
        if (as_text(name).find(std::string_view("\0\0", 2)) != std::string_view::npos) return false;
      }
      const std::string_view key = as_text(name);
      if (count == kFew || std::find(seen, seen + count, key) != seen + count) return false;
      seen[count++] = key;
    }
    return true;
  }

  /// The members of an object, each key once, in the order in which they first stand.
  [[nodiscard]] std::vector<Member> members(std::uint32_t first, bool container) const {
    std::vector<Member> out;
    for (std::uint32_t i = first; i != 0; i = tree_[i].next) {
      const Node& node = tree_[i];
      if (node.kind != NodeKind::element) continue;
      Member::Kind kind = Member::plain;
      std::string key;
      if (container && has_name(node, u"Data")) {
        const std::uint32_t name = data_name(node);
        kind = name != 0 ? Member::named_data : Member::unnamed_data;
        if (name != 0) {
          TextOut text;
          add_text(text, name);
          key = text.text();
        } else {
          key = "Data";
        }
      } else {
        key = key_of(node.bytes);
      }
      auto same = std::ranges::find(out, key, &Member::key);
      if (same == out.end()) {
        out.push_back({.kind = kind, .key = std::move(key), .elements = {i}});
        continue;
      }
      if (same->kind != kind) same->kind = Member::plain;
      same->elements.push_back(i);
    }
    return out;
  }

 private:
  [[nodiscard]] bool any(std::uint32_t first, auto&& test) const {
    for (std::uint32_t i = first; i != 0; i = tree_[i].next) {
      if (test(tree_[i])) return true;
    }
    return false;
  }

  const Tree& tree_;
};

/// Writes a tree without slots.
class JsonWriter {
 public:
  JsonWriter(TextOut& out, const Tree& tree, const JsonStyle& style)
      : out_(out), tree_(tree), elements_(tree), style_(style), begin_(out.size()) {}

  /// The members of an object, without its braces. `any`: there are some in front.
  void members(std::uint32_t first, bool container, bool any) {
    if (elements_.all_differ(first, container)) return plain_members(first, container, any);
    for (const Member& member : elements_.members(first, container)) {
      if (too_much()) return;
      if (any) out_.add(',');
      any = true;
      put_member(member);
    }
  }
  void plain_members(std::uint32_t first, bool container, bool any) {
    Member member{.elements = {0}};
    for (std::uint32_t i = first; i != 0 && !too_much(); i = tree_[i].next) {
      const Node& node = tree_[i];
      if (node.kind != NodeKind::element) continue;
      if (any) out_.add(',');
      any = true;
      const bool data = container && has_name(node, u"Data");
      member.kind = data ? Member::named_data : Member::plain;
      key_.cut(0);
      if (data) {
        elements_.add_text(key_, elements_.data_name(node));
      } else {
        add_escaped(key_, Escape::json, node.bytes);
      }
      member.key = key_.text();
      member.elements[0] = i;
      put_member(member);
    }
  }
  void put_member(const Member& member) {
    if (member.kind == Member::unnamed_data && positional(member)) return;
    bool value = true;
    if (style_.separate_attributes) {
      value = separate_attributes(member);
      if (!value) return;
    }
    key(member.key);
    if (member.elements.size() > 1) out_.add('[');
    for (std::size_t i = 0; i < member.elements.size() && !too_much(); ++i) {
      if (i > 0) out_.add(',');
      const Node& node = tree_[member.elements[i]];
      put_value_of(node, member.kind != Member::plain);
    }
    if (member.elements.size() > 1) out_.add(']');
  }
  void attributes(const Node& element, bool but_name) {
    bool any = false;
    for (std::uint32_t i = element.attributes; i != 0 && !too_much(); i = tree_[i].next) {
      const Node& attribute = tree_[i];
      if ((but_name && has_name(attribute, u"Name")) || !elements_.has_text(attribute.first)) continue;
      if (any) out_.add(',');
      any = true;
      out_.add('"');
      add_escaped(out_, Escape::json, attribute.bytes);
      out_.add("\":");
      elements_.add_content(out_, attribute.first);
    }
  }
  [[nodiscard]] bool too_much() const { return out_.size() - begin_ > limits::kEvtxRecordOutput; }

 private:
  void key(std::string_view escaped) {
    out_.add('"');
    out_.add(escaped);
    out_.add("\":");
  }

  /// {"Data":{"#text":[…]}}, unless one of them has attributes.
  bool positional(const Member& member) {
    for (const std::uint32_t i : member.elements) {
      if (elements_.has_attributes(tree_[i], true)) return false;
    }
    out_.add("\"Data\":{\"#text\":");
    if (member.elements.size() > 1) out_.add('[');
    for (std::size_t i = 0; i < member.elements.size() && !too_much(); ++i) {
      if (i > 0) out_.add(',');
      put_value_of(tree_[member.elements[i]], true);
    }
    if (member.elements.size() > 1) out_.add(']');
    out_.add('}');
    return true;
  }

  /// "X_attributes":{…}, if there are any; says whether a value is to follow.
  bool separate_attributes(const Member& member) {
    const bool data = member.kind != Member::plain;
    std::size_t with = 0;
    bool content = false;
    for (const std::uint32_t i : member.elements) {
      const Node& node = tree_[i];
      with += elements_.has_attributes(node, data) ? 1 : 0;
      content = content || elements_.has_elements(node.first) || elements_.has_text(node.first);
    }
    if (with == 0) return true;
    key(member.key + "_attributes");
    if (with > 1) out_.add('[');
    bool any = false;
    for (const std::uint32_t i : member.elements) {
      if (!elements_.has_attributes(tree_[i], data)) continue;
      if (any) out_.add(',');
      any = true;
      out_.add('{');
      attributes(tree_[i], data);
      out_.add('}');
    }
    if (with > 1) out_.add(']');
    if (content) out_.add(',');
    return content;
  }

  /// `data`: empty is empty text, and the name is not shown again.
  void put_value_of(const Node& node, bool data) {
    const bool text = elements_.has_text(node.first), inner = elements_.has_elements(node.first);
    const bool shown = !style_.separate_attributes && elements_.has_attributes(node, data);
    if (!inner && !shown) {
      if (text) return elements_.add_content(out_, node.first);
      return out_.add(data ? "\"\"" : "null");
    }
    out_.add('{');
    if (shown) {
      out_.add("\"#attributes\":{");
      attributes(node, data);
      out_.add('}');
    }
    if (text) {
      out_.add(shown ? ",\"#text\":" : "\"#text\":");
      elements_.add_content(out_, node.first);
    }
    members(node.first, is_container(node), shown || text);
    out_.add('}');
  }

  TextOut& out_;
  const Tree& tree_;
  Elements elements_;
  JsonStyle style_;
  std::size_t begin_;
  TextOut key_;
};

class JsonCompiler {
 public:
  JsonCompiler(const Tree& tree, Program& program, const JsonStyle& style)
      : tree_(tree), elements_(tree), style_(style), program_(program), maker_(program) {}

  bool run(bool whole) {
    const Node& root = tree_[tree_.first];
    if (tree_.first == 0 || root.kind != NodeKind::element || root.next != 0) return false;
    if (std::ranges::any_of(tree_.nodes, is_stream)) return false;
    // An instance shows its root whatever that depends on.
    Member member{.kind = Member::plain, .key = key_of(root.bytes), .elements = {tree_.first}};
    program_.root_key = member.key;
    if (whole) {
      maker_.text().add('{');
    } else {
      maker_.comma_unless_first();
    }
    if (!put_member(member)) return false;
    if (whole) maker_.text().add('}');
    maker_.flush();
    return !maker_.too_large();
  }

 private:
  /// What is known of the members in front of the next one.
  struct State {
    bool certain = false;   ///< there is one
    bool possible = false;  ///< there may be one
  };

  [[nodiscard]] bool varies(std::uint32_t index) const {
    const Node& node = tree_[index];
    if (node.kind == NodeKind::slot) return true;
    for (std::uint32_t i = node.attributes; i != 0; i = tree_[i].next) {
      if (varies(i)) return true;
    }
    for (std::uint32_t i = node.first; i != 0; i = tree_[i].next) {
      if (varies(i) || (tree_[i].kind == NodeKind::element && tree_[i].number != kNoDependency)) return true;
    }
    return false;
  }

  void key(std::string_view escaped) {
    maker_.text().add('"');
    maker_.text().add(escaped);
    maker_.text().add("\":");
  }

  bool members(const Node& element, State state) {
    bool stream = false;
    for (std::uint32_t i = element.first; i != 0; i = tree_[i].next) {
      const Node& node = tree_[i];
      if (node.kind == NodeKind::slot) {
        if (stream || program_.stream_slot) return false;
        stream = true;
      } else if (node.kind != NodeKind::element && !is_void(node)) {
        return false;  // text beside elements
      }
    }
    const std::vector<Member> found = elements_.members(element.first, is_container(element));
    if (stream) {
      for (const Member& member : found) program_.beside.push_back(member.key);
    }
    std::size_t next = 0;
    for (std::uint32_t i = element.first; i != 0; i = tree_[i].next) {
      const Node& node = tree_[i];
      if (node.kind == NodeKind::slot) {
        if (!put_stream(node, state)) return false;
      } else if (next < found.size() && i == found[next].elements[0]) {
        if (!put_dependent(found[next++], state)) return false;
      } else if (node.kind == NodeKind::element && !is_in(found, i)) {
        return false;
      }
      if (maker_.too_large()) return false;
    }
    if (state.certain) {
      maker_.text().add('}');
    } else {
      maker_.add({.kind = Step::close});
    }
    return true;
  }
  static bool is_in(const std::vector<Member>& members, std::uint32_t element) {
    return std::ranges::any_of(members, [&](const Member& member) {
      return std::ranges::find(member.elements, element) != member.elements.end();
    });
  }

  bool put_stream(const Node& slot, State& state) {
    if (!maker_.use(slot.number, Program::stream)) return false;
    program_.stream_slot = slot.number;
    maker_.add({.kind = Step::embed, .slot = slot.number});
    state.possible = true;
    return true;
  }

  bool put_dependent(const Member& member, State& state) {
    const std::uint16_t dependency = tree_[member.elements[0]].number;
    for (const std::uint32_t i : member.elements) {
      if (member.elements.size() > 1 && tree_[i].number != kNoDependency) return false;
    }
    const bool depends = dependency != kNoDependency;
    const std::size_t guard = depends ? maker_.begin_guard(dependency) : 0;
    if (state.certain) {
      maker_.text().add(',');
    } else if (state.possible) {
      maker_.comma_unless_first();
    }
    (depends ? state.possible : state.certain) = true;
    if (!put_member(member)) return false;
    if (depends) maker_.end_guard(guard);
    return true;
  }

  bool put_member(const Member& member) {
    if (std::ranges::none_of(member.elements, [&](std::uint32_t i) { return varies(i); })) {
      JsonWriter(maker_.text(), tree_, style_).put_member(member);
      return true;
    }
    if (member.kind == Member::unnamed_data) return put_positional(member);
    if (member.elements.size() > 1) return false;  // an array: the long way groups it
    const Node& node = tree_[member.elements[0]];
    const bool data = member.kind == Member::named_data;
    if (data && !named_plainly(node)) return false;
    if (elements_.has_elements(node.first) || holds_stream(node))
      return !data && put_object(node, member.key);
    if (elements_.has_attributes(node, data)) return !data && put_with_attributes(node, member.key);
    key(member.key);
    return put_leaf(node, data ? "\"\"" : "null");
  }

  /// Data whose name is the template's own text.
  [[nodiscard]] bool named_plainly(const Node& node) const {
    for (std::uint32_t i = node.attributes; i != 0; i = tree_[i].next) {
      if (elements_.has_slots(tree_[i].first)) return false;
    }
    return !elements_.has_attributes(node, true);
  }

  /// <EventData> or <UserData> with nothing but a slot in it: a stream is expected there.
  [[nodiscard]] bool holds_stream(const Node& node) const {
    return is_container(node) && node.first != 0 && tree_[node.first].kind == NodeKind::slot &&
           tree_[node.first].next == 0;
  }

  bool put_positional(const Member& member) {
    const bool several = member.elements.size() > 1;
    maker_.text().add("\"Data\":{\"#text\":");
    if (several) maker_.text().add('[');
    for (std::size_t i = 0; i < member.elements.size(); ++i) {
      const Node& node = tree_[member.elements[i]];
      if (elements_.has_attributes(node, false) || elements_.has_elements(node.first)) return false;
      if (i > 0) maker_.text().add(',');
      if (elements_.has_slots(node.first)) {
        if (!put_leaf(node, "\"\"", several ? "" : "}", several ? Program::plain : Program::list))
          return false;
      } else if (elements_.has_text(node.first)) {
        elements_.add_content(maker_.text(), node.first);
      } else {
        maker_.text().add("\"\"");
      }
    }
    if (several) maker_.text().add("]}");
    return true;
  }

  /// The slot that is an element's whole content; nothing if there is more.
  [[nodiscard]] std::optional<std::uint16_t> only_slot(std::uint32_t first) const {
    std::optional<std::uint16_t> slot;
    for (std::uint32_t i = first; i != 0; i = tree_[i].next) {
      const Node& node = tree_[i];
      if (node.kind == NodeKind::slot) {
        if (slot) return std::nullopt;
        slot = node.number;
      } else if (!is_void(node) || node.kind == NodeKind::element) {
        return std::nullopt;
      }
    }
    return slot;
  }

  bool put_leaf(const Node& node, std::string_view empty, std::string_view after = {},
                Program::SlotUse use = Program::list) {
    const auto slot = only_slot(node.first);
    if (!slot || !maker_.use(*slot, use)) return false;
    Step step{.kind = Step::leaf, .slot = *slot};
    step.empty = maker_.keep(empty);
    step.after = maker_.keep(after);
    maker_.add(step);
    return true;
  }

  bool put_object(const Node& node, const std::string& name) {
    for (std::uint32_t i = node.attributes; i != 0; i = tree_[i].next) {
      if (elements_.has_slots(tree_[i].first)) return false;
    }
    const bool any = elements_.has_attributes(node, false);
    State state;
    if (any && style_.separate_attributes) {
      key(name + "_attributes");
      maker_.text().add('{');
      JsonWriter(maker_.text(), tree_, style_).attributes(node, false);
      maker_.text().add("},");
    }
    key(name);
    maker_.text().add('{');
    if (any && !style_.separate_attributes) {
      maker_.text().add("\"#attributes\":{");
      JsonWriter(maker_.text(), tree_, style_).attributes(node, false);
      maker_.text().add('}');
      state.certain = true;
    }
    return members(node, state);
  }

  bool put_with_attributes(const Node& node, const std::string& name) {
    ObjectStep object;
    for (std::uint32_t i = node.attributes; i != 0; i = tree_[i].next) {
      const Node& attribute = tree_[i];
      ObjectStep::Attribute made;
      made.key = maker_.keep('"' + key_of(attribute.bytes) + "\":");
      if (elements_.has_slots(attribute.first)) {
        const auto slot = only_slot(attribute.first);
        if (!slot || !maker_.use(*slot, Program::plain)) return false;
        made.is_slot = true;
        made.slot = *slot;
      } else if (elements_.has_text(attribute.first)) {
        TextOut text;
        elements_.add_content(text, attribute.first);
        made.literal = maker_.keep(text.text());
      } else {
        continue;
      }
      object.attributes.push_back(made);
    }
    if (elements_.has_slots(node.first)) {
      const auto slot = only_slot(node.first);
      if (!slot || !maker_.use(*slot, Program::plain)) return false;
      object.content_is_slot = true;
      object.content_slot = *slot;
    } else if (elements_.has_text(node.first)) {
      TextOut text;
      elements_.add_content(text, node.first);
      object.content = maker_.keep(text.text());
    }
    if (style_.separate_attributes) {
      object.open = maker_.keep('"' + name + "_attributes\":{");
      object.between = maker_.keep("},\"" + name + "\":");
      object.close = maker_.keep("}");
      object.plain = maker_.keep('"' + name + "\":");
    } else {
      key(name);
      object.open = maker_.keep("{\"#attributes\":{");
      object.between = maker_.keep("},\"#text\":");
      object.close = maker_.keep("}}");
      object.close_content = maker_.keep("}");
    }
    maker_.add({.kind = Step::object, .count = static_cast<std::uint32_t>(program_.objects.size())});
    program_.objects.push_back(std::move(object));
    return true;
  }

  const Tree& tree_;
  Elements elements_;
  JsonStyle style_;
  Program& program_;
  ProgramMaker maker_;
};

}  // namespace

Parsed<void> add_json(TextOut& out, const Tree& tree, const JsonStyle& style) {
  JsonWriter writer(out, tree, style);
  out.add('{');
  writer.members(tree.first, false, false);
  out.add('}');
  if (writer.too_much()) return std::unexpected("it unfolds to more than any event holds");
  return {};
}

std::optional<Program> compile_json(const Tree& tree, bool whole, const JsonStyle& style) {
  Program program;
  if (!JsonCompiler(tree, program, style).run(whole)) return std::nullopt;
  program.text.append(64, '\0');  // pieces are copied in blocks
  return program;
}

}  // namespace landwarden::decode::evtx
