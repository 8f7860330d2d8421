// The masked shape of a command line: what stays the same when a job runs again tomorrow.
//
// Numbers, guids, hosts, users, paths, dates, hashes and long encodings are replaced by their kinds
// ("{path}", "{number}"), and so is every argument that the grammar names; words and options stay, in lower
// case. Two lines of one shape differ in their values only. Baselines count shapes.

#pragma once

#include <string>

#include "command/meaning.h"

namespace landwarden::command {

/// Appends the shape of the outermost layer.
void append_shape(const Meaning& meaning, std::string& out);

}  // namespace landwarden::command
