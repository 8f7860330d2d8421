#include "sigma/lint_tables.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/content.h"
#include "base/text.h"
#include "base/yaml.h"

namespace landwarden::sigma {
namespace {

using yaml::Node;

constexpr std::string_view kTechniques = "attack/techniques.yaml";
constexpr std::string_view kFields = "fields/windows.yaml";
constexpr std::uint32_t kHighestNumber = 99'999;

Result<Node> only_document(std::string_view yaml, const std::string& file) {
  auto documents = yaml::parse(yaml, file);
  if (!documents) return std::unexpected(documents.error());
  if (documents->size() != 1 || documents->front().kind != Node::Kind::map)
    return fail(ErrorCode::invalid, "one map is wanted here", {file, 0, 0, {}});
  return std::move(documents->front());
}

/// "1-3, 7" as numbers, each to `visit`; false if it is something else.
bool each_number(std::string_view text, const auto& visit) {
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    while (item.starts_with(' ')) item.remove_prefix(1);
    std::uint32_t from = 0;
    const char* end = item.data() + item.size();
    auto [stop, error] = std::from_chars(item.data(), end, from);
    std::uint32_t to = from;
    if (error == std::errc() && stop != end && *stop == '-') {
      const auto second = std::from_chars(stop + 1, end, to);
      stop = second.ptr;
      error = second.ec;
    }
    if (error != std::errc() || stop != end || to < from || to > kHighestNumber) return false;
    for (std::uint32_t n = from; n <= to; ++n) visit(n);
  }
  return true;
}

Result<const Node*> wanted(const Node& map, std::string_view key, Node::Kind kind, const std::string& file) {
  const Node* found = map.find(key);
  if (found == nullptr || found->kind != kind)
    return fail(ErrorCode::invalid, "'" + std::string(key) + "' is missing or not of its form",
                map.place(file));
  return found;
}

}  // namespace

Result<Techniques> Techniques::parse(std::string_view yaml, const std::string& file) {
  const auto document = only_document(yaml, file);
  if (!document) return std::unexpected(document.error());
  const auto tops = wanted(*document, "techniques", Node::Kind::list, file);
  const auto subs = wanted(*document, "subtechniques", Node::Kind::map, file);
  const auto gone = wanted(*document, "withdrawn", Node::Kind::list, file);
  const auto later = wanted(*document, "not_judged", Node::Kind::list, file);
  for (const auto* part : {&tops, &subs, &gone, &later}) {
    if (!*part) return std::unexpected(part->error());
  }
  Techniques out;
  for (const Node& item : (*tops)->items) {
    if (!each_number(item.text, [&](std::uint32_t n) { out.known_.insert(fmt::format("T{:04}", n)); }))
      return fail(ErrorCode::invalid, "numbers of techniques are wanted here", item.place(file));
  }
  for (const auto& [key, value] : (*subs)->entries) {
    const auto add = [&](std::uint32_t n) { out.known_.insert(fmt::format("{}.{:03}", key.text, n)); };
    if (!each_number(value.text, add))
      return fail(ErrorCode::invalid, "numbers of sub-techniques are wanted here", value.place(file));
  }
  for (const Node& item : (*gone)->items) out.withdrawn_.insert(item.text);
  if ((*later)->items.size() == 2) {
    out.not_judged_from_ = static_cast<std::uint32_t>((*later)->items[0].integer);
    out.not_judged_to_ = static_cast<std::uint32_t>((*later)->items[1].integer);
  }
  return out;
}

TechniqueState Techniques::state(std::string_view id) const {
  if (known_.contains(id)) return TechniqueState::known;
  if (withdrawn_.contains(id)) return TechniqueState::withdrawn;
  std::uint32_t number = 0;
  if (id.size() > 1) (void)std::from_chars(id.data() + 1, id.data() + id.size(), number);
  const bool later = number >= not_judged_from_ && number <= not_judged_to_;
  return later ? TechniqueState::not_judged : TechniqueState::unknown;
}

Result<FieldTable> FieldTable::parse(std::string_view yaml, const std::string& file) {
  const auto document = only_document(yaml, file);
  if (!document) return std::unexpected(document.error());
  const auto always = wanted(*document, "always", Node::Kind::list, file);
  if (!always) return std::unexpected(always.error());
  const auto records = wanted(*document, "records", Node::Kind::list, file);
  if (!records) return std::unexpected(records.error());
  FieldTable out;
  for (const Node& name : (*always)->items) out.always_.insert(name.text);
  if (const Node* whole = document->find("whole")) {
    for (const Node& channel : whole->items) out.whole_.insert(text::folded(channel.text));
  }
  for (const Node& entry : (*records)->items) {
    const auto channel = wanted(entry, "channel", Node::Kind::text, file);
    const auto complete = wanted(entry, "complete", Node::Kind::boolean, file);
    const auto fields = wanted(entry, "fields", Node::Kind::list, file);
    if (!channel) return std::unexpected(channel.error());
    if (!complete) return std::unexpected(complete.error());
    if (!fields) return std::unexpected(fields.error());
    Records made{.channel = text::folded((*channel)->text),
                 .event_ids = {},
                 .complete = (*complete)->flag,
                 .fields = {}};
    if (const Node* ids = entry.find("event_id")) {
      for (const Node& id : ids->items) made.event_ids.push_back(static_cast<std::uint32_t>(id.integer));
    }
    for (const Node& name : (*fields)->items) made.fields.push_back(name.text);
    out.records_.push_back(std::move(made));
  }
  return out;
}

void FieldTable::add(const view::Source& source, FieldNames& out, bool& all_complete) const {
  std::set<std::uint32_t> covered;
  for (const Records& entry : records_) {
    if (std::ranges::find(source.channels, entry.channel) == source.channels.end()) continue;
    const auto meant = [&](std::uint32_t id) {
      return source.event_ids.empty() || std::ranges::find(source.event_ids, id) != source.event_ids.end();
    };
    if (!entry.event_ids.empty() && std::ranges::none_of(entry.event_ids, meant)) continue;
    out.names.insert(entry.fields.begin(), entry.fields.end());
    if (entry.complete) covered.insert(entry.event_ids.begin(), entry.event_ids.end());
  }
  const auto is_covered = [&](std::uint32_t id) { return covered.contains(id); };
  const bool ids_known = !source.event_ids.empty() && std::ranges::all_of(source.event_ids, is_covered);
  const auto is_whole = [&](const std::string& channel) { return whole_.contains(channel); };
  const bool channels_known =
      source.event_ids.empty() && !source.channels.empty() && std::ranges::all_of(source.channels, is_whole);
  all_complete = all_complete && (ids_known || channels_known);
  if (source.view == nullptr) return;
  for (const auto& [name, field] : source.view->fields) out.names.insert(name);
}

FieldNames FieldTable::of(const view::Resolution& resolution) const {
  FieldNames out;
  bool all_complete = !resolution.sources.empty();
  for (const view::Source& source : resolution.sources) add(source, out, all_complete);
  out.complete = all_complete && !out.names.empty();
  return out;
}

Result<LintTables> LintTables::built_in() {
  const auto techniques = content::find(kTechniques), fields = content::find(kFields);
  if (!techniques || !fields)
    return fail(ErrorCode::invalid, "the tables of techniques and fields are not built in");
  auto read_techniques = Techniques::parse(*techniques, std::string(kTechniques));
  if (!read_techniques) return std::unexpected(read_techniques.error());
  auto read_fields = FieldTable::parse(*fields, std::string(kFields));
  if (!read_fields) return std::unexpected(read_fields.error());
  return LintTables{std::move(*read_techniques), std::move(*read_fields)};
}

}  // namespace landwarden::sigma
