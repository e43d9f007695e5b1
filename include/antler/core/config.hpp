// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The name of the inline namespace that every template of antler lives in.
///
/// The width of the SIMD lanes follows the compiler's flags (-march=native, -mavx2, ...). Two object files built with different
/// flags hold different code under the same template name, and a linker would silently keep one of them: an AVX-512 kernel on a
/// machine without it, or two layouts of one array. The instruction set is therefore part of every template's mangled name.
/// What is compiled into the library (Status texts, mesh decisions) does not depend on lanes and stays in namespace antler.

/// Inlines every call of a hot host kernel, the user's right-hand side included: vectors of lanes then stay in registers. The
/// second one is for lambdas that such a kernel hands on: what it flattens stops at their call operators.
#if defined(__GNUC__) && !defined(__CUDACC__) && !defined(__HIPCC__) && !defined(__SANITIZE_ADDRESS__)
#define ANTLER_FLATTEN __attribute__((flatten))
#define ANTLER_INLINED __attribute__((always_inline))
#else
#define ANTLER_FLATTEN
#define ANTLER_INLINED
#endif

/// Ends the program when an index is out of range; in builds with ANTLER_BOUNDS_CHECKS (preset debug) only.
#ifdef ANTLER_BOUNDS_CHECKS
#include <Kokkos_Core.hpp>
#define ANTLER_CHECK_INDEX(ok) \
  if (!(ok)) Kokkos::abort("antler: index out of range: " #ok)
#else
#define ANTLER_CHECK_INDEX(ok) static_cast<void>(0)
#endif

#if defined(__CUDACC__) || defined(__HIPCC__)
#define ANTLER_LANES lanes_scalar  // device compilers: plain scalars on both sides of the call
#elif defined(__AVX512F__)
#define ANTLER_LANES lanes_avx512
#elif defined(__AVX2__)
#define ANTLER_LANES lanes_avx2
#elif defined(__AVX__)
#define ANTLER_LANES lanes_avx
#elif defined(__SSE2__)
#define ANTLER_LANES lanes_sse2
#elif defined(__ARM_NEON)
#define ANTLER_LANES lanes_neon
#else
#define ANTLER_LANES lanes_scalar
#endif
