// What a survey learns from work units, for whoever decodes them: the survey itself, or a hunt that surveys
// on the way so that evidence is read once.
//
// UnitSurvey belongs to one worker: run() is given each unit with the decoding of it, and consume() every
// batch that comes out. AnnouncingSink stands in the reading thread and tells the book which units will come.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "decode/input.h"
#include "decode/unit.h"
#include "engine/survey_book.h"
#include "engine/survey_telling.h"
#include "event/batch.h"
#include "event/catalogue.h"

namespace landwarden::engine {

class UnitSurvey {
 public:
  /// With `watches` it also keeps on which days which records came (triage::Arrival). They must outlive it.
  UnitSurvey(event::Catalogue& catalogue, SurveyBook& book, std::span<const triage::Watch> watches);

  /// Fields that it looks at, sorted.
  [[nodiscard]] std::vector<event::FieldId> wanted(event::ShapeId shape) const;
  /// Calls `decode`, which hands batches to consume(), and puts what came out into the book, also when
  /// `decode` throws.
  void run(const decode::WorkUnit& unit, const std::function<void()>& decode);
  void consume(const event::EventBatch& batch);

 private:
  struct Row {
    std::uint64_t offset = 0, number = 0;
    Time time;
    std::uint32_t log = 0;
    bool carved = false;
  };
  struct WatchedFields {
    std::vector<event::FieldId> ids;
    std::span<const std::string> names;
  };
  [[nodiscard]] std::uint32_t log_of(const std::string& channel, std::string_view host);
  void read_telling(const event::EventBatch& batch);
  void look_at_fields(const event::EventBatch& batch);
  void count_arrivals(const event::EventBatch& batch);
  void sketch_rows();

  event::Catalogue& catalogue_;
  SurveyBook& book_;
  std::vector<WatchedFields> watches_;
  std::vector<event::FieldId> watched_;  ///< of all watches, sorted
  UnitSketch sketch_;
  std::vector<Row> rows_;
  std::vector<std::uint32_t> filled_;  ///< by row of the batch: watches that are filled, a bit each
  std::map<std::pair<std::string, std::string>, std::uint32_t, std::less<>> logs_;
  std::map<std::uint32_t, std::uint64_t> shapes_;
  LogonKeys logons_;
};

/// Tells the book about units before the workers see them.
class AnnouncingSink final : public decode::InputSink {
 public:
  AnnouncingSink(decode::InputSink& to, SurveyBook& book) : to_(to), book_(book) {}
  event::SourceId begin_source(const std::string& name) override;
  bool unit(decode::WorkUnit unit) override;
  void end_source(event::SourceId source, event::Receipt receipt) override;
  void expect_bytes(std::uint64_t bytes) override { to_.expect_bytes(bytes); }
  void passed_over(std::uint64_t bytes) override { to_.passed_over(bytes); }
  bool stopped() override { return to_.stopped(); }

 private:
  decode::InputSink& to_;
  SurveyBook& book_;
};

}  // namespace landwarden::engine
