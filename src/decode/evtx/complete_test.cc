// Everything that binary XML can say, there and back: random events of every token and every type of value,
// in every layout and both versions of the file, are written and must be read as the fields that they were
// made from, by plans and by the long way, at any size of work units; and what is exported as XML and read
// again is the same.

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "decode/decoded_rows.h"
#include "decode/evtx/ansi.h"
#include "decode/evtx/export.h"
#include "decode/evtx/random_values.h"
#include "decode/evtx/written_logs.h"

namespace landwarden::decode::evtx {
namespace {

/// How a record is laid out.
enum class Form : std::uint8_t {
  embedded,      ///< as Windows: an outer template, the event's own data in an instance among its values
  one_template,  ///< all in one
  plain,         ///< no template at all
  instances,     ///< no template around; instances of templates stand in the text
};

struct KnownEvent {
  write::Record record;
  Cells fields;
};

class RandomEvents {
 public:
  RandomEvents(std::uint64_t seed, unsigned codepage, bool for_xml)
      : values_(seed, codepage, for_xml), for_xml_(for_xml) {}

  KnownEvent next() {
    fields_.clear();
    names_ = 0;
    ++number_;
    form_ = Form(values_.below(4));
    Stream stream{.templated = form_ == Form::embedded || form_ == Form::one_template, .values = {}};
    write::Element root{.name = "Event", .attributes = {}, .children = {}};
    root.attributes.push_back(
        {"xmlns", {write::Text{"http://schemas.microsoft.com/win/2004/08/events/event"}}});
    root.children.emplace_back(system(stream));
    for (std::uint64_t parts = values_.below(3) + 1; parts > 0; --parts) add_part(stream, root);
    KnownEvent event{{.written = Time{}, .content = root, .record_id = number_}, {}};
    if (stream.templated) {
      used_tokens.insert("instance");
      event.record.content = instance_of(std::move(stream), std::move(root));
    } else if (values_.one_in(2)) {
      write::Fragment fragment;
      add_instruction(fragment.nodes);
      fragment.nodes.emplace_back(std::move(root));
      add_instruction(fragment.nodes);
      used_tokens.insert("prolog");
      event.record.content = std::move(fragment);
    }
    event.fields = fields_;
    return event;
  }

  std::set<std::uint8_t> used_types;
  std::set<std::string> used_tokens;

 private:
  enum class WhenEmpty : std::uint8_t { absent, null, text };
  /// Tokens of one template, or of a record without any.
  struct Stream {
    bool templated = false;
    std::vector<write::Value> values;
  };
  struct Content {
    std::vector<write::Node> nodes;
    std::vector<KnownValue> shown;
    bool gone = false;  ///< the element depends on a value that is null
  };

  static write::Instance instance_of(Stream stream, write::Element root) {
    return {.definition = write::Template::make(std::move(root)), .values = std::move(stream.values)};
  }
  std::string fresh_name() {
    // Sometimes a name comes again: its values are a list.
    if (names_ > 0 && values_.one_in(16)) return "F" + std::to_string(values_.below(names_));
    return "F" + std::to_string(names_++);
  }

  void expect(const std::string& name, const Content& content, WhenEmpty when_empty) {
    const KnownValue* list = nullptr;
    for (const KnownValue& part : content.shown) {
      if (part.is_list() && !part.texts.empty()) list = &part;
    }
    for (std::size_t i = 0; i < (list == nullptr ? 1 : list->texts.size()); ++i) {
      std::string text;
      for (const KnownValue& part : content.shown) {
        if (!part.texts.empty()) text += part.texts[&part == list ? i : 0];
      }
      if (!text.empty() || when_empty == WhenEmpty::text) {
        fields_[name].push_back(text);
      } else if (when_empty == WhenEmpty::null) {
        fields_[name].push_back("<null>");
      }
    }
  }

  template <class Node>
  void put(Content& content, const char* token, Node node, std::string text) {
    used_tokens.insert(token);
    content.nodes.emplace_back(std::move(node));
    content.shown.push_back({write::Value::null(), {std::move(text)}});
  }
  void add_instruction(std::vector<write::Node>& nodes) {
    used_tokens.insert("instruction");
    nodes.emplace_back(write::ProcessingInstruction{"target", "some data"});
  }
  void put_slot(Stream& stream, Content& content, KnownValue value, bool optional) {
    used_tokens.insert(optional ? "optional substitution" : "substitution");
    used_types.insert(value.value.type);
    bool first = optional;
    for (const write::Node& node : content.nodes) {
      if (const auto* slot = std::get_if<write::Slot>(&node); slot != nullptr && slot->optional)
        first = false;
    }
    if (first && value.value.type == 0) content.gone = true;
    content.nodes.emplace_back(write::Slot{.index = static_cast<std::uint16_t>(stream.values.size()),
                                           .type = value.value.type == 0 ? std::uint8_t{1} : value.value.type,
                                           .optional = optional});
    stream.values.push_back(value.value);
    content.shown.push_back(std::move(value));
  }
  void put_value(Stream& stream, Content& content, bool lists) {
    if (stream.templated && !values_.one_in(4)) {
      for (const KnownValue& part : content.shown) lists = lists && !part.is_list();
      return put_slot(stream, content, values_.any(lists), values_.one_in(3));
    }
    KnownValue value = values_.any_in_text();
    used_tokens.insert("value");
    used_types.insert(value.value.type);
    content.nodes.emplace_back(value.value);
    content.shown.push_back(std::move(value));
  }
  void put_part(Stream& stream, Content& content, bool lists) {
    static constexpr std::pair<const char*, const char*> kEntities[] = {
        {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}, {"other", "other"}};
    static constexpr std::pair<std::uint16_t, const char*> kCharacters[] = {
        {0x41, "A"}, {0xe9, "é"}, {0x263a, "☺"}};
    switch (values_.below(8)) {
      case 0: {
        const std::string text = values_.text(8);
        return put(content, "text", write::Text{text}, text);
      }
      case 1: {
        const std::string text = values_.text(8);
        return put(content, "CDATA", write::Cdata{text}, text);
      }
      case 2: {
        const auto [unit, text] = kCharacters[values_.below(3)];
        return put(content, "character reference", write::CharacterReference{unit}, text);
      }
      case 3: {
        const auto [name, text] = kEntities[values_.below(6)];
        return put(content, "entity reference", write::EntityReference{name}, text);
      }
      case 4:
        return add_instruction(content.nodes);
      default:
        return put_value(stream, content, lists);
    }
  }
  /// What stands in an element or an attribute: mostly one value, as in Windows' own templates. XML repeats
  /// the element of a list, and its attributes with it: `repeats` says whether that is all the same.
  Content content(Stream& stream, bool repeats, bool in_attribute = false) {
    Content content;
    if (values_.one_in(10)) return content;
    if (values_.one_in(3)) {
      // XML says a list in several elements; it cannot in an attribute, or between other text.
      for (std::uint64_t parts = 1 + values_.below(4); parts > 0; --parts) {
        const std::size_t before = content.nodes.size();
        put_part(stream, content, !for_xml_);
        if (in_attribute && content.nodes.size() > before &&
            std::holds_alternative<write::ProcessingInstruction>(content.nodes.back()))
          content.nodes.pop_back();
      }
    } else {
      put_value(stream, content, !for_xml_ || repeats);
    }
    return content;
  }

  void add_attribute(Stream& stream, write::Element& element, const std::string& prefix) {
    const std::string name = "a" + std::to_string(element.attributes.size());
    Content value = content(stream, false, true);
    expect(prefix + name, value, WhenEmpty::absent);
    used_tokens.insert("attribute");
    element.attributes.push_back({name, std::move(value.nodes)});
  }

  /// <Data>, with or without a name; in rare cases the name is a value itself.
  void add_data(Stream& stream, write::Element& parent) {
    const bool named = !values_.one_in(5);
    const std::string name = named ? fresh_name() : "Data";
    write::Element data{.name = "Data", .attributes = {}, .children = {}};
    Content value;
    const Cells before = fields_;
    if (named && stream.templated && values_.one_in(12)) {
      Content slot;
      put_slot(stream, slot, {write::Value::text(name), {name}}, false);
      data.attributes.push_back({"Name", std::move(slot.nodes)});
    } else if (named) {
      data.attributes.push_back({"Name", {write::Text{name}}});
    }
    if (values_.one_in(8)) add_attribute(stream, data, name + '_');
    value = content(stream, data.attributes.size() == (named ? 1 : 0));
    expect(name, value, WhenEmpty::text);
    if (value.gone) fields_ = before;
    data.children = std::move(value.nodes);
    parent.children.emplace_back(std::move(data));
  }

  /// An element that is named by itself.
  void add_leaf(Stream& stream, write::Element& parent, const std::string& prefix, WhenEmpty when_empty) {
    const std::string name = fresh_name();
    write::Element leaf{.name = name, .attributes = {}, .children = {}};
    const Cells before = fields_;
    for (std::uint64_t count = values_.one_in(4) ? 1 + values_.below(2) : 0; count > 0; --count)
      add_attribute(stream, leaf, prefix + name + '_');
    Content value = content(stream, leaf.attributes.empty());
    expect(prefix + name, value, leaf.attributes.empty() ? when_empty : WhenEmpty::absent);
    if (value.gone) fields_ = before;
    leaf.children = std::move(value.nodes);
    parent.children.emplace_back(std::move(leaf));
  }

  /// An element around a stream of its own, whose root is a leaf, or again around one.
  void add_nested(Stream& stream, write::Element& parent, const std::string& prefix, int depth) {
    write::Element around{.name = "Around", .attributes = {}, .children = {}};
    Stream inner{.templated = true, .values = {}};
    write::Element root{.name = "Inside", .attributes = {}, .children = {}};
    if (depth > 0) {
      add_nested(inner, root, prefix, depth - 1);
    } else {
      add_leaf(inner, root, prefix, WhenEmpty::null);
    }
    used_tokens.insert("nested template");
    used_types.insert(0x21);
    around.children.push_back(apart(stream, instance_of(std::move(inner), std::move(root))));
    parent.children.emplace_back(std::move(around));
  }
  /// A stream of its own in `stream`: as a value, or as an instance that stands in it.
  write::Node apart(Stream& stream, write::Instance instance) {
    if (!stream.templated) {
      used_tokens.insert("instance in the text");
      return write::Embedded{std::make_shared<const write::Instance>(std::move(instance))};
    }
    used_tokens.insert("embedded template");
    instance.fragment_header = values_.one_in(2);
    stream.values.push_back(write::Value::binxml(std::move(instance)));
    return write::Slot{.index = static_cast<std::uint16_t>(stream.values.size() - 1),
                       .type = 0x21,
                       .optional = values_.one_in(2)};
  }

  void put_system(Stream& stream, write::Element& system, const char* name, KnownValue value) {
    fields_[std::string("System.") + name] = value.texts;
    Content content;
    if (stream.templated && !values_.one_in(4)) {
      put_slot(stream, content, std::move(value), values_.one_in(2));
    } else {
      content.nodes.emplace_back(write::Text{value.texts[0]});
    }
    system.children.emplace_back(
        write::Element{.name = name, .attributes = {}, .children = std::move(content.nodes)});
  }
  write::Element system(Stream& stream) {
    write::Element system{.name = "System", .attributes = {}, .children = {}};
    write::Element provider{
        .name = "Provider", .attributes = {{"Name", {write::Text{"Round-Trip"}}}}, .children = {}};
    fields_["System.Provider_Name"] = {"Round-Trip"};
    add_attribute(stream, provider, "System.Provider_");
    system.children.emplace_back(std::move(provider));
    const std::string id = std::to_string(1 + number_ % 5), record = std::to_string(number_);
    put_system(stream, system, "EventID",
               {write::Value::uint16(static_cast<std::uint16_t>(1 + number_ % 5)), {id}});
    put_system(stream, system, "EventRecordID", {write::Value::uint64(number_), {record}});
    put_system(stream, system, "Channel", {write::Value::text("Round/Trip"), {"Round/Trip"}});
    put_system(stream, system, "Computer", {write::Value::text("ws1"), {"ws1"}});
    for (std::uint64_t count = values_.below(3); count > 0; --count)
      add_leaf(stream, system, "System.", WhenEmpty::absent);
    return system;
  }

  write::Element part(Stream& stream, std::uint64_t kind) {
    static constexpr const char* kNames[] = {"EventData", "UserData", "ProcessingErrorData"};
    const std::string name = kNames[kind], prefix = kind == 2 ? "ProcessingErrorData." : "";
    used_tokens.insert(name);
    write::Element part{.name = name, .attributes = {}, .children = {}};
    if (values_.one_in(6)) add_attribute(stream, part, kind == 2 ? prefix : name + '_');
    write::Element around{.name = "Provider-Own", .attributes = {}, .children = {}};
    write::Element& parent = kind == 1 ? around : part;
    for (std::uint64_t count = values_.below(6); count > 0; --count) {
      if (kind == 0 && !values_.one_in(6)) {
        add_data(stream, parent);
      } else if (values_.one_in(6)) {
        add_nested(stream, parent, prefix, static_cast<int>(values_.below(2)));
      } else {
        add_leaf(stream, parent, prefix, WhenEmpty::null);
      }
    }
    if (kind == 1 && !around.children.empty()) part.children.emplace_back(std::move(around));
    return part;
  }
  void add_part(Stream& stream, write::Element& root) {
    const std::uint64_t kind = values_.below(3);
    if (form_ == Form::one_template || form_ == Form::plain) {
      root.children.emplace_back(part(stream, kind));
      return;
    }
    Stream own{.templated = true, .values = {}};
    write::Element tree = part(own, kind);
    root.children.push_back(apart(stream, instance_of(std::move(own), std::move(tree))));
  }

  RandomValues values_;
  bool for_xml_;
  Cells fields_;
  Form form_ = Form::embedded;
  std::uint64_t names_ = 0, number_ = 0;
};

struct RandomLog {
  std::vector<std::byte> bytes;
  std::vector<Cells> expected;
};

RandomLog random_log(RandomEvents& events, std::size_t count, std::uint16_t minor_version) {
  Writer writer({.minor_version = minor_version});
  RandomLog log;
  for (std::size_t i = 0; i < count; ++i) {
    KnownEvent event = events.next();
    EXPECT_TRUE(writer.add(event.record).has_value());
    log.expected.push_back(std::move(event.fields));
  }
  log.bytes = writer.finish();
  return log;
}

std::string shown(const Cells& cells) {
  std::string out;
  for (const auto& [name, values] : cells) {
    out += "\n  " + name + " =";
    for (const std::string& value : values) out += " [" + value + ']';
  }
  return out;
}

void expect_fields(const RandomLog& log, const Decoded& got, const std::string& how) {
  EXPECT_EQ(got.receipt.records_quarantined, 0U) << how;
  for (const auto& lost : got.receipt.quarantined) ADD_FAILURE() << how << ": " << lost.reason;
  EXPECT_TRUE(got.receipt.damage.empty()) << how;
  ASSERT_EQ(got.rows.size(), log.expected.size()) << how;
  for (std::size_t i = 0; i < log.expected.size(); ++i) {
    ASSERT_EQ(got.row(i).fields, log.expected[i])
        << how << ", record " << i << ": want" << shown(log.expected[i]) << "\ngot"
        << shown(got.row(i).fields);
  }
}

/// LW_SEED tries others than the usual one.
const std::uint64_t kSeed =
    std::getenv("LW_SEED") == nullptr ? 20261124 : std::stoull(std::getenv("LW_SEED"));

TEST(EvtxComplete, EveryTokenAndTypeComesBackInEveryLayoutAndBothVersions) {
  RecordProperty("seed", std::to_string(kSeed));
  RandomEvents events(kSeed, 1252, false);
  for (const std::uint16_t minor : {1, 2}) {
    const RandomLog log = random_log(events, 3000, minor);
    const std::string how = "seed " + std::to_string(kSeed) + ", version 3." + std::to_string(minor);
    expect_fields(log, decode(log.bytes), how);
    expect_fields(log, decode(log.bytes, {.unfold = true}), how + ", unfolded");
    expect_fields(log, decode(log.bytes, {.unit_chunks = 1}), how + ", chunk by chunk");
  }
  for (const auto type : RandomValues::kPlain) {
    const auto plain = static_cast<std::uint8_t>(type);
    EXPECT_TRUE(events.used_types.contains(plain)) << unsigned{plain};
    if (!RandomValues::in_arrays(type)) continue;
    EXPECT_TRUE(events.used_types.contains(plain | write::kArrayFlag)) << unsigned{plain};
  }
  for (const char* token :
       {"instance", "embedded template", "nested template", "instance in the text", "prolog", "attribute",
        "text", "CDATA", "character reference", "entity reference", "instruction", "substitution",
        "optional substitution", "value", "EventData", "UserData", "ProcessingErrorData"}) {
    EXPECT_TRUE(events.used_tokens.contains(token)) << token;
  }
}

TEST(EvtxComplete, AnsiTextComesBackInEveryCodePage) {
  for (const unsigned codepage : ansi_codepages()) {
    RandomEvents events(kSeed + codepage, codepage, false);
    const RandomLog log = random_log(events, 150, 1);
    for (const bool unfold : {false, true}) {
      expect_fields(log, decode(log.bytes, {.unfold = unfold, .ansi_codepage = codepage}),
                    "code page " + std::to_string(codepage) + (unfold ? ", unfolded" : ""));
    }
  }
}

/// Values a line each, without nulls: an element whose own elements or attributes have all been left out
/// looks in XML like one that never has any.
std::map<std::string, std::string> told(const Cells& cells) {
  std::map<std::string, std::string> out;
  for (const auto& [name, values] : cells) {
    for (const std::string& value : values) {
      if (value != "<null>") out[name] += '[' + value + "]\n";
    }
  }
  return out;
}

/// The rows as decoded_rows.h gives them; no value here has its separator.
Cells cells_of(const DecodedRow& row) {
  Cells cells;
  for (const auto& [name, text] : row.fields) {
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('|', at), text.size());
      const std::string value = text.substr(at, end - at);
      cells[name].push_back(value == "(null)" ? "<null>" : value);
      at = end + 1;
    }
  }
  return cells;
}

TEST(EvtxComplete, ExportedXmlReadAgainHasTheSameFields) {
  RandomEvents events(kSeed, 1252, true);
  const RandomLog log = random_log(events, 2000, 2);
  for (const bool by_tree : {false, true}) {
    Exporter exporter({.format = ExportFormat::xml, .json = {}, .wanted = {}, .always_tree = by_tree});
    event::Receipt receipt;
    TextOut out;
    EXPECT_EQ(exporter.unit(log.bytes, 0, receipt, out), log.expected.size());
    const DecodedRows got = decode_rows(std::string(export_begin(ExportFormat::xml)) +
                                        std::string(out.text()) + std::string(export_end(ExportFormat::xml)));
    ASSERT_EQ(got.rows.size(), log.expected.size());
    for (std::size_t i = 0; i < got.rows.size() && !HasFailure(); ++i) {
      EXPECT_EQ(told(cells_of(got.rows[i])), told(log.expected[i]))
          << "record " << i << " of seed " << kSeed << (by_tree ? ", by tree" : "");
    }
  }
}

}  // namespace
}  // namespace landwarden::decode::evtx
