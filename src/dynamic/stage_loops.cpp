// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/stage_loops.hpp"

#include <cmath>

#include "antler/discretization/tableau.hpp"
#include "dynamic/instruction_sets.hpp"

namespace antler::dynamic {

namespace {

using Method = RadauIIA<3>;

// Constants of their own: the functions of the tableau would be called for every component.
constexpr double t00 = Method::T(0, 0), t01 = Method::T(0, 1), t02 = Method::T(0, 2);
constexpr double t10 = Method::T(1, 0), t11 = Method::T(1, 1), t12 = Method::T(1, 2);
static_assert(Method::T(2, 0) == 1 && Method::T(2, 1) == 1 && Method::T(2, 2) == 0);
constexpr double i00 = Method::inverse_T(0, 0), i01 = Method::inverse_T(0, 1), i02 = Method::inverse_T(0, 2);
constexpr double i10 = Method::inverse_T(1, 0), i11 = Method::inverse_T(1, 1), i12 = Method::inverse_T(1, 2);
constexpr double i20 = Method::inverse_T(2, 0), i21 = Method::inverse_T(2, 1), i22 = Method::inverse_T(2, 2);

ANTLER_INLINE void stages_body(std::size_t n, const double* y, const double* w, double* z) {
  const double* __restrict w0 = w, * __restrict w1 = w + n, * __restrict w2 = w + 2 * n;
  double* __restrict z0 = z, * __restrict z1 = z + n, * __restrict z2 = z + 2 * n;
  for (std::size_t c = 0; c < n; ++c) {
    z0[c] = y[c] + (t00 * w0[c] + t01 * w1[c] + t02 * w2[c]);
    z1[c] = y[c] + (t10 * w0[c] + t11 * w1[c] + t12 * w2[c]);
    z2[c] = y[c] + (w0[c] + w1[c]);
  }
}

ANTLER_INLINE void residual_body(std::size_t n, double h, const double* w, double* p) {
  const double gamma = Method::gamma / h, alpha = Method::alpha() / h, beta = Method::beta() / h;
  const double* __restrict w0 = w, * __restrict w1 = w + n, * __restrict w2 = w + 2 * n;
  double* __restrict p0 = p, * __restrict p1 = p + n, * __restrict p2 = p + 2 * n;
  for (std::size_t c = 0; c < n; ++c) {
    const double f0 = p0[c], f1 = p1[c], f2 = p2[c];
    p0[c] = i00 * f0 + i01 * f1 + i02 * f2 - gamma * w0[c];
    p1[c] = i10 * f0 + i11 * f1 + i12 * f2 - (alpha * w1[c] - beta * w2[c]);
    p2[c] = i20 * f0 + i21 * f1 + i22 * f2 - (beta * w1[c] + alpha * w2[c]);
  }
}

/// Sums of eight: in an order that does not depend on the width of vectors.
constexpr std::size_t sums = 8;

ANTLER_INLINE double square_body(std::size_t n, const double* weight, const double* v) {
  double sum[sums] = {}, rest = 0;
  std::size_t c = 0;
  for (; c + sums <= n; c += sums)
    for (std::size_t l = 0; l < sums; ++l) {
      const double scaled = v[c + l] * weight[c + l];
      sum[l] += scaled * scaled;
    }
  for (; c < n; ++c) rest += (v[c] * weight[c]) * (v[c] * weight[c]);
  for (const double one : sum) rest += one;
  return rest;
}

ANTLER_INLINE double update_body(std::size_t n, const double* weight, const double* p, double* w) {
  double* __restrict to = w;
  for (std::size_t c = 0; c < 3 * n; ++c) to[c] += p[c];
  return square_body(n, weight, p) + square_body(n, weight, p + n) + square_body(n, weight, p + 2 * n);
}

ANTLER_INLINE void combine_body(std::size_t n, const double* m, const double* last, double* w) {
  const double* __restrict w0 = last, * __restrict w1 = last + n, * __restrict w2 = last + 2 * n;
  double* __restrict x0 = w, * __restrict x1 = w + n, * __restrict x2 = w + 2 * n;
  const double m0 = m[0], m1 = m[1], m2 = m[2], m3 = m[3], m4 = m[4], m5 = m[5], m6 = m[6], m7 = m[7], m8 = m[8];
  for (std::size_t c = 0; c < n; ++c) {
    x0[c] = m0 * w0[c] + m1 * w1[c] + m2 * w2[c];
    x1[c] = m3 * w0[c] + m4 * w1[c] + m5 * w2[c];
    x2[c] = m6 * w0[c] + m7 * w1[c] + m8 * w2[c];
  }
}

ANTLER_INLINE void estimate_body(std::size_t n, const double* e, const double* value, const double* w, double* x) {
  const double* __restrict w0 = w, * __restrict w1 = w + n, * __restrict w2 = w + 2 * n;
  double* __restrict to = x;
  const double e0 = e[0], e1 = e[1], e2 = e[2];
  for (std::size_t c = 0; c < n; ++c) to[c] = value[c] + (e0 * w0[c] + e1 * w1[c] + e2 * w2[c]);
}

ANTLER_INLINE void weigh_body(std::size_t n, double rtol, const double* atol, const double* y, double* weight) {
  double* __restrict to = weight;
  for (std::size_t c = 0; c < n; ++c) to[c] = 1 / (rtol * std::abs(y[c]) + atol[c]);
}

#define ANTLER_STAGE_LOOPS(Set, target)                                                                                        \
  struct Set {                                                                                                                 \
    target static void stages(std::size_t n, const double* y, const double* w, double* z) { stages_body(n, y, w, z); }         \
    target static void residual(std::size_t n, double h, const double* w, double* p) { residual_body(n, h, w, p); }            \
    target static double update(std::size_t n, const double* weight, const double* p, double* w) {                             \
      return update_body(n, weight, p, w);                                                                                     \
    }                                                                                                                          \
    target static void combine(std::size_t n, const double* m, const double* last, double* w) { combine_body(n, m, last, w); } \
    target static void estimate(std::size_t n, const double* e, const double* value, const double* w, double* x) {             \
      estimate_body(n, e, value, w, x);                                                                                        \
    }                                                                                                                          \
    target static void weigh(std::size_t n, double rtol, const double* atol, const double* y, double* weight) {                \
      weigh_body(n, rtol, atol, y, weight);                                                                                    \
    }                                                                                                                          \
    target static double square(std::size_t n, const double* weight, const double* v) { return square_body(n, weight, v); }    \
    static constexpr StageLoops loops{stages, residual, update, combine, estimate, weigh, square};                             \
  }

ANTLER_STAGE_LOOPS(Any, );
#ifdef ANTLER_CHOOSE_AT_RUN_TIME
ANTLER_STAGE_LOOPS(Avx2, ANTLER_FOR_AVX2);
ANTLER_STAGE_LOOPS(Avx512, ANTLER_FOR_AVX512);
constexpr StageLoops sets[] = {Any::loops, Avx2::loops, Avx512::loops};
#else
constexpr StageLoops sets[] = {Any::loops};
#endif

}  // namespace

const StageLoops& stage_loops() {
  static const std::size_t count = usable_instruction_sets();
  return sets[count - 1];
}

}  // namespace antler::dynamic
