// What the program talks to: is it a terminal, how wide, which characters, and how errors are said.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "report/screen.h"

namespace landwarden::cli {

enum class ColourChoice : std::uint8_t { automatic, always, never };

/// How to write to `descriptor`. NO_COLOR and TERM=dumb switch colours off unless they were asked for.
[[nodiscard]] report::ScreenOptions screen_for(int descriptor, ColourChoice choice);

/// "landwarden: place: message" and, on a line of its own, what to do; on standard error.
void say_error(const Error& error);
void say_error(std::string_view message, std::string_view hint = {});
/// A line on standard error that is no error.
void say(std::string_view line);

/// Writes all of it; false if nobody reads or there is no room (errno says which).
[[nodiscard]] bool write_all(int descriptor, std::string_view bytes);
/// Writes an answer to standard output. A reader that went away is no failure, everything else is said and
/// gives kUnusable.
[[nodiscard]] int answer(std::string_view text);
/// The answer, or why there is none.
[[nodiscard]] int answer_or_say(const Result<std::string>& text);
/// The exit code of a command that ran, or after saying why it could not.
[[nodiscard]] int exit_code_of(const Result<int>& ran);

}  // namespace landwarden::cli
