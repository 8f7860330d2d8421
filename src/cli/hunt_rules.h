// The rules of a hunt: out of the cache of compiled ones, or read, compiled and kept there for the next time.

#pragma once

#include <cstdint>
#include <optional>
#include <thread>

#include "cli/hunt_options.h"
#include "sigma/rule_cache.h"

namespace landwarden::cli {

class HuntRules {
 public:
  /// `settings` must outlive it. The rule files are looked at from now on: make it first.
  explicit HuntRules(const HuntSettings& settings);

  /// Says what is wrong with the rules; fails if none can run. `how` and `catalogue` must outlive them.
  [[nodiscard]] Result<sigma::CompiledRules> get(const RuleSettings& how, event::Catalogue& catalogue);
  /// How many of them could not be read or cannot run.
  [[nodiscard]] std::uint64_t failed() const { return failed_; }

  /// Begins to write into the cache what it does not have, while the hunt goes on. `rules` must outlive this.
  void keep(const sigma::CompiledRules& rules);
  /// Ends that, and says what went wrong with the cache, if anything did.
  void finish(const sigma::RuleSet& rules);

 private:
  [[nodiscard]] std::optional<sigma::CompiledRules> cached(const RuleSettings& how,
                                                           event::Catalogue& catalogue);
  [[nodiscard]] Result<sigma::CompiledRules> compiled(const RuleSettings& how, event::Catalogue& catalogue);
  void say_cache_problem(const Error& error) const;

  const HuntSettings& settings_;
  std::uint64_t failed_ = 0;
  std::optional<sigma::RuleCache> cache_;
  bool to_be_cached_ = false;
  Result<void> stored_;
  std::jthread storing_;
};

}  // namespace landwarden::cli
