// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What f(t, y) of an initial value problem is called with at points (t_i, Y_i), stages or nodes, and its products there. An f may
/// bring
///
///     pullback(t, y, lambda, y_bar, theta_bar)
///
/// which sets y_bar = (df/dy)^T lambda and adds (df/dtheta_k)^T lambda to theta_bar(k), theta_bar being anything with
/// operator()(int).

#include "antler/problem/initial_value_problem.hpp"
#include "antler/sensitivity/parameter_kernels.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// f brings its products with covectors, for elements U.
template <class F, class U, int n>
concept BringsPullback = requires(const F f, const U t, const Vector<U, n> y, Vector<U, n> y_bar, ParameterSums<U> sums) {
  f.pullback(t, y, y, y_bar, sums);
};

/// What an initial value problem is differentiated with: lanes, where f serves them and matrices of `size` rows per lane fit a
/// cache.
template <class F, class T, int size, class ExecutionSpace>
using StageElements = std::conditional_t<accepts_lanes<F>() && size <= 32, KernelLanes<T, ExecutionSpace>, T>;

/// Row i of a host array of Vectors (with lanes: rows i, i + 1, ..., those past `last` repeating it).
template <class U, class View>
KOKKOS_FORCEINLINE_FUNCTION auto gather_vector(const View& rows, Index i, Index last) {
  constexpr int n = View::non_const_value_type::size();
  Vector<U, n> out;
  for (int c = 0; c < n; ++c) {
    scalar_of<U> buffer[lane_count<U>];
    for (int l = 0; l < lane_count<U>; ++l) buffer[l] = rows(i + l < last ? i + l : last)[c];
    out[c] = load<U>(buffer);
  }
  return out;
}

/// Row i of an array of numbers, rows past `last` repeating it.
template <class U, class View>
KOKKOS_FORCEINLINE_FUNCTION U gather_number(const View& numbers, Index i, Index last) {
  scalar_of<U> buffer[lane_count<U>];
  for (int l = 0; l < lane_count<U>; ++l) buffer[l] = static_cast<scalar_of<U>>(numbers(i + l < last ? i + l : last));
  return load<U>(buffer);
}

/// Start and length of steps i, i + 1, ..., the length subtracted in double; steps past the last repeat it.
template <class U, class View>
KOKKOS_FORCEINLINE_FUNCTION void gather_step(const View& times, Index i, U& t, U& h) {
  const Index last = static_cast<Index>(times.extent(0)) - 2;
  scalar_of<U> starts[lane_count<U>], lengths[lane_count<U>];
  for (int l = 0; l < lane_count<U>; ++l) {
    const Index step = i + l < last ? i + l : last;
    starts[l] = static_cast<scalar_of<U>>(times(step));
    lengths[l] = static_cast<scalar_of<U>>(times(step + 1) - times(step));
  }
  t = load<U>(starts);
  h = load<U>(lengths);
}

/// The largest |defect_c| of the lanes' steps in units of rtol max |y_c| + atol; infinite when a value is not finite.
/// @param lanes  of them hold a step
template <class U, int n>
KOKKOS_INLINE_FUNCTION double relative_defect(const Vector<U, n>& defect, const Vector<U, n>& y, Index lanes, double rtol,
                                              double atol) {
  double difference[lane_count<U>], size[lane_count<U>];
  for (int l = 0; l < lane_count<U>; ++l) difference[l] = size[l] = 0;
  for (int c = 0; c < n; ++c) {
    scalar_of<U> d[lane_count<U>], s[lane_count<U>];
    store(d, U(abs(defect[c])));
    store(s, U(abs(y[c])));
    for (int l = 0; l < lane_count<U> && l < lanes; ++l) {
      if (!is_finite(d[l]) || !is_finite(s[l])) return HUGE_VAL;
      difference[l] = d[l] > difference[l] ? static_cast<double>(d[l]) : difference[l];
      size[l] = s[l] > size[l] ? static_cast<double>(s[l]) : size[l];
    }
  }
  double largest = 0;
  for (int l = 0; l < lane_count<U>; ++l) {
    const double relative = difference[l] / (rtol * size[l] + atol);
    largest = relative > largest ? relative : largest;
  }
  return largest;
}

}  // namespace detail

/// Points (t_i, Y_i), i = 0 .. count - 1.
template <class T, int n, class ExecutionSpace>
struct PointArguments {
  Kokkos::View<double*, typename ExecutionSpace::memory_space> times;
  Trajectory<T, n, ExecutionSpace> states;

  explicit PointArguments(Index count)
      : times(allocate<decltype(times)>("antler::sensitivity::times", count)),
        states(allocate<decltype(states)>("antler::sensitivity::points", count)) {}
  static std::size_t required_bytes(Index count) { return static_cast<std::size_t>(count) * (sizeof(double) + n * sizeof(T)); }

  /// g at point i with constants of elements V over U for t and y.
  template <class V, class U, class G>
  [[nodiscard]] KOKKOS_INLINE_FUNCTION Vector<V, n> value(const G& g, Index i) const {
    return g(V(gather<U>(times, i)), detail::constants<V>(gather_row<U, n>(states, i)));
  }

  /// f's own products with lambda at point i: sums grow. There are no inputs.
  template <class U, class F, class Inputs>
  KOKKOS_INLINE_FUNCTION void pull_back(const F& f, Index i, const Vector<U, n>& lambda, const Inputs& /*none*/,
                                        const ParameterSums<U>& sums) const {
    Vector<U, n> y_bar;
    f.pullback(gather<U>(times, i), gather_row<U, n>(states, i), lambda, y_bar, sums);
  }
};

namespace detail {

/// mu_i (with lanes: of points i, i + 1, ..., zero past the last).
template <class U, class T, int n, class ExecutionSpace>
struct PointCovectors {
  Trajectory<T, n, ExecutionSpace> mu;

  KOKKOS_INLINE_FUNCTION Vector<U, n> operator()(Index i) const {
    const Index count = static_cast<Index>(mu.extent(0));
    Vector<U, n> out;
    for (int c = 0; c < n; ++c) {
      scalar_of<U> buffer[lane_count<U>];
      for (int l = 0; l < lane_count<U>; ++l) buffer[l] = i + l < count ? mu(i + l, c) : T(0);
      out[c] = load<U>(buffer);
    }
    return out;
  }
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
