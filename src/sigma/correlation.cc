#include "sigma/correlation.h"

#include <array>

namespace landwarden::sigma {
namespace {

constexpr auto kTypes =
    std::to_array<const char*>({"event_count", "value_count", "temporal", "temporal_ordered", "value_sum",
                                "value_avg", "value_percentile", "value_median"});
constexpr auto kComparisons = std::to_array<const char*>({"gt", "gte", "lt", "lte", "eq", "neq"});

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

const char* to_text(Correlation::Type type) {
  return kTypes[static_cast<std::size_t>(type)];
}

const char* to_text(Correlation::Comparison comparison) {
  return kComparisons[static_cast<std::size_t>(comparison)];
}

std::string to_text(const std::vector<Correlation::Bound>& bounds) {
  std::string out;
  for (const Correlation::Bound& bound : bounds) {
    out += (out.empty() ? "" : " and ") + std::string(to_text(bound.comparison)) + " " + to_text(bound.value);
  }
  return out;
}

std::string to_text(const Correlation& correlation) {
  std::string out = to_text(correlation.type);
  if (!correlation.fields.empty()) out += " of " + joined(correlation.fields);
  if (correlation.type == Correlation::Type::value_percentile)
    out += " (percentile " + to_text(correlation.percentile) + ")";
  if (!correlation.bounds.empty()) out += " " + to_text(correlation.bounds);
  if (!correlation.timespan.empty()) out += " in " + correlation.timespan;
  if (!correlation.group_by.empty()) out += " by " + joined(correlation.group_by);
  return out;
}

}  // namespace landwarden::sigma
