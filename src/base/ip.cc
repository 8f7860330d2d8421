#include "base/ip.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace landwarden {
namespace {

// The bits of byte `index` that a prefix leaves to the host.
unsigned host_mask(unsigned prefix_bits, unsigned index) {
  const unsigned before = index * 8;
  if (prefix_bits >= before + 8) return 0;
  return prefix_bits <= before ? 0xFFU : 0xFFU >> (prefix_bits - before);
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (const auto zone = text.find('%'); zone != std::string_view::npos) text = text.substr(0, zone);
  char buffer[48];
  if (text.size() < 2 || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  IpAddress out;
  if (text.find(':') == std::string_view::npos) {
    if (inet_pton(AF_INET, buffer, out.bytes.data() + 12) != 1) return std::nullopt;
    out.bytes[10] = out.bytes[11] = 0xFF;
    out.v4 = true;
    return out;
  }
  if (inet_pton(AF_INET6, buffer, out.bytes.data()) != 1) return std::nullopt;
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  out.v4 = std::memcmp(out.bytes.data(), kMapped, sizeof kMapped) == 0;
  return out;
}

bool IpNetwork::contains(const IpAddress& other) const {
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned network_mask = ~host_mask(prefix_bits, i) & 0xFFU;
    if (((address.bytes[i] ^ other.bytes[i]) & network_mask) != 0) return false;
    if (network_mask != 0xFFU) break;
  }
  // A v6 network shorter than the mapping prefix must not swallow all of v4 (::/0 is meant for v6).
  return address.v4 == other.v4;
}

bool IpNetwork::has_host_bits() const {
  for (unsigned i = 0; i < 16; ++i) {
    if ((address.bytes[i] & host_mask(prefix_bits, i)) != 0) return true;
  }
  return false;
}

std::optional<IpNetwork> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned most = text.find(':') == std::string_view::npos ? 32 : 128;
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits > most) return std::nullopt;
  }
  return IpNetwork{*address, bits + (128 - most)};
}

}  // namespace landwarden
