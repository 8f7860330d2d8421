#include "cli/console.h"

#include <cerrno>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"

namespace landwarden::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// POSIX: the first of these that is not empty decides.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = environment(name);
    if (value.empty()) continue;
    const std::string folded = text::folded(value);
    return folded.find("utf-8") != std::string::npos || folded.find("utf8") != std::string::npos;
  }
  return false;
}

std::size_t columns_of(int descriptor) {
  constexpr std::size_t kUnknown = 80, kLeast = 40, kMost = 400;
  winsize size{};
  std::size_t columns = 0;
  if (::isatty(descriptor) != 0 && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
  if (columns == 0) columns = std::strtoul(std::string(environment("COLUMNS")).c_str(), nullptr, 10);
  if (columns == 0) columns = kUnknown;
  return std::min(std::max(columns, kLeast), kMost);
}

}  // namespace

report::ScreenOptions screen_for(int descriptor, ColourChoice choice) {
  const bool plain =
      !environment("NO_COLOR").empty() || environment("TERM") == "dumb" || ::isatty(descriptor) == 0;
  const bool colour = choice == ColourChoice::always || (choice == ColourChoice::automatic && !plain);
  return {.columns = columns_of(descriptor), .unicode = locale_is_utf8(), .colour = colour};
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void say(std::string_view line) {
  // What is said may quote evidence or file names: nothing of it may steer the terminal.
  static_cast<void>(write_all(STDERR_FILENO, report::visible(line, locale_is_utf8()) + "\n"));
}

void say_error(std::string_view message, std::string_view hint) {
  say(std::string("landwarden: ").append(message));
  if (!hint.empty()) {
    static_cast<void>(write_all(STDERR_FILENO, "  " + report::visible(hint, locale_is_utf8()) + "\n"));
  }
}

void say_error(const Error& error) {
  const std::string place = error.place.to_string();
  say_error(place.empty() ? error.message : place + ": " + error.message, error.hint);
}

int answer(std::string_view text) {
  if (write_all(STDOUT_FILENO, text) || errno == EPIPE) return kDone;
  say_error(
      io_error("cannot write", "standard output", "make room on the disk, or send the output elsewhere"));
  return kUnusable;
}

int answer_or_say(const Result<std::string>& text) {
  if (text) return answer(*text);
  say_error(text.error());
  return kUnusable;
}

int exit_code_of(const Result<int>& ran) {
  if (ran) return *ran;
  say_error(ran.error());
  return ran.error().code == ErrorCode::interrupted ? kInterrupted : kUnusable;
}

}  // namespace landwarden::cli
