#include "engine/pipeline.h"

#include <algorithm>
#include <new>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace landwarden::engine {
namespace {

/// Evidence that needs no decoder: every byte of a unit is a record; some match, one or several rules. '!'
/// makes decoding throw, 'q' is a record that cannot be decoded, 'm' one that takes too much memory.
struct FakeSource {
  std::string name;
  std::string records;
};

struct World {
  std::vector<FakeSource> sources;
  std::size_t unit_records = 3;
  std::size_t throw_after_source = ~std::size_t{0};
};

void read_world(const World& world, decode::InputSink& sink) {
  for (std::size_t i = 0; i < world.sources.size(); ++i) {
    if (i == world.throw_after_source) throw std::runtime_error("the walk broke");
    const FakeSource& source = world.sources[i];
    const event::SourceId id = sink.begin_source(source.name);
    sink.expect_bytes(source.records.size());
    event::Receipt receipt;
    receipt.kind = "fake";
    bool go_on = true;
    for (std::size_t at = 0; at < source.records.size() && go_on; at += world.unit_records) {
      decode::WorkUnit unit;
      unit.source = id;
      unit.offset = at;
      unit.bytes.assign(source.records, at, world.unit_records);
      receipt.bytes += unit.bytes.size();
      go_on = sink.unit(std::move(unit));
    }
    sink.end_source(id, std::move(receipt));
    if (!go_on || sink.stopped()) return;
  }
}

class FakeStage final : public UnitStage {
 public:
  FakeStage(Tally& tally, EmitMatches emit) : tally_(tally), emit_(std::move(emit)) {}

  void run(const decode::WorkUnit& unit, event::Receipt& receipt) override {
    // Backwards, as batches of several shapes come in another order than the records.
    for (std::size_t i = unit.bytes.size(); i-- > 0;) {
      const char kind = unit.bytes[i];
      ++receipt.records_seen;
      if (kind == '!') throw std::runtime_error("a library gave up");
      if (kind == 'm') throw std::bad_alloc();
      if (kind == 'q') {
        event::quarantine(receipt, {unit.offset + i, 1, "damaged"});
        continue;
      }
      ++receipt.records_decoded;
      ++tally_.records;
      match_record(kind, unit, i);
    }
  }

 private:
  void match_record(char kind, const decode::WorkUnit& unit, std::size_t i) {
    if (kind < 'a' || kind > 'k') return;
    std::vector<sigma::Match> matches(static_cast<std::size_t>(kind - 'a') % 3 + 1);
    for (std::size_t rule = 0; rule < matches.size(); ++rule) {
      sigma::Match& match = matches[rule];
      match.time = kind == 'k' ? Time::unknown() : Time{kind};
      match.host = std::string(1, kind);
      match.record_id = (unit.offset + i) / 7;
      match.offset = unit.offset + i;
      match.source = unit.source;
      match.rule = static_cast<std::uint32_t>(rule);
      match.why = std::string(static_cast<std::size_t>(kind), '.');
    }
    ++tally_.records_matched;
    tally_.matches += matches.size();
    emit_(matches);
  }

  Tally& tally_;
  EmitMatches emit_;
};

World make_world(std::uint32_t seed, std::string_view alphabet) {
  std::mt19937 random(seed);
  World world;
  for (int i = 0; i < 12; ++i) {
    FakeSource source{fmt::format("log-{:02}", i), ""};
    const std::size_t records = i == 4 ? 0 : random() % 60;
    for (std::size_t r = 0; r < records; ++r) source.records += alphabet[random() % alphabet.size()];
    world.sources.push_back(std::move(source));
  }
  return world;
}

constexpr std::string_view kHealthy = "abcdefghijkxyzxyzxyz";
constexpr std::string_view kDamaged = "abcdefghijkxyzxyzxyzqqqqq";

struct Outcome {
  std::vector<std::string> matches;  ///< as text
  std::vector<std::string> receipts;
  Tally tally;
  bool interrupted = false;
};

std::string text_of(const sigma::Match& match, std::string_view source) {
  return fmt::format("{} {} {} {} {} {} {}", match.time.ticks, match.host, match.record_id, source,
                     match.offset, match.rule, match.why.size());
}

std::string text_of(const event::Receipt& receipt) {
  std::string text = fmt::format("{} {} {} {}/{}/{}", receipt.source, receipt.kind, receipt.bytes,
                                 receipt.records_seen, receipt.records_decoded, receipt.records_quarantined);
  for (const auto& entry : receipt.quarantined) text += fmt::format(" q{}", entry.offset);
  for (const auto& error : receipt.errors) text += " | " + error.to_string();
  return text;
}

struct Way {
  PipelineOptions options;
  std::size_t stop_after_units = ~std::size_t{0};
  std::size_t output_fails_at = ~std::size_t{0};
};

Result<Outcome> run(const World& world, const Way& how, Progress& progress) {
  std::atomic<bool> stop = how.stop_after_units == 0;
  std::atomic<std::size_t> recycled = 0;
  const PipelineStages stages{
      .read = [&](decode::InputSink& sink) { read_world(world, sink); },
      .make_stage = [](Tally& tally, EmitMatches emit) -> std::unique_ptr<UnitStage> {
        return std::make_unique<FakeStage>(tally, std::move(emit));
      },
      .recycle =
          [&](decode::Buffer) {
            if (++recycled >= how.stop_after_units) stop = true;
          },
  };
  Outcome outcome;
  auto result = run_pipeline(how.options, stages, progress, stop,
                             [&](const sigma::Match& match, std::string_view source) -> Result<void> {
                               if (outcome.matches.size() == how.output_fails_at) {
                                 return fail(ErrorCode::io, "the output is closed");
                               }
                               outcome.matches.push_back(text_of(match, source));
                               return {};
                             });
  if (!result) return std::unexpected(std::move(result.error()));
  for (const event::Receipt& receipt : result->receipts) outcome.receipts.push_back(text_of(receipt));
  outcome.tally = std::move(result->tally);
  outcome.interrupted = result->interrupted;
  return outcome;
}

Outcome run(const World& world, const Way& how = {}) {
  Progress progress;
  auto outcome = run(world, how, progress);
  EXPECT_TRUE(outcome.has_value());
  if (!outcome) return {};
  EXPECT_EQ(progress.records, outcome->tally.records);
  EXPECT_EQ(progress.matches, outcome->tally.matches);
  return std::move(*outcome);
}

Way threads(unsigned count) {
  return {.options = {.threads = count, .spill_folder = testing::TempDir()}};
}

TEST(Pipeline, GivesTheSameForAnyThreadsFileOrderUnitSizeAndMemory) {
  const World world = make_world(1, kDamaged);
  const Outcome expected = run(world, threads(1));
  EXPECT_GT(expected.matches.size(), 100U);
  EXPECT_EQ(expected.receipts.size(), world.sources.size());
  std::mt19937 random(7);
  for (const unsigned count : {1U, 2U, 8U}) {
    for (const std::size_t unit_records : {1U, 5U, 1000U}) {
      for (const std::uint64_t spill : {std::uint64_t{1}, std::uint64_t{3000}, std::uint64_t{64} << 20}) {
        World other = world;
        std::shuffle(other.sources.begin(), other.sources.end(), random);
        other.unit_records = unit_records;
        Way how = threads(count);
        how.options.spill_bytes = spill;
        const Outcome outcome = run(other, how);
        EXPECT_EQ(outcome.matches, expected.matches) << count << " threads, spill " << spill;
        EXPECT_EQ(outcome.receipts, expected.receipts);
        EXPECT_FALSE(outcome.interrupted);
      }
    }
  }
}

TEST(Pipeline, HandsOverInSourceOrderAsItComes) {
  const World world = make_world(2, kHealthy);
  for (const unsigned count : {1U, 2U, 8U}) {
    Way how = threads(count);
    how.options.as_it_comes = true;
    const Outcome outcome = run(world, how);
    std::vector<std::string> expected;
    for (const FakeSource& source : world.sources) {
      for (std::size_t i = 0; i < source.records.size(); ++i) {
        const char kind = source.records[i];
        if (kind > 'k') continue;
        for (int rule = 0; rule < (kind - 'a') % 3 + 1; ++rule) {
          sigma::Match match;
          match.time = kind == 'k' ? Time::unknown() : Time{kind};
          match.host = std::string(1, kind);
          match.record_id = i / 7;
          match.offset = i;
          match.rule = static_cast<std::uint32_t>(rule);
          match.why = std::string(static_cast<std::size_t>(kind), '.');
          expected.push_back(text_of(match, source.name));
        }
      }
    }
    EXPECT_EQ(outcome.matches, expected);
  }
}

TEST(Pipeline, InterruptedAfterAnyUnitGivesWhatWasDone) {
  const World world = make_world(3, kHealthy);
  const Outcome whole = run(world, threads(1));
  std::size_t units = 0;
  for (const FakeSource& source : world.sources) units += (source.records.size() + 2) / 3;
  for (const bool as_it_comes : {false, true}) {
    for (std::size_t k = 0; k <= units; ++k) {
      for (const unsigned count : {1U, 3U}) {
        Way how = threads(count);
        how.options.as_it_comes = as_it_comes;
        how.stop_after_units = k;
        const Outcome part = run(world, how);
        EXPECT_EQ(part.matches.size(), part.tally.matches);
        EXPECT_LE(part.receipts.size(), whole.receipts.size());
        std::string all;
        for (const std::string& receipt : part.receipts) all += receipt;
        if (k < units - count) {
          EXPECT_TRUE(part.interrupted) << k;
        }
        if (part.matches.size() < whole.matches.size()) {
          EXPECT_TRUE(part.interrupted) << k;
        }
        if (count == 1) {
          // A source that nobody had begun to read has no receipt; one that was is whole, or says that it is
          // not.
          const bool told = all.find("stopped before its end") != std::string::npos ||
                            part.receipts.size() < whole.receipts.size();
          for (const std::string& receipt : part.receipts) {
            EXPECT_TRUE(receipt.find("stopped before its end") != std::string::npos ||
                        std::ranges::find(whole.receipts, receipt) != whole.receipts.end())
                << k << " " << receipt;
          }
          EXPECT_EQ(part.tally.records < whole.tally.records, part.interrupted && told) << k << " " << all;
        }
        if (as_it_comes) continue;
        // Each match is one of the whole run's, and in its order.
        auto at = whole.matches.begin();
        for (const std::string& match : part.matches) {
          at = std::find(at, whole.matches.end(), match);
          ASSERT_NE(at, whole.matches.end()) << k << " " << match;
          ++at;
        }
      }
    }
  }
}

TEST(Pipeline, GoesOnAfterExceptionsOfAWorkerAndSaysWhere) {
  World world = make_world(4, kHealthy);
  world.sources[3].records = "aaaxx!bbb";
  world.sources[5].records = "ccm";
  const Outcome expected = run(world, threads(1));
  EXPECT_NE(expected.receipts[3].find("log-03@0x3: decoding failed: a library gave up"), std::string::npos)
      << expected.receipts[3];
  EXPECT_NE(expected.receipts[5].find("log-05@0x0: decoding needs more memory"), std::string::npos);
  // The units of that source before and behind it are there.
  EXPECT_NE(expected.receipts[3].find(" 7/6/0"), std::string::npos) << expected.receipts[3];
  for (const unsigned count : {2U, 8U}) {
    const Outcome outcome = run(world, threads(count));
    EXPECT_EQ(outcome.receipts, expected.receipts);
    EXPECT_EQ(outcome.matches, expected.matches);
  }
}

TEST(Pipeline, SaysThatTheWalkThroughTheEvidenceBroke) {
  World world = make_world(5, kHealthy);
  world.throw_after_source = 6;
  const Outcome outcome = run(world, threads(2));
  ASSERT_EQ(outcome.receipts.size(), 7U);
  EXPECT_NE(outcome.receipts[0].find("the walk broke"), std::string::npos) << outcome.receipts[0];
}

TEST(Pipeline, EndsWithTheErrorOfTheOutput) {
  const World world = make_world(6, kHealthy);
  for (const bool as_it_comes : {false, true}) {
    for (const std::size_t at : {0U, 1U, 40U}) {
      for (const unsigned count : {1U, 4U}) {
        Way how = threads(count);
        how.options.as_it_comes = as_it_comes;
        how.output_fails_at = at;
        Progress progress;
        const auto outcome = run(world, how, progress);
        ASSERT_FALSE(outcome.has_value());
        EXPECT_EQ(outcome.error().message, "the output is closed");
      }
    }
  }
}

TEST(Pipeline, EndsWithPlaceAndRemedyWhereItCannotSpill) {
  Way how = threads(2);
  how.options.spill_bytes = 1;
  how.options.spill_folder = "/nonexistent/folder";
  Progress progress;
  const auto outcome = run(make_world(7, kHealthy), how, progress);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().place.file, "/nonexistent/folder");
  EXPECT_FALSE(outcome.error().hint.empty());
}

TEST(Pipeline, CountsProgress) {
  const World world = make_world(8, kHealthy);
  Progress progress;
  const auto outcome = run(world, threads(2), progress);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(progress.bytes_done, progress.bytes_total);
  EXPECT_EQ(progress.sources_done, world.sources.size());
}

TEST(Pipeline, HasNoMatchesAndNoReceiptsWithoutEvidence) {
  const Outcome outcome = run(World{}, threads(8));
  EXPECT_TRUE(outcome.matches.empty());
  EXPECT_TRUE(outcome.receipts.empty());
  EXPECT_FALSE(outcome.interrupted);
}

}  // namespace
}  // namespace landwarden::engine
