// Every limit of the program in one place, each with its reason. Sizes are bytes unless the name says
// otherwise.

#pragma once

#include <cstddef>
#include <cstdint>

namespace landwarden::limits {

// --- event ---
/// A batch closes here: enough rows that per-batch work disappears, few enough that a batch stays in the
/// second-level cache.
inline constexpr std::size_t kBatchRows = 4096;
inline constexpr std::size_t kBatchBytes = 1 << 20;
/// Columns of one shape. Windows' widest event (Security 4738) has 40; Elastic's JSON reaches some hundred.
inline constexpr std::size_t kShapeColumns = 1024;
/// Field names of one process. The whole SigmaHQ corpus and all DEV evidence use about 9,000; more is an
/// attack on memory.
inline constexpr std::size_t kFieldNames = 1 << 16;
/// Shapes of one process: (product, channel, provider, event id, version). Windows 11 declares about 50,000.
inline constexpr std::size_t kShapes = 1 << 17;
/// Dictionary of one field in one worker: forgotten and begun anew beyond these.
inline constexpr std::size_t kDictionaryValues = 1 << 16;
/// A dictionary of values that hardly repeat (times, record numbers) is emptied at this size: it stays in the
/// processor's cache, and the values forgotten would not have been asked for again.
inline constexpr std::size_t kSparseDictionaryValues = 1 << 12;
inline constexpr std::size_t kSparseDictionaryBytes = 512 << 10;
inline constexpr std::size_t kDictionaryBytes = 4 << 20;
/// All dictionaries of one worker together.
inline constexpr std::size_t kWorkerDictionaryBytes = 48 << 20;

// --- engine ---
/// Evidence that waits for a worker: some units of a megabyte for each core, so that reading never holds up
/// decoding.
inline constexpr std::size_t kQueueBytes = 16 << 20;
/// Workers of one hunt; more threads than any machine has cores would only cost memory.
inline constexpr unsigned kThreads = 256;
/// How far workers may run ahead of the oldest unfinished work unit, for each worker. Bounds what waits to be
/// put in order.
inline constexpr std::size_t kUnitsAhead = 8;
/// Sorted runs that are merged at once: each costs two buffers of kSpillBlockBytes. More runs take another
/// round.
inline constexpr std::size_t kMergeRuns = 64;
/// Matches are spilled in compressed blocks of this size: large enough for zstd to see the repetition.
inline constexpr std::size_t kSpillBlockBytes = 128 << 10;
/// Hosts that are counted one by one (in name order); more names than a large carrier has machines are an
/// attack on memory.
inline constexpr std::size_t kHostsCounted = 1 << 17;
/// Errors and notes that one receipt keeps; how many more there were is said.
inline constexpr std::size_t kReceiptErrors = 20;
inline constexpr std::size_t kReceiptNotes = 50;

// --- survey ---
/// Logs (channel and host) that are told one by one of one source. A collector that forwards for a large
/// estate writes a few hundred into one file.
inline constexpr std::size_t kSurveyLogs = 1024;
/// Runs of record numbers kept of one source while it is read, 48 bytes each. Whole logs have a handful; a
/// source with more is an excerpt.
inline constexpr std::size_t kSurveyRuns = 1 << 16;
/// Gaps, and jumps of the clock, told one by one of each log: the largest.
inline constexpr std::size_t kSurveyListed = 16;
/// Records that say "log cleared", kept of each source. Who sees this many needs no more.
inline constexpr std::size_t kSurveyCleared = 64;
/// Back in time by this much is a changed clock. Records of one log may be some seconds out of order, since
/// their providers buffer them; time services correct less.
inline constexpr std::int64_t kSurveyClockJumpSeconds = 60;
/// Records of one source whose hashes are kept to find copies: 8 KiB a source, and a part of a thousandth of
/// a large log is still found.
inline constexpr std::size_t kSurveySample = 1024;
/// The same over all sources together: 8 MiB, and three times as much while they are compared.
inline constexpr std::size_t kSurveySampleAll = 1 << 20;
/// Pairs of sources with records in common that are told.
inline constexpr std::size_t kSurveyPairs = 10'000;
/// Sources that one sampled record is looked for in: a record in more is a pattern, not a copy.
inline constexpr std::size_t kSurveySourcesOfRecord = 8;
/// Host, account, kind and result of logons, counted one by one.
inline constexpr std::size_t kSurveyLogons = 1 << 16;

// --- search ---
/// Patterns of one search: each has a bit in a word of 64.
inline constexpr std::size_t kSearchTerms = 63;
/// States of one regular expression of a search, for each worker; beyond it RE2 goes on, slower.
inline constexpr std::int64_t kSearchRegexBytes = 32 << 20;
/// Parts of one value that are marked as found; a value with more of them is a pattern of one letter.
inline constexpr std::size_t kSearchSpans = 256;
/// Records before and after a hit. Who wants more wants the whole log.
inline constexpr std::size_t kSearchContext = 1000;
/// Literals that raw bytes are searched for, one after the other: with more, making the values is as fast.
inline constexpr std::size_t kRawNeedles = 8;
/// Shortest literal that raw bytes are searched for: shorter ones are everywhere.
inline constexpr std::size_t kRawNeedleUnits = 2;

// --- triage ---
/// Findings (pairs of rule and host) kept one by one. A person reads some hundred; 20,000 with their examples
/// stay under 100 MB.
inline constexpr std::size_t kFindings = 20'000;
/// Of one example, all values together: a PowerShell script block record holds at most 32 KiB of text.
inline constexpr std::size_t kExampleValueBytes = 32 << 10;
/// Of all examples together; those after it are kept at kExampleShortBytes each.
inline constexpr std::size_t kExamplesBytes = 32 << 20;
inline constexpr std::size_t kExampleShortBytes = 512;

// --- yaml ---
/// One YAML file. The largest rule of SigmaHQ has 190 KB; catalogues of ours stay under 4 MB.
inline constexpr std::size_t kYamlBytes = 16 << 20;
/// Values of one file, copies by aliases included: 140 bytes each, so at most 150 MB, also against a "billion
/// laughs".
inline constexpr std::size_t kYamlNodes = 1 << 20;
/// Lists and maps inside each other. Rules need 6; every level costs stack in all that walks the tree.
inline constexpr std::size_t kYamlDepth = 64;

// --- sigma matcher ---
/// Sets of met predicates that one worker remembers; then everything learnt about values is forgotten and
/// begun anew.
inline constexpr std::size_t kMatcherHitSetBytes = 32 << 20;
/// Combinations of hit sets remembered for one shape.
inline constexpr std::size_t kMatcherOutcomes = 1 << 15;
/// Texts by which records are chosen whose every value is made for keywords, and the shortest of them: with
/// more of them, or shorter ones, most records hold one.
inline constexpr std::size_t kKeywordTexts = 64;
inline constexpr std::size_t kKeywordTextBytes = 3;

// --- decode: input and JSON ---
/// Containers in containers: a backup of a collection of archives has three; a quine has no end.
inline constexpr unsigned kArchiveDepth = 8;
/// Members of one file given by the user, all levels together: each costs a receipt. A whole Windows machine
/// has about 400 logs, a collection of some hundred machines stays below this.
inline constexpr std::uint64_t kArchiveMembers = 1 << 17;
/// What one file may unpack to: kExpansionFree always, beyond that kExpansionRatio times its own size. Logs
/// shrink to a tenth or a fiftieth; deflate's best is 1,032.
inline constexpr std::uint64_t kExpansionFree = 1ULL << 30;
inline constexpr std::uint64_t kExpansionRatio = 500;
/// Window of zstd streams: 128 MiB, what `zstd --ultra -22` needs; more is memory that the file chooses.
inline constexpr int kZstdWindowLog = 27;
/// An archive inside an archive that can only be read from its end (7z) is held in memory up to this.
inline constexpr std::size_t kInnerArchiveBytes = 64 << 20;
/// One JSON record. A Windows event is at most 64 KiB of binary, Elastic accepts documents of 100 MB and
/// warns beyond 1.
inline constexpr std::size_t kJsonLineBytes = 16 << 20;
/// Nesting of one JSON record: Windows events have 6 levels, cloud logs up to 20.
inline constexpr std::size_t kJsonDepth = 64;
/// Values of one JSON record: an array of a million numbers in an event is not an event.
inline constexpr std::size_t kJsonValues = 1 << 20;
/// Distinct paths that one worker remembers before it begins anew.
inline constexpr std::size_t kJsonPaths = 1 << 14;
/// Columns that one worker remembers over all shapes, 4 bytes each. Real evidence needs about a million.
inline constexpr std::size_t kJsonColumnCells = 8 << 20;
/// What one worker remembers of keys as they are written, in bytes, before it begins anew. Real evidence
/// needs about 4 MB.
inline constexpr std::size_t kJsonKeyBytes = 32 << 20;
/// Values in the plans of one worker (decode/json/planned_rows.h), 30 to 60 bytes each. Real evidence needs
/// some ten thousand.
inline constexpr std::size_t kJsonPlanCells = 1 << 18;
/// What one worker remembers of the bytes between values (decode/json/skeleton.h). Real evidence needs a
/// megabyte.
inline constexpr std::size_t kJsonSkeletonBytes = 8 << 20;
/// A path is cut here: nested keys can be as long as the record.
inline constexpr std::size_t kJsonPathBytes = 4096;

// --- decode: XML and CSV ---
/// One event as XML. Windows' are at most 64 KiB of binary; text and escapes make five times that of it.
inline constexpr std::size_t kXmlEventBytes = 16 << 20;
/// Elements inside each other, as in binary XML.
inline constexpr std::size_t kXmlDepth = 64;
/// Attributes of one element; Windows writes at most four.
inline constexpr std::size_t kXmlAttributes = 256;
/// One row of CSV, quoted line breaks included, and the row of names at the front.
inline constexpr std::size_t kCsvRowBytes = 16 << 20;
inline constexpr std::size_t kCsvHeaderBytes = 64 << 10;
/// Columns of one table. Defender's widest has about 100.
inline constexpr std::size_t kCsvColumns = 4096;

// --- evtx ---
/// Elements inside each other in one stream of binary XML. Windows nests five; every level costs stack in
/// what walks them.
inline constexpr std::size_t kEvtxDepth = 64;
/// Streams inside each other (templates in values of templates). Windows nests one.
inline constexpr std::size_t kEvtxStreamDepth = 8;
/// Values of one template instance. ETW events have at most 128 of their own, the System part 20.
inline constexpr std::size_t kEvtxSubstitutions = 4096;
/// XML nodes of one stream: it fits into a chunk of 64 KiB, and a node takes some five bytes of it.
inline constexpr std::size_t kEvtxNodes = 1 << 14;
/// UTF-16 units of an element's or attribute's name; the longest seen has 48. Bounds what a name used often
/// unfolds to.
inline constexpr std::size_t kEvtxNameUnits = 512;
/// All template definitions of a chunk together: they fit into its 64 KiB, unless somebody lets them overlap.
inline constexpr std::size_t kEvtxChunkDefinitionBytes = 2 << 16;
inline constexpr std::size_t kEvtxChunkDefinitions = 2048;
/// What one record unfolds to. Its values share 64 KiB, but a hostile template can use one of them many
/// times.
inline constexpr std::size_t kEvtxRecordOutput = 16 << 20;
/// Values of a record in one field; an array of 64 KiB can have more items only if they are empty.
inline constexpr std::size_t kEvtxRecordValues = 1 << 17;
/// Compiled templates, and layouts of shapes made from them, that one worker remembers; then it begins anew.
/// Windows 11 has some 50,000 events in all; the DEV evidence uses 900.
inline constexpr std::size_t kEvtxPlans = 1 << 12;
inline constexpr std::size_t kEvtxPlanBytes = 16 << 20;
inline constexpr std::size_t kEvtxLayouts = 1 << 14;
/// Streams without a template that are compiled as if they were one; every set of elements that are there is
/// a layout of its own. What comes beyond goes the long way round.
inline constexpr std::size_t kEvtxStreamPlans = 512;
/// Kinds of such streams that are known again in one chunk without being parsed. Each that is tried in vain
/// costs time.
inline constexpr std::size_t kEvtxStreamPatterns = 8;
/// Values of records that wait to be put into columns: 512 KiB, half of a core's second-level cache; a
/// unit's, as a rule.
inline constexpr std::size_t kEvtxWaitingCells = 1 << 16;
/// How far apart the bytes of records that wait may lie: their places are kept in 32 bits.
inline constexpr std::size_t kEvtxReach = std::size_t{1} << 31;
/// Ways in which the definition of one template stands in chunks: with each of its names, or only the offset.
inline constexpr std::size_t kEvtxDefinitionImages = 8;

// --- evtx export ---
/// Nodes of one record that is exported as a tree: arrays repeat elements, so a hostile record could make any
/// number of them. Real records have at most some hundred.
inline constexpr std::size_t kEvtxExportNodes = 1 << 17;
/// Parts of elements looked at in one such record.
inline constexpr std::size_t kEvtxExportSteps = 1 << 21;
/// Fixed text of one template's program, and of all that a worker remembers; real ones have some kilobytes.
inline constexpr std::size_t kEvtxProgramText = 1 << 20;
inline constexpr std::size_t kEvtxProgramsText = 8 << 20;
/// Output that waits for its turn is handed on in pieces of this size, however much a unit unfolds to.
inline constexpr std::size_t kEvtxExportPiece = 4 << 20;

// --- carving ---
/// Hashes of records kept of one source, so that none is carved twice or beside its live one: at most 64 MiB.
/// Beyond this many (a log of some 4 GB) copies may remain, which a note of the receipt says.
inline constexpr std::size_t kCarveHashes = 1 << 22;
/// How much of an image is looked through at once; twice this is in memory.
inline constexpr std::size_t kCarveWindowBytes = 1 << 20;

// --- sigma ---
/// Brackets and "not" inside each other in a condition, and lists inside each other in a detection. Rules
/// need 5.
inline constexpr std::size_t kSigmaDepth = 64;
/// Nodes of one rule's Boolean tree and its tests. SigmaHQ's largest rule has 4,432 tests; repeated names
/// multiply them.
inline constexpr std::size_t kSigmaNodes = 1 << 17;
/// Searches of one rule: SigmaHQ's largest has 60. Every name in a condition is looked up among them.
inline constexpr std::size_t kSigmaSearches = 4096;
/// Text of one condition. SigmaHQ's longest has 700 bytes.
inline constexpr std::size_t kSigmaConditionBytes = 64 << 10;
/// Values that one value with placeholders may become (the product of their lists).
inline constexpr std::size_t kSigmaExpansions = 10'000;
/// Errors that are told of one rule: who sees twenty mends those first.
inline constexpr std::size_t kSigmaErrorsPerRule = 20;
/// Of a value in the readable form of a test.
inline constexpr std::size_t kSigmaSourceBytes = 240;
/// Files of one rule collection. SigmaHQ with everything has 5,000.
inline constexpr std::size_t kSigmaFiles = 200'000;
/// What an archive of rules may unpack to: they are in memory at once. SigmaHQ's has 8 MB.
inline constexpr std::size_t kSigmaArchiveBytes = 256 << 20;
/// What is asked of a regular expression's cost for other engines: positions of its automaton (a rule's
/// longest have some hundred) and edges between them. More get no answer.
inline constexpr std::size_t kRegexPositions = 400;
inline constexpr std::size_t kRegexEdges = 20'000;
/// Values of one list that are held against each other, and conjuncts of one condition; more are left alone:
/// the work grows with the square.
inline constexpr std::size_t kLintList = 2048;
inline constexpr std::size_t kLintConjuncts = 64;
/// Hits that `rules diff` keeps of each side to compare them; a rule set that fires so often is told by hunt.
inline constexpr std::size_t kDiffHits = 4'000'000;

// --- sigma correlations ---
/// Fields that one correlation groups by, counts, or gives other names. Rules in the wild have up to four.
inline constexpr std::size_t kCorrelationFields = 64;
/// Rules that one correlation refers to.
inline constexpr std::size_t kCorrelationRules = 4096;
/// The same where their order or a condition over them counts: the work grows with the square.
inline constexpr std::size_t kCorrelationSteps = 64;
/// Orders of rules that an extended condition may be met by; "a and (b or c)" has two.
inline constexpr std::size_t kCorrelationOrders = 64;
/// Correlations of correlations: people write two levels.
inline constexpr std::size_t kCorrelationDepth = 32;
/// A hundred years: longer spans mean "ever", and ticks must not overflow.
inline constexpr std::int64_t kCorrelationTimespanSeconds = 3'200'000'000;
/// The largest count that can be asked for: a group keeps one event more than that.
inline constexpr std::uint64_t kCorrelationThreshold = 100'000;
/// Events that all groups of all correlations keep together, some 250 bytes each: 64 MiB. Then the groups
/// that have been quiet longest are forgotten, which is said.
inline constexpr std::size_t kCorrelationEvents = 1 << 18;
/// Events listed of one match of a correlation; how many there were is said.
inline constexpr std::size_t kCorrelationListed = 100;
/// How late an event may be in a stream that is answered as it comes, against the latest that was seen.
inline constexpr std::int64_t kCorrelationLateSeconds = 60;
/// Matches that wait for late ones in such a stream; the oldest go on when there are more.
inline constexpr std::size_t kCorrelationWaiting = 1 << 16;

// Views and what settings say of rules.
/// Fields that one field of a view is made of; Hashes have four.
inline constexpr std::size_t kViewParts = 8;
/// Bytes of texts that wait for their other parts (script blocks): Windows cuts at some 16,000 characters, a
/// script of 4 MiB is beyond what people write. Then the oldest are given up, which is said.
inline constexpr std::size_t kCutTextBytes = 64 << 20;
/// Bytes of one such text when it is whole.
inline constexpr std::size_t kCutTextWhole = 8 << 20;

}  // namespace landwarden::limits
