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

/// Kernel: ln |A_e ... A_b v| - ln |v| over samples of the steps, one per lane; v has gone through the `settling` steps before its
/// sample, so that it points where perturbations grow. The matrices are not formed: one direction of dual numbers per step.
///
/// @tparam U  T, or lanes of T where there is one lag
template <class U, class T, int n, int lags, class Function, class ExecutionSpace>
struct GrowthOfSamples {
  Function f;
  Lags<T, n, lags> before_first;
  Trajectory<T, n, ExecutionSpace> y;
  Kokkos::View<double*, typename ExecutionSpace::memory_space> growth;  // of each sample
  Index samples, length, settling;

  KOKKOS_INLINE_FUNCTION void operator()(Index block) const {
    const Index sample = block * lane_count<U>;
    Vector<U, n> v[lags];
    for (int p = 0; p < lags; ++p)
      for (int c = 0; c < n; ++c) v[p][c] = U(T(1 + c) / T(n));
    normalise(v);
    U sum = U(T(0));
    for (Index k = -settling; k < length; ++k) {
      const U factor = step(sample, k, v, std::make_integer_sequence<int, lags>{});
      if (k >= 0) sum += log(factor);
    }
    T sums[lane_count<U>];
    store(sums, sum);
    for (Index l = 0; l < lane_count<U> && sample + l < samples; ++l) growth(sample + l) = static_cast<double>(sums[l]);
  }

 private:
  /// Step k of a sample: samples are spread evenly. Before the first step it is the first; past the last sample the last.
  KOKKOS_INLINE_FUNCTION Index step_of(Index sample, Index k) const {
    const Index steps = static_cast<Index>(y.extent(0)), s = sample < samples ? sample : samples - 1;
    const Index i = (samples == 1 ? 0 : (steps - length) * s / (samples - 1)) + k;
    return i > 0 ? i : 0;
  }

  template <int... p>
  KOKKOS_INLINE_FUNCTION U step(Index sample, Index k, Vector<U, n> (&v)[lags], std::integer_sequence<int, p...>) const {
    using D = Dual<U, 1>;
    Vector<D, n> arguments[lags];
    for (int q = 0; q < lags; ++q) {
      T states[n][lane_count<U>];
      for (int l = 0; l < lane_count<U>; ++l) {
        const Vector<T, n> state = before_first.template operator()<T>(q, step_of(sample + l, k), y);
        for (int c = 0; c < n; ++c) states[c][l] = state[c];
      }
      for (int c = 0; c < n; ++c) arguments[q][c] = D(load<U>(states[c]), v[q][c]);
    }
    const Vector<D, n> next = f.at([&](int l) { return step_of(sample + l, k); }, arguments[p]...);
    for (int q = lags - 1; q > 0; --q) v[q] = v[q - 1];
    for (int c = 0; c < n; ++c) v[0][c] = next[c].derivative[0];
    return normalise(v);
  }

  /// Scales v to a largest component of 1 and returns what it was; of a product that has vanished nothing can be told but that.
  KOKKOS_INLINE_FUNCTION static U normalise(Vector<U, n> (&v)[lags]) {
    U size = U(smallest_normal<T>);
    for (int p = 0; p < lags; ++p)
      for (int c = 0; c < n; ++c) size = antler::max(size, U(fabs(v[p][c])));
    const auto vanished = size <= U(smallest_normal<T>);
    for (int p = 0; p < lags; ++p)
      for (int c = 0; c < n; ++c) v[p][c] = select(vanished, U(T(1)), U(v[p][c] / size));
    return size;
  }
};

/// The largest Lyapunov exponent over the first `steps` steps, per step; NaN without steps.
/// @note 16 samples of up to 128 steps that are spread evenly, of up to 2048 steps all: the estimate costs the same however long
/// the sequence is.
template <class F, class T, int n, int lags, class X, class ExecutionSpace>
double lyapunov_exponent(const Sequence<F, T, n, lags, X, ExecutionSpace>& sequence, Index steps) {
  if (steps == 0) return std::numeric_limits<double>::quiet_NaN();
  using Function = typename Sequence<F, T, n, lags, X, ExecutionSpace>::Function;
  using U = std::conditional_t<Function::lanes && lags == 1, KernelLanes<T, ExecutionSpace>, T>;
  constexpr Index share = n <= 4 ? 1 : 4;
  const Index samples = steps < 512 ? 1 : 16, most = samples == 1 ? steps : 128,
              length = std::clamp<Index>(steps / (share * samples), 1, most),
              settling = share == 1 ? 32 : std::min<Index>(32, length);
  using Sums = Kokkos::View<double*, typename ExecutionSpace::memory_space>;
  const Sums growth = allocate<Sums>("antler::lyapunov", samples);
  parallel_for("antler::lyapunov", sequence.space(), (samples + lane_count<U> - 1) / lane_count<U>,
               40.0 * n * n * static_cast<double>(length),
               GrowthOfSamples<U, T, n, lags, Function, ExecutionSpace>{
                   sequence.function(1, steps), sequence.before(1), sequence.rows(1, steps), growth, samples, length, settling});
  const auto mirror = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), growth);
  double sum = 0;
  for (Index sample = 0; sample < samples; ++sample) sum += mirror(sample);
  return sum / static_cast<double>(samples * length);
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
