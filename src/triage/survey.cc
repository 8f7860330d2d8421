#include "triage/survey.h"

#include <tuple>

namespace landwarden::triage {
namespace {

/// Of two that were told at the same time the later in order, so that the order of joining does not matter.
void keep_latest(std::string& text, Time& told, const std::string& other, Time other_told) {
  if (other.empty() || std::tie(told, text) >= std::tie(other_told, other)) return;
  text = other;
  told = other_told;
}

}  // namespace

void HostFacts::add(const HostFacts& other) {
  keep_latest(os, os_told, other.os, other.os_told);
  keep_latest(time_zone, time_zone_told, other.time_zone, other.time_zone_told);
  if (other.last_start.known() && (!last_start.known() || last_start < other.last_start))
    last_start = other.last_start;
}

}  // namespace landwarden::triage
