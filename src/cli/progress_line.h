// One line on a terminal's standard error that says how far a hunt is; a thread of its own redraws it ten
// times a second.

#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "engine/hunt.h"
#include "report/screen.h"

namespace landwarden::cli {

/// "3.1 GB of 9.0 GB · 410,000 events/s · 12 matches · 0:14 left", at most `columns` wide.
[[nodiscard]] std::string progress_text(const engine::Progress& progress, double seconds,
                                        const report::ScreenOptions& screen);

class ProgressLine {
 public:
  /// Draws nothing unless `shown`. `progress` must outlive the line.
  ProgressLine(const engine::Progress& progress, bool shown, report::ScreenOptions screen);
  /// Takes the line away again.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

 private:
  void draw_until_done();

  const engine::Progress& progress_;
  report::ScreenOptions screen_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable done_changed_;
  bool done_ = false;  ///< under mutex_
  std::thread thread_;
};

}  // namespace landwarden::cli
