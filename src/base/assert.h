// TG_ASSERT: for what only a programming error can make false. Always on; prints the expression and aborts.
// Operating errors (a full disk, a hostile peer) are Results, never assertions.
#pragma once

namespace tollgate {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
}

#define TG_ASSERT(expression)                                  \
  (__builtin_expect(static_cast<bool>(expression), 1) ? void() \
                                                      : ::tollgate::assertion_failed(#expression, __FILE__, __LINE__))
