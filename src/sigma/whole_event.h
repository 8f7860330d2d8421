// The whole record beside a match, for those who asked for it.

#pragma once

#include <cstddef>

#include "event/batch.h"
#include "event/catalogue.h"
#include "sigma/match.h"

namespace landwarden::sigma {

/// Fills `match.event` with every field that the row has: the System part as Windows orders it, then the
/// event's own fields by name. The batch has only what its decoder was asked for.
void add_whole_event(const event::EventBatch& batch, std::size_t row, const event::Catalogue& catalogue,
                     Match& match);

}  // namespace landwarden::sigma
