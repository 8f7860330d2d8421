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
#include <vector>

#include "base/hash.h"
#include "decode/json/layout.h"

namespace landwarden::decode::json {

/// Between the keys of a path while it is built: a key may contain dots.
inline constexpr char kKeySeparator = '\x1F';

inline constexpr std::uint32_t kNoTarget = ~std::uint32_t{0};

/// What a path means in one layout.
struct Mapping {
  std::uint32_t own = kNoTarget;  ///< the field that it is by itself; none: not a field
  std::int32_t rule = -1;         ///< index into Layout::fields
  std::uint32_t priority = 0;     ///< among the rule's paths, 0 is best
  NullAs null_as = NullAs::null;
  enum Mark : std::uint8_t { none, embedded, zone_local, zone_utc } mark = none;
};

struct PathEntry {
  std::string path;                ///< keys with kKeySeparator
  std::uint64_t meets = 0;         ///< needs of layouts, a bit each
  std::vector<Mapping> by_layout;  ///< the last: no layout
  PathEntry* follows = nullptr;    ///< came behind it last time: guessed first
};

class Paths {
 public:
  /// `layouts` by rank; must outlive it.
  explicit Paths(std::span<const Layout> layouts);

  /// The entry of a path that comes behind `before` in its record (null: is the first).
  [[nodiscard]] PathEntry& find(std::string_view path, PathEntry* before);
  /// The first layout all of whose needs are met; else layouts().size().
  [[nodiscard]] std::size_t recognise(std::uint64_t meets) const;
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

 private:
  [[nodiscard]] std::unique_ptr<PathEntry> make(std::string_view path);
  [[nodiscard]] Mapping map(const Layout& layout, std::string_view path);
  void make_rule_targets();

  std::span<const Layout> layouts_;
  struct Need {
    std::size_t layout;
    const std::vector<std::string>* any_of;
  };
  std::vector<Need> needs_;
  std::vector<std::uint64_t> masks_;
  std::unordered_map<std::string_view, std::unique_ptr<PathEntry>, TextHash> entries_;
  PathEntry* first_ = nullptr;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> target_numbers_;
  std::vector<const std::string*> target_names_;
  std::vector<std::vector<std::uint32_t>> rule_targets_;
};

}  // namespace landwarden::decode::json
