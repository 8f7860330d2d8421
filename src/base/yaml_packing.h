// Trees of YAML to bytes and back, for the tables of content/: the build reads them once, so that no start
// does.

#pragma once

#include "base/packing.h"
#include "base/yaml.h"

namespace landwarden::yaml {

void pack(Packer& out, const std::vector<Node>& documents);
/// What pack() put. Only for bytes of our own: depth is as it was.
[[nodiscard]] std::vector<Node> unpack(Unpacker& in);

}  // namespace landwarden::yaml
