#include "engine/unit_survey.h"

#include <algorithm>
#include <tuple>

#include "base/hash.h"
#include "base/limits.h"
#include "base/sorted.h"

namespace landwarden::engine {
namespace {

/// A unit's place in its source. What was carved comes behind all that is live, wherever it stood.
std::uint64_t key_of(const decode::WorkUnit& unit) {
  constexpr std::uint64_t kCarved = 1ULL << 63;
  return unit.carved.empty() ? unit.offset : unit.offset | kCarved;
}

/// What logs write where there is nothing.
bool is_filled(const event::ValueTable& values, event::Code code) {
  if (code < event::kFirstValue) return false;
  const std::string_view text = values.at(code).text;
  return !text.empty() && text != "-";
}

}  // namespace

event::SourceId AnnouncingSink::begin_source(const std::string& name) {
  const event::SourceId source = to_.begin_source(name);
  book_.begin(source, name);
  return source;
}

bool AnnouncingSink::unit(decode::WorkUnit unit) {
  book_.expect(unit.source, key_of(unit));
  return to_.unit(std::move(unit));
}

void AnnouncingSink::end_source(event::SourceId source, event::Receipt receipt) {
  book_.end(source);
  to_.end_source(source, std::move(receipt));
}

UnitSurvey::UnitSurvey(event::Catalogue& catalogue, SurveyBook& book, std::span<const triage::Watch> watches)
    : catalogue_(catalogue), book_(book) {
  for (const triage::Watch& watch : watches.first(std::min(watches.size(), triage::kWatches))) {
    WatchedFields fields{.ids = {}, .names = watch.fields};
    for (const std::string& name : watch.fields) {
      if (const auto field = catalogue.field(name)) fields.ids.push_back(*field);
    }
    watched_.insert(watched_.end(), fields.ids.begin(), fields.ids.end());
    watches_.push_back(std::move(fields));
  }
  sort_and_unite(watched_);
}

std::vector<event::FieldId> UnitSurvey::wanted(event::ShapeId id) const {
  std::vector<event::FieldId> fields = watched_;
  for (const std::string_view name : fields_of(telling_of(catalogue_.shape(id)))) {
    if (const auto field = catalogue_.field(name)) fields.push_back(*field);
  }
  sort_and_unite(fields);
  return fields;
}

std::uint32_t UnitSurvey::log_of(const std::string& channel, std::string_view host) {
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
void UnitSurvey::read_telling(const event::EventBatch& batch) {
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

/// Sets filled_.
void UnitSurvey::look_at_fields(const event::EventBatch& batch) {
  filled_.assign(batch.rows.size(), 0);
  for (std::size_t watch = 0; watch < watches_.size(); ++watch) {
    const std::uint32_t bit = 1U << watch;
    for (const event::FieldId id : watches_[watch].ids) {
      const event::Column* column = batch.column(id);
      if (column == nullptr) continue;
      const std::size_t rows = std::min(batch.rows.size(), column->codes.size());
      for (std::size_t row = 0; row < rows; ++row) {
        if ((filled_[row] & bit) != 0) continue;
        for (const event::Code code : column->cell(row)) {
          if (is_filled(*column->values, code)) filled_[row] |= bit;
        }
      }
    }
    for (const event::Extra& extra : batch.extras) {
      const auto names = watches_[watch].names;
      if (!extra.null && !extra.text.empty() && extra.text != "-" &&
          std::ranges::find(names, extra.name) != names.end())
        filled_[extra.row] |= bit;
    }
  }
}

/// The rows of the batch are the last of rows_. Neighbours mostly share log and day.
void UnitSurvey::count_arrivals(const event::EventBatch& batch) {
  look_at_fields(batch);
  const Row* rows = rows_.data() + (rows_.size() - batch.rows.size());
  ArrivalSketch* arrival = nullptr;
  std::uint32_t log = 0;
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    if (rows[row].carved) continue;  // what was carved came in no log that anybody keeps
    if (arrival == nullptr || rows[row].log != log) {
      log = rows[row].log;
      arrival = &sketch_.logs[log].arrivals[batch.shape.value];
      arrival->filled.resize(watches_.size());
    }
    ++arrival->records;
    arrival->without_number += rows[row].number == event::kNoRecordId ? 1 : 0;
    for (std::uint32_t rest = filled_[row]; rest != 0; rest &= rest - 1)
      ++arrival->filled[static_cast<std::size_t>(__builtin_ctz(rest))];
    const Time time = rows[row].time;
    if (!time.known()) {
      ++arrival->without_time;
      continue;
    }
    arrival->whole_seconds += time.ticks % kTicksPerSecond == 0 ? 1 : 0;
    const std::int32_t day = triage::day_of(time);
    arrival->days.add({day, day, filled_[row]}, triage::kDayRuns);
  }
}

void UnitSurvey::consume(const event::EventBatch& batch) {
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
  if (!watches_.empty()) count_arrivals(batch);
  read_telling(batch);
}

/// Batches come shape by shape; logs are told in the order of the file.
void UnitSurvey::sketch_rows() {
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

void UnitSurvey::run(const decode::WorkUnit& unit, const std::function<void()>& decode) {
  sketch_ = {};
  rows_.clear();
  logs_.clear();
  shapes_.clear();
  logons_.clear();
  try {
    decode();
  } catch (...) {  // the units behind it must not wait for this one
    book_.put(unit.source, key_of(unit), {});
    throw;
  }
  sketch_rows();
  book_.count_logons(logons_);
  book_.put(unit.source, key_of(unit), std::move(sketch_));
}

}  // namespace landwarden::engine
