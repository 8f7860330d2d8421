#include "engine/survey_result.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "base/limits.h"
#include "engine/survey_telling.h"

namespace landwarden::engine {
namespace {

/// Turns numbers of shapes into names, and says what they are about and which of them any rule looks at.
class ShapeNames {
 public:
  ShapeNames(const sigma::RuleSet& rules, const event::Catalogue& catalogue,
             const triage::EventTitles& titles)
      : matcher_(rules), catalogue_(catalogue), titles_(titles) {}

  [[nodiscard]] std::vector<triage::EventCount> events(const std::map<std::uint32_t, std::uint64_t>& shapes) {
    std::map<std::tuple<std::string, std::string, bool, std::uint32_t, std::string>, triage::EventCount>
        counts;
    for (const auto& [id, records] : shapes) {
      const event::Shape& shape = catalogue_.shape(event::ShapeId{id});
      triage::EventCount& count = counts[{shape.channel, shape.provider, shape.event_id.has_value(),
                                          shape.event_id.value_or(0), shape.product}];
      count.product = shape.product;
      count.channel = shape.channel;
      count.provider = shape.provider;
      count.event_id = shape.event_id.value_or(0);
      count.has_event_id = shape.event_id.has_value();
      if (shape.event_id) count.title = titles_.title(shape.provider, *shape.event_id);
      count.records += records;
      count.ruled = count.ruled || ruled(id);
    }
    std::vector<triage::EventCount> out;
    for (auto& [key, count] : counts) out.push_back(std::move(count));
    return out;
  }
  [[nodiscard]] bool ruled(std::uint32_t shape) {
    const auto [at, fresh] = ruled_.try_emplace(shape);
    if (fresh) at->second = !matcher_.wanted(event::ShapeId{shape}).drop;
    return at->second;
  }

 private:
  sigma::Matcher matcher_;
  const event::Catalogue& catalogue_;
  const triage::EventTitles& titles_;
  std::map<std::uint32_t, bool> ruled_;
};

std::vector<triage::SharedRecords> shared_records(const std::vector<SourceFold*>& folds,
                                                  std::uint64_t& left_out) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> all;
  for (std::uint32_t i = 0; i < folds.size(); ++i) {
    for (const std::uint64_t hash : folds[i]->sample().hashes()) all.emplace_back(hash, i);
  }
  std::ranges::sort(all);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    while (end < all.size() && all[end].first == all[begin].first) ++end;
    const std::size_t most = std::min(end, begin + limits::kSurveySourcesOfRecord);
    for (std::size_t a = begin; a < most; ++a) {
      for (std::size_t b = a + 1; b < most; ++b) pairs.emplace_back(all[a].second, all[b].second);
    }
  }
  std::ranges::sort(pairs);
  std::vector<triage::SharedRecords> out;
  for (std::size_t begin = 0, end = 0; begin < pairs.size(); begin = end) {
    while (end < pairs.size() && pairs[end] == pairs[begin]) ++end;
    if (out.size() == limits::kSurveyPairs) {
      ++left_out;
      continue;
    }
    SourceFold &first = *folds[pairs[begin].first], &second = *folds[pairs[begin].second];
    const unsigned level = std::max(first.sample().level(), second.sample().level());
    const std::uint64_t common = end - begin;
    out.push_back({.first = first.name(),
                   .second = second.name(),
                   .records = common << std::min(level, 40U),
                   .exact = level == 0,
                   .whole_first = common == first.sample().below(level),
                   .whole_second = common == second.sample().below(level)});
  }
  return out;
}

std::vector<triage::LogonCount> logon_counts(HostCounts& counts, std::uint64_t& left_out) {
  std::vector<triage::LogonCount> out;
  for (const auto& [key, count] : counts.take(left_out)) {
    out.push_back(logon_of(key));
    out.back().count = count;
  }
  std::ranges::stable_sort(out, std::greater{}, &triage::LogonCount::count);
  return out;
}

std::vector<triage::HostSurvey> hosts_of(const std::vector<triage::SourceSurvey>& sources) {
  std::map<std::string, triage::HostSurvey> hosts;
  for (const triage::SourceSurvey& source : sources) {
    std::set<std::string_view> here;
    for (const triage::LogSurvey& log : source.logs) {
      triage::HostSurvey& host = hosts[log.host];
      host.host = log.host;
      host.records += log.records;
      host.facts.add(log.facts);
      ++host.logs;
      if (here.insert(log.host).second) ++host.sources;
      if (log.first.known() && (!host.first.known() || log.first < host.first)) host.first = log.first;
      if (log.last.known() && (!host.last.known() || log.last > host.last)) host.last = log.last;
    }
  }
  std::vector<triage::HostSurvey> out;
  for (auto& [name, host] : hosts) out.push_back(std::move(host));
  std::ranges::stable_sort(out, std::greater{}, &triage::HostSurvey::records);
  return out;
}

std::vector<event::Shape> shapes_seen(const std::map<std::uint32_t, std::uint64_t>& shapes,
                                      const event::Catalogue& catalogue) {
  std::vector<event::Shape> out;
  for (const auto& [id, records] : shapes) out.push_back(catalogue.shape(event::ShapeId{id}));
  return out;
}

/// Shapes that differ in the version of the record only are one kind of record.
std::vector<triage::Arrival> arrivals_of(const std::vector<SourceFold*>& folds,
                                         const event::Catalogue& catalogue) {
  SourceFold::Arrivals by_shape;
  for (SourceFold* fold : folds) fold->take_arrivals(by_shape);
  using Key = std::tuple<std::string, std::string, std::string, bool, std::uint32_t, std::string>;
  std::map<Key, ArrivalSketch> merged;
  for (const auto& [key, arrival] : by_shape) {
    const event::Shape& shape = catalogue.shape(event::ShapeId{key.second});
    merged[{key.first, shape.channel, shape.provider, shape.event_id.has_value(), shape.event_id.value_or(0),
            shape.product}]
        .add(arrival);
  }
  std::vector<triage::Arrival> out;
  for (auto& [key, arrival] : merged) {
    const auto& [host, channel, provider, has_event_id, event_id, product] = key;
    out.push_back({.host = host,
                   .product = product,
                   .channel = channel,
                   .provider = provider,
                   .event_id = event_id,
                   .has_event_id = has_event_id,
                   .records = arrival.records,
                   .without_time = arrival.without_time,
                   .without_number = arrival.without_number,
                   .whole_seconds = arrival.whole_seconds,
                   .filled = std::move(arrival.filled),
                   .days = std::move(arrival.days)});
  }
  return out;
}

}  // namespace

triage::Survey survey_of(SurveyParts&& from, SurveyBook& book, const sigma::RuleSet& rules,
                         const view::LogSources& sources, const event::Catalogue& catalogue,
                         const triage::EventTitles& titles, bool strict) {
  triage::Survey survey;
  ShapeNames names(rules, catalogue, titles);
  const std::vector<SourceFold*> folds = book.finish();
  survey.arrivals = arrivals_of(folds, catalogue);
  survey.shared = shared_records(folds, survey.shared_left_out);
  survey.logons = logon_counts(book.logons(), survey.logons_left_out);
  std::map<std::uint32_t, std::uint64_t> shapes;
  auto next = folds.begin();
  for (event::Receipt& receipt : from.receipts) {
    triage::SourceSurvey source;
    // What was not reached has a receipt and nothing else.
    if (next != folds.end() && (*next)->name() == receipt.source) {
      source = (*next)->take(survey.cleared, survey.clock_sets);
      source.events = names.events((*next)->shapes());
      for (const auto& [shape, records] : (*next)->shapes()) shapes[shape] += records;
      survey.cleared_total += (*next)->cleared_total();
      survey.clock_sets_total += (*next)->clock_sets_total();
      ++next;
    }
    survey.bytes += receipt.bytes;
    source.receipt = std::move(receipt);
    survey.sources.push_back(std::move(source));
  }
  survey.events = names.events(shapes);
  std::ranges::stable_sort(survey.events, std::greater{}, &triage::EventCount::records);
  for (const auto& [shape, records] : shapes) {
    if (!names.ruled(shape)) survey.records_without_rules += records;
  }
  std::ranges::stable_sort(survey.cleared, {}, &triage::LogCleared::time);
  std::ranges::stable_sort(survey.clock_sets, {}, &triage::ClockSet::time);
  survey.hosts = hosts_of(survey.sources);
  survey.rules = triage::rule_evidence(rules.rules(), sources, shapes_seen(shapes, catalogue), strict);
  survey.rules_loaded = rules.rules().size();
  survey.records = from.records;
  survey.first = from.first;
  survey.last = from.last;
  survey.interrupted = from.interrupted;
  return survey;
}

}  // namespace landwarden::engine
