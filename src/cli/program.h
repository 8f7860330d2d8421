// The program as one tree of commands, from which parsing, help, completions and the manual page are made.

#pragma once

namespace landwarden::cli {

/// Parses, runs, and gives the exit code. Nothing is thrown.
[[nodiscard]] int run_program(int count, char** arguments);

}  // namespace landwarden::cli
