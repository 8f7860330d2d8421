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

// --- engine ---
/// Evidence that waits for a worker: some units of a megabyte for each core, so that reading never holds up decoding.
inline constexpr std::size_t kQueueBytes = 16 << 20;
/// Workers of one hunt; more threads than any machine has cores would only cost memory.
inline constexpr unsigned kThreads = 256;
/// How far workers may run ahead of the oldest unfinished work unit, for each worker. Bounds what waits to be put in order.
inline constexpr std::size_t kUnitsAhead = 8;
/// Sorted runs that are merged at once: each costs two buffers of kSpillBlockBytes. More runs take another round.
inline constexpr std::size_t kMergeRuns = 64;
/// Matches are spilled in compressed blocks of this size: large enough for zstd to see the repetition.
inline constexpr std::size_t kSpillBlockBytes = 128 << 10;
/// Hosts that are counted one by one (in name order); more names than a large carrier has machines are an attack on memory.
inline constexpr std::size_t kHostsCounted = 1 << 17;
/// Errors and notes that one receipt keeps; how many more there were is said.
inline constexpr std::size_t kReceiptErrors = 20;
inline constexpr std::size_t kReceiptNotes = 50;

// --- triage ---
/// Findings (pairs of rule and host) kept one by one. A person reads some hundred; 20,000 with their examples stay under 100 MB.
inline constexpr std::size_t kFindings = 20'000;
/// Of one example, all values together: a PowerShell script block record holds at most 32 KiB of text.
inline constexpr std::size_t kExampleValueBytes = 32 << 10;
/// Of all examples together; those after it are kept at kExampleShortBytes each.
inline constexpr std::size_t kExamplesBytes = 32 << 20;
inline constexpr std::size_t kExampleShortBytes = 512;

// --- yaml ---
/// One YAML file. The largest rule of SigmaHQ has 190 KB; catalogues of ours stay under 4 MB.
inline constexpr std::size_t kYamlBytes = 16 << 20;
/// Values of one file, copies by aliases included: 140 bytes each, so at most 150 MB, also against a "billion laughs".
inline constexpr std::size_t kYamlNodes = 1 << 20;
/// Lists and maps inside each other. Rules need 6; every level costs stack in all that walks the tree.
inline constexpr std::size_t kYamlDepth = 64;

// --- sigma matcher ---
/// Sets of met predicates that one worker remembers; then everything learnt about values is forgotten and begun anew.
inline constexpr std::size_t kMatcherHitSetBytes = 32 << 20;
/// Combinations of hit sets remembered for one shape.
inline constexpr std::size_t kMatcherOutcomes = 1 << 15;

}  // namespace landwarden::limits
