// SPDX-License-Identifier: BSD-3-Clause
// Compiled for Kokkos' CUDA backend, never run: the iterations over recurrences.

#include "antler/solve/difference_equation.hpp"

using namespace antler;
static_assert(std::is_same_v<Kokkos::DefaultExecutionSpace, Kokkos::Cuda>, "this check is about the CUDA backend");

struct Cell {
  template <class U, class V>
  KOKKOS_FUNCTION Vector<U, 2> operator()(const Vector<U, 2>& y, const Vector<V, 2>& x) const {
    return {tanh(0.5 * y[0] - y[1] + x[0]), tanh(y[0] + x[1])};
  }
};

template <class T>
bool use() {
  const DifferenceEquation equation{Cell{}, Vector<T, 2>{0, 0}, std::vector<Vector<T, 2>>(10, Vector<T, 2>{1, 1})};
  const auto converges = [&](const auto& method) { return solve(equation, method).status == Status::converged; };
  return converges(Automatic{}) && converges(QuasiNewton{}) && converges(BlockQuasiNewton<>{}) &&
         converges(StochasticQuasiNewton<>{}) && converges(ScaledNewton<>{}) && converges(ClippedNewton<DiagonalJacobian>{}) &&
         converges(Picard<>{}) && converges(Jacobi{}) && converges(Sequential{});
}

bool use_sequences() { return use<double>() && use<float>(); }
