#include "decode/evtx/keyword_places.h"

#include <algorithm>

namespace landwarden::decode::evtx {
namespace {
/// So many finders are kept at most.
constexpr std::size_t kMostKnown = 16;
}  // namespace

void KeywordPlaces::search(const RawTexts& texts, RawTexts::Set which) {
  if (searched_ == 0) {
    // Chunks of one log follow each other: what the one before needed in the end is needed here.
    searched_ = which == first_ ? all_ : which;
    first_ = which;
  } else {
    searched_ |= which;
  }
  all_ = searched_;
  auto known = std::ranges::find(known_, all_, &Known::which);
  if (known == known_.end()) {
    if (known_.size() == kMostKnown) known_.clear();
    known_.push_back({all_, texts.finder(all_)});
    known = known_.end() - 1;
  }
  places_.clear();
  known->finder.find(chunk_, places_);
}

bool KeywordPlaces::is_between(RawTexts::Set which, std::size_t begin, std::size_t end) const {
  for (auto at = std::ranges::lower_bound(places_, begin, {}, &RawPlace::at); at != places_.end(); ++at) {
    if (at->at >= end) return false;
    if ((at->texts & which) != 0) return true;
  }
  return false;
}

}  // namespace landwarden::decode::evtx
