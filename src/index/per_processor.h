// Kernels that exist once per kind of processor.

#pragma once

// One version per kind of processor, chosen when the program is loaded: too early for the thread
// sanitizer, whose instrumented choice would crash.
#if defined(__SANITIZE_THREAD__)
#define OG_PER_PROCESSOR
#else
#define OG_PER_PROCESSOR \
  __attribute__((target_clones("arch=x86-64-v4", "avx2", "default"), optimize("O3")))
#endif
