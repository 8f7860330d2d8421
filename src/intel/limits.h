// Limits that this room and what shows its answers know, each with its reason; the others are in
// base/limits.h.

#pragma once

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
/// Values of one record looked at as free text for indicators; script blocks are 32 KiB at most.
inline constexpr std::size_t kIndicatorTextBytes = 64 << 10;

}  // namespace landwarden::limits
