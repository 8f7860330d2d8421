#include "triage/rule_evidence.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/content.h"
#include "base/text.h"

namespace landwarden::triage {
namespace {

struct Answer {
  bool seen = false;
  std::string needs;
};

/// Log sources keep channels folded; the table that they came from has them as Windows writes them.
std::string as_spelled(const std::string& channel) {
  const std::string_view table = content::find("logsources/windows.yaml").value_or("");
  const auto same = [](char left, char right) { return text::ascii_lower(left) == text::ascii_lower(right); };
  auto from = table.begin();
  while (true) {
    const auto at = std::search(from, table.end(), channel.begin(), channel.end(), same);
    if (at == table.end()) return channel;
    const std::string found(at, at + static_cast<std::ptrdiff_t>(channel.size()));
    if (found != channel) return found;
    from = at + 1;
  }
}

/// What a person would have to collect: the source that the taxonomy names first; outside Windows, whose
/// channels people know by name, the log source itself.
std::string needed(const view::Resolution& resolution, const sigma::LogSource& logsource) {
  const view::Source* best = nullptr;
  for (const view::Source& source : resolution.sources) {
    if (best == nullptr || (best->alternative && !source.alternative)) best = &source;
  }
  if (best == nullptr || best->channels.empty() || best->product != "windows") {
    std::string name = logsource.product;
    for (const std::string& part : {logsource.category, logsource.service}) {
      if (!part.empty()) name += (name.empty() ? "" : "/") + part;
    }
    return name.empty() ? "any record" : name;
  }
  return as_spelled(best->channels.front());
}

Answer ask(const sigma::LogSource& logsource, const view::LogSources& sources,
           const std::vector<event::Shape>& seen, bool strict) {
  view::Resolution resolution = sources.resolve(logsource.category, logsource.product, logsource.service);
  if (strict) std::erase_if(resolution.sources, [](const view::Source& source) { return !source.strict; });
  for (const view::Source& source : resolution.sources) {
    if (std::ranges::any_of(seen, [&](const event::Shape& shape) { return source.covers(shape); }))
      return {true, {}};
  }
  return {false, needed(resolution, logsource)};
}

}  // namespace

RuleEvidence rule_evidence(const sigma::RuleTable& rules, const view::LogSources& sources,
                           const std::vector<event::Shape>& seen, bool strict) {
  std::map<std::tuple<std::string, std::string, std::string>, Answer> answers;
  std::map<std::string, std::uint64_t> missing;
  RuleEvidence out;
  for (const sigma::Rule& rule : rules) {
    if (rule.kind == sigma::RuleKind::correlation) {  // it sees what the rules see that it refers to
      ++out.rules_with_records;
      continue;
    }
    const sigma::LogSource& logsource = rule.logsource;
    auto [at, fresh] = answers.try_emplace({logsource.category, logsource.product, logsource.service});
    if (fresh) at->second = ask(logsource, sources, seen, strict);
    if (at->second.seen) {
      ++out.rules_with_records;
    } else {
      ++out.rules_without;
      ++missing[at->second.needs];
    }
  }
  for (const auto& [needs, count] : missing) out.missing.push_back({needs, count});
  std::ranges::stable_sort(out.missing, std::greater{}, &MissingEvidence::rules);
  return out;
}

}  // namespace landwarden::triage
