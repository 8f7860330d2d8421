// Typing of plain YAML scalars by YAML 1.1, exactly as PyYAML's resolver does it (Sigma's own tools load with
// it).
//
// Pure function of the text; the tables are the regular expressions of PyYAML's resolver.py, written out as
// code because every plain scalar of a rule corpus passes here.

#pragma once

#include "base/yaml.h"

namespace landwarden::yaml {

/// Sets kind and value of a scalar from its text; `quoted` is not looked at.
void resolve_scalar(Node& node);

}  // namespace landwarden::yaml
