// What the tests of script blocks share: a log of PowerShell's 4104 records.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace landwarden::engine {

/// One record: a text, or one of the parts that it was cut into.
struct Block {
  std::string id;
  std::uint32_t number, total;
  std::string text;
};

/// The bytes of an event log of them.
[[nodiscard]] std::string log_of(const std::vector<Block>& blocks);

}  // namespace landwarden::engine
