// Measures matching alone: events are decoded into columns as a hunt does it, and the time of Matcher::match
// is taken around each batch, so that dictionaries, their bounds and the processor's caches are as they are
// in a hunt.
//
//   lw_match_bench --rules PATH [--double] [--only CHANNEL/ID] [--repeat N] FILE…
//
// --double adds a copy of every rule, with another id and one character changed in every literal.
// --only leaves out every record but those of the channel and event id.
// Times are CPU seconds of the thread; the best of the runs, each with a new matcher and empty dictionaries.

#include <ctime>

#include "decode_bench.h"
#include "sigma/loader.h"
#include "sigma/matcher.h"
#include "sigma/regex_set.h"
#include "view/log_sources.h"

using namespace landwarden;

namespace {

struct MatchOptions {
  bench::Options decoding;
  std::vector<std::string> rules;
  bool doubled = false;
  std::string channel;
  std::uint32_t event_id = 0;
};

double thread_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// Another letter for the middle one; false if the text has none. In an expression a letter behind a
/// backslash means something else than itself.
bool change_letter(std::string& text, bool expression = false) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t at = (text.size() / 2 + i) % text.size();
    char& c = text[at];
    if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z')) continue;
    if (expression && at > 0 && text[at - 1] == '\\') continue;
    c = c == 'z' || c == 'Z' ? static_cast<char>(c - 1) : static_cast<char>(c + 1);
    return true;
  }
  return false;
}

sigma::Rule changed(sigma::Rule rule) {
  if (!rule.id.empty()) rule.id.back() = rule.id.back() == '0' ? '1' : '0';
  rule.name += "-copy";
  for (sigma::Test& test : rule.tests) {
    for (sigma::Pattern::Part& part : test.predicate.pattern.parts) change_letter(part.text);
    if (test.predicate.kind != sigma::Predicate::Kind::regex) continue;
    std::string text = test.predicate.text;
    const sigma::RegexFlags flags{test.predicate.regex_ignore_case, test.predicate.regex_multiline,
                                  test.predicate.regex_dotall};
    if (change_letter(text, true) && sigma::check_regex(text, flags)) test.predicate.text = std::move(text);
  }
  return rule;
}

class MatchingSink final : public event::BatchSink {
 public:
  MatchingSink(const sigma::RuleSet& rules, const event::Catalogue& catalogue, const MatchOptions& options)
      : catalogue_(catalogue), options_(options), matcher_(rules) {}

  event::Wanted wanted(event::ShapeId shape) override {
    const event::Shape& described = catalogue_.shape(shape);
    if (!options_.channel.empty() &&
        (described.channel != options_.channel || described.event_id != options_.event_id)) {
      return {.drop = true, .all = false, .fields = {}};
    }
    return matcher_.wanted(shape);
  }

  void consume(const event::EventBatch& batch) override {
    matches_.clear();
    const double before = thread_seconds();
    matcher_.match(batch, matches_);
    seconds += thread_seconds() - before;
    records += batch.rows.size();
    matches += matches_.size();
  }

  double seconds = 0;
  std::uint64_t records = 0, matches = 0;

 private:
  const event::Catalogue& catalogue_;
  const MatchOptions& options_;
  sigma::Matcher matcher_;
  std::vector<sigma::Match> matches_;
};

void read_options(int argc, char** argv, MatchOptions& options, bool& understood) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--rules" && i + 1 < argc) {
      options.rules.emplace_back(argv[++i]);
    } else if (argument == "--double") {
      options.doubled = true;
    } else if (argument == "--only" && i + 1 < argc) {
      const std::string only = argv[++i];
      const std::size_t slash = only.rfind('/');
      options.channel = only.substr(0, slash);
      options.event_id =
          slash == std::string::npos ? 0 : static_cast<std::uint32_t>(std::atoi(only.c_str() + slash + 1));
    } else {
      understood = bench::take_option(options.decoding, argc, argv, i) && understood;
    }
  }
  understood = understood && !options.rules.empty() && !options.decoding.files.empty();
}

void run_once(const MatchOptions& options, const sigma::RuleSet& rules, event::Catalogue& catalogue,
              MatchingSink& sink) {
  const auto keywords = decode::RawTexts::make(rules.keyword_texts());
  event::BatchBuilder builder(catalogue, sink);
  decode::Decoder decoder(builder);
  if (keywords) decoder.keywords(&*keywords);
  bench::Pieces pieces(options.decoding);
  decode::WorkUnit unit;
  event::Receipt receipt;
  while (const bench::Piece* piece = pieces.take()) {
    unit.bytes.resize(piece->size);
    if (::pread(piece->file, unit.bytes.data(), piece->size, static_cast<off_t>(piece->offset)) !=
        static_cast<ssize_t>(piece->size)) {
      fmt::print(stderr, "cannot read\n");
      std::exit(2);
    }
    unit.offset = piece->offset;
    decoder.decode(unit, receipt);
  }
}

}  // namespace

int main(int argc, char** argv) {
  MatchOptions options;
  bool understood = true;
  read_options(argc, argv, options, understood);
  if (!understood) {
    fmt::print(stderr,
               "usage: lw_match_bench --rules PATH [--double] [--only CHANNEL/ID] [--repeat N] FILE…\n");
    return 2;
  }
  const auto sources = view::LogSources::built_in();
  if (!sources) {
    fmt::print(stderr, "{}\n", sources.error().message);
    return 2;
  }
  event::Catalogue catalogue;
  sigma::LoadedRules loaded = sigma::load_rules(options.rules);
  const std::size_t before = loaded.rules.size();
  for (std::size_t i = 0; options.doubled && i < before; ++i) {
    if (loaded.rules[i].kind == sigma::RuleKind::detection) loaded.rules.push_back(changed(loaded.rules[i]));
  }
  const auto rules =
      sigma::RuleSet::compile(std::move(loaded.rules), *sources, catalogue, loaded.diagnostics);
  double best = 0;
  for (int i = 0; i < options.decoding.repeat; ++i) {
    MatchingSink sink(rules, catalogue, options);
    run_once(options, rules, catalogue, sink);
    if (i > 0 && sink.seconds >= best) continue;
    best = sink.seconds;
    fmt::print("{} rules, {} records, {} matches in {:.4f} s CPU: {:.0f} thousand records/s\n",
               rules.rules().size(), sink.records, sink.matches, sink.seconds,
               static_cast<double>(sink.records) / sink.seconds / 1e3);
  }
  return 0;
}
