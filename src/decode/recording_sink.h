// Keeps what reading finds, for tests and fuzzing. Not thread-safe.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "decode/input.h"

namespace landwarden::decode {

struct RecordingSink final : InputSink {
  struct Source {
    std::string name;
    std::vector<WorkUnit> units;
    event::Receipt receipt;
    bool ended = false;
    /// All units one behind the other.
    [[nodiscard]] std::string bytes() const {
      std::string all;
      for (const WorkUnit& unit : units) all += unit.bytes;
      return all;
    }
  };

  event::SourceId begin_source(const std::string& name) override {
    sources.push_back({.name = name, .units = {}, .receipt = {}});
    return {static_cast<std::uint32_t>(sources.size() - 1)};
  }
  bool unit(WorkUnit unit) override {
    sources.at(unit.source.value).units.push_back(std::move(unit));
    return --units_wanted > 0;
  }
  void end_source(event::SourceId source, event::Receipt receipt) override {
    sources.at(source.value).receipt = std::move(receipt);
    sources.at(source.value).ended = true;
  }
  void expect_bytes(std::uint64_t bytes) override { expected += bytes; }

  [[nodiscard]] const Source* find(std::string_view name) const {
    for (const Source& source : sources) {
      if (source.name == name) return &source;
    }
    return nullptr;
  }

  std::vector<Source> sources;
  std::uint64_t expected = 0;
  std::int64_t units_wanted = 1'000'000'000;  ///< unit() says stop behind this many
};

}  // namespace landwarden::decode
