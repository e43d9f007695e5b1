// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <limits>

#include "antler/core/finite.hpp"
#include "antler/core/lanes_math.hpp"
#include "antler/core/math.hpp"
#include "antler/core/matrix.hpp"
#include "antler/core/unrolled.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// SmallInverse for any size: Gauss-Jordan with partial pivoting [GolubVanLoan2013, sec. 3.4] on rows in memory. The exchanges are
/// undone in each apply().
template <class T, int n>
class PivotedInverse {
 public:
  PivotedInverse() = default;

  explicit PivotedInverse(const Matrix<T, n>& a) {
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < padded; ++i) column_[j][i] = i < n ? a(i, j) : T(0);
    for (int k = 0; k < n; ++k) eliminate(k);
  }

  /// The inverse of A / factor.
  PivotedInverse& operator*=(const T& factor) {
    const Row by(factor);
    for (int j = 0; j < n; ++j)
      for (int r = 0; r < registers; ++r) store<Row>(column_[j] + r * width, load<Row>(column_[j] + r * width) * by);
    return *this;
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
    for (int k = n - 1; exchanges_ && k >= 0; --k) {  // backwards
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
    exchanges_ = exchanges_ || pivot != k;
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
  bool exchanges_ = false;
};

}  // namespace detail

/// A^{-1} of a single small matrix on the host, the components of a row in SIMD lanes: for sequential methods, whose steps cannot
/// fill the lanes.
///
/// The factorisation works on the columns of A as rows, so that apply() is a sum of columns of A^{-1}: no chain of n dependent
/// divisions and subtractions as in a substitution, and no horizontal sums. A zero pivot gives values that are not finite.
/// @note n^2 + n operations with rows of n to factor, n to apply: for n = 8 a fifth of the time of LU and substitution.
template <class T, int n>
class SmallInverse : public detail::PivotedInverse<T, n> {
 public:
  using detail::PivotedInverse<T, n>::PivotedInverse;
};

/// As many components as a vector has lanes: all of A^{-1} is in registers. Gauss-Jordan without exchanges, repeated with pivoting
/// where an entry would grow by more than a hundred in an elimination.
template <class T, int n>
  requires(n > 3 && n <= lane_count<Lanes<T>>)
class SmallInverse<T, n> {
 public:
  SmallInverse() = default;

  ANTLER_FLATTEN explicit SmallInverse(const Matrix<T, n>& a) {
    detail::unrolled_on_host<n>([&](auto j) ANTLER_INLINED {
      alignas(alignof(Row)) T column[width] = {};
      for (int i = 0; i < n; ++i) column[i] = a(i, j);
      column_[j] = load<Row>(column);
    });
    alignas(alignof(Row)) T indices[width];
    for (int i = 0; i < width; ++i) indices[i] = static_cast<T>(i);
    Row largest(T(0));
    detail::unrolled_on_host<n>([&](auto k) ANTLER_INLINED {
      const auto here = load<Row>(indices) == Row(T(k));
      alignas(alignof(Row)) T entries[n][width];  // a number is read from a row that was stored whole: that does not stall
      for (int j = 0; j < n; ++j) store<Row>(entries[j], column_[j]);
      const Row reciprocal(T(1) / entries[k][k]), pivot_row = select(here, Row(T(1)), column_[k]) * reciprocal;
      largest = antler::max(largest, select(here, Row(T(0)), abs(pivot_row)));
      detail::unrolled_on_host<n>([&](auto j) ANTLER_INLINED {
        if constexpr (j == k)
          column_[j] = pivot_row;
        else
          column_[j] = multiply_add(Row(-entries[j][k]), pivot_row, select(here, Row(T(0)), column_[j]));
      });
    });
    if (!all(largest <= Row(largest_growth))) [[unlikely]]  // or not finite
      pivot(a);
  }

  /// The inverse of A / factor.
  SmallInverse& operator*=(const T& factor) {
    for (int j = 0; j < n; ++j) column_[j] *= Row(factor);
    return *this;
  }

  /// x <- A^{-1} x.
  void apply(Vector<T, n>& x) const {
    Row even = Row(x[0]) * column_[0], odd = Row(x[1]) * column_[1];  // two chains of additions of half the length
    for (int j = 2; j + 1 < n; j += 2) {
      even = multiply_add(Row(x[j]), column_[j], even);
      odd = multiply_add(Row(x[j + 1]), column_[j + 1], odd);
    }
    if constexpr (n % 2 == 1) even = multiply_add(Row(x[n - 1]), column_[n - 1], even);
    alignas(alignof(Row)) T result[width];
    store<Row>(result, even + odd);
    for (int i = 0; i < n; ++i) x[i] = result[i];
  }

 private:
  using Row = Lanes<T>;
  static constexpr int width = lane_count<Row>;
  static constexpr T largest_growth = 100;

  [[gnu::noinline]] void pivot(const Matrix<T, n>& a) {
    const detail::PivotedInverse<T, n> inverse(a);
    for (int j = 0; j < n; ++j) {
      Vector<T, n> unit{};
      unit[j] = 1;
      inverse.apply(unit);
      alignas(alignof(Row)) T column[width] = {};
      for (int i = 0; i < n; ++i) column[i] = unit[i];
      column_[j] = load<Row>(column);
    }
  }

  Row column_[n];
};

/// Up to three components: cofactors over the determinant, in scalars that stay in registers, or a matrix in each lane. In
/// half-empty rows the stores and loads of apply() take longer than its arithmetic, a step of RODAS 1.4 times as long; elimination
/// waits for one division after the other. Cofactors scale as rows and columns do, so that components of different size cost no
/// digits.
template <class T, int n>
  requires(n <= 3)
class SmallInverse<T, n> {
 public:
  SmallInverse() = default;

  ANTLER_FLATTEN explicit SmallInverse(const Matrix<T, n>& a) {
    T determinant;
    if constexpr (n == 1) {
      inverse_(0, 0) = 1;
      determinant = a(0, 0);
    } else if constexpr (n == 2) {
      inverse_(0, 0) = a(1, 1);
      inverse_(0, 1) = -a(0, 1);
      inverse_(1, 0) = -a(1, 0);
      inverse_(1, 1) = a(0, 0);
      determinant = a(0, 0) * a(1, 1) - a(0, 1) * a(1, 0);
    } else {
      detail::unrolled_on_host<3>([&](auto i) {
        detail::unrolled_on_host<3>([&](auto j) {
          constexpr int r = (j + 1) % 3, s = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
          inverse_(i, j) = a(r, c) * a(s, d) - a(r, d) * a(s, c);
        });
      });
      determinant = a(0, 0) * inverse_(0, 0) + a(0, 1) * inverse_(1, 0) + a(0, 2) * inverse_(2, 0);
    }
    // An overflow must not pass for an inverse that is zero.
    constexpr auto none = std::numeric_limits<scalar_of<T>>::quiet_NaN();
    if constexpr (lane_count<T> == 1)
      inverse_ *= is_finite(determinant) ? T(1) / determinant : none;
    else
      inverse_ *= select(isfinite(determinant), T(1) / determinant, T(none));
  }

  [[nodiscard]] const Matrix<T, n>& matrix() const { return inverse_; }

  /// x <- A^{-1} x.
  void apply(Vector<T, n>& x) const { x = inverse_ * x; }
  /// The inverse of A / factor.
  SmallInverse& operator*=(const T& factor) {
    inverse_ *= factor;
    return *this;
  }

 private:
  Matrix<T, n> inverse_;
};

}  // namespace antler::inline ANTLER_LANES
