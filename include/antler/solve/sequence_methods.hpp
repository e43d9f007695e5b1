// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The iterations over a recurrence, by name. Each says what it takes for df/dy (deer/step_jacobians.hpp) and which inverse solves
/// the linear recursion that follows; the loop is newton() for all of them.

#include <concepts>

#include "antler/core/require.hpp"
#include "antler/deer/step_jacobians.hpp"
#include "antler/inverse/scan.hpp"

namespace antler::inline ANTLER_LANES {

/// Newton's method with dense n x n Jacobians: quadratic convergence, O(N n^3) work and O(N n^2) memory. The one for several lags.
/// @tparam Inverse  AutomaticInverse, ScanInverse or SequentialInverse
template <class Inverse = AutomaticInverse>
struct Newton {
  Inverse inverse{};
  [[nodiscard]] DenseJacobian jacobian() const { return {}; }
};
template <class Inverse>
Newton(Inverse) -> Newton<Inverse>;

/// Newton's method with (1 - k) df/dy in place of df/dy: linear convergence, and products of matrices that grow by (1 - k) per step
/// less.
/// @tparam Jacobian  DenseJacobian, or DiagonalJacobian for its diagonal alone
template <class Jacobian = DenseJacobian, class Inverse = AutomaticInverse>
struct ScaledNewton {
  double k = 0.1;  ///< in [0, 1]: 0 is Newton's method, 1 is Jacobi's iteration
  Inverse inverse{};
  [[nodiscard]] Jacobian jacobian() const { return {Damping{.keep = 1 - k}}; }
  void require_usable(const SourceLocation& where) const {
    require(k >= 0 && k <= 1, "ScaledNewton multiplies the Jacobian by 1 - k: choose k between 0 and 1", where);
  }
};

/// Newton's method with the rows of df/dy scaled down to an absolute sum of `bound`: with a bound of 1 no product of Jacobians
/// grows, whatever the guess. Where no row is above the bound it is Newton's method.
/// @tparam Jacobian  DenseJacobian, or DiagonalJacobian for its diagonal alone: there it clips
template <class Jacobian = DenseJacobian, class Inverse = AutomaticInverse>
struct ClippedNewton {
  double bound = 1;
  Inverse inverse{};
  [[nodiscard]] Jacobian jacobian() const { return {Damping{.bound = bound}}; }
  void require_usable(const SourceLocation& where) const {
    require(bound > 0, "ClippedNewton bounds the rows of the Jacobian: choose a positive bound, 1 to keep products from growing",
            where);
  }
};

/// Newton's method with the diagonal of df/dy, quasi-DEER [Gonzalez2024]: O(N n) memory and inverse, linear convergence. The
/// diagonal is the functor's `linearize_diagonal(y, x)`, else n passes of dual numbers.
template <class Inverse = AutomaticInverse>
struct QuasiNewton {
  Inverse inverse{};
  [[nodiscard]] DiagonalJacobian jacobian() const { return {}; }
};
template <class Inverse>
QuasiNewton(Inverse) -> QuasiNewton<Inverse>;

/// The same with 2 x 2 blocks of diagonals, for states (positions, momenta) of even size, a leapfrog step say.
template <class Inverse = AutomaticInverse>
struct BlockQuasiNewton {
  Inverse inverse{};
  [[nodiscard]] PairBlockJacobian jacobian() const { return {}; }
};

/// The same with an estimate of the diagonal from one Jacobian-vector product: for n too large for the diagonal. The same seed
/// gives the same iterates.
template <class Inverse = AutomaticInverse>
struct StochasticQuasiNewton {
  std::uint64_t seed = 0;
  Inverse inverse{};
  [[nodiscard]] SampledDiagonalJacobian jacobian() const { return {seed}; }
};

/// Picard's iteration: the identity in place of df/dy, a sum over the steps. For f(y) close to y; for comparison.
template <class Inverse = AutomaticInverse>
struct Picard {
  Inverse inverse{};
  [[nodiscard]] UnitJacobian jacobian() const { return {}; }
};

/// Jacobi's iteration y_i <- f(y_{i-1}), all steps at once [Song2021]: no derivative, exact after N sweeps. For comparison.
struct Jacobi {
  ScanInverse inverse{};
  [[nodiscard]] ZeroJacobian jacobian() const { return {}; }
};

/// Block Jacobi: the steps are cut into as many blocks as lanes and threads make progress at once, every block is evaluated from
/// where the block before it ended in the sweep before, and a sweep ends where it meets the one before. No derivative, no storage
/// beside the states, exact after as many sweeps as there are blocks. For one lag, and the
/// fastest way wherever the recurrence forgets its state within a fraction of a block, whatever the number of components.
struct BlockJacobi {
  Index steps = 0;  ///< of a block; 0: so many that blocks fill all lanes and threads
};

/// Plain evaluation, one step after the other: the answer that all the others are to reproduce, and on a few cores the fastest for
/// large n.
struct Sequential {};

/// The default. Block Jacobi sweeps as long as they end soon; else windows of Newton's method, for states of more than eight
/// components of quasi-Newton, as long as they converge; the converged prefix of one that does not; a damped iteration; sequential
/// evaluation of what is left. It always ends with the sequential answer, and Statistics say how it got there.
struct Automatic {
  Index shortest_window = 64;  ///< steps below which nothing is to be gained: they are evaluated one after the other
};

/// An iteration: it names its Jacobian and its inverse.
template <class Method>
concept SequenceIteration = requires(const Method method) {
  method.jacobian();
  method.inverse;
};

/// A method with a march of its own, in a header of its own: it says `static constexpr bool marches_by_itself = true`.
template <class Method>
concept MarchesByItself = requires {
  requires Method::marches_by_itself;
};

/// What solve() takes for a DifferenceEquation.
template <class Method>
concept SequenceMethod = SequenceIteration<Method> || std::same_as<Method, BlockJacobi> || std::same_as<Method, Sequential> ||
    std::same_as<Method, Automatic> || MarchesByItself<Method>;

}  // namespace antler::inline ANTLER_LANES
