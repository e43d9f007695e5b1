// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The adjoint of the exponential discretisation on a fixed mesh. With R, W and A_i of the linearised step
/// (exponential_linearization.hpp),
///
///   1. lambda_i = A_i^T lambda_{i+1} + l_i                       one transposed scan
///   2. mu = -W lambda_{i+1}, and what R sends back from mu to its parts:
///          g' = phi_1(X)^T mu,   X' the derivative of mu^T phi_1(X) g with respect to X,
///          f_0' = f_1' = h g' / 2,   J_0' = h X' / 2,   J_1' = h X' / 2 - h g' d^T / 2
///   3. dLoss/dtheta: the sum over all points of f'^T df/dtheta + J' : dJ/dtheta
///
/// Both parts of 2 are one derivative of one exponential [AlMohyHigham2011, thm. 2.1]: mu^T phi_1(X) g is the
/// form (mu, 0) exp(Y) e of Y = [[X, g], [0, 0]] with e the last unit vector, and its derivative with respect to Y is the transpose
/// of the derivative of exp at Y in the direction e (mu, 0): a dual number.

#include <optional>

#include "antler/sensitivity/exponential_products.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

template <class F, class U, int n>
concept BringsDifferentiablePullback = requires(const F f, const Dual<U, 1> t, const Vector<Dual<U, 1>, n> y,
                                                Vector<Dual<U, 1>, n> y_bar, DerivativeSums<U> sums) {
  f.pullback(t, y, y, y_bar, sums);
};

/// The windows of a gradient through the exponential discretisation. Allocates in its constructor, and for the first window of
/// another length.
template <class F, class T, int n, class Inverse, class ExecutionSpace>
class ExponentialAdjoint {
  static constexpr int parameters = parameter_count_of<F>(), pass = directions_per_pass(parameters);
  using Linearized = ExponentialLinearization<F, T, n, ExecutionSpace>;
  using U = typename Linearized::U;
  static constexpr bool hand_written = BringsDifferentiablePullback<F, U, n>;
  static constexpr Index columns = hand_written ? parameters : parameters > 0 ? pass : 0;
  using System = TransposedSystem<T, n, 1, Inverse, ExecutionSpace>;
  using Sums = ChunkedSums<U, ExecutionSpace>;

  struct Storage {
    System system;
    Linearized steps;                         // W, then h X' / 2 in its place
    Trajectory<T, n, ExecutionSpace> slopes;  // h g' / 2

    Storage(const ExecutionSpace& space, const Inverse& inverse, Index length)
        : system(space, inverse, length),
          steps(length),
          slopes(allocate<Trajectory<T, n, ExecutionSpace>>("antler::sensitivity::slopes", length)) {}
  };

 public:
  static std::size_t fixed_bytes() { return Sums::required_bytes(columns, parameters); }
  static std::size_t window_bytes(Index steps) {
    const std::size_t loss = is_host_space<ExecutionSpace> ? 0 : sizeof(Vector<T, n>);
    return System::required_bytes(steps) + Linearized::required_bytes(steps) +
           static_cast<std::size_t>(steps) * (n * sizeof(T) + loss);
  }

  ExponentialAdjoint(const ExecutionSpace& space, const F& f, const Inverse& inverse)
      : space_(space), f_(f), inverse_(inverse), sums_(space, columns, parameters) {}

  /// @copydoc CollocationAdjoint::window
  Status window(Index first, Index count, const Solution<T, n>& solution, std::span<const Vector<T, n>> loss,
                Kokkos::Array<Vector<T, n>, 1>& carried, const Options& options, Statistics& statistics,
                const SourceLocation& where) {
    if (!storage_ || storage_->system.steps() != count) storage_.emplace(space_, inverse_, count);
    auto& [system, steps, slopes] = *storage_;
    const Status linearized = steps.linearize(space_, f_, solution, first, system.maps(), options, statistics, where);
    if (linearized != Status::converged) return linearized;

    const Stopwatch inversion;
    const Status solved = solve_backwards(space_, system, visible_to(space_, loss), carried);
    if (solved != Status::converged) return solved;
    statistics.inverse_seconds += inversion.seconds();

    if constexpr (parameters > 0) {
      const Stopwatch products;
      parallel_for("antler::sensitivity::exponents", space_, steps.blocks(), Linearized::block_flops,
                   PullBackExponentials<U, T, n, F, ExecutionSpace>{
                       f_, steps.points(), {system.maps(), system.lambda()}, steps.weights(), slopes});
      sum_parameters({steps.points(), steps.weights(), slopes});
      statistics.evaluation_seconds += products.seconds();
    }
    return Status::converged;
  }

  [[nodiscard]] std::vector<T> parameter_gradient() const { return sums_.template totals<T>(); }

 private:
  void sum_parameters(const PointDerivatives<T, n, ExecutionSpace>& derivatives) const {
    const FixedChunks chunks = sums_.chunks((derivatives.points.steps() + lane_count<U>) / lane_count<U>);
    const double flops = (10.0 * n * n * (pass + 1) + 4.0 * parameters) * lane_count<U> * static_cast<double>(chunks.blocks) /
                         static_cast<double>(chunks.chunks);
    if constexpr (hand_written) {
      parallel_for("antler::sensitivity::slopes", space_, chunks.chunks, flops,
                   PullBackSlopes<U, F, T, n, typename Sums::Sums, ExecutionSpace>{f_, derivatives, chunks, sums_.sums()});
      sums_.add(space_, chunks, 0, parameters);
    } else {
      for (int from = 0; from < parameters; from += pass) {
        const auto g = along_parameters<U, pass>(f_, from);
        using G = std::remove_const_t<decltype(g)>;
        parallel_for(
            "antler::sensitivity::slopes", space_, chunks.chunks, flops,
            SumSlopesAlongParameters<U, pass, G, T, n, typename Sums::Sums, ExecutionSpace>{g, derivatives, chunks, sums_.sums()});
        sums_.add(space_, chunks, from, std::min(pass, parameters - from));
      }
    }
  }

  ExecutionSpace space_;
  F f_;
  Inverse inverse_;
  Sums sums_;
  std::optional<Storage> storage_;
};

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
