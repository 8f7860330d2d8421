#include "decode/evtx/writer_event.h"

namespace landwarden::decode::evtx::write {
namespace {

// What the substitutions of the System part mean. Both layouts share the first thirteen.
enum SystemSlot : std::uint16_t {
  kLevel = 0,
  kOpcode = 1,
  kTask = 2,
  kEventId = 3,
  kQualifiers = 4,
  kKeywords = 5,
  kTimeCreated = 6,
  kActivityId = 7,
  kProcessId = 8,
  kThreadId = 9,
  kRecordId = 10,
  kVersion = 11,
  kUserId = 12,
  kProviderName = 14,
  kProviderGuid = 15,
  kChannel = 16,
};
// … and these two are elsewhere in the literal one.
constexpr std::uint16_t related_slot(bool literal) {
  return literal ? 18 : 13;
}
constexpr std::uint16_t payload_slot(bool literal) {
  return literal ? 19 : 17;
}

Node slot(std::uint16_t index, ValueType type) {
  return Slot{.index = index, .type = static_cast<std::uint8_t>(type), .optional = true};
}

Element leaf(std::string name, Node content) {
  return Element{std::move(name), {}, {std::move(content)}};
}
Attribute attribute(std::string name, Node content) {
  return Attribute{std::move(name), {std::move(content)}};
}

Element provider_element(const Provider& provider) {
  Element element{"Provider", {}, {}};
  if (!provider.literal) {
    element.attributes.push_back(attribute("Name", slot(kProviderName, ValueType::string)));
    element.attributes.push_back(attribute("Guid", slot(kProviderGuid, ValueType::guid)));
    return element;
  }
  element.attributes.push_back(attribute("Name", Text{provider.name}));
  if (provider.guid) element.attributes.push_back(attribute("Guid", Text{provider.guid->to_string()}));
  if (!provider.event_source_name.empty()) {
    element.attributes.push_back(attribute("EventSourceName", Text{provider.event_source_name}));
  }
  return element;
}

Element system_element(const EventRecord& event) {
  const bool literal = event.provider.literal;
  Element system{"System", {}, {}};
  std::vector<Node>& parts = system.children;
  parts.push_back(provider_element(event.provider));
  parts.push_back(Element{"EventID",
                          {attribute("Qualifiers", slot(kQualifiers, ValueType::uint16))},
                          {slot(kEventId, ValueType::uint16)}});
  parts.push_back(leaf("Version", slot(kVersion, ValueType::uint8)));
  parts.push_back(leaf("Level", slot(kLevel, ValueType::uint8)));
  parts.push_back(leaf("Task", slot(kTask, ValueType::uint16)));
  parts.push_back(leaf("Opcode", slot(kOpcode, ValueType::uint8)));
  parts.push_back(leaf("Keywords", slot(kKeywords, ValueType::hex64)));
  parts.push_back(
      Element{"TimeCreated", {attribute("SystemTime", slot(kTimeCreated, ValueType::filetime))}, {}});
  parts.push_back(leaf("EventRecordID", slot(kRecordId, ValueType::uint64)));
  parts.push_back(Element{"Correlation",
                          {attribute("ActivityID", slot(kActivityId, ValueType::guid)),
                           attribute("RelatedActivityID", slot(related_slot(literal), ValueType::guid))},
                          {}});
  parts.push_back(Element{"Execution",
                          {attribute("ProcessID", slot(kProcessId, ValueType::uint32)),
                           attribute("ThreadID", slot(kThreadId, ValueType::uint32))},
                          {}});
  parts.push_back(leaf("Channel", literal ? Node(Text{event.channel}) : slot(kChannel, ValueType::string)));
  parts.push_back(leaf("Computer", Text{event.computer}));
  parts.push_back(Element{"Security", {attribute("UserID", slot(kUserId, ValueType::sid))}, {}});
  return system;
}

Element outer_tree(const EventRecord& event) {
  Element root{"Event",
               {attribute("xmlns", Text{"http://schemas.microsoft.com/win/2004/08/events/event"})},
               {system_element(event)}};
  Node payload = slot(payload_slot(event.provider.literal), ValueType::binxml);
  if (std::holds_alternative<UserData>(event.data)) {
    root.children.push_back(leaf("UserData", std::move(payload)));
  } else {
    root.children.push_back(std::move(payload));
  }
  return root;
}

constexpr std::size_t kTemplatesKept = 4096;

/// The template of that key, made if there is none.
std::shared_ptr<const Template> known(TemplateMemo& memo, std::string key, const auto& make) {
  if (memo.size() >= kTemplatesKept) memo.clear();
  std::shared_ptr<const Template>& found = memo[std::move(key)];
  if (!found) found = make();
  return found;
}

/// A part of a key, with its length so that no two rows of parts look alike.
void append_part(std::string& key, std::string_view part) {
  key += std::to_string(part.size());
  key += ':';
  key += part;
}

/// All that decides about the outer tree.
std::string outer_key(const EventRecord& event) {
  std::string key = std::holds_alternative<UserData>(event.data) ? "user data " : "data ";
  append_part(key, event.computer);
  if (!event.provider.literal) return key;
  append_part(key, event.provider.name);
  append_part(key, event.provider.guid ? event.provider.guid->to_string() : "");
  append_part(key, event.provider.event_source_name);
  append_part(key, event.channel);
  return key;
}

std::string inner_key(const EventData& data) {
  std::string key = data.binary ? "fields and bytes " : "fields ";
  append_part(key, data.name);
  for (const auto& [name, value] : data.fields) {
    append_part(key, name);
    key += static_cast<char>(value.type);
  }
  return key;
}

Instance inner_instance(const EventData& data, TemplateMemo& memo) {
  const auto make = [&] {
    Element root{"EventData", {}, {}};
    if (!data.name.empty()) root.attributes.push_back(attribute("Name", Text{data.name}));
    for (const auto& [name, value] : data.fields) {
      root.children.push_back(Element{"Data", {attribute("Name", Text{name})}, {value}});
    }
    if (data.binary) root.children.push_back(leaf("Binary", Value::binary(*data.binary)));
    return instantiate(std::move(root)).definition;
  };
  Instance out;
  out.definition = known(memo, inner_key(data), make);
  out.values.reserve(data.fields.size() + 1);
  for (const auto& [name, value] : data.fields) out.values.push_back(value);
  if (data.binary) out.values.push_back(Value::binary(*data.binary));
  return out;
}

/// Old event sources share one template: strings, their count's stead, bytes.
Instance inner_instance(const ClassicData& data, TemplateMemo&) {
  static const std::shared_ptr<const Template> definition = Template::make(
      Element{"EventData",
              {},
              {leaf("Data", Slot{.index = 0,
                                 .type = static_cast<std::uint8_t>(ValueType::string) | kArrayFlag,
                                 .optional = true}),
               leaf("Binary", slot(2, ValueType::binary))}});
  const bool none = data.strings.empty();
  return Instance{definition,
                  {none ? Value::null() : Value::texts(data.strings),
                   Value::uint32(static_cast<std::uint32_t>(data.binary.size())),
                   data.binary.empty() ? Value::null() : Value::binary(data.binary)}};
}

Instance inner_instance(const UserData& data, TemplateMemo&) {
  return instantiate(data.tree);
}

template <class Known>
Value or_null(const std::optional<Known>& known, Value (*make)(const Known&)) {
  return known ? make(*known) : Value::null();
}

}  // namespace

Instance lay_out(const EventRecord& event, std::uint64_t record_id) {
  TemplateMemo none;
  return lay_out(event, record_id, none);
}

Instance lay_out(const EventRecord& event, std::uint64_t record_id, TemplateMemo& memo) {
  const bool literal = event.provider.literal;
  Instance outer;
  outer.definition = known(memo, outer_key(event), [&] { return Template::make(outer_tree(event)); });
  std::vector<Value>& values = outer.values;
  values.resize(std::size_t{payload_slot(literal)} + 1);
  values[kLevel] = Value::uint8(event.level);
  values[kOpcode] = Value::uint8(event.opcode);
  values[kTask] = Value::uint16(event.task);
  values[kEventId] = Value::uint16(event.event_id);
  if (event.qualifiers) values[kQualifiers] = Value::uint16(*event.qualifiers);
  values[kKeywords] = Value::hex64(event.keywords);
  values[kTimeCreated] = Value::filetime(event.time);
  values[kActivityId] = or_null(event.activity_id, &Value::guid);
  values[kProcessId] = Value::uint32(event.process_id);
  values[kThreadId] = Value::uint32(event.thread_id);
  values[kRecordId] = Value::uint64(record_id);
  values[kVersion] = Value::uint8(event.version);
  values[kUserId] = or_null(event.user, &Value::sid);
  values[related_slot(literal)] = or_null(event.related_activity_id, &Value::guid);
  if (!literal) {
    values[kProviderName] = Value::text(event.provider.name);
    values[kProviderGuid] = or_null(event.provider.guid, &Value::guid);
    values[kChannel] = Value::text(event.channel);
  }
  Instance inner = std::visit([&](const auto& data) { return inner_instance(data, memo); }, event.data);
  inner.fragment_header = !event.provider.kernel;
  values.back() = Value::binxml(std::move(inner));
  return outer;
}

}  // namespace landwarden::decode::evtx::write
