#include "cli/progress_line.h"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/console.h"

namespace landwarden::cli {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr std::size_t kBarColumns = 20;

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string bar(double part, bool unicode) {
  const auto full = static_cast<std::size_t>(part * kBarColumns);
  std::string text;
  for (std::size_t i = 0; i < kBarColumns; ++i)
    text += i < full ? (unicode ? "━" : "=") : (unicode ? "─" : "-");
  return text;
}

}  // namespace

std::string progress_text(const engine::Progress& progress, double seconds,
                          const report::ScreenOptions& screen) {
  const std::uint64_t total = progress.bytes_total, done = progress.bytes_done, records = progress.records;
  const char* dot = screen.unicode ? " · " : " | ";
  std::string text;
  const double part = total == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  if (total > 0) {
    text = fmt::format("{} {:3.0f} %  {} of {}", bar(part, screen.unicode), part * 100,
                       report::bytes_text(done), report::bytes_text(total));
  } else {
    text = report::bytes_text(done) + " read";
  }
  const double rate = seconds > 0 ? static_cast<double>(records) / seconds : 0;
  text += fmt::format("{}{} events/s{}{}", dot, report::grouped(static_cast<std::uint64_t>(rate)), dot,
                      report::counted(progress.matches, "match", "matches"));
  constexpr double kEnoughToGuess = 0.02;
  if (part >= kEnoughToGuess) text += fmt::format("{}{} left", dot, clock_text(seconds / part - seconds));
  return report::shortened(text, screen.columns > 1 ? screen.columns - 1 : 1, screen.unicode);
}

ProgressLine::ProgressLine(const engine::Progress& progress, bool shown, report::ScreenOptions screen)
    : progress_(progress), screen_(screen) {
  if (shown) thread_ = std::thread([this] { draw_until_done(); });
}

ProgressLine::~ProgressLine() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  done_changed_.notify_all();
  thread_.join();
  static_cast<void>(write_all(STDERR_FILENO, "\r\x1b[K"));
}

void ProgressLine::draw_until_done() {
  std::unique_lock lock(mutex_);
  while (!done_changed_.wait_for(lock, kRedraw, [this] { return done_; })) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begun_;
    static_cast<void>(
        write_all(STDERR_FILENO, "\r" + progress_text(progress_, elapsed.count(), screen_) + "\x1b[K"));
  }
}

}  // namespace landwarden::cli
