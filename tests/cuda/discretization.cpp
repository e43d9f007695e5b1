// SPDX-License-Identifier: BSD-3-Clause
// Compiled for Kokkos' CUDA backend, never run: the kernels of the discretisations.

#include "antler/discretization/exponential.hpp"
#include "antler/discretization/identity.hpp"

using namespace antler;
using Space = Kokkos::DefaultExecutionSpace;
static_assert(std::is_same_v<Space, Kokkos::Cuda>, "this check is about the CUDA backend");

template <class T, int n, int lags>
Jacobians<T, n, lags, Space> jacobians() {
  Jacobians<T, n, lags, Space> all;
  for (auto p = 0; p < lags; ++p) all[static_cast<size_t>(p)] = allocate<Matrices<T, n, Space>>("J", 10);
  return all;
}

template <class T, int n>
Index use() {
  const Space space;
  const auto y = allocate<Trajectory<T, n, Space>>("y", 10), f = allocate<Trajectory<T, n, Space>>("f", 10);
  const Kokkos::View<double*, Space::memory_space> times("times", 10);
  ExponentialOperator<T, n, Space> exponential(space, times);
  IdentityOperator<T, n, 1, Space> identity(10);
  IdentityOperator<T, n, 3, Space> several(10);
  return exponential.linearize(space, y, f, jacobians<T, n, 1>()).length() +
         identity.linearize(space, y, f, jacobians<T, n, 1>()).length() +
         several.linearize(space, y, f, jacobians<T, n, 3>()).length();
}

Index use_discretizations() { return use<double, 1>() + use<double, 3>() + use<float, 2>() + use<double, 8>(); }
