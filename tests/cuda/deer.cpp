// SPDX-License-Identifier: BSD-3-Clause
// Compiled for Kokkos' CUDA backend, never run: every kernel of deer/, by an operator in either form.

#include "antler/deer/deer.hpp"
#include "antler/core/dual_math.hpp"
#include "antler/deer/shifters.hpp"
#include "antler/discretization/identity.hpp"
#include "antler/inverse/sequential.hpp"

using namespace antler;
using Space = Kokkos::DefaultExecutionSpace;
static_assert(std::is_same_v<Space, Kokkos::Cuda>, "this check is about the CUDA backend");

struct Map {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(Index, const Vector<T, 2>& y) const {
    return {1.0 - 1.4 * y[0] * y[0] + y[1], 0.3 * sin(y[0])};
  }
};

/// The paper's form.
template <class T>
struct Cumulation {
  using System = AffineMaps<T, 2, Space>;
  System maps;

  const System& assemble(const Space&, const Trajectory<T, 2, Space>& z, const Jacobians<T, 2, 1, Space>& jacobians) {
    return maps = {jacobians[0], z};
  }
};

template <class T>
Status use() {
  const Kokkos::View<T* [2], Space> guess("guess", 10);
  const Lags<T, 2, 1> shifter{{{Vector<T, 2>{1, 1}}}};
  SequentialInverse inverse;
  IdentityOperator<T, 2, 1, Space> identity(10);
  Cumulation<T> cumulation;
  const Status first = deer(identity, Map{}, shifter, inverse, guess).status;
  return first == Status::converged ? deer(cumulation, Map{}, shifter, inverse, guess).status : first;
}

Status use_deer() { return use<double>() == Status::converged ? use<float>() : Status::diverged; }
