// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "antler/core/parallel.hpp"
#include "antler/problem/boundary_value_problem.hpp"

namespace antler::inline ANTLER_LANES {

/// The unknowns of a mesh, or an update of them: states at N + 1 points, shape (N + 1, n), u of N steps, shape (N, q n),
/// parameters.
template <class T, int n, int m, int q, class ExecutionSpace>
struct BoundaryUnknowns {
  Trajectory<T, n, ExecutionSpace> states;
  Trajectory<T, q * n, ExecutionSpace> inner;
  detail::ParametersOf<T, m> parameters{};

  static BoundaryUnknowns allocated(const std::string& label, Index steps) {
    return {allocate<decltype(states)>(label, steps + 1), allocate<decltype(inner)>(label, steps), {}};
  }
  void copy_to(const ExecutionSpace& space, BoundaryUnknowns& to) const {
    copy_rows<T, n>(space, states, to.states);
    copy_rows<T, q * n>(space, inner, to.inner);
    to.parameters = parameters;
  }
  /// this <- from + factor * along.
  void set_sum(const ExecutionSpace& space, const BoundaryUnknowns& from, T factor, const BoundaryUnknowns& along) {
    const auto add = [&](const auto& result, const auto& base, const auto& direction, int width) {
      parallel_for("antler::boundary_value::add", space, static_cast<Index>(result.extent(0)), 2.0 * width, [=](const Index i) {
        for (int c = 0; c < width; ++c) result(i, c) = base(i, c) + factor * direction(i, c);
      });
    };
    add(states, from.states, along.states, n);
    add(inner, from.inner, along.inner, q * n);
    for (int j = 0; j < m; ++j) parameters[j] = from.parameters[j] + factor * along.parameters[j];
  }
};

/// How large an unknown may be in error, one figure per component for the whole interval: rtol max_i |y_ic| + atol_c. Where a
/// component passes through zero it is not asked for more digits than elsewhere: neighbours depend on each other in both
/// directions.
template <class T, int n, int m>
struct BoundaryWeights {
  Vector<double, n> size;    ///< max_i |y_ic|
  Vector<double, n> states;  ///< the weights of states, and of u
  detail::ParametersOf<double, m> parameters;

  template <int q, class V>
  KOKKOS_INLINE_FUNCTION double squared_norm(const V& v, Index i) const {
    double sum = 0;
    for (int k = 0; k < q; ++k)
      for (int c = 0; c < n; ++c) {
        const double scaled = static_cast<double>(v(i, k * n + c)) / states[c];
        sum += scaled * scaled;
      }
    return sum / (q * n);
  }
};

}  // namespace antler::inline ANTLER_LANES
