// Host names as a summary shows them: without the domain where all share one.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace landwarden::report {

class HostNames {
 public:
  /// `hosts` are all that the summary may name.
  explicit HostNames(std::span<const std::string> hosts = {});

  /// The domain that is left out; empty if names are shown whole.
  [[nodiscard]] const std::string& domain() const { return domain_; }
  [[nodiscard]] std::string show(std::string_view host) const;

 private:
  std::string domain_;
};

}  // namespace landwarden::report
