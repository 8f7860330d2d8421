// Every limit of the program in one place, each with its reason. Sizes are bytes unless the name says otherwise.

#pragma once

#include <cstddef>
#include <cstdint>

namespace landwarden::limits {

// --- event ---
/// A batch closes here: enough rows that per-batch work disappears, few enough that a batch stays in the second-level cache.
inline constexpr std::size_t kBatchRows = 4096;
inline constexpr std::size_t kBatchBytes = 1 << 20;
/// Columns of one shape. Windows' widest event (Security 4738) has 40; Elastic's JSON reaches some hundred.
inline constexpr std::size_t kShapeColumns = 1024;
/// Field names of one process. The whole SigmaHQ corpus and all DEV evidence use about 9,000; more is an attack on memory.
inline constexpr std::size_t kFieldNames = 1 << 16;
/// Shapes of one process: (product, channel, provider, event id, version). Windows 11 declares about 50,000.
inline constexpr std::size_t kShapes = 1 << 17;
/// Dictionary of one field in one worker: forgotten and begun anew beyond these.
inline constexpr std::size_t kDictionaryValues = 1 << 16;
inline constexpr std::size_t kDictionaryBytes = 4 << 20;
/// All dictionaries of one worker together.
inline constexpr std::size_t kWorkerDictionaryBytes = 48 << 20;

}  // namespace landwarden::limits
