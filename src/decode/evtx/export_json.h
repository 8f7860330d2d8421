// Events as JSON, in the form of evtx_dump: {"Event":{"#attributes":{…},"System":{…},"EventData":{…}}}.
//
// An element without attributes is its text, null if it has none; attributes stand in "#attributes" beside
// "#text", or in a key of their own ("Provider_attributes"). Integers and truth values are bare, all else is
// text. <Data Name="X"> in EventData and UserData is the key X, Data without names {"Data":{"#text":[…]}}.
// Where a name comes again its values become an array, in the place of the first (docs/evtx.md, "Export").
// No state; any thread.

#pragma once

#include "decode/evtx/export_program.h"
#include "decode/evtx/export_tree.h"

namespace landwarden::decode::evtx {

struct JsonStyle {
  bool separate_attributes = false;
};

/// Appends the event whose tree has neither slots nor instances. Fails if it is larger than any event.
[[nodiscard]] Parsed<void> add_json(TextOut& out, const Tree& tree, const JsonStyle& style);

/// The program of a template: of the whole event, or of what stands embedded in one as a member of it.
/// Nothing if records of the template have to take the long way.
[[nodiscard]] std::optional<Program> compile_json(const Tree& tree, bool whole, const JsonStyle& style);

}  // namespace landwarden::decode::evtx
