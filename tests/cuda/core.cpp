// SPDX-License-Identifier: BSD-3-Clause
// Compiled for Kokkos' CUDA backend, never run: all of core/ that kernels use, in a kernel.

#include "antler/core/dual_math.hpp"
#include "antler/core/exponential.hpp"
#include "antler/core/lu.hpp"
#include "antler/core/parallel.hpp"

using namespace antler;
using Space = Kokkos::DefaultExecutionSpace;
static_assert(std::is_same_v<Space, Kokkos::Cuda>, "this check is about the CUDA backend");

template <class T, int n>
struct UseCore {
  Trajectory<T, n, Space> y;
  Matrices<T, n, Space> a;

  KOKKOS_FUNCTION void operator()(Index i) const {
    Vector<T, n> v = gather_row<T, n>(y, i);
    Matrix<T, n> m = gather_matrix<T, n>(a, i) * Matrix<T, n>::identity();
    const auto step = exponential_step<T, n>(m, v);
    const LU<T, n> factors(step.expm1 + m);
    factors.solve(v);
    factors.solve(m);
    if (factors.singular()) v = Vector<T, n>::filled(T(0));
    using D = Dual<T, n>;
    D sum = D(0);
    for (int c = 0; c < n; ++c) sum += exp(D::variable(v[c], c)) * sin(D::variable(v[c], c)) + pow(D::variable(v[c], c), 2.5);
    for (int c = 0; c < n; ++c) v[c] = is_finite(sum.derivative[c]) ? sum.derivative[c] : sum.value;
    scatter_row(v, y, i);
    scatter_matrix(m, a, i);
  }
};

template <class T, int n>
double use() {
  const Space space;
  const auto y = allocate<Trajectory<T, n, Space>>("y", 10);
  parallel_for("core", space, 10, 1, UseCore<T, n>{y, allocate<Matrices<T, n, Space>>("a", 10)});
  copy_rows<T, n>(space, y, y);
  return parallel_maximum(
      "core", space, 10, 1, KOKKOS_LAMBDA(Index i) { return static_cast<double>(y(i, 0)); });
}

double use_core() { return use<double, 1>() + use<double, 3>() + use<float, 2>() + use<double, 8>(); }
