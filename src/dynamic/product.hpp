// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace antler::dynamic {

/// The largest k of add_product.
inline constexpr int largest_depth = 48;

/// C += sign A B with A of shape (m, k), B (k, n), C (m, n), column by column; k is at most largest_depth. C overlaps neither.
///
/// @note 2 m n k flops in the widest vectors of the processor that the program runs on, whatever the library was compiled for.
void add_product(double sign, std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, const double* a, std::ptrdiff_t leading_a,
                 const double* b, std::ptrdiff_t leading_b, double* c, std::ptrdiff_t leading_c);

}  // namespace antler::dynamic
