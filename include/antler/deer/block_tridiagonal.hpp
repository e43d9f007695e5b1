// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "antler/core/parallel.hpp"

namespace antler {

/// What lies beyond the first and the last row of a block tridiagonal system: nothing, or the other end.
enum class Ends { open, periodic };

}  // namespace antler

namespace antler::inline ANTLER_LANES {

/// The linearised system of an equation in one dimension of space, block tridiagonal:
///
///     L_i d_{i-1} + D_i d_i + U_i d_{i+1} = r_i,   i = 0 .. N - 1.
///
/// L, D, U have shape (N, n, n), r has shape (N, n). With open ends L_0 and U_{N-1} are not read; with periodic ones d_{-1} is
/// d_{N-1} and d_N is d_0 (for N = 1 all three act on d_0).
template <class T, int n, class ExecutionSpace>
struct BlockTridiagonal {
  using Scalar = T;
  using Space = ExecutionSpace;
  static constexpr int size = n, numbers = 3 * n * n + n;

  Matrices<T, n, ExecutionSpace> L, D, U;
  Trajectory<T, n, ExecutionSpace> r;
  Ends ends = Ends::open;

  static BlockTridiagonal allocated(const std::string& label, Index length, Ends ends = Ends::open) {
    const auto blocks = [&] { return allocate<Matrices<T, n, ExecutionSpace>>(label, length); };
    return {blocks(), blocks(), blocks(), allocate<Trajectory<T, n, ExecutionSpace>>(label, length), ends};
  }
  /// Bytes of a system of this length.
  static std::size_t required_bytes(Index length) { return static_cast<std::size_t>(length) * numbers * sizeof(T); }

  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index length() const { return static_cast<Index>(r.extent(0)); }
  [[nodiscard]] KOKKOS_INLINE_FUNCTION bool periodic() const { return ends == Ends::periodic; }
};

}  // namespace antler::inline ANTLER_LANES
