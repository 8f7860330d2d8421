#include "range/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/assert.h"

namespace landwarden::range {
namespace {

using decode::evtx::write::Attribute;
using decode::evtx::write::ClassicData;
using decode::evtx::write::Element;
using decode::evtx::write::EventData;
using decode::evtx::write::EventRecord;
using decode::evtx::write::Provider;
using decode::evtx::write::Sid;
using decode::evtx::write::Text;
using decode::evtx::write::UserData;
using decode::evtx::write::Value;

struct Field {
  std::string name;
  std::string_view type;
};

std::vector<Field> parse_fields(std::string_view text) {
  std::vector<Field> fields;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t colon = std::min(word.find(':'), word.size());
    Field field{std::string(word.substr(0, colon)), word.substr(std::min(colon + 1, word.size()))};
    for (char& letter : field.name) {
      if (letter == '+') letter = ' ';
    }
    fields.push_back(std::move(field));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return fields;
}

std::uint64_t to_number(std::string_view text) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hex ? 16 : 10);
  LW_ASSERT(error == std::errc{} && end == text.data() + text.size());
  return number;
}

/// Service state changes carry the service's short name and state number, NUL-terminated, as bytes.
Value to_binary(std::string_view text) {
  std::vector<std::byte> bytes;
  decode::evtx::write::append_units(bytes, decode::evtx::write::to_utf16(text));
  decode::evtx::write::append_number(bytes, 0, 2);
  return Value::binary(bytes);
}

Value to_value(std::string_view type, const std::string& text) {
  if (type.empty()) return Value::text(text);
  if (type == "u8") return Value::uint8(static_cast<std::uint8_t>(to_number(text)));
  if (type == "u16") return Value::uint16(static_cast<std::uint16_t>(to_number(text)));
  if (type == "u32") return Value::uint32(static_cast<std::uint32_t>(to_number(text)));
  if (type == "u64") return Value::uint64(to_number(text));
  if (type == "hex32") return Value::hex32(static_cast<std::uint32_t>(to_number(text)));
  if (type == "hex64") return Value::hex64(to_number(text));
  if (type == "bool") return Value::boolean(text == "true" ? 1 : 0);
  if (type == "binary") return to_binary(text);
  if (type == "sid") {
    const auto sid = Sid::parse(text);
    LW_ASSERT(sid.has_value());
    return Value::sid(*sid);
  }
  LW_ASSERT(type == "guid");
  const auto guid = Guid::parse(text);
  LW_ASSERT(guid.has_value());
  return Value::guid(*guid);
}

Provider to_provider(const ProviderInfo& info) {
  Provider provider;
  provider.name = info.name;
  if (info.guid != nullptr) provider.guid = Guid::parse(info.guid);
  if (info.event_source != nullptr) provider.event_source_name = info.event_source;
  provider.literal = info.literal;
  provider.kernel = info.kernel;
  return provider;
}

EventData named_data(const LogRecord& record) {
  EventData data;
  data.name = record.kind->root;
  const std::vector<Field> fields = parse_fields(record.kind->fields);
  LW_ASSERT(fields.size() == record.values.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    Value value = to_value(fields[i].type, record.values[i]);
    if (fields[i].type == "binary") {
      data.binary = value.bytes;
    } else {
      data.fields.emplace_back(fields[i].name, std::move(value));
    }
  }
  return data;
}

UserData user_data(const LogRecord& record) {
  Element root{record.kind->root, {Attribute{"xmlns", {Text{record.kind->xmlns}}}}, {}};
  const std::vector<Field> fields = parse_fields(record.kind->fields);
  LW_ASSERT(fields.size() == record.values.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    root.children.push_back(Element{fields[i].name, {}, {to_value(fields[i].type, record.values[i])}});
  }
  return UserData{std::move(root)};
}

/// As the EVTX reader renders a value of this type.
std::string rendered(std::string_view type, const std::string& text) {
  if (type.starts_with("hex")) return fmt::format("0x{:x}", to_number(text));
  if (type.starts_with('u')) return std::to_string(to_number(text));
  if (type != "guid") return text;
  std::string lower = text.starts_with('{') ? text : '{' + text + '}';
  for (char& c : lower) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string hexadecimal(const std::vector<std::byte>& bytes) {
  std::string out;
  for (const std::byte byte : bytes) out += fmt::format("{:02X}", static_cast<unsigned>(byte));
  return out;
}

}  // namespace

void empty_field(LogRecord& record, std::string_view name) {
  const std::vector<Field> fields = parse_fields(record.kind->fields);
  for (std::size_t i = 0; i < std::min(fields.size(), record.values.size()); ++i) {
    if (fields[i].name == name) record.values[i].clear();
  }
}

EventRecord to_event(const LogRecord& record, const std::string& computer) {
  const EventKind& kind = *record.kind;
  EventRecord event;
  event.provider = to_provider(kind.provider);
  event.event_id = kind.id;
  if (kind.qualifiers >= 0) event.qualifiers = static_cast<std::uint16_t>(kind.qualifiers);
  event.version = kind.version;
  event.level = kind.level;
  event.task = kind.task;
  event.opcode = kind.opcode;
  event.keywords = kind.keywords;
  event.time = record.time;
  event.process_id = record.process_id;
  event.thread_id = record.thread_id;
  event.channel = kind.channel;
  event.computer = computer;
  if (kind.user != nullptr) {
    event.user =
        Sid::parse(std::string_view(kind.user) == "caller" ? std::string_view(record.user_sid) : kind.user);
  }
  event.activity_id = record.activity_id;
  if (kind.layout == Layout::named) event.data = named_data(record);
  if (kind.layout == Layout::user_data) event.data = user_data(record);
  if (kind.layout == Layout::classic) event.data = ClassicData{record.values, {}};
  return event;
}

PlainEvent to_plain(const LogRecord& record, const std::string& computer, std::uint64_t record_id) {
  const EventKind& kind = *record.kind;
  PlainEvent event;
  event.kind = &kind;
  event.time = to_rfc3339(record.time);
  event.moment = record.time;
  event.computer = computer;
  event.record_id = record_id;
  event.process_id = record.process_id;
  event.thread_id = record.thread_id;
  if (record.activity_id) event.activity_id = record.activity_id->to_string();
  if (kind.user != nullptr)
    event.user = std::string_view(kind.user) == "caller" ? record.user_sid : kind.user;
  if (kind.layout == Layout::classic) {
    for (const std::string& text : record.values) event.data.push_back({"", text});
    return event;
  }
  const std::vector<Field> fields = parse_fields(kind.fields);
  LW_ASSERT(fields.size() == record.values.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string_view type = fields[i].type;
    if (type == "binary") {
      event.binary = hexadecimal(to_binary(record.values[i]).bytes);
      continue;
    }
    event.data.push_back({.name = fields[i].name,
                          .text = rendered(type, record.values[i]),
                          .number = type.starts_with('u'),
                          .boolean = type == "bool"});
  }
  return event;
}

const std::string& PlainEvent::value(std::string_view name) const {
  static const std::string nothing;
  const auto at =
      std::find_if(data.begin(), data.end(), [&](const PlainValue& value) { return value.name == name; });
  return at == data.end() ? nothing : at->text;
}

}  // namespace landwarden::range
