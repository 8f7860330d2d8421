#include "engine/databases.h"

#include <algorithm>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "command/analyzer.h"
#include "decode/decoder.h"
#include "decode/input.h"
#include "engine/pipeline.h"
#include "engine/receipt_book.h"
#include "engine/record_filter.h"
#include "event/builder.h"
#include "sigma/match_heads.h"
#include "triage/working_folder.h"

namespace landwarden::engine {
namespace {

/// What sigma::Match::rule says of a record that travels as a Match.
enum Kind : std::uint32_t { kEngineRow = 0, kCommandRow = 1 };

/// Counted by all workers.
struct Counts {
  std::atomic<std::uint64_t> engine = 0, unread = 0, commands = 0;
};

/// One worker: finds the records and takes out what is needed.
class DatabaseStage final : public UnitStage, private event::BatchSink {
 public:
  DatabaseStage(const DatabaseOptions& options, const view::LogSources& sources,
                const command::Grammar& grammar, event::Catalogue& catalogue, const RecordFilter& filter,
                Counts& counts, Tally& tally, EmitMatches emit)
      : sources_(sources),
        catalogue_(catalogue),
        heads_(catalogue),
        filter_(filter),
        counts_(counts),
        tally_(tally),
        emit_(std::move(emit)),
        analyzer_(grammar),
        builder_(catalogue, *this),
        decoder_(builder_, options.decoding) {}

  void run(const decode::WorkUnit& unit, event::Receipt& receipt) override {
    const std::uint64_t before = receipt.records_seen;
    decoder_.decode(unit, receipt);
    tally_.records += receipt.records_seen - before;
  }

 private:
  /// What a shape holds: the engine's data, or a command line.
  struct Fields {
    std::optional<event::FieldId> data;
    const view::CommandLines* lines = nullptr;
    std::optional<event::FieldId> line, image, original, folder;
  };

  event::Wanted wanted(event::ShapeId shape) override;
  void consume(const event::EventBatch& batch) override;
  const Fields& fields_of(event::ShapeId shape);
  void engine_row(const event::EventBatch& batch, std::size_t row, event::FieldId data);
  void command_row(const event::EventBatch& batch, std::size_t row, const Fields& fields);
  void emit_command(const sigma::Match& record, const command::Command& made, std::string_view folder);

  const view::LogSources& sources_;
  event::Catalogue& catalogue_;
  sigma::MatchHeads heads_;
  const RecordFilter& filter_;
  Counts& counts_;
  Tally& tally_;
  EmitMatches emit_;
  command::Analyzer analyzer_;
  command::Meaning meaning_;
  event::BatchBuilder builder_;
  decode::Decoder decoder_;
  std::map<std::uint32_t, Fields> fields_;
};

const DatabaseStage::Fields& DatabaseStage::fields_of(event::ShapeId id) {
  const auto [known, fresh] = fields_.try_emplace(id.value);
  if (!fresh) return known->second;
  Fields& out = known->second;
  const event::Shape& shape = catalogue_.shape(id);
  if (triage::is_esent(shape.provider, shape.event_id.value_or(0))) {
    out.data = catalogue_.field("Data");
    return out;
  }
  for (const view::CommandLines& lines : sources_.command_lines()) {
    if (!lines.covers(shape)) continue;
    out.lines = &lines;
    out.line = catalogue_.field(lines.line);
    if (!lines.image.empty()) out.image = catalogue_.field(lines.image);
    if (!lines.original_name.empty()) out.original = catalogue_.field(lines.original_name);
    if (!lines.folder.empty()) out.folder = catalogue_.field(lines.folder);
    break;
  }
  return out;
}

event::Wanted DatabaseStage::wanted(event::ShapeId shape) {
  event::Wanted wanted{.drop = false, .all = false, .fields = {}};
  const Fields& fields = fields_of(shape);
  for (const auto& field : {fields.data, fields.line, fields.image, fields.original, fields.folder}) {
    if (field) wanted.fields.push_back(*field);
  }
  if (wanted.fields.empty()) wanted.drop = true;
  std::ranges::sort(wanted.fields);
  return wanted;
}

std::string_view text_at(const event::EventBatch& batch, std::optional<event::FieldId> field,
                         std::size_t row) {
  const event::Column* column = field ? batch.column(*field) : nullptr;
  if (column == nullptr) return {};
  const auto cell = column->cell(row);
  return cell.size() == 1 && cell.front() >= event::kFirstValue ? column->values->at(cell.front()).text
                                                                : std::string_view();
}

void DatabaseStage::consume(const event::EventBatch& batch) {
  const Fields& fields = fields_of(batch.shape);
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    if (fields.data) {
      engine_row(batch, row, *fields.data);
    } else if (fields.line) {
      command_row(batch, row, fields);
    }
  }
}

void DatabaseStage::engine_row(const event::EventBatch& batch, std::size_t row, event::FieldId data) {
  sigma::Match match = heads_.on(batch, row);
  if (!filter_.passes(match.time, match.host)) return;
  ++counts_.engine;
  match.rule = kEngineRow;
  sigma::FieldValues& values = match.matched.emplace_back();
  const event::Column* column = batch.column(data);
  for (const event::Code code : column != nullptr ? column->cell(row) : std::span<const event::Code>()) {
    values.values.emplace_back(code >= event::kFirstValue ? column->values->at(code).text : "");
  }
  const auto event = triage::read_esent(match.event_id, values.values);
  if (!event) {
    ++counts_.unread;
    return;
  }
  const bool of_directory =
      triage::is_directory_database(event->path) || triage::is_directory_database(event->moved_to);
  if (of_directory || triage::is_database_tool(event->program)) emit_({&match, 1});
}

void DatabaseStage::command_row(const event::EventBatch& batch, std::size_t row, const Fields& fields) {
  const std::string_view line = text_at(batch, fields.line, row);
  if (line.empty()) return;
  sigma::Match record = heads_.on(batch, row);
  if (!filter_.passes(record.time, record.host)) return;
  ++counts_.commands;
  record.rule = kCommandRow;
  record.why = line;
  analyzer_.analyze(
      {.line = line,
       .image = text_at(batch, fields.image, row),
       .original_name = text_at(batch, fields.original, row),
       .origin = command::origin_named(fields.lines->origin).value_or(command::Origin::guessed)},
      meaning_);
  std::string folder(text_at(batch, fields.folder, row));
  std::vector<std::uint32_t> elsewhere;  // layers whose commands run on another host
  for (const command::Command& command : meaning_.commands) {
    if (const auto gone = triage::folder_gone_to(command.name, command.line))
      folder = triage::path_from(folder, *gone);
    if (command.action == nullptr) continue;
    const bool away = std::ranges::any_of(elsewhere, [&](std::uint32_t above) {
      return command.layer != above && meaning_.is_below(command.layer, above);
    });
    if (command.action->id == "wmi_process_create_remote" || command.action->id == "remote_command_run")
      elsewhere.push_back(command.layer);
    if (away || !triage::tells_of_files(command.action->id)) continue;
    emit_command(record, command, folder);
  }
}

void DatabaseStage::emit_command(const sigma::Match& record, const command::Command& made,
                                 std::string_view folder) {
  sigma::Match match = record;
  match.matched = {{made.action->id, {}}, {"from", {}}, {"to", {}}};
  for (std::uint32_t i = 0; i < made.arguments; ++i) {
    const command::Argument& argument = meaning_.arguments[made.first_argument + i];
    const bool from = argument.role == command::Role::what || argument.role == command::Role::from;
    if (!from && argument.role != command::Role::to) continue;
    match.matched[from ? 1 : 2].values.push_back(triage::path_from(folder, argument.value));
  }
  ++tally_.matches;
  emit_({&match, 1});
}

void take(const sigma::Match& match, std::string_view source, triage::DatabaseCopyBook& book) {
  triage::RecordPlace place{.time = match.time,
                            .host = match.host,
                            .source = std::string(source),
                            .record_id = match.record_id,
                            .offset = match.offset};
  if (match.rule == kEngineRow) {
    auto event = triage::read_esent(match.event_id, match.matched.front().values);
    if (event) book.add(triage::EngineRecord{std::move(place), std::move(*event)});
    return;
  }
  book.add(triage::FileCommand{.place = std::move(place),
                               .action = match.matched[0].field,
                               .line = match.why,
                               .from = match.matched[1].values,
                               .to = match.matched[2].values});
}

}  // namespace

bool DatabaseResult::incomplete() const {
  return any_incomplete(receipts);
}

Result<DatabaseResult> follow_databases(const DatabaseOptions& options, const view::LogSources& sources,
                                        const command::Grammar& grammar, event::Catalogue& catalogue,
                                        Progress& progress, const std::atomic<bool>& stop) {
  const RecordFilter filter(options.since, options.until, options.host);
  decode::BufferPool pool;
  Counts counts;
  PipelineStages stages;
  read_with(stages, options.evidence, pool, options.decoding);
  stages.make_stage = [&](Tally& tally, EmitMatches emit) -> std::unique_ptr<UnitStage> {
    return std::make_unique<DatabaseStage>(options, sources, grammar, catalogue, filter, counts, tally,
                                           std::move(emit));
  };
  triage::DatabaseCopyBook book;
  try {
    auto ran = run_pipeline(as_it_comes(options.threads), stages, progress, stop,
                            [&](const sigma::Match& match, std::string_view source) -> Result<void> {
                              take(match, source, book);
                              return {};
                            });
    if (!ran) return std::unexpected(std::move(ran.error()));
    DatabaseResult out;
    out.receipts = std::move(ran->receipts);
    for (const event::Receipt& receipt : out.receipts) out.records += receipt.records_seen;
    out.interrupted = ran->interrupted;
    out.engine_records = counts.engine;
    out.engine_unread = counts.unread;
    out.command_records = counts.commands;
    out.found = book.take();
    return out;
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::limit, "following databases needs more memory than there is", {},
                "give the program more memory or fewer threads");
  }
}

}  // namespace landwarden::engine
