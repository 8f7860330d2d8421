// Writes the sample estate: a folder a host with the event logs of a small water utility over some days, in
// real EVTX files or in the layout of another tool, with one intrusion in them. The same options give the
// same bytes on every machine.
//
// The folder is ours if it holds the marker file; then what we wrote before is replaced. A folder with
// anything else in it is refused. Each file appears whole or not at all. Safe to call from any thread, for
// different folders.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "range/intrusion.h"
#include "range/silence.h"

namespace landwarden::range {

struct EstateOptions {
  std::uint64_t seed = 1;
  std::uint32_t days = 3;           ///< 3 … 31; the intrusion is in the second and third night
  std::uint32_t scale = 1;          ///< how busy the machines are, 1 … 50
  std::string layout{};             ///< as another tool writes the events (range/layouts.h); empty: EVTX
  bool intrusion = true;            ///< false: routine only
  bool further_steps = false;       ///< more of the advisories' steps, behind the intrusion
  bool linux_host = false;          ///< a Linux host beside the Windows machines (range/linux_host.h)
  std::vector<Silence> silences{};  ///< logging that is switched off
  /// Only the files of these machines ("EVW-DC01"), the same as with all others beside them; empty: of all.
  std::vector<std::string> machines{};
};

struct EstateFile {
  std::string name;  ///< below the folder, with forward slashes: "EVW-DC01/Security.evtx"
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};

struct EstateSummary {
  std::vector<EstateFile> files;  ///< sorted by name
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::vector<Step> intrusion;  ///< in the order of time
};

inline constexpr std::string_view kEstateMarker = ".landwarden-sample-estate";

[[nodiscard]] Result<EstateSummary> write_estate(const std::filesystem::path& folder,
                                                 const EstateOptions& options = {});

}  // namespace landwarden::range
