// One Linux host beside the estate's Windows machines: the same deeds as the audit system, Sysmon for Linux,
// syslog and the shells' histories tell them. For tests that a deed gives the same hits whoever tells it, and
// to try things on. The same arguments give the same bytes on every machine.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace landwarden::range {

inline constexpr const char* kLinuxHost = "EVW-LNX01";

struct LinuxLog {
  std::string name;  ///< below the host's folder, with forward slashes: "audit.log"
  std::string bytes;
  std::uint64_t records = 0;
};

/// `intrusion`: in the second night passwords are guessed, then tools of the system are used.
[[nodiscard]] std::vector<LinuxLog> linux_logs(Time begin, std::uint32_t days, std::uint64_t seed,
                                               bool intrusion);

}  // namespace landwarden::range
