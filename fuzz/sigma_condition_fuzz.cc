// Any bytes as a condition: it gives a tree or says why not, and the tree written out again is the same tree.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "sigma/condition.h"

namespace {

using namespace landwarden;
using sigma::Condition;

constexpr std::array<std::string_view, 7> kNames = {"a",  "b-c",     "filter_1", "filter_2",
                                                    "_x", "notable", "or1"};

Condition parse(std::string_view text, std::vector<sigma::Diagnostic>& diagnostics) {
  yaml::Node node;
  node.kind = yaml::Node::Kind::text;
  node.text = text;
  const std::string file = "fuzz.yml";
  sigma::RuleReport report(file, diagnostics);
  return sigma::parse_condition(node, kNames, report);
}

/// The tree as a condition again, everything in brackets.
std::string written(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::search:
      return condition.name;
    case Condition::Kind::negate:
      LW_ASSERT(condition.children.size() == 1);
      return "not (" + written(condition.children.front()) + ")";
    case Condition::Kind::nothing:
      LW_ASSERT(false);
      return {};
    default:
      break;
  }
  LW_ASSERT(condition.children.size() > 1);
  std::string out;
  for (const Condition& child : condition.children) {
    if (!out.empty()) out += condition.kind == Condition::Kind::all ? " and " : " or ";
    out += "(" + written(child) + ")";
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<sigma::Diagnostic> diagnostics;
  const Condition condition = parse(std::string_view(reinterpret_cast<const char*>(data), size), diagnostics);
  if (condition.kind == Condition::Kind::nothing) {
    LW_ASSERT(!diagnostics.empty());
    return 0;
  }
  const std::string text = written(condition);
  std::vector<sigma::Diagnostic> again;
  const Condition same = parse(text, again);
  // Brackets of our own may make a tree too deep, which must then be said.
  LW_ASSERT(same.kind == Condition::Kind::nothing ? !again.empty() : written(same) == text);
  return 0;
}
