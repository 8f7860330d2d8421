#include "cli/search_options.h"

#include <algorithm>
#include <optional>

#include "cli/hunt_options.h"
#include "cli/usual_options.h"

namespace landwarden::cli {
namespace {

using engine::SearchTerm;

Result<void> understand_terms(const SearchWords& words, SearchSettings& settings) {
  engine::SearchTerms& terms = settings.search.terms;
  terms.case_sensitive = words.case_sensitive;
  terms.all = words.all;
  std::vector<std::string> evidence = words.words, patterns = words.patterns;
  if (patterns.empty() && words.fields.empty()) {
    if (evidence.empty()) return fail(ErrorCode::invalid, "there is no pattern to search for");
    patterns.push_back(evidence.front());
    evidence.erase(evidence.begin());
  }
  if (evidence.empty()) {
    return fail(ErrorCode::invalid, "no evidence is named", {},
                "behind the pattern name files, folders, archives, or - for standard input");
  }
  if (auto done = understand_evidence(evidence); !done) return done;
  const auto kind = words.regex ? SearchTerm::Kind::regex : SearchTerm::Kind::literal;
  for (const std::string& pattern : patterns) terms.terms.push_back({kind, pattern, words.in});
  for (const std::string& word : words.fields) {
    const auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(
          ErrorCode::invalid, "--field: not a field with its value: " + word, {},
          "write NAME=VALUE, such as --field 'Image=*\\net.exe'; --in NAME restricts patterns to a field");
    }
    terms.terms.push_back({words.regex ? SearchTerm::Kind::regex : SearchTerm::Kind::wildcard,
                           word.substr(equals + 1),
                           {word.substr(0, equals)}});
  }
  settings.search.evidence = std::move(evidence);
  return {};
}

/// The options that hunt has, too, mean the same here.
Result<void> understand_as_hunt(const SearchWords& words, SearchSettings& settings) {
  HuntWords same;
  same.evidence = settings.search.evidence;
  same.since = words.since;
  same.until = words.until;
  same.host = words.host;
  same.colour = words.colour;
  same.threads = words.threads;
  same.decoding = words.decoding;
  same.output = words.output.empty() && !words.format.empty() ? "-" : words.output;
  same.format = words.format;
  const auto understood = understand(same);
  if (!understood) return std::unexpected(understood.error());
  settings.search.since = understood->since;
  settings.search.until = understood->until;
  settings.search.host = understood->host;
  settings.search.threads = understood->threads;
  settings.search.decoding = words.decoding;
  settings.colour = understood->colour;
  if (!same.output.empty()) {
    settings.output = same.output;
    settings.format = report::search_format(understood->format);
  }
  return {};
}

Result<void> understand_answer(const SearchWords& words, SearchSettings& settings) {
  if (words.case_sensitive && words.ignore_case) {
    return fail(ErrorCode::invalid, "--case-sensitive and --ignore-case contradict each other");
  }
  if (int{words.count} + int{words.files} + int{words.quiet} > 1) {
    return fail(ErrorCode::invalid, "only one of --count, --files-with-matches and --quiet can be done");
  }
  const bool no_records = words.count || words.files || words.quiet;
  if (no_records && (!words.format.empty() || !words.output.empty() || words.context > 0 || words.whole)) {
    return fail(
        ErrorCode::invalid,
        "--count, --files-with-matches and --quiet write no records: -o, --format, --full and --context have "
        "no meaning with them");
  }
  if (words.count) settings.answer = SearchAnswer::counts;
  if (words.files) settings.answer = SearchAnswer::files;
  if (words.quiet) settings.answer = SearchAnswer::nothing;
  settings.max_count = words.max_count;
  return {};
}

}  // namespace

Result<SearchSettings> understand(const SearchWords& words) {
  SearchSettings settings;
  if (auto done = understand_terms(words, settings); !done) return std::unexpected(done.error());
  if (auto done = understand_as_hunt(words, settings); !done) return std::unexpected(done.error());
  if (auto done = understand_answer(words, settings); !done) return std::unexpected(done.error());
  settings.search.invert = words.invert;
  settings.search.event_ids = words.event_ids;
  settings.search.channels = words.channels;
  settings.search.context = words.context;
  settings.search.whole_record = words.whole;
  return settings;
}

}  // namespace landwarden::cli
