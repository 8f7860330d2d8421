// The long way round for records that take no short cut (no template, several embedded streams, names out of
// values …): their tree is walked with the values at hand, and all fields are rendered.
//
// Gives the same fields, in the same order, as plans and layouts do. One a worker.

#pragma once

#include <string>
#include <vector>

#include "decode/evtx/plan.h"

namespace landwarden::decode::evtx {

struct FieldValue {
  std::string name;
  event::ValueType type = event::ValueType::text;
  std::string text;
  bool null = false;
  Time time;  ///< of a FILETIME or SYSTEMTIME
};

/// All fields of the record whose stream is chunk[begin, end), appended to `out` in order of appearance.
[[nodiscard]] Parsed<void> unfold(Bytes chunk, std::size_t begin, std::size_t end, PlanCache& plans,
                                  std::vector<FieldValue>& out);

}  // namespace landwarden::decode::evtx
