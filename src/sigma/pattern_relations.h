// What predicates on one field have to do with each other: one implies, or rules out, the other.
//
// Sound, not complete: `true` is certain, `false` means "not known". Judged for fields with one value; fields
// that hold lists can meet predicates that exclude each other. Pure functions.

#pragma once

#include "sigma/rule.h"

namespace landwarden::sigma {

/// Whether every value that matches `narrow` matches `wide`.
[[nodiscard]] bool implies(const Pattern& narrow, const Pattern& wide);
[[nodiscard]] bool implies(const Predicate& narrow, const Predicate& wide);

/// Whether no value meets both.
[[nodiscard]] bool excludes(const Pattern& left, const Pattern& right);
[[nodiscard]] bool excludes(const Predicate& left, const Predicate& right);

/// Whether every value matches: '*' and nothing else.
[[nodiscard]] bool matches_everything(const Predicate& predicate);

}  // namespace landwarden::sigma
