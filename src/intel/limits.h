// Limits that this room and what shows its answers know, each with its reason; the others are in
// base/limits.h.

#pragma once

#include <chrono>
#include <cstddef>

namespace landwarden::limits {

// Intelligence: catalogues and indicators.
/// One file of a catalogue or of indicators. The largest public exports (LOLDrivers as one JSON, a year of a
/// MISP feed) have 30 to 60 MB.
inline constexpr std::size_t kIntelBytes = 128 << 20;
/// Files below the folders given to one import; a checkout of LOLDrivers has 700, GTFOBins 480.
inline constexpr std::size_t kIntelFiles = 100'000;
/// Values of one JSON file, some 200 bytes each, and what may stand inside each other in it.
inline constexpr std::size_t kIntelNodes = 4 << 20;
inline constexpr std::size_t kIntelDepth = 64;
/// A description in an imported catalogue is cut here: it is a heading, not an article.
inline constexpr std::size_t kCatalogueTitleBytes = 240;
/// Indicators held at once, some 300 bytes each; large feeds have some hundred thousand.
inline constexpr std::size_t kIndicators = 2'000'000;
/// One indicator's value; URLs are the longest, and browsers stop at some thousand bytes.
inline constexpr std::size_t kIndicatorBytes = 4096;
/// Expressions and brackets inside each other in one STIX pattern.
inline constexpr std::size_t kStixPatternDepth = 32;
inline constexpr std::size_t kStixPatternBytes = 64 << 10;
/// Values of an import that are named one by one when they were not understood; the rest are counted.
inline constexpr std::size_t kImportListed = 20;
/// Pairs of indicator and host kept one by one while evidence is matched.
inline constexpr std::size_t kIndicatorSightings = 50'000;
/// Of one value looked at as free text for indicators; a script out of several records has so much at most
/// (limits::kCutTextWhole).
inline constexpr std::size_t kIndicatorTextBytes = 8 << 20;

/// YARA: one file of rules, and all of them; the largest public collection, as one file, has 10 MB.
inline constexpr std::size_t kYaraRuleBytes = 16 << 20;
inline constexpr std::size_t kYaraRulesBytes = 64 << 20;
/// Strings of one rule (libyara's own limit), and of one match that are shown; the rest is counted.
inline constexpr std::uint32_t kYaraStringsPerRule = 10'000;
inline constexpr std::size_t kYaraHits = 16;
/// Of a string's bytes so many are shown.
inline constexpr std::uint32_t kYaraExcerptBytes = 64;
/// One scan. A script of 8 MiB takes 10,000 rules less than a second; a slow expression must not hold the
/// rest up.
inline constexpr std::chrono::nanoseconds kYaraLongest = std::chrono::seconds(30);
/// A file that is no event log is held in memory to be scanned; scripts and tools are smaller, images larger.
inline constexpr std::size_t kYaraFileBytes = 64 << 20;
/// Matches on such files, which are kept until all else is in order.
inline constexpr std::size_t kYaraFileMatches = 100'000;

}  // namespace landwarden::limits
