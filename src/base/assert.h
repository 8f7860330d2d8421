// LW_ASSERT states an invariant of our own code and stays on in release builds. Never for input.

#pragma once

namespace landwarden {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
}

#define LW_ASSERT(expression)                         \
  (__builtin_expect(static_cast<bool>(expression), 1) \
       ? void(0)                                      \
       : ::landwarden::assertion_failed(#expression, __FILE__, __LINE__))
