// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The linearised system of a delay equation on a mesh: the recursion of a one-step method, whose steps also see earlier steps
/// through interpolated values. Steps i = 0 .. N - 1 have s inner values of n components, x_i of s n numbers, and an end d_i:
///
///     x_i = p_i + S_i d_{i-1} + sum_q B_{i,q} e_{i,q},          q = 0 .. Q - 1
///     e_{i,q} = d_{j-1} + sum_k own_{i,q,k} x_{j,k} + sum_k before_{i,q,k} x_{j-1,k},   j = j(i, q) <= i
///     d_i = d_{i-1} + sum_k v_k x_{i,k} + g_i,                  d_{-1} = 0
///
/// With j = i the delay is shorter than the step: its d and own terms are in S_i and B_i already, e has the `before` terms only.
/// With j < 0 the value is history, and e = 0.

#include <span>
#include <string>

#include "antler/deer/affine_maps.hpp"

namespace antler::inline ANTLER_LANES {

/// Where delayed values come from: shape (N, Q) and (N, Q s). Of a whole mesh, of which a system may hold a part.
template <class T, int s, int Q, class ExecutionSpace>
struct DelayLinks {
  using Layout = typename ExecutionSpace::array_layout;
  using Memory = typename ExecutionSpace::memory_space;

  Kokkos::View<Index* [Q], Layout, Memory> step;     ///< j, negative: history
  Kokkos::View<T * [Q * s], Layout, Memory> own;     ///< weights of the stages of step j
  Kokkos::View<T * [Q * s], Layout, Memory> before;  ///< weights of the stages of step j - 1

  static DelayLinks allocated(const std::string& label, Index length) {
    DelayLinks links;
    links.step = allocate<decltype(links.step)>(label, length);
    links.own = allocate<decltype(links.own)>(label, length);
    links.before = allocate<decltype(links.before)>(label, length);
    return links;
  }
};

/// The system above for the steps first .. first + N - 1 of the links' mesh; steps before them do not move.
/// @tparam s  inner values of a step
/// @tparam Q  delayed values that a step sees
template <class T, int n, int s, int Q, class ExecutionSpace>
struct DelayMaps {
  using Scalar = T;
  using Space = ExecutionSpace;
  static constexpr int size = n, inner = s * n, links_per_step = Q;
  using Memory = typename ExecutionSpace::memory_space;
  using Layout = typename ExecutionSpace::array_layout;
  /// Row i is (x_i, d_i).
  using Solution = Trajectory<T, inner + n, ExecutionSpace>;

  DelayLinks<T, s, Q, ExecutionSpace> links;
  Index first = 0;
  /// Host: of each step of the mesh the last step that its e looks at, -1 when there is none.
  std::span<const Index> latest;
  Trajectory<T, inner, ExecutionSpace> p;
  Kokkos::View<T* [inner][n], Layout, Memory> S;
  Kokkos::View<T * [Q * inner][n], Layout, Memory> B;  ///< B_{i,q} in rows q s n .. (q + 1) s n - 1
  Trajectory<T, n, ExecutionSpace> g;
  Kokkos::Array<T, s> v;

  static constexpr int numbers = inner * (1 + n + Q * n) + n;

  static DelayMaps allocated(const std::string& label, Index length) {
    DelayMaps maps;
    maps.p = allocate<decltype(maps.p)>(label, length);
    maps.S = allocate<decltype(maps.S)>(label, length);
    maps.B = allocate<decltype(maps.B)>(label, length);
    maps.g = allocate<decltype(maps.g)>(label, length);
    return maps;
  }
  [[nodiscard]] DelayMaps leading(Index count) const {
    DelayMaps maps = *this;
    maps.p = leading_rows(p, count);
    maps.S = leading_rows(S, count);
    maps.B = leading_rows(B, count);
    maps.g = leading_rows(g, count);
    return maps;
  }
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Index length() const { return static_cast<Index>(g.extent(0)); }

  /// e_{i,q} from the rows before i.
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Vector<T, n> delayed(Index i, int q, const Solution& solution) const {
    Vector<T, n> e = Vector<T, n>::filled(T(0));
    const Index j = links.step(i + first, q) - first;  // negative: does not move
    if (j < 0) return e;
    if (j < i)
      for (int c = 0; c < n; ++c) {
        if (j > 0) e[c] = solution(j - 1, inner + c);
        for (int k = 0; k < s; ++k) e[c] += links.own(i + first, q * s + k) * solution(j, k * n + c);
      }
    if (j > 0)
      for (int k = 0; k < s; ++k) {
        const T weight = links.before(i + first, q * s + k);
        for (int c = 0; c < n; ++c) e[c] += weight * solution(j - 1, k * n + c);
      }
    return e;
  }

  /// p_i + sum_q B_{i,q} e_{i,q}.
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Vector<T, inner> forced(Index i, const Solution& solution) const {
    Vector<T, inner> x;
    for (int r = 0; r < inner; ++r) x[r] = p(i, r);
    for (int q = 0; q < Q; ++q) {
      if (links.step(i + first, q) < first) continue;
      const Vector<T, n> e = delayed(i, q, solution);
      for (int r = 0; r < inner; ++r)
        for (int c = 0; c < n; ++c) x[r] += B(i, q * inner + r, c) * e[c];
    }
    return x;
  }

  /// sum_k v_k x_k + g_i.
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Vector<T, n> increment(Index i, const Vector<T, inner>& x) const {
    Vector<T, n> sum;
    for (int c = 0; c < n; ++c) {
      sum[c] = g(i, c);
      for (int k = 0; k < s; ++k) sum[c] += v[static_cast<size_t>(k)] * x[k * n + c];
    }
    return sum;
  }
};

}  // namespace antler::inline ANTLER_LANES
