// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/parallel.hpp"

namespace antler::inline ANTLER_LANES {

/// The linearised system of a one-step recursion, block bidiagonal [Lim2024, eq. 9]:
///
///     y_i = A_i y_{i-1} + b_i,   i = 0 .. N - 1.
///
/// A has shape (N, n, n), b has shape (N, n).
template <class T, int n, class ExecutionSpace>
struct AffineMaps {
  Matrices<T, n, ExecutionSpace> A;
  Trajectory<T, n, ExecutionSpace> b;

  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index length() const { return static_cast<Index>(b.extent(0)); }
};

/// The linearised system of a recursion over P lags:
///
///     y_i = sum_p A_p,i y_{i-p} + b_i,   p = 1 .. P,   i = 0 .. N - 1,   y_i = 0 for i < 0.
///
/// A[p - 1] has shape (N, n, n), b has shape (N, n).
template <class T, int n, int lags, class ExecutionSpace>
struct LaggedMaps {
  Kokkos::Array<Matrices<T, n, ExecutionSpace>, lags> A;
  Trajectory<T, n, ExecutionSpace> b;

  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index length() const { return static_cast<Index>(b.extent(0)); }
};

}  // namespace antler::inline ANTLER_LANES
