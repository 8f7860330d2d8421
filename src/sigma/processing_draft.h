// A rule's detection between its parse and its condition: what processing pipelines work on.
//
// Plain values.

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "sigma/rule.h"

namespace landwarden::sigma {

/// What stands under one key of a search.
struct DraftItem {
  std::string field;  ///< empty: keywords
  bool all = false;   ///< every value must be met
  std::vector<Test> tests;
  Expression tree;                  ///< over `tests`
  std::set<std::string> processed;  ///< ids of what has changed it
};

/// Items in a tree. `any` and `all` without children are gone.
struct DraftPart {
  enum class Kind : std::uint8_t { all, any, item };
  Kind kind = Kind::all;
  std::vector<DraftPart> children;
  DraftItem item;

  [[nodiscard]] bool gone() const { return kind != Kind::item && children.empty(); }
};

struct DraftSearch {
  std::string name;
  DraftPart root;
};

/// A search that is put before the conditions: "name and (…)".
struct DraftCondition {
  std::string name;
  bool negated = false;
};

struct Draft {
  std::vector<DraftSearch> searches;
  std::vector<DraftCondition> added;  ///< the first is innermost
};

/// Where an item's tests are, while the search's tree is one of tests.
struct DraftMark {
  std::string field;
  bool all = false;
  std::uint32_t first = 0, count = 0;
};

/// The name that the node of the item with this number has until the draft is made.
[[nodiscard]] std::string draft_mark_name(std::size_t number);
/// The tree of a search with its items.
[[nodiscard]] DraftPart draft_of(const Expression& tree, const std::vector<Test>& tests,
                                 const std::vector<DraftMark>& marks);
/// Back again: tests are appended to `tests`, the tree counts from their first one.
[[nodiscard]] Expression tree_of(const DraftPart& part, std::vector<Test>& tests);

}  // namespace landwarden::sigma
