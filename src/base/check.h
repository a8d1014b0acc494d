// Assertions about the program itself. They stay on in release builds: a wrong answer or a
// damaged graph costs more than a stopped process. Never use them on input.

#pragma once

namespace omnigraph::internal {

/// Prints the failed claim with its place to stderr and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace omnigraph::internal

/// Ends the process if `condition` is false.
#define OG_CHECK(condition)     \
  (static_cast<bool>(condition) \
       ? static_cast<void>(0)   \
       : ::omnigraph::internal::CheckFailed(__FILE__, __LINE__, #condition))

/// `OG_CHECK` for claims that are too dear to check in a release build.
#ifdef NDEBUG
#define OG_DCHECK(condition) static_cast<void>(sizeof(condition))
#else
#define OG_DCHECK(condition) OG_CHECK(condition)
#endif
