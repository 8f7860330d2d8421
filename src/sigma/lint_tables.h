// What the linter knows of the world: ATT&CK's technique numbers and the fields of logs, from content/attack
// and content/fields (schemas described there). Immutable once loaded; shared by all threads.

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "view/log_sources.h"

namespace landwarden::sigma {

enum class TechniqueState : std::uint8_t { known, withdrawn, unknown, not_judged };

class Techniques {
 public:
  [[nodiscard]] static Result<Techniques> parse(std::string_view yaml, const std::string& file);
  /// `id` as "T1003" or "T1003.001".
  [[nodiscard]] TechniqueState state(std::string_view id) const;

 private:
  std::set<std::string, std::less<>> known_, withdrawn_;
  std::uint32_t not_judged_from_ = 0, not_judged_to_ = 0;
};

/// The fields that the records of some log source have.
struct FieldNames {
  std::set<std::string, std::less<>> names;
  bool complete = false;  ///< there are no others
};

class FieldTable {
 public:
  [[nodiscard]] static Result<FieldTable> parse(std::string_view yaml, const std::string& file);
  /// Sigma's names over all of a log source's records. Nothing in it: not known.
  [[nodiscard]] FieldNames of(const view::Resolution& source) const;
  /// The part that every record has.
  [[nodiscard]] bool is_always(std::string_view field) const { return always_.contains(field); }

 private:
  struct Records {
    std::string channel;  ///< folded
    std::vector<std::uint32_t> event_ids;
    bool complete = false;
    std::vector<std::string> fields;
  };
  void add(const view::Source& source, FieldNames& out, bool& all_complete) const;

  std::set<std::string, std::less<>> always_, whole_;
  std::vector<Records> records_;
};

struct LintTables {
  Techniques techniques;
  FieldTable fields;
  [[nodiscard]] static Result<LintTables> built_in();
};

}  // namespace landwarden::sigma
