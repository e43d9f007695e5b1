// SPDX-License-Identifier: BSD-3-Clause
// Compiled for Kokkos' CUDA backend, never run: every cell with all its products in a kernel.

#include "antler/core/parallel.hpp"
#include "antler/problem/cells/elman.hpp"
#include "antler/problem/cells/gru.hpp"
#include "antler/problem/cells/lem.hpp"
#include "antler/problem/cells/lstm.hpp"

using namespace antler;
using Space = Kokkos::DefaultExecutionSpace;
static_assert(std::is_same_v<Space, Kokkos::Cuda>, "this check is about the CUDA backend");

template <class C>
struct Products {
  using T = typename C::Scalar;
  static constexpr int n = C::size, m = C::input_size;
  C cell;
  Kokkos::View<T*, Space> out;

  struct Sums {
    T* first;
    KOKKOS_FUNCTION T& operator()(int k) const { return first[k]; }
  };

  KOKKOS_FUNCTION void operator()(Index i) const {
    Vector<T, n> y = Vector<T, n>::filled(out(i)), y_bar;
    const Vector<T, m> x = Vector<T, m>::filled(T(1));
    Vector<T, m> x_bar;
    const auto dense = cell.linearize(y, x);
    const auto diagonal = cell.linearize_diagonal(y, x);
    cell.pullback(y, x, y, y_bar, x_bar, Sums{out.data()});
    const Vector<Dual<T, 1>, n> dual = cell(Vector<Dual<T, 1>, n>::filled(Dual<T, 1>::variable(out(i), 0)), x);
    const auto other = cell.with(Vector<T, C::parameter_count>::filled(out(i)));
    y = cell(y, x) + other(y, x) + dense.f + diagonal.diagonal + y_bar;
    out(i) = y[0] + dense.jacobian[0](0, 0) + x_bar[0] + dual[0].derivative[0];
  }
};

template <class C>
void use() {
  const C cell = C::random(1);
  parallel_for("cells", Space(), 10, 100, Products<C>{cell, Kokkos::View<typename C::Scalar*, Space>("", 10)});
  (void)cell.template in<Kokkos::HostSpace>();
  cell.write("cell");
}

void use_cells() {
  use<Elman<double, 2, 1, Relu>>();
  use<Gru<float, 2, 1>>();
  use<Lstm<double, 2, 2>>();
  use<Lem<float, 2, 1>>();
}
