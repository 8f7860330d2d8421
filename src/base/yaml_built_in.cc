#include "base/content.h"
#include "base/yaml_packing.h"
#include "base/yaml_reader.h"

namespace landwarden::yaml {

Result<std::vector<Node>> parse(std::string_view bytes, const std::string& file) {
  const std::span<const std::byte> known = content::tree_of(bytes);
  if (known.empty()) return read(bytes, file);
  Unpacker in(known);
  return unpack(in);
}

}  // namespace landwarden::yaml
