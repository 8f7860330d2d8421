#include "engine/survey.h"

#include <algorithm>
#include <map>
#include <memory>
#include <new>
#include <set>
#include <thread>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "base/limits.h"
#include "decode/decoder.h"
#include "decode/input.h"
#include "engine/pipeline.h"
#include "engine/survey_book.h"
#include "engine/survey_telling.h"
#include "event/builder.h"
#include "triage/event_titles.h"

namespace landwarden::engine {
namespace {

/// A unit's place in its source. What was carved comes behind all that is live, wherever it stood.
std::uint64_t key_of(const decode::WorkUnit& unit) {
  constexpr std::uint64_t kCarved = 1ULL << 63;
  return unit.carved.empty() ? unit.offset : unit.offset | kCarved;
}

/// Tells the book about units before the workers see them.
class AnnouncingSink final : public decode::InputSink {
 public:
  AnnouncingSink(decode::InputSink& to, SurveyBook& book) : to_(to), book_(book) {}
  event::SourceId begin_source(const std::string& name) override {
    const event::SourceId source = to_.begin_source(name);
    book_.begin(source, name);
    return source;
  }
  bool unit(decode::WorkUnit unit) override {
    book_.expect(unit.source, key_of(unit));
    return to_.unit(std::move(unit));
  }
  void end_source(event::SourceId source, event::Receipt receipt) override {
    book_.end(source);
    to_.end_source(source, std::move(receipt));
  }
  void expect_bytes(std::uint64_t bytes) override { to_.expect_bytes(bytes); }
  void passed_over(std::uint64_t bytes) override { to_.passed_over(bytes); }
  bool stopped() override { return to_.stopped(); }

 private:
  decode::InputSink& to_;
  SurveyBook& book_;
};

/// Decodes units and sketches what comes out.
class SurveyStage final : public UnitStage, private event::BatchSink {
 public:
  SurveyStage(event::Catalogue& catalogue, SurveyBook& book, const decode::DecodeOptions& decoding,
              Tally& tally)
      : catalogue_(catalogue),
        book_(book),
        tally_(tally),
        builder_(catalogue, *this),
        decoder_(builder_, decoding) {}

  void run(const decode::WorkUnit& unit, event::Receipt& receipt) override;

 private:
  struct Row {
    std::uint64_t offset = 0, number = 0;
    Time time;
    std::uint32_t log = 0;
    bool carved = false;
  };
  event::Wanted wanted(event::ShapeId shape) override;
  void consume(const event::EventBatch& batch) override;
  [[nodiscard]] std::uint32_t log_of(const std::string& channel, std::string_view host);
  void read_telling(const event::EventBatch& batch);
  void sketch_rows();

  event::Catalogue& catalogue_;
  SurveyBook& book_;
  Tally& tally_;
  event::BatchBuilder builder_;
  decode::Decoder decoder_;
  UnitSketch sketch_;
  std::vector<Row> rows_;
  std::map<std::pair<std::string, std::string>, std::uint32_t, std::less<>> logs_;
  std::map<std::uint32_t, std::uint64_t> shapes_;
  LogonKeys logons_;
};

event::Wanted SurveyStage::wanted(event::ShapeId id) {
  event::Wanted wanted{.drop = false, .all = false, .fields = {}};
  for (const std::string_view name : fields_of(telling_of(catalogue_.shape(id)))) {
    if (const auto field = catalogue_.field(name)) wanted.fields.push_back(*field);
  }
  std::ranges::sort(wanted.fields);
  return wanted;
}

std::uint32_t SurveyStage::log_of(const std::string& channel, std::string_view host) {
  const auto next = static_cast<std::uint32_t>(sketch_.logs.size());
  const auto [at, fresh] = logs_.try_emplace({channel, std::string(host)}, next);
  if (fresh) {
    sketch_.logs.emplace_back();
    sketch_.logs.back().channel = channel;
    sketch_.logs.back().host = host;
  }
  return at->second;
}

/// The rows of the batch are the last of rows_.
void SurveyStage::read_telling(const event::EventBatch& batch) {
  const Telling telling = telling_of(catalogue_.shape(batch.shape));
  const TellingReader reader(batch, catalogue_);
  switch (telling) {
    case Telling::nothing:
      return;
    case Telling::cleared:
      return reader.cleared(sketch_);
    case Telling::clock_set:
      return reader.clock_set(sketch_);
    case Telling::logon:
      return reader.logons(logons_);
    case Telling::start:
    case Telling::version:
    case Telling::uptime:
      break;
  }
  const Row* rows = rows_.data() + (rows_.size() - batch.rows.size());
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    if (!rows[row].carved) sketch_.logs[rows[row].log].facts.add(reader.facts(row, telling));
  }
}

void SurveyStage::consume(const event::EventBatch& batch) {
  tally_.count(batch);
  shapes_[batch.shape.value] += batch.rows.size();
  const event::Shape& shape = catalogue_.shape(batch.shape);
  const std::uint64_t shape_hash = hash_combine(hash_text(shape.channel), shape.event_id.value_or(0));
  event::Code host = event::kAbsent;
  std::uint64_t host_hash = 0;
  std::uint32_t log = 0;
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    const event::RowMeta& meta = batch.rows[row];
    if (row == 0 || meta.host != host) {  // neighbours mostly have the same host
      host = meta.host;
      const std::string_view name =
          host >= event::kFirstValue ? batch.hosts->at(host).text : std::string_view();
      log = log_of(shape.channel, name);
      host_hash = hash_combine(shape_hash, hash_text(name));
    }
    rows_.push_back({meta.offset, meta.record_id, meta.time, log, meta.carved});
    if (meta.record_id == event::kNoRecordId || meta.carved) continue;
    const std::uint64_t number_hash = hash_combine(host_hash, meta.record_id);
    const std::uint64_t whole[] = {number_hash, static_cast<std::uint64_t>(meta.time.ticks)};
    sketch_.hashes.push_back(hash_bytes(whole, sizeof(whole)));
  }
  read_telling(batch);
}

/// Batches come shape by shape; logs are told in the order of the file.
void SurveyStage::sketch_rows() {
  std::ranges::sort(rows_, {}, [](const Row& row) { return std::tie(row.offset, row.number, row.time); });
  for (const Row& row : rows_) {
    LogSketch& log = sketch_.logs[row.log];
    ++log.records;
    if (row.time.known()) {
      if (!log.first.known() || row.time < log.first) log.first = row.time;
      if (!log.last.known() || row.time > log.last) log.last = row.time;
    }
    // Carved records stand in no order: they close no gap, and no clock went back between them.
    if (row.number != event::kNoRecordId && !row.carved) log.add(row.number, row.time);
  }
  sketch_.shapes.assign(shapes_.begin(), shapes_.end());
  // Logs beyond a limit are left out by order: it must not depend on which shape was flushed first.
  std::ranges::sort(sketch_.logs, {}, [](const LogSketch& log) { return std::tie(log.channel, log.host); });
  const auto in_order = [](auto& entries) {
    std::ranges::sort(entries, {}, [](const auto& entry) {
      return std::tie(entry.time, entry.host, entry.event_id, entry.record_id);
    });
    if (entries.size() > limits::kSurveyCleared) entries.resize(limits::kSurveyCleared);
  };
  in_order(sketch_.cleared);
  in_order(sketch_.clock_sets);
}

void SurveyStage::run(const decode::WorkUnit& unit, event::Receipt& receipt) {
  sketch_ = {};
  rows_.clear();
  logs_.clear();
  shapes_.clear();
  logons_.clear();
  try {
    decoder_.decode(unit, receipt);
  } catch (...) {  // the units behind it must not wait for this one
    book_.put(unit.source, key_of(unit), {});
    throw;
  }
  sketch_rows();
  book_.count_logons(logons_);
  book_.put(unit.source, key_of(unit), std::move(sketch_));
}

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

triage::Survey survey_of(PipelineResult&& from, SurveyBook& book, const sigma::RuleSet& rules,
                         const view::LogSources& sources, const event::Catalogue& catalogue,
                         const triage::EventTitles& titles, bool strict) {
  triage::Survey survey;
  ShapeNames names(rules, catalogue, titles);
  const std::vector<SourceFold*> folds = book.finish();
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
  survey.records = from.tally.records;
  survey.first = from.tally.first;
  survey.last = from.tally.last;
  survey.interrupted = from.interrupted;
  return survey;
}

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
  stages.recycle = [&](std::string buffer) { pool.give_back(std::move(buffer)); };
  stages.make_stage = [&](Tally& tally, const EmitMatches&) -> std::unique_ptr<UnitStage> {
    return std::make_unique<SurveyStage>(catalogue, book, options.decoding, tally);
  };
  const PipelineOptions frame{
      .threads = options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency()),
      .as_it_comes = false,
      .spill_bytes = 1,
      .spill_folder = {}};
  const auto no_match = [](const sigma::Match&, std::string_view) -> Result<void> { return {}; };
  try {
    auto result = run_pipeline(frame, stages, progress, stop, no_match);
    if (!result) return std::unexpected(std::move(result.error()));
    return survey_of(std::move(*result), book, rules, sources, catalogue, *titles, options.strict_sources);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::limit, "the survey needs more memory than there is", {},
                "give the program more memory or fewer threads");
  }
}

}  // namespace landwarden::engine
