// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The largest Lyapunov exponent of a recurrence along its trajectory: the rate, per step, at which a small perturbation grows,
/// lambda = lim 1/N ln |A_N ... A_1 v| [Benettin1980]. Negative: an iteration over all steps at once converges in a number of
/// iterations that grows like log N [Gonzalez2024]. Positive: no iteration can, and windows are as short as a few of its inverses.

#include "antler/core/dual_math.hpp"
#include "antler/solve/sequence.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Kernel: ln |A_e ... A_b v| - ln |v| over one sample of the steps; v has gone through the `settling` steps before it, so that it
/// points where perturbations grow. The matrices are not formed: one direction of dual numbers per step.
template <class T, int n, int lags, class Function, class ExecutionSpace>
struct GrowthOfSample {
  Function f;
  Lags<T, n, lags> before_first;
  Trajectory<T, n, ExecutionSpace> y;
  Index samples, length, settling;

  KOKKOS_INLINE_FUNCTION Index begin(Index sample) const {
    const Index steps = static_cast<Index>(y.extent(0));
    return samples == 1 ? 0 : (steps - length) * sample / (samples - 1);
  }

  KOKKOS_INLINE_FUNCTION double operator()(Index sample) const {
    const Index first = begin(sample), start = first > settling ? first - settling : 0;
    Vector<T, n> v[lags];
    for (int p = 0; p < lags; ++p)
      for (int c = 0; c < n; ++c) v[p][c] = T(1 + c) / T(n);
    normalise(v);
    double growth = 0;
    for (Index i = start; i < first + length; ++i) {
      const double factor = step(i, v, std::make_integer_sequence<int, lags>{});
      if (i >= first) growth += log(factor);
    }
    return growth;
  }

 private:
  template <int... p>
  KOKKOS_INLINE_FUNCTION double step(Index i, Vector<T, n> (&v)[lags], std::integer_sequence<int, p...>) const {
    using D = Dual<T, 1>;
    Vector<D, n> arguments[lags];
    for (int q = 0; q < lags; ++q) {
      const Vector<T, n> state = before_first.template operator()<T>(q, i, y);
      for (int c = 0; c < n; ++c) arguments[q][c] = D(state[c], v[q][c]);
    }
    const Vector<D, n> next = f(i, arguments[p]...);
    for (int q = lags - 1; q > 0; --q) v[q] = v[q - 1];
    for (int c = 0; c < n; ++c) v[0][c] = next[c].derivative[0];
    return normalise(v);
  }

  /// Scales v to length 1 and returns what it was. A product that vanishes goes on from any direction: ln of the smallest number.
  KOKKOS_INLINE_FUNCTION static double normalise(Vector<T, n> (&v)[lags]) {
    double square = 0;
    for (int p = 0; p < lags; ++p)
      for (int c = 0; c < n; ++c) square += static_cast<double>(v[p][c]) * static_cast<double>(v[p][c]);
    const double size = sqrt(square);
    if (!(size > 1e-290)) {
      for (int p = 0; p < lags; ++p)
        for (int c = 0; c < n; ++c) v[p][c] = T(1);
      return 1e-290;
    }
    for (int p = 0; p < lags; ++p)
      for (int c = 0; c < n; ++c) v[p][c] = static_cast<T>(static_cast<double>(v[p][c]) / size);
    return size;
  }
};

/// The largest Lyapunov exponent over the first `steps` steps, per step; NaN without steps.
/// @note Up to 2048 steps all of them, then 16 samples of 96 steps that are spread evenly: the estimate costs the same however long
/// the sequence is.
template <class F, class T, int n, int lags, class X, class ExecutionSpace>
double lyapunov_exponent(const Sequence<F, T, n, lags, X, ExecutionSpace>& sequence, Index steps) {
  if (steps == 0) return std::numeric_limits<double>::quiet_NaN();
  const bool all = steps <= 2048;
  const Index samples = all ? 1 : 16, length = all ? steps : 96;
  using Kernel = GrowthOfSample<T, n, lags, typename Sequence<F, T, n, lags, X, ExecutionSpace>::Function, ExecutionSpace>;
  const Kernel kernel{sequence.function(1, steps), sequence.before(1), sequence.rows(1, steps), samples, length,
                      all ? Index{0} : 32};
  using Sums = Kokkos::View<double*, typename ExecutionSpace::memory_space>;
  const Sums growth = allocate<Sums>("antler::lyapunov", samples);
  parallel_for(
      "antler::lyapunov", sequence.space(), samples, 40.0 * n * n * static_cast<double>(length),
      KOKKOS_LAMBDA(const Index sample) { growth(sample) = kernel(sample); });
  const auto mirror = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), growth);
  double sum = 0;
  for (Index sample = 0; sample < samples; ++sample) sum += mirror(sample);
  return sum / static_cast<double>(samples * length);
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
