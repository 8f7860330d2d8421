#include "range/silence.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace landwarden::range {
namespace {

Result<std::vector<std::uint16_t>> parse_ids(std::string_view text, std::string_view whole) {
  std::vector<std::uint16_t> out;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    std::uint16_t id = 0;
    const auto [end, error] = std::from_chars(one.data(), one.data() + one.size(), id);
    if (error != std::errc() || end != one.data() + one.size())
      return fail(ErrorCode::invalid, "no event id: '" + std::string(one) + "' in " + std::string(whole), {},
                  "[HOST=]CHANNEL[:ID,ID[.FIELD]], such as Security:4688.CommandLine");
    out.push_back(id);
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return out;
}

}  // namespace

bool Silence::covers(const Host& on, const LogRecord& record) const {
  return (host.empty() || text::equal_folded(host, on.name)) &&
         text::equal_folded(channel, record.kind->channel) &&
         (event_ids.empty() || std::ranges::find(event_ids, record.kind->id) != event_ids.end());
}

Result<Silence> parse_silence(std::string_view text) {
  Silence out;
  std::string_view rest = text;
  if (const auto at = rest.find('='); at != std::string_view::npos) {
    out.host = rest.substr(0, at);
    rest.remove_prefix(at + 1);
  }
  const auto colon = rest.find(':');
  out.channel = rest.substr(0, colon);
  if (out.channel.empty())
    return fail(ErrorCode::invalid, "no channel in '" + std::string(text) + "'", {},
                "[HOST=]CHANNEL[:ID,ID[.FIELD]], such as Security:4688.CommandLine");
  if (colon == std::string_view::npos) return out;
  rest.remove_prefix(colon + 1);
  const auto dot = rest.find('.');
  auto ids = parse_ids(rest.substr(0, dot), text);
  if (!ids) return std::unexpected(ids.error());
  out.event_ids = std::move(*ids);
  if (dot != std::string_view::npos) out.field = rest.substr(dot + 1);
  return out;
}

bool is_written(const std::vector<Silence>& silences, const Host& host, LogRecord& record) {
  for (const Silence& silence : silences) {
    if (!silence.covers(host, record)) continue;
    if (silence.field.empty()) return false;
    empty_field(record, silence.field);
  }
  return true;
}

}  // namespace landwarden::range
