// Reads YAML text, whatever it is. Everybody else calls yaml::parse (base/yaml.h), which need not read again
// what the build has read.

#pragma once

#include "base/yaml.h"

namespace landwarden::yaml {

/// As parse().
[[nodiscard]] Result<std::vector<Node>> read(std::string_view bytes, const std::string& file);

}  // namespace landwarden::yaml
