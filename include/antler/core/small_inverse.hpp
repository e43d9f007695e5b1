// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include "antler/core/lanes_math.hpp"
#include "antler/core/math.hpp"
#include "antler/core/matrix.hpp"
#include "antler/core/unrolled.hpp"

namespace antler::inline ANTLER_LANES {

/// A^{-1} of a single small matrix on the host, the components of a row in SIMD lanes: for sequential methods, whose steps cannot
/// fill the lanes. Gauss-Jordan with partial pivoting [GolubVanLoan2013, sec. 3.4].
///
/// The factorisation works on the columns of A as rows, so that apply() is a sum of columns of A^{-1}: no chain of n dependent
/// divisions and subtractions as in a substitution, and no horizontal sums. A zero pivot gives values that are not finite.
/// @note n^2 + n operations with rows of n to factor, n to apply: for n = 8 a fifth of the time of LU and substitution.
template <class T, int n>
class SmallInverse {
 public:
  SmallInverse() = default;

  explicit SmallInverse(const Matrix<T, n>& a) {
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < padded; ++i) column_[j][i] = i < n ? a(i, j) : T(0);
    for (int k = 0; k < n; ++k) eliminate(k);
  }

  /// x <- A^{-1} x.
  void apply(Vector<T, n>& x) const {
    Row sum[registers];
    for (int r = 0; r < registers; ++r) sum[r] = Row(x[0]) * load<Row>(column_[0] + r * width);
    for (int j = 1; j < n; ++j) {
      const Row factor(x[j]);
      for (int r = 0; r < registers; ++r) sum[r] = multiply_add(factor, load<Row>(column_[j] + r * width), sum[r]);
    }
    alignas(alignof(Row)) T result[padded];
    for (int r = 0; r < registers; ++r) store<Row>(result + r * width, sum[r]);
    for (int k = n - 1; k >= 0; --k) {  // the exchanges, backwards
      const T moved = result[exchanged_[k]];
      result[exchanged_[k]] = result[k];
      result[k] = moved;
    }
    for (int i = 0; i < n; ++i) x[i] = result[i];
  }

 private:
  using Row = Lanes<T>;
  static constexpr int width = lane_count<Row>;
  static constexpr int registers = (n + width - 1) / width, padded = registers * width;

  void eliminate(int k) {
    int pivot = k;
    T largest = abs(column_[k][k]);
    for (int j = k + 1; j < n; ++j)
      if (const T size = abs(column_[j][k]); size > largest) {
        largest = size;
        pivot = j;
      }
    exchanged_[k] = pivot;
    const Row reciprocal(T(1) / column_[pivot][k]);
    Row row[registers];
    for (int r = 0; r < registers; ++r) {
      row[r] = with_lane(k, r, Row(T(1)), load<Row>(column_[pivot] + r * width)) * reciprocal;
      if (pivot != k) store<Row>(column_[pivot] + r * width, load<Row>(column_[k] + r * width));
      store<Row>(column_[k] + r * width, row[r]);
    }
    for (int j = 0; j < n; ++j) {
      if (j == k) continue;
      const Row factor(-column_[j][k]);
      for (int r = 0; r < registers; ++r)
        store<Row>(column_[j] + r * width,
                   multiply_add(factor, row[r], with_lane(k, r, Row(T(0)), load<Row>(column_[j] + r * width))));
    }
  }

  /// Register r of a row, with entry k replaced. In registers: a number stored into a row that is loaded right after stalls the
  /// load.
  static Row with_lane(int k, int r, const Row& value, const Row& row) {
    static constexpr auto indices = [] {
      std::array<T, static_cast<std::size_t>(padded)> numbers{};
      for (int i = 0; i < padded; ++i) numbers[static_cast<std::size_t>(i)] = static_cast<T>(i);
      return numbers;
    }();
    return select(load<Row>(indices.data() + r * width) == Row(k), value, row);
  }

  alignas(alignof(Row)) T column_[n][padded];
  int exchanged_[n];
};

/// Up to three components: Gauss-Jordan with partial pivoting on [A | 1], in scalars that stay in registers. In half-empty rows the
/// stores and loads of apply() take longer than its arithmetic: a step of RODAS takes 1.4 times as long.
template <class T, int n>
  requires(n <= 3)
class SmallInverse<T, n> {
 public:
  SmallInverse() = default;

  ANTLER_FLATTEN explicit SmallInverse(Matrix<T, n> a) : inverse_(Matrix<T, n>::identity()) {
    detail::unrolled<n>([&](auto k) {
      detail::unrolled<n>([&](auto j) {
        if constexpr (j > k)
          if (abs(a(j, k)) > abs(a(k, k))) exchange(a, k, j);
      });
      const T reciprocal = T(1) / a(k, k);
      for (int c = 0; c < n; ++c) {
        if (c > k) a(k, c) *= reciprocal;
        inverse_(k, c) *= reciprocal;
      }
      for (int j = 0; j < n; ++j) {
        if (j == k) continue;
        for (int c = 0; c < n; ++c) {
          if (c > k) a(j, c) -= a(j, k) * a(k, c);
          inverse_(j, c) -= a(j, k) * inverse_(k, c);
        }
      }
    });
  }

  /// x <- A^{-1} x.
  void apply(Vector<T, n>& x) const { x = inverse_ * x; }

 private:
  KOKKOS_FORCEINLINE_FUNCTION void exchange(Matrix<T, n>& a, int k, int j) {
    for (int c = 0; c < n; ++c) {
      const T upper = a(k, c), row = inverse_(k, c);
      a(k, c) = a(j, c);
      a(j, c) = upper;
      inverse_(k, c) = inverse_(j, c);
      inverse_(j, c) = row;
    }
  }

  Matrix<T, n> inverse_;
};

}  // namespace antler::inline ANTLER_LANES
