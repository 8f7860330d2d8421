// Events as XML 1.0: the elements as they stand in the record, nothing between them, so that a parser gives
// back every value. What XML cannot hold is escaped as export_text.h says; the same holds for names. A
// namespace prefix that nothing declares becomes part of the name, and an attribute that comes twice gets a
// number, since neither would be well-formed. No state; any thread.

#pragma once

#include "decode/evtx/export_program.h"
#include "decode/evtx/export_tree.h"

namespace landwarden::decode::evtx {

/// Appends the event whose tree has neither slots nor instances. Fails if it is larger than any event.
[[nodiscard]] Parsed<void> add_xml(TextOut& out, const Tree& tree);

/// The program of a template, whole event or embedded. Nothing if its records have to take the long way.
[[nodiscard]] std::optional<Program> compile_xml(const Tree& tree);

}  // namespace landwarden::decode::evtx
