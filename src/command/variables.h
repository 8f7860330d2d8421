// Variables of a shell: what a script sets, and what every machine has (content/commands/environment.yaml).
//
// Names are compared without case for cmd and PowerShell. Texts are the caller's: they must outlive the
// object.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace landwarden::command {

class Variables {
 public:
  /// `defaults` (may be nullptr) is asked for names that were not set; must outlive this.
  explicit Variables(const Variables* defaults = nullptr, bool fold = true)
      : defaults_(defaults), fold_(fold) {}

  void set(std::string_view name, std::string_view value);
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  void clear() { set_.clear(); }

  struct Set {
    std::string_view name, value;
  };
  /// What was set here, defaults aside.
  [[nodiscard]] const std::vector<Set>& entries() const { return set_; }

 private:
  [[nodiscard]] bool same(std::string_view left, std::string_view right) const;

  const Variables* defaults_;
  bool fold_;
  std::vector<Set> set_;
};

/// `value` with what stands behind the colon of %NAME:~from,count% or %NAME:old=new% applied.
[[nodiscard]] std::optional<std::string> modified_value(std::string_view value, std::string_view modifier);

}  // namespace landwarden::command
