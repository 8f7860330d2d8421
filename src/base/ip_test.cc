#include "base/ip.h"

#include <gtest/gtest.h>

namespace landwarden {
namespace {

bool inside(std::string_view network, std::string_view address) {
  const auto n = parse_network(network);
  const auto a = parse_ip(address);
  EXPECT_TRUE(n) << network;
  return n && a && n->contains(*a);
}

TEST(IpNetwork, HoldsItsAddresses) {
  EXPECT_TRUE(inside("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(inside("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(inside("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(inside("192.0.2.7/32", "192.0.2.6"));
  EXPECT_TRUE(inside("192.0.2.6/31", "192.0.2.7"));
  EXPECT_TRUE(inside("0.0.0.0/0", "203.0.113.9"));
  EXPECT_TRUE(inside("fe80::/10", "fe80::1%12"));
  EXPECT_FALSE(inside("fe80::/10", "fec0::1"));
  EXPECT_TRUE(inside("::1/128", "::1"));
}

TEST(IpNetwork, SeesThroughMappedAddresses) {
  EXPECT_TRUE(inside("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_FALSE(inside("::/0", "10.1.2.3"));
}

TEST(IpNetwork, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "-", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/x", "host/8"}) {
    EXPECT_FALSE(parse_network(text)) << text;
  }
}

TEST(IpNetwork, SeesHostBits) {
  EXPECT_TRUE(parse_network("10.0.0.1/8")->has_host_bits());
  EXPECT_FALSE(parse_network("10.0.0.0/8")->has_host_bits());
  EXPECT_FALSE(parse_network("10.0.0.1")->has_host_bits());
}

TEST(IpAddress, IsNotAnyText) {
  for (const std::string_view text : {"-", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", ":", "12345::1"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
}

}  // namespace
}  // namespace landwarden
