#include "decode/evtx/export_xml.h"

#include <algorithm>

#include "base/limits.h"

namespace landwarden::decode::evtx {
namespace {

RawValue value_in(const Node& node) {
  const std::uint8_t type = node.kind == NodeKind::text ? value_type::kText : node.type;
  return {node.bytes.data(), static_cast<std::uint32_t>(node.bytes.size()), type};
}

void add_part(TextOut& out, const Node& node, Escape escape) {
  if (is_void(node)) return;
  if (node.kind == NodeKind::character) {
    const std::uint16_t unit = node.number;
    add_escaped(out, escape, Bytes(reinterpret_cast<const std::byte*>(&unit), 2));
  } else {
    add_value(out, escape, value_in(node));
  }
}

/// The begin of start tags and attributes, for both ways.
class Tags {
 public:
  explicit Tags(const Tree& tree) : tree_(tree) {}

  void open(TextOut& out, const Node& element) const {
    out.add('<');
    add_xml_name(out, element.bytes, false);
  }
  void close(TextOut& out, const Node& element) const {
    out.add("</");
    add_xml_name(out, element.bytes, false);
    out.add('>');
  }
  /// An attribute's name as it stands in its start tag, with a blank in front.
  [[nodiscard]] std::string attribute_name(const Node& attribute) const {
    TextOut out;
    out.add(' ');
    if (is_declaration(attribute) && !declares(attribute)) {
      out.add("_x0078_");
      add_xml_name(out, attribute.bytes.subspan(2), false);
    } else {
      add_xml_name(out, attribute.bytes, is_declaration(attribute));
    }
    return std::string(out.text());
  }
  [[nodiscard]] bool has_slots(std::uint32_t first) const {
    for (std::uint32_t i = first; i != 0; i = tree_[i].next) {
      if (tree_[i].kind == NodeKind::slot) return true;
    }
    return false;
  }
  [[nodiscard]] bool has_text(std::uint32_t first) const {
    for (std::uint32_t i = first; i != 0; i = tree_[i].next) {
      if (tree_[i].kind != NodeKind::element && !is_void(tree_[i])) return true;
    }
    return false;
  }
  void text(TextOut& out, std::uint32_t first, Escape escape) const {
    for (std::uint32_t i = first; i != 0; i = tree_[i].next) add_part(out, tree_[i], escape);
  }
  [[nodiscard]] static bool is_declaration(const Node& attribute) {
    return has_name(attribute, u"xmlns") || begins(attribute, u"xmlns:");
  }

 private:
  [[nodiscard]] static bool begins(const Node& node, std::u16string_view name) {
    return node.bytes.size() > name.size() * 2 &&
           std::memcmp(node.bytes.data(), name.data(), name.size() * 2) == 0;
  }
  /// Whether a namespace may be declared so: its name is the template's own text and not one that is
  /// reserved.
  [[nodiscard]] bool declares(const Node& attribute) const {
    for (std::uint32_t i = attribute.first; i != 0; i = tree_[i].next) {
      if (tree_[i].kind != NodeKind::text && tree_[i].number != kNoDependency) return false;
    }
    if (begins(attribute, u"xmlns:xml")) return false;
    TextOut name;
    text(name, attribute.first, Escape::xml_attribute);
    return name.text() != "http://www.w3.org/2000/xmlns/" &&
           name.text() != "http://www.w3.org/XML/1998/namespace";
  }

  const Tree& tree_;
};

class XmlWriter {
 public:
  XmlWriter(TextOut& out, const Tree& tree) : out_(out), tree_(tree), tags_(tree), begin_(out.size()) {}

  void content(std::uint32_t first) {
    for (std::uint32_t i = first; i != 0 && !too_much(); i = tree_[i].next) {
      if (tree_[i].kind == NodeKind::element) {
        element(tree_[i]);
      } else {
        add_part(out_, tree_[i], Escape::xml);
      }
    }
  }
  [[nodiscard]] bool too_much() const { return out_.size() - begin_ > limits::kEvtxRecordOutput; }

 private:
  void element(const Node& node) {
    tags_.open(out_, node);
    std::vector<std::string> names;
    for (std::uint32_t i = node.attributes; i != 0 && !too_much(); i = tree_[i].next) {
      if (!tags_.has_text(tree_[i].first)) continue;
      names.push_back(unused(tags_.attribute_name(tree_[i]), names));
      out_.add(names.back());
      out_.add("=\"");
      tags_.text(out_, tree_[i].first, Escape::xml_attribute);
      out_.add('"');
    }
    if (node.first == 0 && node.type != kHasContent) return out_.add("/>");
    out_.add('>');
    content(node.first);
    tags_.close(out_, node);
  }
  static std::string unused(const std::string& name, const std::vector<std::string>& used) {
    std::string out = name;
    for (std::size_t n = used.size(); std::ranges::find(used, out) != used.end(); ++n)
      out = name + '_' + std::to_string(n);
    return out;
  }

  TextOut& out_;
  const Tree& tree_;
  Tags tags_;
  std::size_t begin_;
};

class XmlCompiler {
 public:
  XmlCompiler(const Tree& tree, Program& program)
      : tree_(tree), tags_(tree), program_(program), maker_(program) {}

  bool run() {
    const Node& root = tree_[tree_.first];
    if (tree_.first == 0 || root.kind != NodeKind::element || root.next != 0) return false;
    if (std::ranges::any_of(tree_.nodes, is_stream)) return false;
    if (!element(root)) return false;
    maker_.flush();
    return !maker_.too_large();
  }

 private:
  bool element(const Node& node) {
    const bool leaf = is_leaf(node);
    // The start tag of a leaf comes again with each item of an array.
    if (leaf) maker_.flush();
    tags_.open(maker_.text(), node);
    if (!attributes(node)) return false;
    if (leaf) return put_leaf(node);
    if (node.first == 0) {
      maker_.text().add("/>");
      return true;
    }
    maker_.text().add('>');
    if (!content(node)) return false;
    tags_.close(maker_.text(), node);
    return !maker_.too_large();
  }

  /// One slot as content, and no other in its attributes.
  [[nodiscard]] bool is_leaf(const Node& node) const {
    if (node.first == 0 || tree_[node.first].kind != NodeKind::slot || tree_[node.first].next != 0)
      return false;
    if (has_name(node, u"EventData") || has_name(node, u"UserData"))
      return false;  // a stream is expected there
    for (std::uint32_t i = node.attributes; i != 0; i = tree_[i].next) {
      if (tags_.has_slots(tree_[i].first)) return false;
    }
    return true;
  }

  bool put_leaf(const Node& node) {
    const std::uint16_t slot = tree_[node.first].number;
    if (!maker_.use(slot, Program::list)) return false;
    maker_.text().add('>');
    Step step{.kind = Step::leaf, .slot = slot};
    TextOut end;
    tags_.close(end, node);
    step.after = maker_.keep(end.text());
    maker_.add(step);
    return true;
  }

  bool attributes(const Node& node) {
    std::vector<std::string> names;
    for (std::uint32_t i = node.attributes; i != 0; i = tree_[i].next) {
      const Node& attribute = tree_[i];
      const bool slots = tags_.has_slots(attribute.first);
      if (!slots && !tags_.has_text(attribute.first)) continue;
      names.push_back(tags_.attribute_name(attribute));
      if (std::ranges::count(names, names.back()) > 1) return false;
      if (!slots) {
        maker_.text().add(names.back());
        maker_.text().add("=\"");
        tags_.text(maker_.text(), attribute.first, Escape::xml_attribute);
        maker_.text().add('"');
      } else if (!put_attribute(attribute, names.back())) {
        return false;
      }
    }
    return true;
  }

  bool put_attribute(const Node& attribute, const std::string& name) {
    const Node& part = tree_[attribute.first];
    if (part.kind != NodeKind::slot || part.next != 0) return false;
    if (!maker_.use(part.number, Program::plain)) return false;
    maker_.flush();
    maker_.text().add(name);
    maker_.text().add("=\"");
    Step step{.kind = Step::attribute, .slot = part.number};
    step.after = maker_.keep("\"");
    maker_.add(step);
    return true;
  }

  bool content(const Node& node) {
    const bool elements = std::ranges::any_of(
        children(node), [](const Node* child) { return child->kind == NodeKind::element; });
    const bool container = elements || has_name(node, u"EventData") || has_name(node, u"UserData");
    for (const Node* child : children(node)) {
      if (child->kind == NodeKind::slot) {
        if (!(container ? put_stream(child->number) : put_text(child->number))) return false;
      } else if (child->kind != NodeKind::element) {
        add_part(maker_.text(), *child, Escape::xml);
      } else if (child->number == kNoDependency) {
        if (!element(*child)) return false;
      } else {
        const std::size_t guard = maker_.begin_guard(child->number);
        if (!element(*child)) return false;
        maker_.end_guard(guard);
      }
    }
    return true;
  }
  [[nodiscard]] std::vector<const Node*> children(const Node& node) const {
    std::vector<const Node*> out;
    for (std::uint32_t i = node.first; i != 0; i = tree_[i].next) out.push_back(&tree_[i]);
    return out;
  }

  bool put_stream(std::uint16_t slot) {
    if (program_.stream_slot || !maker_.use(slot, Program::stream)) return false;
    program_.stream_slot = slot;
    maker_.add({.kind = Step::embed, .slot = slot});
    return true;
  }
  bool put_text(std::uint16_t slot) {
    if (!maker_.use(slot, Program::plain)) return false;
    maker_.add({.kind = Step::leaf, .slot = slot});
    return true;
  }

  const Tree& tree_;
  Tags tags_;
  Program& program_;
  ProgramMaker maker_;
};

}  // namespace

Parsed<void> add_xml(TextOut& out, const Tree& tree) {
  XmlWriter writer(out, tree);
  writer.content(tree.first);
  if (writer.too_much()) return std::unexpected("it unfolds to more than any event holds");
  return {};
}

std::optional<Program> compile_xml(const Tree& tree) {
  Program program;
  if (!XmlCompiler(tree, program).run()) return std::nullopt;
  program.text.append(64, '\0');  // pieces are copied in blocks
  return program;
}

}  // namespace landwarden::decode::evtx
