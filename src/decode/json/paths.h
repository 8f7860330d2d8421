// What each path of a record means in each layout, looked up once a path and remembered.
//
// One worker's; entries live until trim(), which the owner calls between records.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "decode/json/layout.h"
#include "event/value_table.h"

namespace landwarden::decode::json {

/// Between the keys of a path while it is built: a key may contain dots.
inline constexpr char kKeySeparator = '\x1F';

inline constexpr std::uint32_t kNoTarget = ~std::uint32_t{0};

/// What a path means in one layout.
struct Mapping {
  std::uint32_t own = kNoTarget;  ///< the field that it is by itself; none: not a field
  std::int32_t rule = -1;         ///< index into Layout::fields
  std::uint32_t priority = 0;     ///< among the rule's paths, 0 is best
  std::int32_t watched = -1;      ///< index into Paths::watched() of that layout
  NullAs null_as = NullAs::null;
  enum Mark : std::uint8_t { none, embedded, positions, zone_local, zone_utc } mark = none;
  bool known = false;  ///< the rest is filled in
};

/// Needs of layouts, a bit each; the highest: some need asks for a value. 64 are too few for all tables.
__extension__ using Needs = unsigned __int128;
inline constexpr std::size_t kNeeds = 127;

struct PathEntry {
  std::string path;                ///< keys with kKeySeparator
  Needs meets = 0;                 ///< those that are met by its being there
  bool asked = false;              ///< some need asks for its value, too
  std::vector<Mapping> by_layout;  ///< the last: no layout; use Paths::mapping()
  PathEntry* follows = nullptr;    ///< came behind it last time: guessed first
};

/// One value of a record.
struct Item {
  PathEntry* path = nullptr;
  event::ValueType type = event::ValueType::text;
  bool null = false;
  std::string_view text;
  bool told =
      false;  ///< a null that is one: the source tells it from an empty text, as JSON of events does not
};

class Paths {
 public:
  /// The needs that a path's value may meet.
  struct Asking {
    Needs needs = 0;
    bool fronts = true;  ///< by its first kFrontBytes alone, which are these
    std::vector<std::pair<Needs, std::string>> begins{};
  };

  /// `layouts` by rank; must outlive it.
  explicit Paths(std::span<const Layout> layouts);

  /// The entry of a path that comes behind `before` in its record (null: is the first).
  [[nodiscard]] PathEntry& find(std::string_view path, PathEntry* before);
  /// The first layout all of whose needs are met, the case of it that the values say; else layouts().size().
  /// `meets`: of all the record's paths together.
  [[nodiscard]] std::size_t recognise(std::span<const Item> items, Needs meets);
  [[nodiscard]] const Mapping& mapping(PathEntry& entry, std::size_t layout) {
    Mapping& mapping = entry.by_layout[layout];
    if (!mapping.known) [[unlikely]]
      fill(mapping, entry.path, layout);
    return mapping;
  }
  /// Paths that cases and made fields of a layout look at.
  [[nodiscard]] std::span<const std::string> watched(std::size_t layout) const { return watched_[layout]; }
  [[nodiscard]] std::span<const Layout> layouts() const { return layouts_; }

  /// Fields, by number: `own` of mappings, and `rule_target` of rules.
  [[nodiscard]] std::uint32_t target(std::string_view field);
  [[nodiscard]] const std::string& target_name(std::uint32_t target) const { return *target_names_[target]; }
  [[nodiscard]] std::size_t targets() const { return target_names_.size(); }
  [[nodiscard]] std::uint32_t rule_target(std::size_t layout, std::int32_t rule) const {
    return rule_targets_[layout][static_cast<std::size_t>(rule)];
  }

  /// Forgets all paths and fields when there are too many. True if it did: numbers given out are void.
  bool trim();
  /// Moves on whenever trim() forgot everything.
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

 private:
  friend class Plans;  // asks for met_by_values() and asking()

  [[nodiscard]] std::unique_ptr<PathEntry> make(std::string_view path);
  void note_needs(PathEntry& entry, std::string_view full, const Layout* wrapped) const;
  void fill(Mapping& mapping, std::string_view path, std::size_t layout);
  void map(Mapping& mapping, const Layout& layout, std::string_view path);
  [[nodiscard]] std::string own_name(const Layout& layout, std::string_view path, std::string full) const;
  static constexpr std::size_t kFrontBytes = 15;
  [[nodiscard]] Asking asking(const PathEntry& entry) const;
  [[nodiscard]] Needs met_by_values(std::span<const Item> items) const;
  [[nodiscard]] std::size_t case_of(std::span<const Item> items, std::size_t layout);
  void make_rule_targets();

  std::span<const Layout> layouts_;
  struct NeedOf {
    std::size_t layout;
    const std::vector<Need>* any_of;
  };
  std::vector<NeedOf> needs_;
  /// By the path that is asked for: of which needs, and whether by its value. Those of any path below
  /// another.
  struct Asks {
    std::size_t need;
    bool value;
  };
  std::unordered_map<std::string_view, std::vector<Asks>, TextHash> asked_paths_;
  std::vector<std::pair<std::string_view, Asks>> asked_below_;
  std::vector<Needs> masks_;
  std::vector<std::vector<std::string>> watched_;  ///< by layout
  std::unordered_map<std::string_view, std::unique_ptr<PathEntry>, TextHash> entries_;
  PathEntry* first_ = nullptr;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> target_numbers_;
  std::vector<const std::string*> target_names_;
  std::vector<std::vector<std::uint32_t>> rule_targets_;
  std::uint64_t epoch_ = 0;
};

}  // namespace landwarden::decode::json
