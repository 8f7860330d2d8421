#include "sigma/spelling.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace landwarden::sigma {
namespace {

constexpr std::size_t kLongestName = 64;

}  // namespace

std::size_t edit_distance(std::string_view left, std::string_view right) {
  if (left.size() > kLongestName || right.size() > kLongestName) return kLongestName;
  using Row = std::array<std::size_t, kLongestName + 1>;
  Row before_last{};
  Row last{};
  Row current{};
  for (std::size_t k = 0; k <= right.size(); ++k) last[k] = k;
  const auto same = [&](std::size_t i, std::size_t k) {
    return text::ascii_lower(left[i]) == text::ascii_lower(right[k]);
  };
  for (std::size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (std::size_t k = 1; k <= right.size(); ++k) {
      current[k] = std::min({last[k] + 1, current[k - 1] + 1, last[k - 1] + (same(i - 1, k - 1) ? 0 : 1)});
      if (i > 1 && k > 1 && same(i - 1, k - 2) && same(i - 2, k - 1)) {
        current[k] = std::min(current[k], before_last[k - 2] + 1);
      }
    }
    before_last = last;
    last = current;
  }
  return last[right.size()];
}

bool is_near(std::string_view left, std::string_view right, std::size_t most) {
  const std::size_t longer = std::max(left.size(), right.size()),
                    shorter = std::min(left.size(), right.size());
  return longer - shorter <= most && edit_distance(left, right) <= most;
}

std::string_view nearest_name(std::string_view written, std::span<const std::string_view> names) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(1, written.size() / 3) + 1;
  for (const std::string_view name : names) {
    const std::size_t distance = edit_distance(written, name);
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view written, std::span<const std::string_view> names,
                         std::string otherwise) {
  const std::string_view name = nearest_name(written, names);
  return name.empty() ? std::move(otherwise) : "did you mean '" + std::string(name) + "'?";
}

}  // namespace landwarden::sigma
