// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/options.hpp"
#include "antler/core/parallel.hpp"

namespace antler::inline ANTLER_LANES {

/// The weighted norm in which tolerances are stated: |v|_w = max_i sqrt(1/n sum_c (v_ic / (rtol |y_ic| + atol_c))^2).
///
/// The weighted root mean square of SUNDIALS over the components of a state [Hindmarsh2005, sec. 2.1], its maximum over the points:
/// a trajectory has converged when every state has. Below rounding of y a value cannot be resolved, so that |v_ic| below four units
/// in the last place of y_ic counts as zero.
template <class T, int n>
class Weights {
 public:
  /// @param factor  loosens both tolerances by the same factor
  explicit Weights(const Options& options, double factor = 1) : rtol_(static_cast<T>(options.rtol * factor)) {
    for (int c = 0; c < n; ++c) atol_[c] = static_cast<T>(options.atol[c] * factor);
  }

  /// The weighted root mean square of one state's v.
  template <class V, class Y>
  KOKKOS_INLINE_FUNCTION double state_norm(const V& v, const Y& y) const {
    return sqrt(sum_of_squares(v, y) / n);
  }
  /// n times its square: at most n where v is within the tolerances.
  template <class V, class Y>
  KOKKOS_INLINE_FUNCTION double sum_of_squares(const V& v, const Y& y) const {
    double sum = 0;
    for (int c = 0; c < n; ++c) {
      const double magnitude = v[c] < 0 ? -static_cast<double>(v[c]) : static_cast<double>(v[c]);
      const double size = y[c] < 0 ? -static_cast<double>(y[c]) : static_cast<double>(y[c]);
      if (!is_finite(size)) return HUGE_VAL;
      if (magnitude <= rounding * size) continue;
      const double scaled = magnitude / (static_cast<double>(rtol_) * size + static_cast<double>(atol_[c]));
      sum += scaled * scaled;
    }
    return sum;
  }

  /// w_c of one state.
  KOKKOS_INLINE_FUNCTION Vector<T, n> of(const Vector<T, n>& y) const {
    Vector<T, n> w;
    for (int c = 0; c < n; ++c) w[c] = rtol_ * (y[c] < 0 ? -y[c] : y[c]) + atol_[c];
    return w;
  }

  /// The largest norm over all points; infinite when a value is not finite.
  template <class ExecutionSpace>
  double norm(const ExecutionSpace& space, const Trajectory<T, n, ExecutionSpace>& v,
              const Trajectory<T, n, ExecutionSpace>& y) const {
    const Weights weights = *this;
    return parallel_maximum(
        "antler::deer::norm", space, static_cast<Index>(v.extent(0)), 6.0 * n,
        KOKKOS_LAMBDA(const Index i) { return weights.state_norm(gather_row<T, n>(v, i), gather_row<T, n>(y, i)); });
  }

 private:
  static constexpr double rounding = 4 * (sizeof(T) == 4 ? 1.2e-7 : 2.3e-16);

  T rtol_;
  Vector<T, n> atol_;
};

}  // namespace antler::inline ANTLER_LANES
