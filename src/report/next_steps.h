// What to do next, chosen by what was found, from content/texts/next_steps.yaml (schema described there).

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "report/host_names.h"
#include "triage/summary.h"

namespace landwarden::report {

class NextSteps {
 public:
  [[nodiscard]] static Result<NextSteps> built_in();
  [[nodiscard]] static Result<NextSteps> parse(std::string_view yaml, const std::string& file);

  /// At most `limit` texts, in the file's order, with hosts filled in.
  [[nodiscard]] std::vector<std::string> choose(const triage::Summary& summary, const HostNames& names,
                                                std::size_t limit) const;

 private:
  struct Step {
    std::vector<sigma::Level> levels;
    std::vector<std::string> techniques, tactics;
    std::string text;
  };
  [[nodiscard]] static bool applies(const Step& step, const sigma::Rule& rule,
                                    const triage::AttackTable& attack);

  std::vector<Step> steps_;
};

}  // namespace landwarden::report
