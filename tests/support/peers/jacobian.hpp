// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/problem/initial_value_problem.hpp"

namespace antler::peers {

/// dydt = f(t, y), from and to plain arrays.
template <class F>
void evaluate(const F& f, double t, const double* y, double* dydt) {
  constexpr int n = F::size;
  Vector<double, n> state;
  for (int i = 0; i < n; ++i) state[i] = y[i];
  const Vector<double, n> value = f(t, state);
  for (int i = 0; i < n; ++i) dydt[i] = value[i];
}

/// df/dy at (t, y), as antler itself gets it: from dual numbers, or by hand where f brings a Jacobian.
template <class F>
Matrix<double, F::size> jacobian_at(const F& f, double t, const double* y) {
  Vector<double, F::size> state;
  for (int i = 0; i < F::size; ++i) state[i] = y[i];
  return jacobian<double, F::size>(f, t, state);
}

/// dfdt = df/dt(t, y); zero, and no work, unless f declares `static constexpr bool depends_on_time = true`.
template <class F>
void time_derivative([[maybe_unused]] const F& f, [[maybe_unused]] double t, [[maybe_unused]] const double* y, double* dfdt) {
  constexpr int n = F::size;
  for (int i = 0; i < n; ++i) dfdt[i] = 0.0;
  if constexpr (requires { requires F::depends_on_time; }) {
    using D = Dual<double, 1>;
    Vector<D, n> state;
    for (int i = 0; i < n; ++i) state[i] = D(y[i]);
    const Vector<D, n> value = f(D::variable(t, 0), state);
    for (int i = 0; i < n; ++i) dfdt[i] = value[i].derivative[0];
  }
}

}  // namespace antler::peers
