// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The library is compiled for any processor of its family. Kernels that gain by wide vectors are written once, as inlined bodies,
/// and compiled for three instruction sets, of which the processor chooses:
///
///     ANTLER_INLINE void body(...) { ... }
///     void body_any(...) { body(...); }
///     ANTLER_FOR_AVX2 void body_avx2(...) { body(...); }      // where ANTLER_CHOOSE_AT_RUN_TIME is defined
///     ANTLER_FOR_AVX512 void body_avx512(...) { body(...); }

#include <cstddef>

#if defined(__GNUC__) && defined(__x86_64__) && !defined(__CUDACC__) && !defined(__HIPCC__)
#define ANTLER_CHOOSE_AT_RUN_TIME 1
#define ANTLER_INLINE __attribute__((always_inline)) inline
#define ANTLER_FOR_AVX2 __attribute__((target("avx2,fma")))
#define ANTLER_FOR_AVX512 __attribute__((target("avx512f,avx512dq,fma")))
#else
#define ANTLER_INLINE inline
#endif

namespace antler::dynamic {

/// How many of the three sets, narrowest first, this processor can run.
inline std::size_t usable_instruction_sets() {
#ifdef ANTLER_CHOOSE_AT_RUN_TIME
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 1;
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") ? 3 : 2;
#else
  return 1;
#endif
}

}  // namespace antler::dynamic
