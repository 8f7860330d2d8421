// The regular expressions of one field, tested together.
//
// Each expression has literals that must occur where it is found (RE2's FilteredRE2 names them), so that most
// are never started, and not even compiled. Immutable after build() or load() otherwise; safe from any
// thread.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/packing.h"
#include "sigma/regex.h"

namespace landwarden::sigma {

class RegexSet {
 public:
  RegexSet();
  ~RegexSet();
  RegexSet(RegexSet&&) noexcept;
  RegexSet& operator=(RegexSet&&) noexcept;

  /// The expression must have passed check_regex.
  void add(const std::string& expression, RegexFlags flags, std::uint32_t id);
  /// Closes the set. Gives the literals (folded) that must be looked for; scan() takes indexes into this
  /// list.
  [[nodiscard]] std::vector<std::string> build();
  [[nodiscard]] bool empty() const;

  /// Of a built set. Nothing is believed of what load() reads; ids are below `ids` afterwards.
  void save(Packer& out) const;
  [[nodiscard]] bool load(Unpacker& in, std::size_t ids);
  /// How many literals build() gave.
  [[nodiscard]] std::size_t literals() const;

  /// Appends the ids whose expression is found in `value`. `seen` = indexes of build()'s literals that occur
  /// in it, folded.
  void scan(std::string_view value, const std::vector<int>& seen, std::vector<std::uint32_t>& hits) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace landwarden::sigma
