// lw_range_write DIR [SEED]: writes the sample estate, for tests that run before the program has its command.

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "range/estate.h"

int main(int count, char** arguments) {
  if (count < 2) {
    std::fputs("usage: lw_range_write DIR [SEED] [DAYS] [SCALE]\n", stderr);
    return 2;
  }
  landwarden::range::EstateOptions options;
  if (count > 2) options.seed = std::strtoull(arguments[2], nullptr, 10);
  if (count > 3) options.days = static_cast<std::uint32_t>(std::strtoul(arguments[3], nullptr, 10));
  if (count > 4) options.scale = static_cast<std::uint32_t>(std::strtoul(arguments[4], nullptr, 10));
  const auto summary = landwarden::range::write_estate(arguments[1], options);
  if (!summary) {
    fmt::print(stderr, "{}\n", summary.error().to_string());
    return 2;
  }
  for (const auto& file : summary->files) fmt::print("{:>7} {:>9} {}\n", file.records, file.bytes, file.name);
  fmt::print("{} records, {} bytes\n", summary->records, summary->bytes);
  for (const auto& step : summary->intrusion) {
    fmt::print("{} {} {} {} | {} | {}\n", landwarden::to_rfc3339(step.time), step.host, step.channel,
               step.event_id, step.telling, step.what);
  }
  return 0;
}
