#include <algorithm>

#include "event/builder.h"
#include "sigma/compiled.h"

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

}  // namespace

bool matches_example(const RuleSet& rules, event::Catalogue& catalogue, std::uint32_t rule,
                     const Example& example) {
  Matcher matcher(rules);
  MatchingSink sink(matcher);
  event::BatchBuilder builder(catalogue, sink);
  const event::Shape shape = shape_of(rules.compiled(), rule, example);
  const auto id = catalogue.shape(shape);
  if (!id) return false;
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
  return std::ranges::any_of(sink.matches, [&](const Match& match) { return match.rule == rule; });
}

}  // namespace landwarden::sigma
