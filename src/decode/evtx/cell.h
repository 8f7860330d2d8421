// Where a value of a record stands, and of what type it is.

#pragma once

#include <cstdint>

#include "decode/evtx/value.h"

namespace landwarden::decode::evtx {

/// A value in few bytes: where it stands, and size and type as the record describes them.
struct Cell {
  std::uint32_t at = 0;  ///< behind RecordValues::base (layout.h)
  std::uint32_t described = kNone;

  /// Of a slot that the instance does not have.
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  [[nodiscard]] std::uint32_t size() const { return described & 0xffff; }
  [[nodiscard]] std::uint8_t type() const { return static_cast<std::uint8_t>(described >> 16); }
  /// Null or without bytes, whatever its type would make of them.
  [[nodiscard]] bool is_void() const { return described <= 0xffff || size() == 0 || described == kNone; }
};

}  // namespace landwarden::decode::evtx
