#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace landwarden {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr,
               "landwarden: internal error: %s does not hold (%s:%d). Please report it with the input that "
               "led here.\n",
               expression, file, line);
  std::abort();
}

}  // namespace landwarden
