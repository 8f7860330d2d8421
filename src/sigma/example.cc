#include <algorithm>

#include "event/builder.h"
#include "sigma/compiled.h"
#include "sigma/correlator.h"

namespace landwarden::sigma {
namespace {

// Runs a matcher on whatever a builder gives it and keeps the matches.
class MatchingSink : public event::BatchSink {
 public:
  explicit MatchingSink(Matcher& matcher) : matcher_(matcher) {}
  event::Wanted wanted(event::ShapeId shape) override {
    event::Wanted wanted = matcher_.wanted(shape);
    wanted.drop = false;
    return wanted;
  }
  void consume(const event::EventBatch& batch) override { matcher_.match(batch, matches); }
  std::vector<Match> matches;

 private:
  Matcher& matcher_;
};

// Where an example does not say what kind of record it is, it is one of the first kind that the rule covers.
event::Shape shape_of(const RuleSet::Compiled& compiled, std::uint32_t rule, const Example& example) {
  event::Shape shape{.product = "windows",
                     .channel = example.channel,
                     .provider = example.provider,
                     .event_id = example.event_id};
  for (const SourceRules& source : compiled.sources) {
    if (std::find(source.rules.begin(), source.rules.end(), rule) == source.rules.end()) continue;
    shape.product = source.source.product;
    if (shape.channel.empty() && !source.source.channels.empty())
      shape.channel = source.source.channels.front();
    if (!shape.event_id && !source.source.event_ids.empty()) shape.event_id = source.source.event_ids.front();
    break;
  }
  return shape;
}

void put(event::ShapeWriter& writer, event::Catalogue& catalogue, const std::string& name,
         std::string_view value) {
  if (const auto field = catalogue.field(name)) {
    if (const auto column = writer.column(*field)) {
      writer.put(*column, writer.table(*column).intern(event::ValueType::text, value));
      return;
    }
  }
  writer.put_extra(name, event::ValueType::text, value);
}

/// The matches of all rules on the record that an example describes, as one of the kind that `kind` covers.
std::vector<Match> matches_of(const RuleSet& rules, event::Catalogue& catalogue, std::uint32_t kind,
                              const Example& example) {
  Matcher matcher(rules);
  MatchingSink sink(matcher);
  event::BatchBuilder builder(catalogue, sink);
  const event::Shape shape = shape_of(rules.compiled(), kind, example);
  const auto id = catalogue.shape(shape);
  if (!id) return {};
  builder.begin_unit({});
  event::ShapeWriter& writer = builder.open(*id);
  writer.begin_row({});
  put(writer, catalogue, "System.Channel", shape.channel);
  put(writer, catalogue, "System.Provider_Name", shape.provider);
  if (shape.event_id) put(writer, catalogue, "System.EventID", std::to_string(*shape.event_id));
  for (const auto& [name, values] : example.fields) {
    for (const std::string& value : values) put(writer, catalogue, name, value);
  }
  writer.end_row();
  builder.end_unit();
  return std::move(sink.matches);
}

/// The first detection behind a correlation.
std::uint32_t first_detection(const RuleSet::Compiled& compiled, std::uint32_t rule) {
  while (compiled.rules[rule].kind == RuleKind::correlation) {
    rule = std::ranges::find(compiled.correlations, rule, &CorrelationPlan::rule)->members.front().rule;
  }
  return rule;
}

/// Whose log source a record of a correlation's example is of.
std::uint32_t kind_of(const RuleSet::Compiled& compiled, std::uint32_t correlation, const Example& event) {
  for (std::uint32_t i = 0; i < compiled.rules.size() && !event.rule.empty(); ++i) {
    const Rule& rule = compiled.rules[i];
    if (rule.kind == RuleKind::detection && (rule.id == event.rule || rule.name == event.rule)) return i;
  }
  return first_detection(compiled, correlation);
}

bool correlation_matches(const RuleSet& rules, event::Catalogue& catalogue, std::uint32_t rule,
                         const Example& example) {
  std::vector<Match> all;
  std::uint64_t number = 0;
  const std::vector<Example> alone = {example};
  for (const Example& event : example.events.empty() ? alone : example.events) {
    auto found = matches_of(rules, catalogue, kind_of(rules.compiled(), rule, event), event);
    for (std::uint32_t i = 0; i < event.repeat; ++i, ++number) {
      for (Match match : found) {
        match.time = {from_unix(0).ticks + event.at_ticks + event.every_ticks * i};
        match.offset = match.record_id = number;
        all.push_back(std::move(match));
      }
    }
  }
  std::ranges::stable_sort(all, {},
                           [](const Match& match) { return std::pair(match.time, match.record_id); });
  Correlator correlator(rules);
  std::vector<Match> found;
  for (const Match& match : all) correlator.add(match, "test", found);
  correlator.finish(found);
  return std::ranges::any_of(found, [&](const Match& match) { return match.rule == rule; });
}

}  // namespace

bool matches_example(const RuleSet& rules, event::Catalogue& catalogue, std::uint32_t rule,
                     const Example& example) {
  if (rules.rules()[rule].kind == RuleKind::correlation)
    return correlation_matches(rules, catalogue, rule, example);
  const auto matches = matches_of(rules, catalogue, rule, example);
  return std::ranges::any_of(matches, [&](const Match& match) { return match.rule == rule; });
}

}  // namespace landwarden::sigma
