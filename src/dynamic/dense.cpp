// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/dense.hpp"

#include <algorithm>

#include "antler/core/finite.hpp"
#include "dynamic/product.hpp"

namespace antler::dynamic {

namespace {

/// C -= A B, column by column with n rows to a column.
void subtract_product(std::ptrdiff_t m, std::ptrdiff_t columns, std::ptrdiff_t k, RealCells a, RealCells b, RealCells c,
                      std::ptrdiff_t n) {
  add({-1, m, columns, k, a.re, n, b.re, n, c.re, n});
}

void subtract_product(std::ptrdiff_t m, std::ptrdiff_t columns, std::ptrdiff_t k, ComplexCells a, ComplexCells b, ComplexCells c,
                      std::ptrdiff_t n) {
  add({-1, m, columns, k, a.re, n, b.re, n, c.re, n});
  add({+1, m, columns, k, a.im, n, b.im, n, c.re, n});
  add({-1, m, columns, k, a.re, n, b.im, n, c.im, n});
  add({-1, m, columns, k, a.im, n, b.re, n, c.im, n});
}

/// The columns first .. last - 1, rows first .. n - 1, one column after the other.
template <class Cells>
bool factor_panel(std::ptrdiff_t n, Cells a, int* pivots, std::ptrdiff_t first, std::ptrdiff_t last) {
  for (std::ptrdiff_t k = first; k < last; ++k) {
    const Cells column = a.at(k * n);
    const std::ptrdiff_t p = k + largest(n - k, column.at(k));
    pivots[k] = static_cast<int>(p);
    const double size = column.size(p);
    if (!is_finite(size) || size == 0) return false;
    if (p != k)
      for (std::ptrdiff_t c = first; c < last; ++c) a.at(c * n).swap(k, p);
    const auto inverse = Cells::reciprocal(column.get(k));
    column.set(k, inverse);
    scale(n - k - 1, inverse, column.at(k + 1));
    for (std::ptrdiff_t c = k + 1; c < last; ++c)
      subtract_multiple(n - k - 1, a.get(c * n + k), column.at(k + 1), a.at(c * n + k + 1));
  }
  return true;
}

}  // namespace

template <class Cells>
bool Dense::factor(Cells a, int* pivots) const {
  for (std::ptrdiff_t first = 0; first < n_; first += largest_depth) {
    const std::ptrdiff_t last = std::min<std::ptrdiff_t>(first + largest_depth, n_), depth = last - first;
    if (!factor_panel(n_, a, pivots, first, last)) return false;
    const auto finish_column = [&](std::ptrdiff_t c) {
      for (std::ptrdiff_t k = first; k < last; ++k)
        if (pivots[k] != k) a.at(c * n_).swap(k, pivots[k]);
    };
    for (std::ptrdiff_t c = 0; c < first; ++c) finish_column(c);
    for (std::ptrdiff_t c = last; c < n_; ++c) {
      finish_column(c);
      const Cells column = a.at(c * n_);
      for (std::ptrdiff_t k = first; k < last; ++k)
        subtract_multiple(last - k - 1, column.get(k), a.at(k * n_ + k + 1), column.at(k + 1));
    }
    subtract_product(n_ - last, n_ - last, depth, a.at(first * n_ + last), a.at(last * n_ + first), a.at(last * n_ + last), n_);
  }
  return true;
}

template <class Cells>
void Dense::solve(Cells lu, const int* pivots, Cells x) const {
  for (std::ptrdiff_t k = 0; k < n_; ++k)
    if (pivots[k] != k) x.swap(k, pivots[k]);
  for (std::ptrdiff_t k = 0; k + 1 < n_; ++k) subtract_multiple(n_ - k - 1, x.get(k), lu.at(k * n_ + k + 1), x.at(k + 1));
  for (std::ptrdiff_t k = n_; k-- > 0;) {
    const auto value = Cells::product(x.get(k), lu.get(k * n_ + k));
    x.set(k, value);
    subtract_multiple(k, value, lu.at(k * n_), x);
  }
}

template bool Dense::factor(RealCells, int*) const;
template bool Dense::factor(ComplexCells, int*) const;
template void Dense::solve(RealCells, const int*, RealCells) const;
template void Dense::solve(ComplexCells, const int*, ComplexCells) const;

}  // namespace antler::dynamic
