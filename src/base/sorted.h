// Lists in which everything stands once, in order.

#pragma once

#include <algorithm>
#include <vector>

namespace landwarden {

/// Sorts, and keeps one of each.
template <class T>
void sort_and_unite(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace landwarden
