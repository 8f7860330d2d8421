// Fields of a view that are made of several fields of the record: "DOMAIN\user" of two of them.
//
// Which predicates a combination of values meets is kept by their dictionary codes, so that a combination is
// put together and tested once. One worker's; not thread-safe.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "event/batch.h"
#include "sigma/plan.h"

namespace landwarden::sigma {

/// The value in a row; `columns` are those of the slot's parts, nullptr where the batch has none. Nothing: a
/// part that is needed is absent. Of a part with several values the first counts.
[[nodiscard]] std::optional<std::string> joined_text(const Slot& slot,
                                                     std::span<const event::Column* const> columns,
                                                     const event::EventBatch& batch, std::size_t row);

/// Hit sets of combinations of values.
class JoinedMemo {
 public:
  /// Forgets everything if the columns' dictionaries are others, or of another generation.
  void follow(std::span<const event::Column* const> columns);
  /// The place of the row's combination; ValueMemo::kUnknown at first. Valid until the next call.
  [[nodiscard]] std::uint32_t* at(std::span<const event::Column* const> columns, std::size_t row);

 private:
  struct Of {
    const event::ValueTable* table = nullptr;
    std::uint32_t generation = 0;
    bool operator==(const Of&) const = default;
  };
  std::vector<Of> of_, now_;
  std::string key_;
  std::unordered_map<std::string, std::uint32_t> hits_;
};

}  // namespace landwarden::sigma
