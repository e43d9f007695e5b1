// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Inverse operators for DelayMaps: the sweep, and the lagged scan. Steps a .. b - 1 that look back at steps before a only make a
/// window, no longer than the shortest delay: all they see of the past is known. In a window
///
///   1. p_i + sum_q B_{i,q} e_{i,q} of all steps at once                      O(Q s n^2) per step
///   2. d_i = A_i d_{i-1} + b_i, A_i = 1 + sum_k v_k S_{i,k}, by a scan       O(n^3), O(n^2) when it sweeps
///   3. x_i += S_i d_{i-1} of all steps at once                               O(s n^2)

#include <utility>

#include "antler/deer/delay_maps.hpp"
#include "antler/inverse/scan.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// x_i and d_i from the rows before i.
template <class Maps>
struct SweepDelays {
  Maps maps;
  typename Maps::Solution solution;

  KOKKOS_INLINE_FUNCTION void operator()(Index /*one*/) const {
    using T = typename Maps::Scalar;
    constexpr int n = Maps::size, inner = Maps::inner;
    Vector<T, n> d = Vector<T, n>::filled(T(0));
    for (Index i = 0; i < maps.length(); ++i) {
      Vector<T, inner> x = maps.forced(i, solution);
      for (int r = 0; r < inner; ++r)
        for (int c = 0; c < n; ++c) x[r] += maps.S(i, r, c) * d[c];
      d += maps.increment(i, x);
      scatter_row(x, solution, i);
      for (int c = 0; c < n; ++c) solution(i, inner + c) = d[c];
    }
  }
};

/// 1. for step begin + i, and the affine map of its d. The state before the window goes into the first b.
template <class Maps, class Affine>
struct ForceDelays {
  Maps maps;
  typename Maps::Solution solution;
  Affine affine;
  Index begin;

  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    using T = typename Maps::Scalar;
    constexpr int n = Maps::size, inner = Maps::inner, s = inner / n;
    const Index row = begin + i;
    const Vector<T, inner> x = maps.forced(row, solution);
    scatter_row(x, solution, row);
    Matrix<T, n> a = Matrix<T, n>::identity();
    for (int k = 0; k < s; ++k)
      for (int r = 0; r < n; ++r)
        for (int c = 0; c < n; ++c) a(r, c) += maps.v[static_cast<size_t>(k)] * maps.S(row, k * n + r, c);
    Vector<T, n> b = maps.increment(row, x);
    if (i == 0 && row > 0)
      for (int r = 0; r < n; ++r)
        for (int c = 0; c < n; ++c) b[r] += a(r, c) * solution(row - 1, inner + c);
    affine.set_linear(a, i);
    scatter_row(b, affine.b, i);
  }
};

/// 3. for step begin + i.
template <class Maps, class States>
struct FinishDelays {
  Maps maps;
  typename Maps::Solution solution;
  States ends;
  Index begin;

  KOKKOS_INLINE_FUNCTION void operator()(Index i) const {
    constexpr int n = Maps::size, inner = Maps::inner;
    const Index row = begin + i;
    for (int c = 0; c < n; ++c) solution(row, inner + c) = ends(i, c);
    if (row == 0) return;  // d_{-1} = 0
    for (int c = 0; c < n; ++c) {
      const auto d = i > 0 ? ends(i - 1, c) : solution(row - 1, inner + c);
      for (int r = 0; r < inner; ++r) solution(row, r) += maps.S(row, r, c) * d;
    }
  }
};

}  // namespace detail

/// Solves DelayMaps step by step: the oracle.
/// @note Work O(N Q s n^2), depth O(N), no memory of its own.
struct DelaySweep {
  template <class Maps>
  [[nodiscard]] DelaySweep plan_for(const typename Maps::Space& /*space*/, Index /*length*/) const {
    return {};
  }

  /// @param solution  out: rows (x_i, d_i), shape (N, s n + n)
  template <class Maps>
  Status apply(const typename Maps::Space& space, const Maps& maps, const typename Maps::Solution& solution) const {
    parallel_for("antler::delay::sweep", space, 1, 0, detail::SweepDelays<Maps>{maps, solution});
    return Status::converged;
  }
};

/// The storage of a lagged scan over at most `length` steps. Allocates in its constructor.
/// @tparam Inner  the plan of an inverse for AffineMaps
template <class Maps, class Inner>
class DelayScanPlan {
  using T = typename Maps::Scalar;
  using Space = typename Maps::Space;
  static constexpr int n = Maps::size;
  using Affine = AffineMaps<T, n, Space>;
  using States = Trajectory<T, n, Space>;

 public:
  DelayScanPlan(Inner inner, Index length)
      : inner_(std::move(inner)),
        affine_(Affine::allocated("antler::delay::affine", length)),
        ends_(allocate<States>("antler::delay::ends", length)) {}

  /// @param maps      at most as many steps as the plan was made for
  /// @param solution  out: rows (x_i, d_i), shape (N, s n + n)
  /// @note Depth: as many windows as delays fit into the interval, each with that of a scan. The same as the sweep to rounding.
  Status apply(const Space& space, const Maps& maps, const typename Maps::Solution& solution) const {
    constexpr double flops = 2.0 * Maps::links_per_step * Maps::inner * (n + 4);
    for (Index begin = 0; begin < maps.length();) {
      const Index count = window(maps, begin) - begin;
      const Affine affine = affine_.first(count);
      const States ends = leading_rows(ends_, count);
      parallel_for("antler::delay::force", space, count, flops, detail::ForceDelays<Maps, Affine>{maps, solution, affine, begin});
      const Status status = inner_.apply(space, affine, ends);
      if (status != Status::converged) return status;
      parallel_for("antler::delay::finish", space, count, 2.0 * Maps::inner * n,
                   detail::FinishDelays<Maps, States>{maps, solution, ends, begin});
      begin += count;
    }
    return Status::converged;
  }

 private:
  /// The end of the window that begins at `begin`: the first step behind that looks at one of it.
  static Index window(const Maps& maps, Index begin) {
    Index end = begin + 1;
    while (end < maps.length() && maps.latest[static_cast<std::size_t>(end + maps.first)] - maps.first < begin) ++end;
    return end;
  }

  Inner inner_;
  Affine affine_;
  States ends_;
};

/// The lagged scan as an inverse operator.
/// @tparam Inner  AutomaticInverse, ScanInverse or SequentialInverse, within a window
template <class Inner = AutomaticInverse>
struct DelayScan {
  Inner inner{};

  template <class Maps>
  [[nodiscard]] auto plan_for(const typename Maps::Space& space, Index length) const {
    auto plan = inner.template plan<typename Maps::Scalar, Maps::size>(space, length);
    return DelayScanPlan<Maps, decltype(plan)>(std::move(plan), length);
  }
};

}  // namespace antler::inline ANTLER_LANES
