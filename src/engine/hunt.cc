#include "engine/hunt.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <new>
#include <span>
#include <tuple>
#include <utility>

#include "decode/decoder.h"
#include "decode/input.h"
#include "engine/assemble.h"
#include "engine/beside_rules.h"
#include "engine/correlation_stage.h"
#include "engine/other_files.h"
#include "engine/pipeline.h"
#include "engine/receipt_book.h"
#include "engine/record_filter.h"
#include "engine/unit_survey.h"
#include "event/builder.h"
#include "intel/limits.h"

namespace landwarden::engine {
namespace {

std::uint32_t rules_of(const sigma::RuleSet& rules) {
  return static_cast<std::uint32_t>(rules.rules().size());
}

/// Told to correlations only: none to the user.
bool is_muted(const sigma::Match& match, const sigma::RuleTable& rules) {
  return match.rule < rules.size() && rules[match.rule].muted;
}

/// Decodes units and runs the rules over what comes out.
class HuntStage final : public UnitStage, private event::BatchSink {
 public:
  HuntStage(const sigma::RuleSet& rules, event::Catalogue& catalogue, const RecordFilter& filter,
            const HuntOptions& options, Tally& tally, EmitMatches emit)
      : rules_(rules.rules()),
        filter_(filter),
        tally_(tally),
        emit_(std::move(emit)),
        matcher_(rules),
        builder_(catalogue, *this),
        decoder_(builder_, options.decoding),
        cut_texts_(options.cut_texts, catalogue),
        beside_(options.beside, catalogue, rules_of(rules)),
        keywords_(decode::RawTexts::make(rules.keyword_texts())) {
    if (keywords_) decoder_.keywords(&*keywords_);
    if (options.survey != nullptr) survey_.emplace(catalogue, *options.survey, options.watches);
  }

  void run(const decode::WorkUnit& unit, event::Receipt& receipt) override {
    if (!survey_) return decoder_.decode(unit, receipt);
    survey_->run(unit, [&] { decoder_.decode(unit, receipt); });
  }
  std::vector<CutPart> take_parts() override { return std::exchange(parts_, {}); }

 private:
  event::Wanted wanted(event::ShapeId shape) override;
  void consume(const event::EventBatch& batch) override;
  void leave_out_unwanted();
  void count_matches(event::ShapeId shape);
  [[nodiscard]] bool without_rules(event::ShapeId shape) const {
    return shape.value < without_rules_.size() && without_rules_[shape.value];
  }

  const sigma::RuleTable& rules_;
  const RecordFilter& filter_;
  Tally& tally_;
  EmitMatches emit_;
  sigma::Matcher matcher_;
  event::BatchBuilder builder_;
  decode::Decoder decoder_;
  CutTextFinder cut_texts_;
  BesideRules beside_;
  std::optional<decode::RawTexts> keywords_;
  std::optional<UnitSurvey> survey_;
  std::vector<bool> without_rules_;  ///< by ShapeId
  std::vector<sigma::Match> matches_;
  std::vector<CutPart> parts_;
};

event::Wanted HuntStage::wanted(event::ShapeId shape) {
  event::Wanted wanted = matcher_.wanted(shape);
  if (wanted.drop) {
    // Records that no rule covers are still counted by shape, host and time: rows without fields.
    if (shape.value >= without_rules_.size()) without_rules_.resize(shape.value + std::size_t{1});
    without_rules_[shape.value] = true;
    wanted = {.drop = false, .all = false, .fields = {}};
  }
  if (!without_rules(shape) || beside_.any()) cut_texts_.want(shape, wanted);
  if (survey_) want_more(wanted, survey_->wanted(shape));
  beside_.want(shape, wanted);
  return wanted;
}

void HuntStage::consume(const event::EventBatch& batch) {
  tally_.count(batch);
  if (survey_) survey_->consume(batch);
  const std::size_t passing = filter_.passing(batch);
  tally_.records_left_out += batch.rows.size() - passing;
  const bool no_rules = without_rules(batch.shape);
  if ((no_rules && !beside_.any()) || (passing == 0 && !cut_texts_.has_texts(batch.shape))) return;
  matches_.clear();
  if (!no_rules) matcher_.match(batch, matches_);
  beside_.add_to(batch, matches_);
  cut_texts_.find(batch, matches_, parts_);
  if (!filter_.passes_all()) leave_out_unwanted();
  if (matches_.empty()) return;
  count_matches(batch.shape);
  emit_(matches_);
}

void HuntStage::leave_out_unwanted() {
  std::erase_if(matches_,
                [this](const sigma::Match& match) { return !filter_.passes(match.time, match.host); });
}

/// Matches come in row order, so a record's are neighbours. Those that only correlations are told of are none
/// to the user.
void HuntStage::count_matches(event::ShapeId shape) {
  std::uint64_t records = 0, count = 0, only_fuller = 0;
  const sigma::Match* last = nullptr;
  for (const sigma::Match& match : matches_) {
    if (is_muted(match, rules_)) continue;
    ++count;
    only_fuller += match.only_fuller ? 1 : 0;
    const bool same = last != nullptr && match.offset == last->offset && match.record_id == last->record_id;
    if (!same) ++records;
    last = &match;
  }
  if (count > 0) tally_.count_matches(shape, records, count);
  tally_.only_fuller += only_fuller;
}

/// What is no event log, for YARA; told before what has a time.
class OtherFiles {
 public:
  OtherFiles(const HuntOptions& options, std::uint32_t rules,
             const std::function<Result<void>(const MatchView&)>& on_match)
      : beside_(options.beside), rules_(rules), on_match_(on_match) {}

  [[nodiscard]] bool wanted() const { return beside_ != nullptr && beside_->yara.has_value(); }
  void read(const HuntOptions& options, decode::BufferPool& pool, decode::InputSink& sink) {
    OtherFilesSink looking(sink, *beside_->yara, first_yara(*beside_, rules_), found_);
    decode::read_evidence(options.evidence, pool, looking, {.other_file_bytes = limits::kYaraFileBytes},
                          options.decoding);
  }
  /// Once, and when reading is over.
  [[nodiscard]] Result<void> tell() {
    std::ranges::sort(found_, {}, [](const FileMatch& one) { return std::tie(one.source, one.match.rule); });
    for (const FileMatch& one : std::exchange(found_, {})) {
      const triage::ForeignRule& foreign = foreign_rule(one.match, rules_, *beside_);
      ++told_;
      if (auto told = on_match_(MatchView{one.match, foreign.rule, one.source, &foreign}); !told) return told;
    }
    return {};
  }
  [[nodiscard]] std::uint64_t told() const { return told_; }

 private:
  const Beside* beside_;
  std::uint32_t rules_;
  const std::function<Result<void>(const MatchView&)>& on_match_;
  std::vector<FileMatch> found_;
  std::uint64_t told_ = 0;
};

std::vector<ShapeCount> shape_counts(const Tally& tally, const event::Catalogue& catalogue) {
  std::map<std::tuple<std::string, std::string, bool, std::uint32_t, std::string>, Tally::PerShape> counts;
  for (std::size_t i = 0; i < tally.shapes.size(); ++i) {
    if (tally.shapes[i].records == 0) continue;
    const event::Shape& shape = catalogue.shape(event::ShapeId{static_cast<std::uint32_t>(i)});
    Tally::PerShape& count = counts[{shape.channel, shape.provider, shape.event_id.has_value(),
                                     shape.event_id.value_or(0), shape.product}];
    count.records += tally.shapes[i].records;
    count.records_matched += tally.shapes[i].records_matched;
  }
  std::vector<ShapeCount> result;
  for (const auto& [key, count] : counts) {
    const auto& [channel, provider, has_event_id, event_id, product] = key;
    result.push_back(
        {product, channel, provider, event_id, has_event_id, count.records, count.records_matched});
  }
  return result;
}

HuntResult hunt_result(PipelineResult&& from, const event::Catalogue& catalogue) {
  HuntResult result;
  result.receipts = std::move(from.receipts);
  result.shapes = shape_counts(from.tally, catalogue);
  result.hosts = from.tally.hosts.take(result.records_of_other_hosts);
  result.first = from.tally.first;
  result.last = from.tally.last;
  result.records = from.tally.records;
  result.records_matched = from.tally.records_matched;
  result.records_left_out = from.tally.records_left_out;
  result.matches = from.tally.matches;
  result.only_fuller = from.tally.only_fuller;
  for (const event::Receipt& receipt : result.receipts) result.bytes += receipt.bytes;
  result.interrupted = from.interrupted;
  return result;
}

}  // namespace

bool HuntResult::incomplete() const {
  return any_incomplete(receipts);
}

Result<HuntResult> hunt(const HuntOptions& options, const sigma::RuleSet& rules, event::Catalogue& catalogue,
                        Progress& progress, const std::atomic<bool>& stop,
                        const std::function<Result<void>(const MatchView&)>& on_match) {
  const RecordFilter filter(options.since, options.until, options.host);
  decode::BufferPool pool;
  PipelineStages stages;
  OtherFiles others(options, rules_of(rules), on_match);
  stages.read = [&](decode::InputSink& sink) {
    if (others.wanted()) return others.read(options, pool, sink);
    if (options.survey == nullptr)
      return decode::read_evidence(options.evidence, pool, sink, {}, options.decoding);
    AnnouncingSink announcing(sink, *options.survey);
    decode::read_evidence(options.evidence, pool, announcing, {}, options.decoding);
  };
  stages.recycle = [&](decode::Buffer buffer) { pool.give_back(std::move(buffer)); };
  stages.make_stage = [&](Tally& tally, EmitMatches emit) -> std::unique_ptr<UnitStage> {
    return std::make_unique<HuntStage>(rules, catalogue, filter, options, tally, std::move(emit));
  };
  Assembler assembler(&rules, catalogue, BesideRules(options.beside, catalogue, rules_of(rules)));
  std::uint64_t of_whole_texts = 0;
  stages.assemble = [&](event::SourceId source, std::vector<CutPart> parts, const Assembler::Emit& emit) {
    assembler.add(source, std::move(parts), [&](const sigma::Match& match) {
      if (!filter.passes(match.time, match.host)) return;
      of_whole_texts += is_muted(match, rules.rules()) ? 0 : 1;
      emit(match);
    });
  };
  const PipelineOptions frame{.threads = worker_count(options.threads),
                              .as_it_comes = options.as_it_comes,
                              .spill_bytes = options.spill_bytes,
                              .spill_folder = options.spill_folder};
  CorrelationStage correlations(rules, options.as_it_comes, on_match);
  const auto hand_on = [&](const sigma::Match& match, std::string_view source) -> Result<void> {
    // In the order of time these are known when the first match is told.
    if (!options.as_it_comes) {
      if (auto told = others.tell(); !told) return told;
    }
    if (match.rule < rules.rules().size()) return correlations.take(match, source);
    const triage::ForeignRule& foreign = foreign_rule(match, rules_of(rules), *options.beside);
    return on_match(MatchView{match, foreign.rule, source, &foreign});
  };
  try {
    auto result = run_pipeline(frame, stages, progress, stop, hand_on);
    if (!result) return std::unexpected(std::move(result.error()));
    if (auto told = others.tell(); !told) return std::unexpected(std::move(told.error()));
    if (auto finished = correlations.finish(); !finished) return std::unexpected(std::move(finished.error()));
    HuntResult out = hunt_result(std::move(*result), catalogue);
    out.correlation = correlations.report();
    out.matches += out.correlation.matches + of_whole_texts + others.told();
    out.only_fuller += of_whole_texts;
    assembler.finish();
    out.assembled = assembler.report();
    out.assembled.matches = of_whole_texts;
    return out;
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::limit, "the hunt needs more memory than there is", {},
                "give the program more memory or fewer threads");
  }
}

}  // namespace landwarden::engine
