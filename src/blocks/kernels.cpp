// SPDX-License-Identifier: BSD-3-Clause
#include "blocks/kernels.hpp"

#include <algorithm>
#include <cmath>

#include "dynamic/instruction_sets.hpp"

namespace antler::blocks {

namespace {

using std::ptrdiff_t;

ANTLER_INLINE void subtract_row(ptrdiff_t m, double factor, const double* from, double* to) {
  for (ptrdiff_t j = 0; j < m; ++j) to[j] -= factor * from[j];
}

/// Four rows of B at a time: one load and one store of C for four products.
ANTLER_INLINE void subtract_product_body(ptrdiff_t n, ptrdiff_t m, const double* a, const double* b, double* c) {
  for (ptrdiff_t i = 0; i < n; ++i) {
    const double* row = a + i * n;
    double* to = c + i * m;
    ptrdiff_t k = 0;
    for (; k + 4 <= n; k += 4) {
      const double *b0 = b + k * m, *b1 = b0 + m, *b2 = b1 + m, *b3 = b2 + m;
      const double a0 = row[k], a1 = row[k + 1], a2 = row[k + 2], a3 = row[k + 3];
      for (ptrdiff_t j = 0; j < m; ++j) to[j] -= a0 * b0[j] + a1 * b1[j] + (a2 * b2[j] + a3 * b3[j]);
    }
    for (; k < n; ++k) subtract_row(m, row[k], b + k * m, to);
  }
}

ANTLER_INLINE void solve_columns_body(ptrdiff_t n, ptrdiff_t m, double* a, double* b) {
  for (ptrdiff_t k = 0; k < n; ++k) {
    ptrdiff_t pivot = k;
    for (ptrdiff_t i = k + 1; i < n; ++i)
      if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k])) pivot = i;
    if (pivot != k) {
      std::swap_ranges(a + k * n, a + (k + 1) * n, a + pivot * n);
      std::swap_ranges(b + k * m, b + (k + 1) * m, b + pivot * m);
    }
    const double reciprocal = 1 / a[k * n + k];
    a[k * n + k] = reciprocal;
    for (ptrdiff_t i = k + 1; i < n; ++i) {
      const double factor = a[i * n + k] * reciprocal;
      subtract_row(n - k - 1, factor, a + k * n + k + 1, a + i * n + k + 1);
      subtract_row(m, factor, b + k * m, b + i * m);
    }
  }
  for (ptrdiff_t i = n - 1; i >= 0; --i) {
    for (ptrdiff_t k = i + 1; k < n; ++k) subtract_row(m, a[i * n + k], b + k * m, b + i * m);
    for (ptrdiff_t j = 0; j < m; ++j) b[i * m + j] *= a[i * n + i];
  }
}

using SubtractProduct = void (*)(ptrdiff_t, ptrdiff_t, const double*, const double*, double*);
using SolveColumns = void (*)(ptrdiff_t, ptrdiff_t, double*, double*);

void subtract_product_any(ptrdiff_t n, ptrdiff_t m, const double* a, const double* b, double* c) {
  subtract_product_body(n, m, a, b, c);
}
void solve_columns_any(ptrdiff_t n, ptrdiff_t m, double* a, double* b) { solve_columns_body(n, m, a, b); }

#ifdef ANTLER_CHOOSE_AT_RUN_TIME
ANTLER_FOR_AVX2 void subtract_product_avx2(ptrdiff_t n, ptrdiff_t m, const double* a, const double* b, double* c) {
  subtract_product_body(n, m, a, b, c);
}
ANTLER_FOR_AVX2 void solve_columns_avx2(ptrdiff_t n, ptrdiff_t m, double* a, double* b) { solve_columns_body(n, m, a, b); }
ANTLER_FOR_AVX512 void subtract_product_avx512(ptrdiff_t n, ptrdiff_t m, const double* a, const double* b, double* c) {
  subtract_product_body(n, m, a, b, c);
}
ANTLER_FOR_AVX512 void solve_columns_avx512(ptrdiff_t n, ptrdiff_t m, double* a, double* b) { solve_columns_body(n, m, a, b); }
constexpr SubtractProduct products[] = {subtract_product_any, subtract_product_avx2, subtract_product_avx512};
constexpr SolveColumns solves[] = {solve_columns_any, solve_columns_avx2, solve_columns_avx512};
#else
constexpr SubtractProduct products[] = {subtract_product_any};
constexpr SolveColumns solves[] = {solve_columns_any};
#endif

const std::size_t widest = dynamic::usable_instruction_sets() - 1;

}  // namespace

void subtract_product(std::ptrdiff_t n, std::ptrdiff_t m, const double* a, const double* b, double* c) {
  products[widest](n, m, a, b, c);
}
void solve_columns(std::ptrdiff_t n, std::ptrdiff_t m, double* a, double* b) { solves[widest](n, m, a, b); }

}  // namespace antler::blocks
