#include "engine/survey.h"

#include <algorithm>
#include <memory>
#include <new>
#include <span>
#include <thread>
#include <utility>

#include "decode/decoder.h"
#include "decode/input.h"
#include "engine/pipeline.h"
#include "engine/survey_book.h"
#include "engine/survey_result.h"
#include "engine/unit_survey.h"
#include "event/builder.h"
#include "triage/event_titles.h"

namespace landwarden::engine {
namespace {

/// Decodes units and sketches what comes out.
class SurveyStage final : public UnitStage, private event::BatchSink {
 public:
  SurveyStage(event::Catalogue& catalogue, SurveyBook& book, std::span<const triage::Watch> watches,
              const decode::DecodeOptions& decoding, Tally& tally)
      : tally_(tally),
        survey_(catalogue, book, watches),
        builder_(catalogue, *this),
        decoder_(builder_, decoding) {}

  void run(const decode::WorkUnit& unit, event::Receipt& receipt) override {
    survey_.run(unit, [&] { decoder_.decode(unit, receipt); });
  }

 private:
  event::Wanted wanted(event::ShapeId shape) override {
    return {.drop = false, .all = false, .fields = survey_.wanted(shape)};
  }
  void consume(const event::EventBatch& batch) override {
    tally_.count(batch);
    survey_.consume(batch);
  }

  Tally& tally_;
  UnitSurvey survey_;
  event::BatchBuilder builder_;
  decode::Decoder decoder_;
};

}  // namespace

Result<triage::Survey> survey(const SurveyOptions& options, const sigma::RuleSet& rules,
                              const view::LogSources& sources, event::Catalogue& catalogue,
                              Progress& progress, const std::atomic<bool>& stop) {
  const auto titles = triage::EventTitles::built_in();
  if (!titles) return std::unexpected(titles.error());
  SurveyBook book;
  decode::BufferPool pool;
  PipelineStages stages;
  stages.read = [&](decode::InputSink& sink) {
    AnnouncingSink announcing(sink, book);
    decode::read_evidence(options.evidence, pool, announcing, {}, options.decoding);
  };
  stages.recycle = [&](decode::Buffer buffer) { pool.give_back(std::move(buffer)); };
  stages.make_stage = [&](Tally& tally, const EmitMatches&) -> std::unique_ptr<UnitStage> {
    return std::make_unique<SurveyStage>(catalogue, book, options.watches, options.decoding, tally);
  };
  const PipelineOptions frame{
      .threads = worker_count(options.threads), .as_it_comes = false, .spill_bytes = 1, .spill_folder = {}};
  const auto no_match = [](const sigma::Match&, std::string_view) -> Result<void> { return {}; };
  try {
    auto result = run_pipeline(frame, stages, progress, stop, no_match);
    if (!result) return std::unexpected(std::move(result.error()));
    return survey_of({.receipts = std::move(result->receipts),
                      .first = result->tally.first,
                      .last = result->tally.last,
                      .records = result->tally.records,
                      .interrupted = result->interrupted},
                     book, rules, sources, catalogue, *titles, options.strict_sources);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::limit, "the survey needs more memory than there is", {},
                "give the program more memory or fewer threads");
  }
}

}  // namespace landwarden::engine
