#include "engine/survey_book.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace landwarden::engine {

SurveyBook::SurveyBook() : logons_(limits::kSurveyLogons) {}

void SurveyBook::begin(event::SourceId source, const std::string& name) {
  const std::scoped_lock lock(mutex_);
  entries_.try_emplace(source.value, name);
}

void SurveyBook::expect(event::SourceId source, std::uint64_t offset) {
  const std::scoped_lock lock(mutex_);
  entries_.at(source.value).expected.push_back(offset);
}

void SurveyBook::put(event::SourceId source, std::uint64_t offset, UnitSketch sketch) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_.at(source.value);
  entry.waiting.insert_or_assign(offset, std::move(sketch));
  fold_ready(entry);
  if (entry.ended && entry.expected.empty()) close(entry);
}

void SurveyBook::end(event::SourceId source) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_.at(source.value);
  entry.ended = true;
  if (entry.expected.empty()) close(entry);
}

void SurveyBook::count_logons(const std::map<std::string, std::uint64_t>& logons) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, count] : logons) logons_.count(key, count);
}

void SurveyBook::fold_ready(Entry& entry) {
  while (!entry.expected.empty()) {
    const auto found = entry.waiting.find(entry.expected.front());
    if (found == entry.waiting.end()) return;
    entry.fold.add(std::move(found->second));
    entry.waiting.erase(found);
    entry.expected.pop_front();
  }
}

/// The bound over all samples depends on which sources there are, not on which were closed first: it is
/// lowered only when those closed so far are too many, and then all of them are.
void SurveyBook::close(Entry& entry) {
  if (std::exchange(entry.closed, true)) return;
  entry.fold.close();
  entry.fold.sample().lower_to(sample_level_);
  sampled_ += entry.fold.sample().hashes().size();
  while (sampled_ > limits::kSurveySampleAll && sample_level_ < 63) {
    ++sample_level_;
    sampled_ = 0;
    for (auto& [source, other] : entries_) {
      if (!other.closed) continue;
      other.fold.sample().lower_to(sample_level_);
      sampled_ += other.fold.sample().hashes().size();
    }
  }
}

std::vector<SourceFold*> SurveyBook::finish() {
  std::vector<SourceFold*> folds;
  for (auto& [source, entry] : entries_) {
    for (auto& [offset, sketch] : entry.waiting) entry.fold.add(std::move(sketch));
    entry.waiting.clear();
    close(entry);
    folds.push_back(&entry.fold);
  }
  std::ranges::stable_sort(folds, {}, &SourceFold::name);
  return folds;
}

}  // namespace landwarden::engine
