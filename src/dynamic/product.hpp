// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>

namespace antler::dynamic {

/// The largest Product::k.
inline constexpr int largest_depth = 48;

/// C += sign A B with A of shape (m, k), B (k, n), C (m, n), column by column; k is at most largest_depth. C overlaps neither.
struct Product {
  double sign;
  std::ptrdiff_t m, n, k;
  const double* a;
  std::ptrdiff_t leading_a;
  const double* b;
  std::ptrdiff_t leading_b;
  double* c;
  std::ptrdiff_t leading_c;
};

using ProductKernel = void (*)(const Product&);

/// The kernels that the processor can run, widest vectors last; add() uses that one.
[[nodiscard]] std::span<const ProductKernel> product_kernels();

/// @note 2 m n k flops in the widest vectors of the processor that the program runs on, whatever the library was compiled for.
void add(const Product& product);

}  // namespace antler::dynamic
