#include "engine/search.h"

#include <memory>
#include <new>
#include <utility>

#include "base/limits.h"
#include "decode/input.h"
#include "engine/pipeline.h"
#include "engine/receipt_book.h"
#include "engine/record_filter.h"
#include "engine/search_context.h"
#include "engine/search_stage.h"

namespace landwarden::engine {
namespace {

Result<void> check(const SearchOptions& options) {
  if (options.context > limits::kSearchContext) {
    return fail(ErrorCode::limit, "too much context: " + std::to_string(options.context), {},
                "1000 records before and after are the most");
  }
  for (const std::string& channel : options.channels) {
    const SearchTerm term{.kind = SearchTerm::Kind::wildcard, .text = channel, .fields = {}};
    if (auto pattern = SearchPattern::compile({.terms = {term}}); !pattern) {
      return std::unexpected(std::move(pattern.error()));
    }
  }
  return {};
}

SearchResult search_result(PipelineResult&& from) {
  SearchResult result;
  result.receipts = std::move(from.receipts);
  for (const event::Receipt& receipt : result.receipts) {
    result.records += receipt.records_seen;
    result.bytes += receipt.bytes;
  }
  result.found = from.tally.matches;
  result.interrupted = from.interrupted;
  return result;
}

}  // namespace

bool SearchResult::incomplete() const {
  return any_incomplete(receipts);
}

Result<SearchResult> search(const SearchOptions& options, event::Catalogue& catalogue, Progress& progress,
                            const std::atomic<bool>& stop, const RenderHit& render,
                            const std::function<Result<void>(const SearchLine&)>& on_line) {
  if (auto checked = check(options); !checked) return std::unexpected(std::move(checked.error()));
  if (auto pattern = SearchPattern::compile(options.terms); !pattern)
    return std::unexpected(std::move(pattern.error()));
  const RecordFilter filter(options.since, options.until, options.host);
  decode::BufferPool pool;
  PipelineStages stages;
  read_with(stages, options.evidence, pool, options.decoding);
  stages.make_stage = [&](Tally& tally, EmitMatches emit) -> std::unique_ptr<UnitStage> {
    auto pattern = SearchPattern::compile(options.terms);
    if (!pattern) throw std::bad_alloc();  // it compiled before: only memory can be missing
    return std::make_unique<SearchStage>(options, std::move(*pattern), catalogue, filter, render, tally,
                                         std::move(emit));
  };
  SearchContext context(options.context, on_line);
  const auto hand_on = [&](const sigma::Match& row, std::string_view source) -> Result<void> {
    if (options.context == 0) return on_line({.source = source, .text = row.why});
    return context.feed(row.source.value, source, row.record_id, row.rule == kHitRow, row.why);
  };
  try {
    auto result = run_pipeline(as_it_comes(options.threads), stages, progress, stop, hand_on);
    if (!result) return std::unexpected(std::move(result.error()));
    return search_result(std::move(*result));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::limit, "the search needs more memory than there is", {},
                "give the program more memory or fewer threads");
  }
}

}  // namespace landwarden::engine
