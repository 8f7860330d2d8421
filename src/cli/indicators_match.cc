// landwarden indicators match: indicators in evidence, by indicator and host.

#include <algorithm>
#include <functional>
#include <memory>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/catalogue_register.h"
#include "cli/console.h"
#include "cli/evidence_options.h"
#include "cli/evidence_problems.h"
#include "cli/indicator_commands.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "cli/usual_options.h"
#include "engine/indicator_match.h"
#include "event/batch.h"
#include "report/indicator_rules.h"
#include "report/json.h"
#include "report/screen.h"
#include "report/screen_text.h"
#include "view/log_sources.h"

namespace landwarden::cli {
namespace {

struct MatchWords {
  IndicatorWords indicators;
  std::vector<std::string> evidence;
  std::string since, until, host, format = "text", colour = "auto";
  unsigned threads = 0, min_worth = 0;
  decode::DecodeOptions decoding;
};

/// "2.9 years old", "3 days old"; empty if nobody said when.
std::string age_text(Time seen, Time today) {
  if (!seen.known() || seen > today) return {};
  const std::int64_t days = (today.ticks - seen.ticks) / (86'400 * kTicksPerSecond);
  if (days < 90) return report::counted(static_cast<std::uint64_t>(days), "day", "days") + " old";
  if (days < 730) return fmt::format("{} months old", days / 30);
  return fmt::format("{}.{} years old", days / 365, days % 365 * 10 / 365);
}

class Answer {
 public:
  Answer(const MatchWords& words, const intel::IndicatorSet& indicators,
         const engine::IndicatorResult& result, Time today)
      : words_(words), indicators_(indicators), result_(result), today_(today) {
    for (std::uint32_t i = 0; i < result.sightings.size(); ++i) {
      if (worth_of(result.sightings[i]) >= words.min_worth) order_.push_back(i);
    }
    std::ranges::stable_sort(order_, std::greater{},
                             [&](std::uint32_t i) { return worth_of(result.sightings[i]); });
  }

  [[nodiscard]] std::size_t shown() const { return order_.size(); }

  [[nodiscard]] std::string text() const {
    const ColourChoice choice = understand_colour(words_.colour).value_or(ColourChoice::automatic);
    report::Screen screen(screen_for(STDOUT_FILENO, choice));
    for (const std::uint32_t i : order_) add(screen, result_.sightings[i]);
    if (!order_.empty()) screen.paragraph("", report::kIndicatorNote);
    return screen.text();
  }

  [[nodiscard]] std::string json() const {
    std::string out = "{\n  \"sightings\": [";
    bool first = true;
    for (const std::uint32_t i : order_) {
      out += std::exchange(first, false) ? "\n    " : ",\n    ";
      append(out, result_.sightings[i]);
    }
    out += first ? "],\n" : "\n  ],\n";
    return out + fmt::format("  \"events\": {}, \"matches\": {}, \"not_kept\": {}, \"indicators\": {}\n}}\n",
                             result_.records, result_.matches, result_.not_kept,
                             indicators_.indicators().size());
  }

 private:
  [[nodiscard]] const intel::Indicator& indicator_of(const engine::Sighting& sighting) const {
    return indicators_.indicators()[sighting.indicator];
  }
  [[nodiscard]] unsigned worth_of(const engine::Sighting& sighting) const {
    return worth(indicator_of(sighting), today_, intel::FieldTable::built_in());
  }

  void add(report::Screen& screen, const engine::Sighting& sighting) const {
    const intel::Indicator& indicator = indicator_of(sighting);
    screen.line(fmt::format("{:>3}  {}", worth_of(sighting),
                            screen.paint(screen.safe(to_text(indicator.terms)), report::Ink::strong)));
    std::string who = indicator.says.source;
    if (!indicator.says.about.empty()) who += ": " + indicator.says.about;
    const std::string age = age_text(indicator.says.seen, today_);
    if (!age.empty()) who += "; " + age;
    if (indicator.says.valid_until.known() && indicator.says.valid_until < today_) who += ", past its end";
    screen.paragraph("     ", screen.safe(who));
    std::string where = (sighting.host.empty() ? std::string("no host") : sighting.host) + ", " +
                        report::counted(sighting.records, "event", "events");
    if (sighting.first.known()) where += ", " + to_rfc3339(sighting.first).substr(0, 19) + "Z";
    if (sighting.last > sighting.first) where += " to " + to_rfc3339(sighting.last).substr(0, 19) + "Z";
    screen.paragraph("     ", screen.safe(where));
    for (const sigma::FieldValues& value : sighting.matched)
      screen.line("     " + report::shortened(value.field + ": " + value.values.front(),
                                              std::max<std::size_t>(screen.options().columns, 40) - 6,
                                              screen.options().unicode));
    std::string place = sighting.source;
    if (sighting.record_id != event::kNoRecordId) place += fmt::format("  #{}", sighting.record_id);
    if (sighting.parts > 0) place += fmt::format("  (a text put together from {} events)", sighting.parts);
    screen.line("     " + screen.safe(place));
    screen.line();
  }

  void append(std::string& out, const engine::Sighting& sighting) const {
    const intel::Indicator& indicator = indicator_of(sighting);
    const auto text = [&](const char* key, std::string_view value) {
      out += fmt::format(", \"{}\": ", key);
      report::append_json_string(out, value);
    };
    out += "{\"kind\": \"indicator\", ";
    report::append_indicator_members(out, indicator, worth_of(sighting));
    text("host", sighting.host);
    out += fmt::format(", \"events\": {}", sighting.records);
    if (sighting.first.known()) text("first", to_rfc3339(sighting.first));
    if (sighting.last.known()) text("last", to_rfc3339(sighting.last));
    text("channel", sighting.channel);
    if (sighting.has_event_id) out += fmt::format(", \"event_id\": {}", sighting.event_id);
    text("file", sighting.source);
    if (sighting.record_id != event::kNoRecordId)
      out += fmt::format(", \"record_id\": {}", sighting.record_id);
    if (sighting.parts > 0) out += fmt::format(", \"parts\": {}", sighting.parts);
    out += fmt::format(", \"offset\": {}, \"matched\": ", sighting.offset);
    report::append_json_object(out, sighting.matched);
    out += "}";
  }

  const MatchWords& words_;
  const intel::IndicatorSet& indicators_;
  const engine::IndicatorResult& result_;
  Time today_;
  std::vector<std::uint32_t> order_;  ///< worth most first, then as they come
};

Result<engine::IndicatorOptions> understand_words(const MatchWords& words) {
  if (auto good = understand(words.decoding); !good) return std::unexpected(std::move(good.error()));
  engine::IndicatorOptions out;
  out.evidence = words.evidence;
  out.threads = words.threads;
  out.decoding = words.decoding;
  out.host = words.host;
  for (const auto& [option, given, time] :
       {std::tuple("--since", &words.since, &out.since), std::tuple("--until", &words.until, &out.until)}) {
    if (given->empty()) continue;
    const auto parsed = day_of(option, *given);
    if (!parsed) return std::unexpected(parsed.error());
    *time = *parsed;
  }
  return out;
}

/// On standard error: what was looked at, and what could not be.
void say_result(const engine::IndicatorResult& result, std::size_t indicators) {
  say_problems(result.receipts, "they were not looked at; landwarden evidence says where they are");
  say_assembly_losses(result.assembled);
  std::string told = fmt::format(
      "{} looked for in {}: {} on {}", report::counted(indicators, "indicator", "indicators"),
      report::counted(result.records, "event", "events"), report::counted(result.matches, "match", "matches"),
      report::counted(result.sightings.size(), "pair of indicator and host", "pairs of indicator and host"));
  if (result.not_kept > 0) told += fmt::format("; {} beyond what is kept", report::grouped(result.not_kept));
  if (result.interrupted) told += "; interrupted, the rest was not read";
  say(told);
}

int run_match(const MatchWords& words) {
  auto options = understand_words(words);
  if (!options) {
    say_error(options.error());
    return kUnusable;
  }
  ReadIndicators read;
  if (!read_indicators(words.indicators, read)) return kUnusable;
  const intel::IndicatorSet indicators(std::move(read.indicators));
  event::Catalogue catalogue;
  const auto sources = view::LogSources::built_in();
  if (!sources) {
    say_error(sources.error());
    return kUnusable;
  }
  options->cut_texts = sources->cut_texts();
  engine::Progress progress;
  const std::atomic<bool>& stop = watch_for_interrupt();
  const auto result = [&] {
    const ProgressLine line(progress, ::isatty(STDERR_FILENO) != 0,
                            screen_for(STDERR_FILENO, ColourChoice::never));
    return engine::match_indicators(*options, indicators, catalogue, progress, stop);
  }();
  if (!result) {
    say_error(result.error());
    return kUnusable;
  }
  const Answer told(words, indicators, *result, read.today);
  const int code = answer(words.format == "json" ? told.json() : told.text());
  say_result(*result, indicators.indicators().size());
  if (code != kDone) return code;
  if (result->interrupted) return kInterrupted;
  if (result->incomplete() || read.partly) return kIncomplete;
  return told.shown() > 0 ? kDone : kFound;
}

constexpr const char* kExamples =
    R"(Examples:
  landwarden indicators match /evidence
      those of the advisories, which are built in
  landwarden indicators match /evidence --indicators bundle.json --no-built-in --min-worth 40
      only your own, and only what is still worth something
  landwarden indicators match dc01.zip --format json | jq '.sightings[].indicator'

A match has low confidence by itself and attributes nothing; what it is worth is its source's confidence, halved by age.
Exit codes: 0 something was met, 1 nothing, 2 usage or indicators unusable, 3 part of the evidence or of the indicators
could not be read (wins over 0 and 1), 130 interrupted.)";

}  // namespace

void add_indicators_match(Command indicators) {
  const Command command = indicators.command("match", "Look for indicators in evidence");
  const auto words = std::make_shared<MatchWords>();
  add_evidence_argument(command, words->evidence);
  add_indicator_options(command, words->indicators);
  command.option("--min-worth", words->min_worth, "N", "Show only what is worth this much or more, 0 to 100")
      .within(0, 100);
  add_event_options(command, words->since, words->until, words->host);
  add_evidence_options(command, words->decoding);
  add_text_or_json_option(command, words->format);
  add_colour_option(command, words->colour).one_of({"auto", "always", "never"});
  add_threads_option(command, words->threads, "");
  command.footer(kExamples);
  command.runs([words] { return run_match(*words); });
}

}  // namespace landwarden::cli
