// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Arrays of real numbers, and of complex numbers whose real and imaginary parts lie in planes of their own: factorisations are
/// written once for both, and their loops vectorise.

#include <cmath>
#include <cstddef>
#include <utility>

namespace antler::dynamic {

struct RealCells {
  using Number = double;

  double* re;

  [[nodiscard]] RealCells at(std::ptrdiff_t offset) const { return {re + offset}; }
  [[nodiscard]] double get(std::ptrdiff_t i) const { return re[i]; }
  void set(std::ptrdiff_t i, double x) const { re[i] = x; }
  void swap(std::ptrdiff_t i, std::ptrdiff_t j) const { std::swap(re[i], re[j]); }
  /// By what pivots are compared.
  [[nodiscard]] double size(std::ptrdiff_t i) const { return std::abs(re[i]); }

  static double reciprocal(double x) { return 1 / x; }
  static double product(double x, double y) { return x * y; }
};

struct ComplexCells {
  struct Number {
    double re, im;
  };

  double *re, *im;

  [[nodiscard]] ComplexCells at(std::ptrdiff_t offset) const { return {re + offset, im + offset}; }
  [[nodiscard]] Number get(std::ptrdiff_t i) const { return {re[i], im[i]}; }
  void set(std::ptrdiff_t i, Number z) const {
    re[i] = z.re;
    im[i] = z.im;
  }
  void swap(std::ptrdiff_t i, std::ptrdiff_t j) const {
    std::swap(re[i], re[j]);
    std::swap(im[i], im[j]);
  }
  /// |re| + |im|, as in LAPACK's complex pivoting.
  [[nodiscard]] double size(std::ptrdiff_t i) const { return std::abs(re[i]) + std::abs(im[i]); }

  static Number reciprocal(Number z) {
    const double scale = 1 / (z.re * z.re + z.im * z.im);
    return {z.re * scale, -z.im * scale};
  }
  static Number product(Number x, Number y) { return {x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re}; }
};

/// Below this count the statements are written out by halves: narrow bands are made of such rows, and a vector loop is entered at
/// the price of many of them.
inline constexpr std::ptrdiff_t few = 8;

/// to -= a from, `count` numbers; the arrays do not overlap.
inline void subtract_multiple(std::ptrdiff_t count, double a, RealCells from, RealCells to) {
  const double* __restrict source = from.re;
  double* __restrict target = to.re;
  const auto one = [&](std::ptrdiff_t i) { target[i] -= a * source[i]; };
  if (count >= few) {
    for (std::ptrdiff_t i = 0; i < count; ++i) one(i);
    return;
  }
  if (count & 1) one(count - 1);
  if (count & 2) one((count & 4) + 1), one(count & 4);
  if (count & 4) one(3), one(2), one(1), one(0);
}

inline void subtract_multiple(std::ptrdiff_t count, ComplexCells::Number a, ComplexCells from, ComplexCells to) {
  const double* __restrict re = from.re, * __restrict im = from.im;
  double* __restrict target_re = to.re, * __restrict target_im = to.im;
  const auto one = [&](std::ptrdiff_t i) {
    target_re[i] -= a.re * re[i] - a.im * im[i];
    target_im[i] -= a.re * im[i] + a.im * re[i];
  };
  if (count >= few) {
    for (std::ptrdiff_t i = 0; i < count; ++i) one(i);
    return;
  }
  if (count & 1) one(count - 1);
  if (count & 2) one((count & 4) + 1), one(count & 4);
  if (count & 4) one(3), one(2), one(1), one(0);
}

inline void scale(std::ptrdiff_t count, double a, RealCells x) {
  for (std::ptrdiff_t i = 0; i < count; ++i) x.re[i] *= a;
}

inline void scale(std::ptrdiff_t count, ComplexCells::Number a, ComplexCells x) {
  for (std::ptrdiff_t i = 0; i < count; ++i) x.set(i, ComplexCells::product(a, x.get(i)));
}

/// Index of the largest of x[0] .. x[count - 1].
template <class Cells>
std::ptrdiff_t largest(std::ptrdiff_t count, Cells x) {
  std::ptrdiff_t best = 0;
  for (std::ptrdiff_t i = 1; i < count; ++i)
    if (x.size(i) > x.size(best)) best = i;
  return best;
}

}  // namespace antler::dynamic
