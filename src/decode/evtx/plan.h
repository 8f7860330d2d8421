// Template definitions, compiled: each becomes once a list of fields whose values are slots of an instance or
// text of the template's own. Definitions of the same content in different chunks (and files) share one plan.
//
// A Plan owns all that it refers to. PlanCache belongs to one worker and is emptied only between work units.

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/limits.h"
#include "decode/evtx/ansi.h"
#include "decode/evtx/binxml.h"
#include "decode/evtx/field_walk.h"
#include "decode/evtx/stream_pattern.h"
#include "event/catalogue.h"

namespace landwarden::decode::evtx {

/// A piece of a field's value.
struct Part {
  bool is_slot = false;
  std::uint16_t slot = 0;
  event::ValueType type = event::ValueType::text;  ///< of a literal
  std::string text;                                ///< the literal
};

/// A field that a template gives. Its value: the parts' texts in a row; usually one part.
struct FieldPlan {
  std::string name;
  WhenEmpty when_empty = WhenEmpty::absent;
  std::vector<Part> parts;
  std::vector<std::uint16_t> dependencies;  ///< the field is absent if one of these slots is null

  /// What the catalogue calls it, asked once: a plan has one worker, and that one catalogue.
  [[nodiscard]] std::optional<event::FieldId> id_in(event::Catalogue& catalogue) const {
    if (!id) id = catalogue.field(name);
    return id;
  }
  mutable std::optional<event::FieldId> id;

  [[nodiscard]] bool is_slot() const { return parts.size() == 1 && parts[0].is_slot; }
  [[nodiscard]] bool is_literal() const { return parts.empty() || (parts.size() == 1 && !parts[0].is_slot); }
};

/// Which fields of the System part a plan gives, as indexes into Plan::fields; -1: not, or not exactly once.
struct SystemFields {
  int channel = -1, provider = -1, event_id = -1, version = -1, computer = -1, time = -1, record_id = -1;
};

struct ShapePlans;

/// In a set of slots as bits: the bit that stands for this slot and all behind it.
inline constexpr std::size_t kRestOfSlots = 60;

struct Plan {
  Plan();
  ~Plan();

  Tree tree;  ///< views `storage`
  std::vector<std::byte> storage;
  std::vector<FieldPlan> fields;
  SystemFields system;
  /// What a slot may hold without sending the record the long way round.
  enum SlotUse : std::uint8_t { plain = 0, may_be_list = 1, may_embed = 2 };
  std::vector<std::uint8_t> slots;
  /// A bit for each slot that may_embed, see kRestOfSlots.
  std::uint64_t embedding = 0;
  std::uint32_t cells = 0;  ///< how many of an instance's values fields and dependencies can refer to
  /// Fields before this one come before the fields of the embedded stream.
  std::size_t embedded_at = 0;
  Place::Kind embedded_place = Place::event;
  bool is_event = false;  ///< the root element is Event
  /// What of that which the reader looks for its own text, or text joined from several parts, may hold; asked
  /// once.
  std::optional<std::uint64_t> own_texts;
  bool direct = false;    ///< fields can be taken from an instance's values without building a tree
  std::size_t bytes = 0;  ///< about what it holds in memory
  /// What the layouts of shapes made from it are (layout.h).
  std::unique_ptr<ShapePlans> shapes;
};

/// Why a definition is not even looked at; all other reasons say that there is none that could be used.
inline constexpr Reason kTooManyTemplates = "more templates than a chunk can hold";

class PlanCache {
 public:
  /// The plan of the definition whose header stands at `offset` of the chunk.
  /// `place` is where the instance stands: its fields are named accordingly.
  [[nodiscard]] Parsed<Plan*> plan(Bytes chunk, std::uint32_t offset, std::uint32_t template_id,
                                   Place::Kind place) {
    const Known& known = recent_[recent_index(offset)];
    if (known.plan != nullptr && known.offset == offset && known.template_id == template_id &&
        known.place == place) {
      return known.plan;
    }
    return find_plan(chunk, offset, template_id, place);
  }
  /// The plan of chunk[begin, end), a stream that brings its own text instead of an instance's values, as if
  /// it were a template: what stands in its elements and attributes are the slots, and goes to `literals`.
  /// Null if the stream takes the long way: it is damaged, or there is more to it than elements that hold one
  /// value.
  [[nodiscard]] Plan* plan_of_stream(Bytes chunk, std::size_t begin, std::size_t end, Place::Kind place,
                                     std::vector<RawValue>& literals);
  /// Call before each chunk: offsets mean something else there.
  void begin_chunk();
  /// Call between work units: plans given out are void if it says true.
  bool trim();
  /// Code page of ANSI text in definitions, 1252 without it. `ansi` must outlive the cache.
  void ansi_text(AnsiText& ansi) { ansi_ = &ansi; }
  [[nodiscard]] AnsiText* ansi_text() const { return ansi_; }
  /// Whether names must have the right hash from here on.
  void check_names(NameHashes hashes) { hashes_ = hashes; }
  [[nodiscard]] NameHashes name_hashes() const { return hashes_; }
  /// The next trim() forgets everything.
  void forget() { bytes_ = limits::kEvtxPlanBytes + 1; }

 private:
  struct Known {
    std::uint32_t chunk = 0;
    std::uint32_t offset = 0;
    std::uint32_t template_id = 0;
    Place::Kind place = Place::event;
    Plan* plan = nullptr;
    Reason reason = nullptr;
  };
  /// A definition as it stood in some chunk. It says the same wherever its bytes are the same, but for the
  /// offsets of names, and the names there are.
  struct Image {
    Place::Kind place = Place::event;
    std::vector<std::byte> bytes;  ///< the stream
    std::vector<NameUse> names;    ///< views `name_text`
    std::vector<std::byte> name_text;
    Plan* plan = nullptr;

    [[nodiscard]] bool stands_at(Bytes chunk, std::size_t begin, std::size_t size) const;
  };
  [[nodiscard]] Parsed<Plan*> find_plan(Bytes chunk, std::uint32_t offset, std::uint32_t template_id,
                                        Place::Kind place);
  static std::size_t recent_index(std::uint32_t offset) { return (offset >> 3 ^ offset >> 9) % kRecent; }
  [[nodiscard]] Parsed<Plan*> find_or_compile(Bytes chunk, std::uint32_t offset, std::uint32_t template_id,
                                              Place::Kind place);
  [[nodiscard]] Parsed<Plan*> compile(Bytes chunk, std::size_t begin, std::size_t size, Place::Kind place);
  [[nodiscard]] Plan* add_plan(Place::Kind place);
  [[nodiscard]] Plan* parse_and_plan(Bytes chunk, std::size_t begin, std::size_t end, Place::Kind place,
                                     std::vector<RawValue>& literals);
  void keep_image(std::vector<Image>& images, Bytes stream, Place::Kind place, Plan* plan);

  std::vector<Known> known_ = std::vector<Known>(4 * 1024);  ///< open addressing by offset
  static constexpr std::size_t kRecent = 32;
  std::array<Known, kRecent> recent_;  ///< of them, those of this chunk that were used last
  std::uint32_t chunk_ = 0;
  std::size_t chunk_definitions_ = 0;
  std::size_t chunk_bytes_ = 0;
  AnsiText* ansi_ = nullptr;
  NameHashes hashes_ = NameHashes::ignored;
  Tree scratch_;
  StreamNotes notes_;
  /// Of streams without a template.
  std::vector<StreamPattern> patterns_ = std::vector<StreamPattern>(limits::kEvtxStreamPatterns);
  std::size_t patterns_used_ = 0, pattern_ = 0, next_pattern_ = 0;
  std::string key_;
  std::unordered_map<std::uint64_t, std::vector<Image>> images_;  ///< by hash of GUID and size
  std::unordered_map<std::string, std::unique_ptr<Plan>, TextHash, std::equal_to<>> plans_;
  std::size_t stream_plans_ = 0;  ///< of them
  std::size_t bytes_ = 0;
};

}  // namespace landwarden::decode::evtx
