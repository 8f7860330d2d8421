// IP addresses and networks as text: RFC 4291 and RFC 5952 for v6, dotted quads for v4.
//
// v4 addresses are kept as v4-mapped v6 (::ffff:a.b.c.d), so that "::ffff:10.0.0.1" is inside 10.0.0.0/8, as
// Windows logs write v4 peers of dual-stack sockets. Zone ids ("%12") are cut off.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace landwarden {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool v4 = false;  ///< written as v4, or v4-mapped
  bool operator==(const IpAddress&) const = default;
};
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);

struct IpNetwork {
  IpAddress address;
  unsigned prefix_bits = 0;  ///< of the 128
  [[nodiscard]] bool contains(const IpAddress& other) const;
  [[nodiscard]] bool has_host_bits() const;
};
/// "10.0.0.0/8", "fe80::/10", or an address alone.
[[nodiscard]] std::optional<IpNetwork> parse_network(std::string_view text);

}  // namespace landwarden
