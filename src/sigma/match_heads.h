// What every match on a record says of the record: when, where, which log. Matches of one log share its
// texts. Not for several threads.

#pragma once

#include <cstddef>
#include <vector>

#include "base/shared_text.h"
#include "event/batch.h"
#include "event/catalogue.h"
#include "sigma/match.h"

namespace landwarden::sigma {

class MatchHeads {
 public:
  /// The catalogue must outlive this.
  explicit MatchHeads(const event::Catalogue& catalogue) : catalogue_(&catalogue) {}

  /// A match that says which record the row is, and nothing else.
  [[nodiscard]] Match on(const event::EventBatch& batch, std::size_t row);

 private:
  struct Log {
    const event::Shape* shape = nullptr;  ///< none before the first match
    SharedText channel, provider;
  };
  const event::Catalogue* catalogue_;
  std::vector<Log> logs_;  ///< by ShapeId
  SharedText host_;        ///< the last one
};

}  // namespace landwarden::sigma
