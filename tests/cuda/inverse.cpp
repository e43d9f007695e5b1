// SPDX-License-Identifier: BSD-3-Clause
// Compiled for Kokkos' CUDA backend, never run: the kernels of the inverse operators.

#include "antler/inverse/kalman_smoother.hpp"
#include "antler/inverse/scan.hpp"

using namespace antler;
using Space = Kokkos::DefaultExecutionSpace;
static_assert(std::is_same_v<Space, Kokkos::Cuda>, "this check is about the CUDA backend");

template <class T, int n>
bool use() {
  const Space space;
  const AffineMaps<T, n, Space> maps{allocate<Matrices<T, n, Space>>("A", 10), allocate<Trajectory<T, n, Space>>("b", 10)};
  const LaggedMaps<T, n, 2, Space> lagged{{{maps.A, maps.A}}, maps.b};
  const auto y = allocate<Trajectory<T, n, Space>>("y", 10);
  const auto converged = [](Status status) { return status == Status::converged; };
  return converged(SequentialInverse{}.apply(space, maps, y)) && converged(SequentialInverse{}.apply(space, lagged, y)) &&
         converged(ScanInverse{}.plan<T, n>(space, 10).apply(space, maps, y)) &&
         converged(ScanInverse{}.plan<T, n, 2>(space, 10).apply(space, lagged, y)) &&
         converged(AutomaticInverse{}.plan<T, n>(space, 10).apply(space, maps, Vector<T, n>{}, y)) &&
         converged(AutomaticInverse{}.plan<T, n, 2>(space, 10).apply(space, lagged, y));
}

template <class Blocks>
bool smooth() {
  using T = typename Blocks::T;
  const Space space;
  const KalmanSmootherPlan<Blocks, Space> plan(space, 10);
  const auto A = allocate<typename Blocks::template Array<Space>>("A", 10);
  const auto b = allocate<Trajectory<T, Blocks::n, Space>>("b", 10), d = allocate<Trajectory<T, Blocks::n, Space>>("d", 10);
  return plan.apply(space, A, b, {T(1)}, d, b) == Status::converged;
}

bool use_smoothers() {
  return smooth<DenseBlocks<double, 3>>() && smooth<DenseBlocks<float, 8>>() && smooth<DiagonalBlocks<double, 32>>();
}

bool use_inverses() { return use<double, 1>() && use<double, 3>() && use<float, 2>() && use<double, 8>(); }
