// Reads indicators as others share them: STIX 2.1 bundles (JSON), MISP events (JSON), OpenIOC (XML), tables
// (CSV with a row of names), plain lists, and files in our own form (YAML, docs/indicators.md).
//
// Which of them a file is, is told by what is in it. Every value is checked against its kind; what is not
// understood, out of order or withdrawn is named and counted, and the rest goes on. Nothing is fetched.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/yaml.h"
#include "intel/alternatives.h"
#include "intel/indicator.h"

namespace landwarden::intel {

enum class IndicatorFormat : std::uint8_t { own, stix, misp, openioc, table, list };
[[nodiscard]] std::string_view to_text(IndicatorFormat format);

struct ImportedIndicators {
  std::vector<Indicator>
      indicators;  ///< sorted by terms, then source; the same said twice by one source is one
  std::vector<IndicatorFormat> formats;
  std::uint64_t files = 0;
  std::uint64_t withdrawn = 0;  ///< revoked in STIX, not meant for detection in MISP
  std::uint64_t not_understood =
      0;                      ///< values and parts of patterns; the first few of a file stand in `errors`
  std::vector<Error> errors;  ///< files that could not be read, and examples of what was not understood
  bool unreadable = false;    ///< some file could not be read at all
};

/// What is said of indicators that say nothing themselves.
struct IndicatorDefaults {
  std::string source;  ///< empty: the file's name
  Time seen;
};

class IndicatorImport {
 public:
  explicit IndicatorImport(IndicatorDefaults defaults = {}) : defaults_(std::move(defaults)) {}

  void add(std::string_view bytes, const std::string& file);
  /// A file, or all below a folder.
  [[nodiscard]] Result<void> add_path(const std::string& path);
  [[nodiscard]] ImportedIndicators take();

  // For the readers of formats (indicator_formats.h).
  void put(Alternatives alternatives, const Provenance& says, const std::string& file,
           const std::string& where);
  void withdraw() { ++out_.withdrawn; }
  void fail_file(Error error);
  [[nodiscard]] Provenance provenance(const std::string& file) const;

 private:
  void read_json(std::string_view bytes, const std::string& file);
  void met(IndicatorFormat format);

  IndicatorDefaults defaults_;
  ImportedIndicators out_;
  std::uint64_t named_of_file_ = 0;  ///< of what was not understood
};

/// Those of content/indicators. A test holds that they can be read.
[[nodiscard]] const std::vector<Indicator>& built_in_indicators();

/// Indicators in our own form.
[[nodiscard]] std::string indicators_text(const std::string& name, const std::vector<Indicator>& indicators);

}  // namespace landwarden::intel
