// One regular expression of a rule, as it is looked for in values.
//
// RE2 runs whatever it can (linear time whatever the value); what it cannot take (look-around, back
// references) runs in PCRE2 with match limits. Nothing is compiled before a value is asked for it. Safe from
// any thread.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/packing.h"
#include "base/result.h"

namespace landwarden::sigma {

struct RegexFlags {
  bool ignore_case = false, multiline = false, dotall = false;
};

/// Why an expression cannot be compiled; nothing if it can.
[[nodiscard]] Result<void> check_regex(const std::string& expression, RegexFlags flags);

/// Literals without which an expression is not found: each of them if `all`, else one of them. None: it may
/// be found in any value.
struct RegexGate {
  std::vector<std::string> literals;
  bool all = false;
  bool linear = false;  ///< RE2 takes the expression; what PCRE2 means by it may not be what RE2 would find
};
[[nodiscard]] RegexGate gate_of(const std::string& expression, RegexFlags flags);

class Regex {
 public:
  /// The expression must have passed check_regex. `linear`: as its gate says.
  Regex(std::string expression, RegexFlags flags, bool linear);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  [[nodiscard]] bool found_in(std::string_view value) const;

  void save(Packer& out) const;
  [[nodiscard]] static Regex load(Unpacker& in);
  /// Goes past what load() would take.
  static void pass(Unpacker& in);

 private:
  struct Impl;
  Regex();
  void relax() const;
  void compile() const;

  std::string text_;
  RegexFlags flags_;
  bool linear_ = false;
  std::uint32_t least_ = 0;  ///< no shorter value has it
  std::optional<std::size_t> dots_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace landwarden::sigma
