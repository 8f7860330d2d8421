#include "sigma/slow_values.h"

#include <arpa/inet.h>

namespace landwarden::sigma::slow {

std::optional<std::string> address(std::string text) {
  if (const std::size_t zone = text.find('%'); zone != std::string::npos && text.contains(':'))
    text.resize(zone);
  unsigned char out[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const bool v4 = inet_pton(AF_INET, text.c_str(), out + 12) == 1;
  if (!v4 && inet_pton(AF_INET6, text.c_str(), out) != 1) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(out), 16);
}

}  // namespace landwarden::sigma::slow
