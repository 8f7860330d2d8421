// Cells of CSV files, RFC 4180. Pure functions; what separates cells and lines is the caller's.

#pragma once

#include <string>
#include <string_view>

namespace landwarden::report {

/// A cell as RFC 4180 has it.
void append_cell(std::string& out, std::string_view text);

/// A cell of text that came from outside. Spreadsheets run what begins like a formula: such text gets an
/// apostrophe first. Control characters are shown as \x1b: a line stays a line, and a terminal that shows the
/// file does not obey them. `scratch` is reused memory.
void append_text_cell(std::string& out, std::string_view text, std::string& scratch);

}  // namespace landwarden::report
