// Start-Process takes a program and its arguments apart: here they become one line again, which is read as a
// layer of its own.

#pragma once

#include <span>
#include <vector>

#include "command/powershell_value.h"
#include "command/process_line.h"

namespace landwarden::command {

/// `words`: the command's, its name first; `values`: of the words behind it. Where both a program and
/// arguments are given, the program's word becomes the line of both, and the arguments' word goes.
void join_program_and_arguments(std::vector<Word>& words, std::span<const PsValue> values, TextStore& texts);

}  // namespace landwarden::command
