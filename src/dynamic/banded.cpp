// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/banded.hpp"

#include "antler/core/finite.hpp"

namespace antler::dynamic {

template <class Cells>
bool Banded::factor(Cells a, int* pivots) const {
  std::ptrdiff_t last = 0;  // the last column that a row so far reaches
  for (std::ptrdiff_t k = 0; k < n_; ++k) {
    const Cells pivot = a.at(diagonal(k));
    const std::ptrdiff_t count = below(k), p = largest(count + 1, pivot);
    pivots[k] = static_cast<int>(k + p);
    const double size = pivot.size(p);
    if (!is_finite(size) || size == 0) return false;
    last = std::max(last, std::min(k + upper_ + p, n_ - 1));
    if (p != 0)
      for (std::ptrdiff_t c = k; c <= last; ++c) a.at(diagonal(c) + k - c).swap(0, p);
    const auto inverse = Cells::reciprocal(pivot.get(0));
    pivot.set(0, inverse);
    scale(count, inverse, pivot.at(1));
    for (std::ptrdiff_t c = k + 1; c <= last; ++c) {
      const Cells column = a.at(diagonal(c) + k - c);  // from row k on
      subtract_multiple(count, column.get(0), pivot.at(1), column.at(1));
    }
  }
  return true;
}

template <class Cells>
inline void Banded::forward(std::ptrdiff_t k, Cells lu, const int* pivots, Cells x) const {
  if (pivots[k] != k) x.swap(k, pivots[k]);
  subtract_multiple(below(k), x.get(k), lu.at(diagonal(k) + 1), x.at(k + 1));
}

template <class Cells>
inline void Banded::backward(std::ptrdiff_t k, Cells lu, Cells x) const {
  const auto value = Cells::product(x.get(k), lu.get(diagonal(k)));
  x.set(k, value);
  const std::ptrdiff_t above = std::min(reach_, k);
  subtract_multiple(above, value, lu.at(diagonal(k) - above), x.at(k - above));
}

template <class Cells>
void Banded::solve(Cells lu, const int* pivots, Cells x) const {
  for (std::ptrdiff_t k = 0; k < n_; ++k) forward(k, lu, pivots, x);
  for (std::ptrdiff_t k = n_; k-- > 0;) backward(k, lu, x);
}

void Banded::solve_both(RealCells a, const int* a_pivots, RealCells x, ComplexCells b, const int* b_pivots, ComplexCells y) const {
  for (std::ptrdiff_t k = 0; k < n_; ++k) {
    forward(k, a, a_pivots, x);
    forward(k, b, b_pivots, y);
  }
  for (std::ptrdiff_t k = n_; k-- > 0;) {
    backward(k, a, x);
    backward(k, b, y);
  }
}

template bool Banded::factor(RealCells, int*) const;
template bool Banded::factor(ComplexCells, int*) const;
template void Banded::solve(RealCells, const int*, RealCells) const;
template void Banded::solve(ComplexCells, const int*, ComplexCells) const;

}  // namespace antler::dynamic
