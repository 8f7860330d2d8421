#include <algorithm>
#include <tuple>
#include <utility>

#include "assess/made_survey.h"

namespace landwarden::assess {
namespace {

std::int32_t number_of(int day) {
  const Time first =
      from_civil({.year = 2026, .month = 3, .day = 1, .hour = 0, .minute = 0, .second = 0, .tick = 0});
  return triage::day_of(first) + day - 1;
}

}  // namespace

TimeRange MadeSurvey::days(int first, int last) {
  return {triage::start_of(number_of(first)), triage::start_of(number_of(last) + 1)};
}

MadeSurvey& MadeSurvey::log(std::string host, std::string channel, int first_day, int last_day) {
  const TimeRange range = days(first_day, last_day);
  triage::LogSurvey log;
  log.host = std::move(host);
  log.channel = std::move(channel);
  log.records = 1000;
  log.first = range.begin;
  log.last = {range.end.ticks - 1};
  log.numbered = true;
  log.first_number = next_number_;
  log.last_number = next_number_ + 999;
  next_number_ += 5000;
  if (!survey_.first.known() || log.first < survey_.first) survey_.first = log.first;
  if (!survey_.last.known() || log.last > survey_.last) survey_.last = log.last;
  survey_.sources.emplace_back();
  survey_.sources.back().logs.push_back(std::move(log));
  return *this;
}

MadeSurvey& MadeSurvey::kind(std::uint32_t event_id, int first_day, int last_day, std::string_view filled) {
  const auto watch = table_.find_watch(filled);
  triage::Arrival* found = nullptr;
  for (triage::Arrival& arrival : survey_.arrivals) {
    if (arrival.host == last().host && arrival.channel == last().channel && arrival.event_id == event_id)
      found = &arrival;
  }
  if (found == nullptr) {
    triage::Arrival arrival;
    arrival.host = last().host;
    arrival.product = "windows";
    arrival.channel = last().channel;
    arrival.provider = event_id == 1102 ? "Microsoft-Windows-Eventlog" : "Provider";
    arrival.event_id = event_id;
    arrival.has_event_id = true;
    arrival.filled.resize(table_.watches().size());
    survey_.arrivals.push_back(std::move(arrival));
    found = &survey_.arrivals.back();
  }
  found->records += 100;
  if (watch) found->filled[*watch] += 100;
  found->days.add({number_of(first_day), number_of(last_day), watch ? 1U << *watch : 0}, triage::kDayRuns);
  return *this;
}

MadeSurvey& MadeSurvey::gap(int first_day, int last_day) {
  triage::LogSurvey& log = last();
  const TimeRange range = days(first_day, last_day);
  log.gaps.push_back({.after = log.first_number + 100,
                      .before = log.first_number + 110,
                      .after_time = range.begin,
                      .before_time = {range.end.ticks - 1}});
  log.gaps_total = log.gaps.size();
  log.numbers_missing += 9;
  return *this;
}

MadeSurvey& MadeSurvey::excerpt() {
  last().excerpt = true;
  return *this;
}

MadeSurvey& MadeSurvey::continues() {
  const triage::LogSurvey& before = survey_.sources[survey_.sources.size() - 2].logs.front();
  last().first_number = before.last_number + 1;
  last().last_number = last().first_number + 999;
  return *this;
}

const triage::Survey& MadeSurvey::survey() const {
  std::ranges::stable_sort(survey_.arrivals, {}, [](const triage::Arrival& arrival) {
    return std::tie(arrival.host, arrival.channel, arrival.provider, arrival.event_id);
  });
  return survey_;
}

}  // namespace landwarden::assess
