// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/product.hpp"

#include <algorithm>
#include <cstring>

#include "dynamic/instruction_sets.hpp"

/// @file
/// A block of two vectors times four columns stays in registers [GolubVanLoan2013, sec. 1.5].

namespace antler::dynamic {

namespace {

#ifdef ANTLER_CHOOSE_AT_RUN_TIME

template <int width>
struct Pack {
  typedef double type __attribute__((vector_size(width * sizeof(double))));
};

/// c[0 .. live) += sign (low, high)
template <int width>
ANTLER_INLINE void add_column(double sign, const typename Pack<width>::type& low, const typename Pack<width>::type& high,
                              std::ptrdiff_t live, double* c) {
  alignas(64) double sum[2 * width];
  std::memcpy(sum, &low, sizeof low);
  std::memcpy(sum + width, &high, sizeof high);
  if (live == 2 * width) {
    for (int r = 0; r < 2 * width; ++r) c[r] += sign * sum[r];
  } else {
    for (std::ptrdiff_t r = 0; r < live; ++r) c[r] += sign * sum[r];
  }
}

template <int width>
ANTLER_INLINE void multiply(const Product& p) {
  using V = typename Pack<width>::type;
  constexpr std::ptrdiff_t rows = 2 * width;
  alignas(64) double packed[rows * largest_depth];
  for (std::ptrdiff_t i = 0; i < p.m; i += rows) {
    const std::ptrdiff_t live = p.m - i < rows ? p.m - i : rows;
    for (std::ptrdiff_t l = 0; l < p.k; ++l)
      for (std::ptrdiff_t r = 0; r < rows; ++r) packed[l * rows + r] = r < live ? p.a[i + r + l * p.leading_a] : 0.0;
    double* c = p.c + i;
    std::ptrdiff_t j = 0;
    for (; j + 4 <= p.n; j += 4, c += 4 * p.leading_c) {
      const double *b0 = p.b + j * p.leading_b, *b1 = b0 + p.leading_b, *b2 = b1 + p.leading_b, *b3 = b2 + p.leading_b;
      V low0{}, low1{}, low2{}, low3{}, high0{}, high1{}, high2{}, high3{};
      for (std::ptrdiff_t l = 0; l < p.k; ++l) {
        V low, high;
        std::memcpy(&low, packed + l * rows, sizeof low);
        std::memcpy(&high, packed + l * rows + width, sizeof high);
        low0 += low * b0[l];
        high0 += high * b0[l];
        low1 += low * b1[l];
        high1 += high * b1[l];
        low2 += low * b2[l];
        high2 += high * b2[l];
        low3 += low * b3[l];
        high3 += high * b3[l];
      }
      add_column<width>(p.sign, low0, high0, live, c);
      add_column<width>(p.sign, low1, high1, live, c + p.leading_c);
      add_column<width>(p.sign, low2, high2, live, c + 2 * p.leading_c);
      add_column<width>(p.sign, low3, high3, live, c + 3 * p.leading_c);
    }
    for (; j < p.n; ++j, c += p.leading_c) {
      const double* b0 = p.b + j * p.leading_b;
      V low0{}, high0{};
      for (std::ptrdiff_t l = 0; l < p.k; ++l) {
        V low, high;
        std::memcpy(&low, packed + l * rows, sizeof low);
        std::memcpy(&high, packed + l * rows + width, sizeof high);
        low0 += low * b0[l];
        high0 += high * b0[l];
      }
      add_column<width>(p.sign, low0, high0, live, c);
    }
  }
}

void multiply_any(const Product& p) { multiply<2>(p); }
ANTLER_FOR_AVX2 void multiply_avx2(const Product& p) { multiply<4>(p); }
ANTLER_FOR_AVX512 void multiply_avx512(const Product& p) { multiply<8>(p); }

constexpr ProductKernel kernels[] = {multiply_any, multiply_avx2, multiply_avx512};

#else

void multiply_any(const Product& p) {
  for (std::ptrdiff_t j = 0; j < p.n; ++j)
    for (std::ptrdiff_t l = 0; l < p.k; ++l) {
      const double factor = p.sign * p.b[l + j * p.leading_b];
      for (std::ptrdiff_t i = 0; i < p.m; ++i) p.c[i + j * p.leading_c] += factor * p.a[i + l * p.leading_a];
    }
}

constexpr ProductKernel kernels[] = {multiply_any};

#endif

}  // namespace

std::span<const ProductKernel> product_kernels() {
  static const std::size_t count = usable_instruction_sets();
  return {kernels, count};
}

void add(const Product& product) {
  static const ProductKernel widest = product_kernels().back();
  widest(product);
}

}  // namespace antler::dynamic
