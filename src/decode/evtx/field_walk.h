// From the elements of an event to its fields: which element or attribute gives a field of which name. The
// rules stand in docs/evtx.md ("Fields"). One walk serves both uses: compiling a template (slots stay slots)
// and reading one record that takes no short cut (slots have values).
//
// A Visitor has
//   bool leave_out(uint16_t dependency)   true: the element is not there; else end_element() follows behind
//   its content void end_element() bool embeds(const Node&)              whether this part of an element's
//   content is a stream of its own void expand(const Node&, const Place&, bool whole)  walk that stream there
//   (whole: it may be the event itself) std::string literal(uint32_t first)   the text of a name that an
//   attribute gives void field(std::string_view name, uint32_t first, WhenEmpty)   a field whose value is the
//   chain of parts from `first`
// A Visitor that cannot go on remembers why, and its owner asks it afterwards.

#pragma once

#include <string>
#include <string_view>

#include "base/text.h"
#include "decode/evtx/binxml.h"

namespace landwarden::decode::evtx {

/// What an element or attribute without content gives.
enum class WhenEmpty : std::uint8_t { absent, null, text };

/// Where in an event an element stands: decides how its fields are named.
struct Place {
  enum Kind : std::uint8_t { event, system, data, leaf } kind = event;
  std::string_view prefix;  ///< of field names; constant text
  bool part = false;        ///< directly in EventData or UserData
};

template <class Visitor>
class FieldWalk {
 public:
  FieldWalk(const Tree& tree, Visitor& visitor) : tree_(tree), visitor_(visitor) {}

  /// The stream of a whole event or, at a place, one that is embedded there.
  void stream(const Place& place, bool whole) {
    for (std::uint32_t i = tree_.first; i != 0; i = tree_[i].next) {
      const Node& node = tree_[i];
      if (node.kind != NodeKind::element) {
        if (visitor_.embeds(node, place)) visitor_.expand(node, place, whole);
        continue;
      }
      if (whole && name_is(node, u"Event")) {
        content(node, place);
      } else {
        inside(node, place);
      }
    }
  }

 private:
  static bool name_is(const Node& node, std::u16string_view name) {
    return node.bytes.size() == name.size() * 2 &&
           std::memcmp(node.bytes.data(), name.data(), node.bytes.size()) == 0;
  }
  /// `extra`: how much will be put behind it.
  static std::string name_of(const Node& node, std::string_view prefix = {}, std::size_t extra = 0) {
    std::string out;
    out.reserve(prefix.size() + node.bytes.size() + extra);
    out += prefix;
    text::append_utf16le(out, node.bytes);
    return out;
  }

  void element(const Node& node, const Place& place) {
    if (visitor_.leave_out(node.number)) return;
    inside(node, place);
    visitor_.end_element();
  }

  void inside(const Node& node, const Place& place) {
    switch (place.kind) {
      case Place::event:
        return event_part(node);
      case Place::system:
        return leaf(node, place, WhenEmpty::absent);
      case Place::data:
        if (name_is(node, u"Data")) return data(node, place);
        return leaf(node, place, WhenEmpty::null);
      case Place::leaf:
        return leaf(node, place, WhenEmpty::null);
    }
  }

  void event_part(const Node& node) {
    if (name_is(node, u"System")) {
      group(node, {Place::system, "System."}, {});
    } else if (name_is(node, u"EventData")) {
      group(node, {Place::data, {}, true}, "EventData_");
    } else if (name_is(node, u"UserData")) {
      group(node, {Place::data, {}, true}, "UserData_");
    } else if (name_is(node, u"RenderingInfo")) {
      group(node, {Place::leaf, "RenderingInfo."}, "RenderingInfo.");
    } else if (name_is(node, u"ProcessingErrorData")) {
      group(node, {Place::leaf, "ProcessingErrorData."}, "ProcessingErrorData.");
    } else {
      leaf(node, {Place::data, {}}, WhenEmpty::null);
    }
  }

  /// A part of the event that only holds fields: its own text, should it have any, is a field of its name.
  void group(const Node& node, const Place& place, std::string_view attribute_prefix) {
    attributes(node, attribute_prefix, false);
    content(node, place);
    if (has_text(node, place)) visitor_.field(name_of(node), node.first, WhenEmpty::absent);
  }

  void content(const Node& node, const Place& place) {
    for (std::uint32_t i = node.first; i != 0; i = tree_[i].next) {
      const Node& part = tree_[i];
      if (part.kind == NodeKind::element) {
        element(part, place);
      } else if (visitor_.embeds(part, place)) {
        visitor_.expand(part, place, false);
      }
    }
  }

  [[nodiscard]] bool has_text(const Node& node, const Place& place) {
    for (std::uint32_t i = node.first; i != 0; i = tree_[i].next) {
      if (tree_[i].kind != NodeKind::element && !visitor_.embeds(tree_[i], place)) return true;
    }
    return false;
  }

  [[nodiscard]] bool has_elements(const Node& node, const Place& place) {
    for (std::uint32_t i = node.first; i != 0; i = tree_[i].next) {
      if (tree_[i].kind == NodeKind::element || visitor_.embeds(tree_[i], place)) return true;
    }
    return false;
  }

  /// Whether there were any, other than the name.
  bool attributes(const Node& node, std::string_view prefix, bool skip_name) {
    bool any = false;
    for (std::uint32_t i = node.attributes; i != 0; i = tree_[i].next) {
      if (skip_name && name_is(tree_[i], u"Name")) continue;
      any = true;
      const std::string name = name_of(tree_[i], prefix);
      const std::string_view own = std::string_view(name).substr(prefix.size());
      if (own == "xmlns" || own.starts_with("xmlns:")) continue;
      visitor_.field(name, tree_[i].first, WhenEmpty::absent);
    }
    return any;
  }

  void leaf(const Node& node, const Place& place, WhenEmpty when_empty) {
    named(node, place, name_of(node, place.prefix, 1), when_empty, false);
  }

  /// <Data Name="X">: the field X; without a name: Data.
  void data(const Node& node, const Place& place) {
    std::string name;
    for (std::uint32_t i = node.attributes; i != 0; i = tree_[i].next) {
      if (name_is(tree_[i], u"Name")) name = visitor_.literal(tree_[i].first);
    }
    if (name.empty()) name = "Data";
    // No provider can pass its own data off as the System part.
    if (name.starts_with("System.")) name.insert(0, "EventData.");
    named(node, place, std::move(name), WhenEmpty::text, true);
  }

  void named(const Node& node, const Place& place, std::string name, WhenEmpty when_empty, bool skip_name) {
    // An element that has only attributes says nothing of its own.
    if (node.attributes != 0) {
      name += '_';
      if (attributes(node, name, skip_name) && when_empty == WhenEmpty::null) when_empty = WhenEmpty::absent;
      name.pop_back();
    }
    const Place inner{place.kind, place.prefix};
    if (!has_elements(node, inner)) return visitor_.field(name, node.first, when_empty);
    content(node, inner);
    if (has_text(node, inner)) visitor_.field(name, node.first, WhenEmpty::absent);
  }

  const Tree& tree_;
  Visitor& visitor_;
};

}  // namespace landwarden::decode::evtx
