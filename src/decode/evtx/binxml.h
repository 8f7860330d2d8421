// Binary XML ([MS-EVEN6] 2.2.12 and 3.1.4.7, as it stands in EVTX chunks): a stream of tokens becomes a tree,
// an instance of a template becomes its list of values.
//
// Offsets in names and templates are relative to the chunk, which may be cut short. Nothing is trusted:
// sizes, offsets, counts and depths are checked, and every failure is a sentence for the receipt. Trees view
// the bytes that they were read from. No state; any thread.

#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "decode/evtx/format.h"
#include "decode/evtx/value.h"

namespace landwarden::decode::evtx {

/// Why something could not be read; a constant sentence.
using Reason = const char*;
template <class T>
using Parsed = std::expected<T, Reason>;

enum class NodeKind : std::uint8_t {
  element,    ///< bytes = name; `attributes` and `first` (content) are chains; number = slot it depends on
  attribute,  ///< bytes = name; `first` is the chain of its value's parts
  text,       ///< bytes = UTF-16
  character,  ///< number = UTF-16 unit (character and entity references)
  value,      ///< bytes and type: a value that stands in the stream
  slot,       ///< number = index into the instance's values
  instance,   ///< bytes = the token's own, from 0x0c on
};

inline constexpr std::uint16_t kNoDependency = 0xffff;

struct Node {
  NodeKind kind = NodeKind::element;
  std::uint8_t type = 0;
  std::uint16_t number = kNoDependency;
  std::uint32_t next = 0;  ///< the sibling behind it; 0: none
  std::uint32_t first = 0;
  std::uint32_t attributes = 0;
  Bytes bytes{};
};

/// Nodes in the order of their tokens; node 0 stands for "none".
struct Tree {
  std::vector<Node> nodes;
  std::uint32_t first = 0;  ///< chain of what stands at the top

  void clear() {
    nodes.assign(1, Node{});
    first = 0;
  }
  [[nodiscard]] const Node& operator[](std::uint32_t index) const { return nodes[index]; }
};

/// Elements of template definitions carry the number of the slot that they depend on; those of records do
/// not.
enum class StreamKind : std::uint8_t { record, definition };

/// Where a stream names something: the one kind of token whose meaning also hangs on bytes outside the
/// stream.
struct NameUse {
  std::uint32_t at = 0;   ///< of the name's offset, behind the stream's begin
  bool here = false;      ///< the name is defined right behind it
  Bytes size_and_text{};  ///< its length (u16) and UTF-16 units, as they stand in the chunk
};

/// What a tree does not tell of the stream that it was read from.
struct StreamNotes {
  std::vector<NameUse> names;
  std::vector<std::uint32_t>
      sizes;                ///< offsets in the chunk of the u32 that say what elements take; not used
  std::size_t end = 0;      ///< offset in the chunk: behind the last token
  bool marked_end = false;  ///< that one says that the stream is over

  void clear() {
    names.clear();
    sizes.clear();
    marked_end = false;
  }
};

/// How many bytes a value of type `type` has that stands in a stream at chunk[at, end), behind its token and
/// type; all of them are there. `at` moves behind the count of characters that some types begin with.
[[nodiscard]] Parsed<std::size_t> literal_size(Bytes chunk, std::size_t& at, std::size_t end,
                                               std::uint8_t type);

/// The length and the text of the name that is defined at `offset`.
[[nodiscard]] Parsed<Bytes> name_at(Bytes chunk, std::size_t offset);

/// Windows' hash of a name's UTF-16 units: times 65599, cut to 16 bits. It stands in front of the name's
/// size.
[[nodiscard]] std::uint16_t name_hash(Bytes units);

/// Whether a name whose hash is wrong is a name. In live records it is: one bit of it may have changed.
/// Carved ones may refer to where something else was written since.
enum class NameHashes : std::uint8_t { ignored, checked };

/// Reads the tokens in chunk[begin, end) into `tree`, which is cleared first, as are `notes`, if wanted.
[[nodiscard]] Parsed<void> parse_stream(Bytes chunk, std::size_t begin, std::size_t end, StreamKind kind,
                                        Tree& tree, StreamNotes* notes = nullptr,
                                        NameHashes hashes = NameHashes::ignored);

/// A template instance: where its definition stands and where its values are described and lie.
struct Instance {
  std::uint32_t template_id = 0;
  std::uint32_t definition = 0;  ///< offset in the chunk
  std::uint32_t count = 0;
  std::size_t descriptors = 0;  ///< offset in the chunk: {u16 size, u8 type, u8 unused} each
  std::size_t values = 0;       ///< offset in the chunk
  std::size_t end = 0;          ///< behind the last value; parse_instance_head() leaves it open
};

/// Reads the instance whose token (0x0c) stands at `at`, but for the sizes of its values: they may run past
/// `end`.
[[nodiscard]] Parsed<Instance> parse_instance_head(Bytes chunk, std::size_t at, std::size_t end);
inline constexpr Reason kValuesRunPast = "the values of a template instance run past its record";

/// Reads the instance whose token (0x0c) stands at `at`; its values must end by `end`.
[[nodiscard]] Parsed<Instance> parse_instance(Bytes chunk, std::size_t at, std::size_t end);

/// Where the instance token stands if chunk[begin, end) begins with one (with or without a fragment header);
/// else `end`.
[[nodiscard]] std::size_t instance_token(Bytes chunk, std::size_t begin, std::size_t end);

/// Whether a stream is over at `at`: nothing left, or the end token.
[[nodiscard]] inline bool stream_over(Bytes chunk, std::size_t at, std::size_t end) {
  return at >= end || chunk[at] == std::byte{0};
}

}  // namespace landwarden::decode::evtx
