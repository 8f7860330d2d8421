// The options of `landwarden search`, as typed values.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/console.h"
#include "engine/search.h"
#include "report/search_text.h"

namespace landwarden::cli {

/// As the words on the command line are.
struct SearchWords {
  std::vector<std::string> words;  ///< the pattern, unless options give it, and the evidence
  std::vector<std::string> patterns, fields, in, channels;
  std::vector<std::uint32_t> event_ids;
  std::string since, until, host, output, format, colour = "auto";
  std::uint64_t context = 0, max_count = 0;
  unsigned threads = 0;
  decode::DecodeOptions decoding;
  bool regex = false, case_sensitive = false, ignore_case = false, all = false, invert = false, whole = false;
  bool count = false, files = false, quiet = false;
};

/// What is written of what was found.
enum class SearchAnswer : std::uint8_t { records, counts, files, nothing };

/// After all words were understood.
struct SearchSettings {
  engine::SearchOptions search;
  std::string output = "-";
  report::SearchFormat format = report::SearchFormat::lines;
  ColourChoice colour = ColourChoice::automatic;
  SearchAnswer answer = SearchAnswer::records;
  std::uint64_t max_count = 0;  ///< of one source; 0 = all
};

[[nodiscard]] Result<SearchSettings> understand(const SearchWords& words);

}  // namespace landwarden::cli
