// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The kernels of the Kalman filter and smoother and the arrays that they work on; kalman_smoother.hpp has the equations.

#include <string>

#include "antler/core/require.hpp"
#include "antler/inverse/filter_element.hpp"

namespace antler::inline ANTLER_LANES {

/// How a least-squares problem is damped: the weight lambda of the solution beside that of the residual, and a weight for each
/// component of a state in both.
template <class T, int n>
struct Penalty {
  T lambda;
  Vector<T, n> weights = Vector<T, n>::filled(T(1));
};

/// Given which observations the states are estimated: those up to their own point, or all.
///
/// The smoothed estimate is the minimiser of the least-squares problem. The filtered one is causal, as the recursion itself is: no
/// point hears of those behind it.
enum class Estimate { filtered, smoothed };

namespace detail {

/// How `length` items are cut into chunks.
struct Chunks {
  Index length, count;
  KOKKOS_FORCEINLINE_FUNCTION Index begin(Index c) const { return length * c / count; }
};

/// The steps (A_t, b_t) in coordinates in which the weights are one.
template <class Blocks, class ExecutionSpace>
struct WeighedSteps {
  using T = typename Blocks::T;
  using State = Vector<T, Blocks::n>;

  typename Blocks::template Array<ExecutionSpace> A;
  Trajectory<T, Blocks::n, ExecutionSpace> b;
  T lambda;
  State weights, reciprocals;

  WeighedSteps(const decltype(A)& matrices, const decltype(b)& right, const Penalty<T, Blocks::n>& penalty)
      : A(matrices), b(right), lambda(penalty.lambda), weights(penalty.weights) {
    for (int c = 0; c < Blocks::n; ++c) reciprocals[c] = T(1) / weights[c];
  }

  KOKKOS_FORCEINLINE_FUNCTION typename Blocks::Block matrix(Index i) const {
    return weighed(Blocks::get(A, i), weights, reciprocals);
  }
  KOKKOS_FORCEINLINE_FUNCTION State bias(Index i) const {
    State state = gather_row<T, Blocks::n>(b, i);
    for (int c = 0; c < Blocks::n; ++c) state[c] *= weights[c];
    return state;
  }
  /// A state of these coordinates in those of the caller.
  KOKKOS_FORCEINLINE_FUNCTION State unweighed(State state) const {
    for (int c = 0; c < Blocks::n; ++c) state[c] *= reciprocals[c];
    return state;
  }
};

/// (m, P) per point.
template <class Blocks, class ExecutionSpace>
struct BeliefArray {
  using T = typename Blocks::T;
  Trajectory<T, Blocks::n, ExecutionSpace> m;
  typename Blocks::template Array<ExecutionSpace> P;

  BeliefArray() = default;
  BeliefArray(Index length, const std::string& label)
      : m(allocate<decltype(m)>(label, length)), P(allocate<decltype(P)>(label, length)) {}

  KOKKOS_FORCEINLINE_FUNCTION Belief<Blocks> get(Index i) const { return {gather_row<T, Blocks::n>(m, i), Blocks::get(P, i)}; }
  KOKKOS_FORCEINLINE_FUNCTION void set(const Belief<Blocks>& belief, Index i) const {
    scatter_row(belief.m, m, i);
    Blocks::set(belief.P, P, i);
  }
};

/// A FilterElement per chunk.
template <class Blocks, class ExecutionSpace>
struct ElementArray {
  using T = typename Blocks::T;
  typename Blocks::template Array<ExecutionSpace> A, C, J;
  Trajectory<T, Blocks::n, ExecutionSpace> b, eta;

  explicit ElementArray(Index length)
      : A(allocate<decltype(A)>("antler::smoother::elements", length)),
        C(allocate<decltype(A)>("antler::smoother::elements", length)),
        J(allocate<decltype(A)>("antler::smoother::elements", length)),
        b(allocate<decltype(b)>("antler::smoother::elements", length)),
        eta(allocate<decltype(b)>("antler::smoother::elements", length)) {}

  KOKKOS_FORCEINLINE_FUNCTION FilterElement<Blocks> get(Index i) const {
    return {Blocks::get(A, i), gather_row<T, Blocks::n>(b, i), Blocks::get(C, i), gather_row<T, Blocks::n>(eta, i),
            Blocks::get(J, i)};
  }
  KOKKOS_FORCEINLINE_FUNCTION void set(const FilterElement<Blocks>& element, Index i) const {
    Blocks::set(element.A, A, i);
    scatter_row(element.b, b, i);
    Blocks::set(element.C, C, i);
    scatter_row(element.eta, eta, i);
    Blocks::set(element.J, J, i);
  }
};

/// What enters a chunk from both sides: the belief before it, the adjoint u behind it. Without arrays it is the one chunk that
/// begins with the known state 0 and has nothing behind it.
template <class Blocks, class ExecutionSpace>
struct ChunkEnds {
  using T = typename Blocks::T;
  BeliefArray<Blocks, ExecutionSpace> before;
  Trajectory<T, Blocks::n, ExecutionSpace> behind;

  ChunkEnds() = default;
  explicit ChunkEnds(Index chunks)
      : before(chunks, "antler::smoother::before"), behind(allocate<decltype(behind)>("antler::smoother::behind", chunks)) {}

  KOKKOS_FORCEINLINE_FUNCTION Belief<Blocks> belief(Index c) const {
    return behind.extent(0) == 0 ? Belief<Blocks>::certain() : before.get(c);
  }
  KOKKOS_FORCEINLINE_FUNCTION Vector<T, Blocks::n> adjoint(Index c) const {
    return behind.extent(0) == 0 ? Vector<T, Blocks::n>{} : gather_row<T, Blocks::n>(behind, c);
  }
};

/// Kernel, phase 1: the element of one chunk of steps.
template <class Blocks, class ExecutionSpace>
struct ComposeSteps {
  WeighedSteps<Blocks, ExecutionSpace> steps;
  ElementArray<Blocks, ExecutionSpace> elements;
  Chunks chunks;

  KOKKOS_INLINE_FUNCTION void operator()(Index c) const {
    auto total = FilterElement<Blocks>::empty();
    for (Index i = chunks.begin(c); i < chunks.begin(c + 1); ++i) {
      total.append(steps.matrix(i), steps.bias(i), steps.lambda);
      if (i % 16 == 0) flush(total.A);
    }
    elements.set(total, c);
  }
};

/// Kernel: the element of one chunk of elements.
template <class Blocks, class ExecutionSpace>
struct ComposeElements {
  ElementArray<Blocks, ExecutionSpace> elements, totals;
  Chunks chunks;

  KOKKOS_INLINE_FUNCTION void operator()(Index c) const {
    auto total = elements.get(chunks.begin(c));
    for (Index i = chunks.begin(c) + 1; i < chunks.begin(c + 1); ++i) {
      total = compose(total, elements.get(i));
      flush(total.A);
    }
    totals.set(total, c);
  }
};

/// Kernel, phase 2: from what enters a chunk of elements, what enters each of them.
template <class Blocks, class ExecutionSpace>
struct SpreadElements {
  ElementArray<Blocks, ExecutionSpace> elements;
  ChunkEnds<Blocks, ExecutionSpace> ends, outer;
  Chunks chunks;

  KOKKOS_INLINE_FUNCTION void operator()(Index c) const {
    const Index begin = chunks.begin(c), end = chunks.begin(c + 1);
    auto belief = outer.belief(c);
    for (Index i = begin; i < end; ++i) {
      ends.before.set(belief, i);
      if (i + 1 < end) belief = elements.get(i)(belief);
    }
    auto u = outer.adjoint(c);
    for (Index i = end - 1; i >= begin; --i) {
      scatter_row(u, ends.behind, i);
      if (i > begin) u = elements.get(i).adjoint(ends.before.get(i), u);
    }
  }
};

/// Kernel, phase 3: one chunk of steps is filtered forward and smoothed backward; or filtered only.
template <class Blocks, class ExecutionSpace>
struct SweepSteps {
  using T = typename Blocks::T;
  using State = Vector<T, Blocks::n>;
  using States = Trajectory<T, Blocks::n, ExecutionSpace>;

  WeighedSteps<Blocks, ExecutionSpace> steps;
  BeliefArray<Blocks, ExecutionSpace> filtered;
  typename Blocks::template Array<ExecutionSpace> S;
  ChunkEnds<Blocks, ExecutionSpace> ends;
  States d, w;
  Estimate estimate;
  Chunks chunks;

  KOKKOS_INLINE_FUNCTION void operator()(Index c) const {
    filter(c);
    if (estimate == Estimate::smoothed) smooth(c);
  }

  KOKKOS_INLINE_FUNCTION void filter(Index c) const {
    Belief<Blocks> belief = ends.belief(c);
    for (Index i = chunks.begin(c); i < chunks.begin(c + 1); ++i) {
      const auto a = steps.matrix(i);
      auto predicted = symmetric_product(a * belief.P, transposed(a));
      predicted += Blocks::Block::identity();
      const auto shrink = shifted_inverse(steps.lambda, predicted);
      const State mean = a * belief.m + steps.bias(i);
      belief = {shrink * mean, symmetric_product(shrink, predicted)};
      if (estimate == Estimate::smoothed) {
        filtered.set(belief, i);
        Blocks::set(shrink, S, i);
      } else {
        scatter_row(steps.unweighed(belief.m), d, i);
        scatter_row(steps.unweighed(belief.m - mean), w, i);
      }
    }
  }

  KOKKOS_INLINE_FUNCTION void smooth(Index c) const {
    State u = ends.adjoint(c);
    for (Index i = chunks.begin(c + 1) - 1; i >= chunks.begin(c); --i) {
      const auto belief = filtered.get(i);
      const State residual = Blocks::get(S, i) * u - steps.lambda * belief.m;
      scatter_row(steps.unweighed(belief.m + belief.P * u), d, i);
      scatter_row(steps.unweighed(residual), w, i);
      u = transposed_product(steps.matrix(i), residual);
    }
  }
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
