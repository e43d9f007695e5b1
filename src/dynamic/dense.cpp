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

/// Columns first .. last - 1 of a matrix of n rows, rows first .. n - 1. Half of the columns, what they do to the other half by one
/// product, then that half [GolubVanLoan2013, sec. 3.4]: nearly all the work is in products, whose kernel is the fastest there is.
template <class Cells>
class Panel {
 public:
  Panel(std::ptrdiff_t n, Cells a, int* pivots) : n_(n), a_(a), pivots_(pivots) {}

  [[nodiscard]] bool factor(std::ptrdiff_t first, std::ptrdiff_t last) const {
    const std::ptrdiff_t width = last - first;
    if (width <= narrow) return factor_columns(first, last);
    const std::ptrdiff_t left = std::min<std::ptrdiff_t>((width / 2 + narrow - 1) / narrow * narrow, largest_depth);
    const std::ptrdiff_t middle = first + left;
    if (!factor(first, middle)) return false;
    exchange(first, middle, middle, last);
    solve_lower(first, left, middle, last);
    subtract_product(n_ - middle, last - middle, left, at(middle, first), at(first, middle), at(middle, middle), n_);
    if (!factor(middle, last)) return false;
    exchange(middle, last, first, middle);
    return true;
  }

 private:
  static constexpr std::ptrdiff_t narrow = 8;

  [[nodiscard]] Cells at(std::ptrdiff_t r, std::ptrdiff_t c) const { return a_.at(c * n_ + r); }

  /// One column after the other.
  [[nodiscard]] bool factor_columns(std::ptrdiff_t first, std::ptrdiff_t last) const {
    for (std::ptrdiff_t k = first; k < last; ++k) {
      const Cells column = at(0, k);
      const std::ptrdiff_t p = k + largest(n_ - k, column.at(k));
      pivots_[k] = static_cast<int>(p);
      const double size = column.size(p);
      if (!is_finite(size) || size == 0) return false;
      if (p != k)
        for (std::ptrdiff_t c = first; c < last; ++c) at(0, c).swap(k, p);
      const auto inverse = Cells::reciprocal(column.get(k));
      column.set(k, inverse);
      scale(n_ - k - 1, inverse, column.at(k + 1));
      for (std::ptrdiff_t c = k + 1; c < last; ++c) subtract_multiple(n_ - k - 1, at(k, c).get(0), column.at(k + 1), at(k + 1, c));
    }
    return true;
  }

  /// The row exchanges of columns first .. last - 1, in columns from .. to - 1.
  void exchange(std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t from, std::ptrdiff_t to) const {
    for (std::ptrdiff_t c = from; c < to; ++c)
      for (std::ptrdiff_t k = first; k < last; ++k)
        if (pivots_[k] != k) at(0, c).swap(k, pivots_[k]);
  }

  /// Rows first .. first + size - 1 of columns from .. to - 1 <- L^{-1} times them, with the unit lower triangle L there.
  void solve_lower(std::ptrdiff_t first, std::ptrdiff_t size, std::ptrdiff_t from, std::ptrdiff_t to) const {
    if (size > narrow) {
      const std::ptrdiff_t half = (size / 2 + narrow - 1) / narrow * narrow, below = first + half;
      solve_lower(first, half, from, to);
      subtract_product(size - half, to - from, half, at(below, first), at(first, from), at(below, from), n_);
      return solve_lower(below, size - half, from, to);
    }
    for (std::ptrdiff_t c = from; c < to; ++c)
      for (std::ptrdiff_t k = first; k + 1 < first + size; ++k)
        subtract_multiple(first + size - k - 1, at(k, c).get(0), at(k + 1, k), at(k + 1, c));
  }

  std::ptrdiff_t n_;
  Cells a_;
  int* pivots_;
};

}  // namespace

template <class Cells>
bool Dense::factor(Cells a, int* pivots) const {
  return Panel<Cells>(n_, a, pivots).factor(0, n_);
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
