// Records that a search found, as lines: for people (what was found is marked, long values are cut around
// it), JSON lines, a JSON array, or CSV (docs/output.md).
//
// A SearchText is immutable and serves any number of threads: render() makes what depends on the record
// alone. SearchLines puts the source's name to it and writes, on one thread, into an OutputFile that the
// caller owns and commits.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "report/output_file.h"
#include "report/screen.h"
#include "report/timeline.h"
#include "triage/search_hit.h"

namespace landwarden::report {

enum class SearchFormat : std::uint8_t { lines, jsonl, csv, json };
[[nodiscard]] SearchFormat search_format(TimelineFormat format);

struct SearchTextOptions {
  SearchFormat format = SearchFormat::lines;
  ScreenOptions screen;
  bool marks = false;  ///< without colours: what was found stands between signs
  bool cut = false;    ///< lines are kept near the screen's width
  bool whole_record = false, context = false;
};

class SearchText {
 public:
  explicit SearchText(SearchTextOptions options) : options_(options), screen_(options.screen) {}
  [[nodiscard]] const SearchTextOptions& options() const { return options_; }

  /// Appends the record without its source, and without what ends a line.
  void render(const triage::SearchHit& hit, std::string& out) const;

 private:
  void render_lines(const triage::SearchHit& hit, std::string& out) const;
  void render_fields(const triage::SearchHit& hit, std::size_t columns, std::string& out) const;
  void render_whole(const triage::SearchHit& hit, std::string& out) const;
  void render_value(const triage::SearchHit& hit, const triage::ShownValue& value, std::size_t columns,
                    std::string& out) const;
  void paint(std::string_view text, Ink ink, std::string& out) const;
  void render_json(const triage::SearchHit& hit, std::string& out) const;
  void render_csv(const triage::SearchHit& hit, std::string& out) const;

  SearchTextOptions options_;
  Screen screen_;  ///< for colours and signs; no text is collected in it
};

class SearchLines {
 public:
  /// Both must outlive it.
  SearchLines(OutputFile& file, const SearchText& text) : file_(file), text_(text) {}

  /// `gap`: records in front of it are not shown, of a source of which some were.
  [[nodiscard]] Result<void> write(std::string_view source, std::string_view rendered, bool gap);
  /// Writes what closes the format; the file is not committed.
  [[nodiscard]] Result<void> finish();

 private:
  void begin_line(std::string_view source, bool gap);
  void begin_source(std::string_view source);

  OutputFile& file_;
  const SearchText& text_;
  std::string source_;          ///< of the line before
  std::string source_json_;     ///< as it stands in front of a line
  std::string line_, scratch_;  ///< reused
  bool any_ = false;
};

}  // namespace landwarden::report
