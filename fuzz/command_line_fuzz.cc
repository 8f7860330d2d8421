// Any bytes as a command line: no crash, bounded work, and the layers, commands and arguments hold together.
//
// Input: a byte that chooses how the line is read, a byte for a renamed program, the line.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/text.h"
#include "command/analyzer.h"
#include "command/limits.h"
#include "command/shape.h"

namespace {

using namespace landwarden;

const command::Grammar& grammar() {
  static const auto loaded = command::Grammar::built_in();
  LW_ASSERT(loaded.has_value());
  return *loaded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static command::Analyzer analyzer(grammar());
  static command::Meaning meaning;
  std::string line;
  text::append_valid_utf8(line, {reinterpret_cast<const char*>(data) + 2, size - 2});
  const auto origin = static_cast<command::Origin>(data[0] % 5);
  analyzer.analyze({.line = line,
                    .image = data[1] % 4 == 1 ? "C:\\x\\a.exe" : "",
                    .original_name = data[1] % 4 == 2 ? "Rar.exe" : "",
                    .origin = origin},
                   meaning);
  LW_ASSERT(!meaning.layers.empty() && meaning.layers.size() <= limits::kCommandLayers);
  for (std::size_t i = 0; i < meaning.layers.size(); ++i) {
    const command::Layer& layer = meaning.layers[i];
    LW_ASSERT((i == 0) == (layer.parent == command::kNoLayer));
    LW_ASSERT(i == 0 || (layer.parent < i && layer.depth == meaning.layers[layer.parent].depth + 1));
    LW_ASSERT(layer.depth < limits::kCommandDepth);
  }
  for (const command::Command& made : meaning.commands) {
    LW_ASSERT(made.layer < meaning.layers.size());
    LW_ASSERT(made.first_argument + made.arguments <= meaning.arguments.size());
    LW_ASSERT(made.action == nullptr || made.program != nullptr);
  }
  for (const command::Unresolved& what : meaning.unresolved) LW_ASSERT(what.layer < meaning.layers.size());
  std::string shape, again;
  command::append_shape(meaning, shape);
  // The same line gives the same answer, whatever was read before.
  command::Analyzer fresh(grammar());
  command::Meaning second;
  fresh.analyze({.line = line,
                 .image = data[1] % 4 == 1 ? "C:\\x\\a.exe" : "",
                 .original_name = data[1] % 4 == 2 ? "Rar.exe" : "",
                 .origin = origin},
                second);
  command::append_shape(second, again);
  LW_ASSERT(shape == again && meaning.commands.size() == second.commands.size());
  return 0;
}
