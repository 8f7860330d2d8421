// Measures decoding of EVTX files for detection: what a matcher with rules loaded asks for is decoded into
// columns, and nothing else; shapes that no rule covers are dropped. Nothing is matched: the sink counts and
// hashes.
//
//   lw_detect_bench --rules PATH [--no-keywords] [--threads N] [--repeat N] [--unit-kib N] FILE…
//
// A rule of keywords asks for every value of the records that may hold one of its texts.
// --no-keywords leaves such rules out and so shows what fields cost by themselves. Reading and compiling the
// rules is not in the times printed, but in the peak memory. Otherwise as lw_decode_bench.

#include <mutex>
#include <unordered_map>

#include "decode_bench.h"
#include "sigma/loader.h"
#include "sigma/matcher.h"
#include "sigma/plan.h"
#include "view/log_sources.h"

using namespace landwarden;

int main(int argc, char** argv) {
  bench::Options options;
  std::vector<std::string> paths;
  bool understood = true, keywords = true;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--rules" && i + 1 < argc) {
      paths.emplace_back(argv[++i]);
    } else if (std::string_view(argv[i]) == "--no-keywords") {
      keywords = false;
    } else {
      understood = bench::take_option(options, argc, argv, i) && understood;
    }
  }
  if (options.files.empty() || paths.empty() || !understood) {
    fmt::print(stderr,
               "usage: lw_detect_bench --rules PATH [--no-keywords] [--threads N] [--repeat N] [--unit-kib "
               "N] FILE…\n");
    return 2;
  }
  const auto sources = view::LogSources::built_in();
  if (!sources) {
    fmt::print(stderr, "{}\n", sources.error().message);
    return 2;
  }
  event::Catalogue catalogue;
  sigma::LoadedRules loaded = sigma::load_rules(paths);
  if (!keywords) {
    std::erase_if(loaded.rules, [](const sigma::Rule& rule) {
      return std::ranges::any_of(rule.tests, [](const sigma::Test& test) { return test.field.empty(); });
    });
  }
  const auto rules =
      sigma::RuleSet::compile(std::move(loaded.rules), *sources, catalogue, loaded.diagnostics);
  options.keywords = decode::RawTexts::make(rules.keyword_texts());
  fmt::print("{} rules run\n", rules.rules().size());
  // As rules from a cache are; else the first run would compile them.
  const auto fields = static_cast<std::uint32_t>(rules.compiled().fields.size());
  for (std::uint32_t field = 0; field < fields; ++field) static_cast<void>(rules.compiled().prepared(field));
  // What a shape's rules ask for is worked out once, by the first of the runs.
  std::mutex mutex;
  sigma::Matcher matcher(rules);
  std::unordered_map<std::uint32_t, event::Wanted> known;
  return bench::measure(options, catalogue, [&](event::Catalogue&) -> bench::Wants {
    return [&](event::ShapeId shape) {
      const std::scoped_lock lock(mutex);
      const auto [at, is_new] = known.try_emplace(shape.value);
      if (is_new) at->second = matcher.wanted(shape);
      return at->second;
    };
  });
}
