// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace antler::blocks {

/// C <- C - A B with A of shape (n, n), B and C of shape (n, m), row by row. C overlaps neither.
void subtract_product(std::ptrdiff_t n, std::ptrdiff_t m, const double* a, const double* b, double* c);

/// B <- A^{-1} B with partial pivoting; A is overwritten and holds the reciprocals of the pivots on its diagonal. Shapes as above.
/// @note 2/3 n^3 + 2 n^2 m flops in the widest vectors of the processor that the program runs on
void solve_columns(std::ptrdiff_t n, std::ptrdiff_t m, double* a, double* b);

}  // namespace antler::blocks
