#include "engine/match_record.h"

#include <cstring>
#include <vector>

namespace landwarden::engine {
namespace {

/// Begins every record; then host, channel, provider, why, and the fields. A correlation's events are not
/// kept: correlations come after the order is made.
struct Head {
  std::int64_t time;
  std::uint64_t record_id;
  std::uint64_t offset;
  std::uint32_t source;
  std::uint32_t rule;
  std::uint32_t event_id;
  std::uint16_t has_event_id;
  std::uint8_t carved, only_fuller;
  std::uint32_t host_size, channel_size, provider_size, why_size;
  std::uint32_t matched_count, event_count, carried_count;
  std::uint32_t parts;  ///< with it the size is a multiple of eight, with no byte undefined
};
static_assert(std::has_unique_object_representations_v<Head>);

Head head_of(std::string_view bytes) {
  Head head;
  std::memcpy(&head, bytes.data(), sizeof(head));
  return head;
}

std::uint32_t size32(std::size_t size) {
  return static_cast<std::uint32_t>(size);
}

void append_number(std::string& out, std::uint32_t value) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  out.append(bytes, sizeof(bytes));
}

void append_fields(std::string& out, const std::vector<sigma::FieldValues>& fields) {
  for (const sigma::FieldValues& field : fields) {
    append_number(out, size32(field.field.size()));
    append_number(out, size32(field.values.size()));
    out += field.field;
    for (const std::string& value : field.values) {
      append_number(out, size32(value.size()));
      out += value;
    }
  }
}

/// Takes pieces off the front of bytes that may be damaged.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool text(std::size_t size, std::string& out) {
    if (size > rest_.size()) return false;
    out.assign(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return true;
  }
  /// Mostly what `out` is already, from the record before.
  [[nodiscard]] bool text(std::size_t size, SharedText& out) {
    if (size > rest_.size()) return false;
    if (out.str() != rest_.substr(0, size)) out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  [[nodiscard]] bool number(std::uint32_t& out) {
    if (rest_.size() < sizeof(out)) return false;
    std::memcpy(&out, rest_.data(), sizeof(out));
    rest_.remove_prefix(sizeof(out));
    return true;
  }
  /// Whether `count` pieces of at least `least` bytes can still follow.
  [[nodiscard]] bool can_hold(std::uint64_t count, std::size_t least) const {
    return count * least <= rest_.size();
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool read_fields(Cursor& cursor, std::uint32_t count, std::vector<sigma::FieldValues>& fields) {
  if (!cursor.can_hold(count, 2 * sizeof(std::uint32_t))) return false;
  fields.resize(count);
  for (sigma::FieldValues& field : fields) {
    std::uint32_t name_size = 0, values = 0;
    if (!cursor.number(name_size) || !cursor.number(values) || !cursor.text(name_size, field.field))
      return false;
    if (!cursor.can_hold(values, sizeof(std::uint32_t))) return false;
    field.values.resize(values);
    for (std::string& value : field.values) {
      std::uint32_t size = 0;
      if (!cursor.number(size) || !cursor.text(size, value)) return false;
    }
  }
  return true;
}

template <class T>
int order(const T& left, const T& right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

}  // namespace

void append_record(std::string& out, const sigma::Match& match) {
  const Head head{.time = match.time.ticks,
                  .record_id = match.record_id,
                  .offset = match.offset,
                  .source = match.source.value,
                  .rule = match.rule,
                  .event_id = match.event_id,
                  .has_event_id = match.has_event_id,
                  .carved = match.carved,
                  .only_fuller = match.only_fuller,
                  .host_size = size32(match.host.size()),
                  .channel_size = size32(match.channel.size()),
                  .provider_size = size32(match.provider.size()),
                  .why_size = size32(match.why.size()),
                  .matched_count = size32(match.matched.size()),
                  .event_count = size32(match.event.size()),
                  .carried_count = size32(match.carried.size()),
                  .parts = match.parts};
  char bytes[sizeof(head)];
  std::memcpy(bytes, &head, sizeof(head));
  out.append(bytes, sizeof(bytes));
  out += match.host;
  out += match.channel;
  out += match.provider;
  out += match.why;
  append_fields(out, match.matched);
  append_fields(out, match.event);
  append_fields(out, match.carried);
}

bool is_record(std::string_view bytes) {
  if (bytes.size() < sizeof(Head)) return false;
  const Head head = head_of(bytes);
  const std::uint64_t texts =
      std::uint64_t{head.host_size} + head.channel_size + head.provider_size + head.why_size;
  return texts <= bytes.size() - sizeof(Head);
}

bool read_record(std::string_view bytes, sigma::Match& match) {
  if (!is_record(bytes)) return false;
  const Head head = head_of(bytes);
  match.time = Time{head.time};
  match.record_id = head.record_id;
  match.offset = head.offset;
  match.source = event::SourceId{head.source};
  match.rule = head.rule;
  match.event_id = head.event_id;
  match.has_event_id = head.has_event_id != 0;
  match.carved = head.carved != 0;
  match.only_fuller = head.only_fuller != 0;
  match.parts = head.parts;
  Cursor cursor(bytes.substr(sizeof(Head)));
  return cursor.text(head.host_size, match.host) && cursor.text(head.channel_size, match.channel) &&
         cursor.text(head.provider_size, match.provider) && cursor.text(head.why_size, match.why) &&
         read_fields(cursor, head.matched_count, match.matched) &&
         read_fields(cursor, head.event_count, match.event) &&
         read_fields(cursor, head.carried_count, match.carried) && cursor.at_end();
}

Time record_time(std::string_view bytes) {
  Time time;
  std::memcpy(&time.ticks, bytes.data() + offsetof(Head, time), sizeof(time.ticks));
  return time;
}

int compare_records(std::string_view left, std::string_view right, const SourceName& name) {
  const Head a = head_of(left), b = head_of(right);
  if (const int by = order(a.time, b.time)) return by;
  if (const int by = left.substr(sizeof(Head), a.host_size).compare(right.substr(sizeof(Head), b.host_size)))
    return by;
  const std::string_view channel_a = left.substr(sizeof(Head) + a.host_size, a.channel_size);
  const std::string_view channel_b = right.substr(sizeof(Head) + b.host_size, b.channel_size);
  if (const int by = channel_a.compare(channel_b)) return by;
  if (const int by = order(a.record_id, b.record_id)) return by;
  if (a.source != b.source) {
    const int by = name(event::SourceId{a.source}).compare(name(event::SourceId{b.source}));
    if (by != 0) return by;
  }
  if (const int by = order(a.offset, b.offset)) return by;
  if (const int by = order(a.rule, b.rule)) return by;
  return order(a.source, b.source);
}

int compare_in_source(std::string_view left, std::string_view right) {
  const Head a = head_of(left), b = head_of(right);
  if (const int by = order(a.offset, b.offset)) return by;
  return order(a.rule, b.rule);
}

}  // namespace landwarden::engine
