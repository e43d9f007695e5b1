// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The linearised system of a boundary value problem on a mesh of N steps, almost block diagonal [AscherMattheijRussell1995, ch.
/// 7]:
///
///     S_i d_i + R_i d_{i+1} + C_i e = r_i,          i = 0 .. N - 1,     n equations each
///     B_a d_0 + B_b d_N     + B_p e = right,                            q equations
///
/// in d_0 .. d_N, of n components each, and m parameters e. q = n + m has one solution, q = n + m - 1 a branch of them. The
/// conditions at the ends may be coupled.

#include <string>

#include "antler/core/parallel.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Storage for m numbers where m may be zero: arrays of no elements are not C++.
inline constexpr int at_least_one(int m) { return m > 0 ? m : 1; }

}  // namespace detail

/// One block row of the system without its right-hand side.
template <class T, int n, int m>
struct BoundarySlice {
  Matrix<T, n> S, R;
  Matrix<T, n, detail::at_least_one(m)> C;
};

/// See the top of the file. Slices of shape (N), r of shape (N, n); the conditions at the ends live on the host.
///
/// @tparam m  parameters, 0 or more; C, B_p and e have one column that is never read where m = 0
/// @tparam q  conditions
template <class T, int n, int m, int q, class ExecutionSpace>
struct AlmostBlockDiagonal {
  static_assert(q == n + m || q == n + m - 1, "antler::AlmostBlockDiagonal: n + m conditions, or one less on a branch");
  using Scalar = T;
  using Space = ExecutionSpace;
  static constexpr int size = n, parameters = m, conditions = q, stored_parameters = detail::at_least_one(m);
  using Slice = BoundarySlice<T, n, m>;
  using Parameters = Vector<T, stored_parameters>;

  Kokkos::View<Slice*, typename ExecutionSpace::memory_space> slices;
  Trajectory<T, n, ExecutionSpace> r;
  Matrix<T, q, n> Ba, Bb;
  Matrix<T, q, stored_parameters> Bp;
  Vector<T, q> right;

  static AlmostBlockDiagonal allocated(const std::string& label, Index steps) {
    AlmostBlockDiagonal system{};
    system.slices = allocate<Kokkos::View<Slice*, typename ExecutionSpace::memory_space>>(label, steps);
    system.r = allocate<Trajectory<T, n, ExecutionSpace>>(label, steps);
    return system;
  }
  [[nodiscard]] Index steps() const { return static_cast<Index>(r.extent(0)); }
};

}  // namespace antler::inline ANTLER_LANES
