// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/deer/affine_maps.hpp"
#include "antler/deer/concepts.hpp"

namespace antler::inline ANTLER_LANES {

/// L[y] = y: a recurrence y_i = f(y_{i-1}, ..., y_{i-P}), as the ResidualLinearOperator
///
///     d_i - sum_p J_p,i d_{i-p} = f_i - y_i.
///
/// The Jacobians are the maps already: the system shares their memory.
/// @note Storage N n scalars. The k-th Newton iterate is exact on its first k points, whatever the guess.
template <class T, int n, int lags, class ExecutionSpace>
class IdentityOperator {
 public:
  using System = std::conditional_t<lags == 1, AffineMaps<T, n, ExecutionSpace>, LaggedMaps<T, n, lags, ExecutionSpace>>;
  using States = Trajectory<T, n, ExecutionSpace>;

  static std::size_t required_bytes(Index points) { return static_cast<std::size_t>(points) * n * sizeof(T); }

  explicit IdentityOperator(Index points) { system_.b = allocate<States>("antler::identity::residual", points); }

  const System& linearize(const ExecutionSpace& space, const States& y, const States& f,
                          const Jacobians<T, n, lags, ExecutionSpace>& jacobians) {
    if constexpr (lags == 1) {
      system_.A = jacobians[0];
    } else {
      system_.A = jacobians;
    }
    const States residual = system_.b;
    parallel_for(
        "antler::identity::residual", space, system_.length(), n, KOKKOS_LAMBDA(const Index i) {
          for (int c = 0; c < n; ++c) residual(i, c) = f(i, c) - y(i, c);
        });
    return system_;
  }

  [[nodiscard]] const States& residual() const { return system_.b; }
  [[nodiscard]] std::size_t required_bytes() const { return required_bytes(system_.length()); }

 private:
  System system_;
};

}  // namespace antler::inline ANTLER_LANES
