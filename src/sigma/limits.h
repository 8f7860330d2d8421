// Limits that this room alone knows, each with its reason; the others are in base/limits.h.

#pragma once

#include <cstddef>
#include <cstdint>

namespace landwarden::limits {

// Processing pipelines.
/// Steps of one pipeline, and conditions of one step; the largest published ones have some hundred.
inline constexpr std::size_t kProcessingItems = 10'000;
inline constexpr std::size_t kProcessingConditions = 256;
/// A field's name, and a value, that steps have made longer: each could double it.
inline constexpr std::size_t kProcessingNameBytes = 4096;
inline constexpr std::size_t kProcessingValueBytes = 1 << 20;

// The cache of compiled rules.
/// One file (all of SigmaHQ takes 11 MB), how many of them, and all together.
inline constexpr std::size_t kRuleCacheFileBytes = 256 << 20;
inline constexpr std::size_t kRuleCacheFiles = 16;
inline constexpr std::uint64_t kRuleCacheBytes = 512 << 20;

}  // namespace landwarden::limits
