#include "report/host_names.h"

#include <set>

#include "base/text.h"

namespace landwarden::report {

HostNames::HostNames(std::span<const std::string> hosts) {
  std::string domain;
  std::set<std::string> whole, shortened;
  std::size_t with_domain = 0;
  for (const std::string& host : hosts) {
    const std::size_t dot = host.find('.');
    whole.insert(text::folded(host));
    shortened.insert(text::folded(host.substr(0, dot)));
    if (dot == std::string::npos) continue;
    const std::string_view rest = std::string_view(host).substr(dot + 1);
    if (++with_domain == 1) domain = rest;
    if (dot == 0 || rest.empty() || !text::equal_folded(rest, domain)) return;
  }
  // One host alone keeps its name, and no two may look the same afterwards.
  if (with_domain >= 2 && shortened.size() == whole.size()) domain_ = domain;
}

std::string HostNames::show(std::string_view host) const {
  if (host.empty()) return "(no host)";
  if (domain_.empty()) return std::string(host);
  return std::string(host.substr(0, host.find('.')));
}

}  // namespace landwarden::report
