// SPDX-License-Identifier: BSD-3-Clause
// Compiled for Kokkos' CUDA backend, never run: gradients and sensitivities.

#include "antler/sensitivity/initial_value_gradient.hpp"
#include "antler/sensitivity/initial_value_sensitivity.hpp"
#include "antler/sensitivity/sequence_sensitivity.hpp"
#include "antler/solve/difference_equation.hpp"

using namespace antler;
static_assert(std::is_same_v<Kokkos::DefaultExecutionSpace, Kokkos::Cuda>, "this check is about the CUDA backend");

template <class P>
struct Cell {
  static constexpr int parameter_count = 2;
  P w, v;
  Vector<P, 2> parameters() const { return {w, v}; }
  template <class Q>
  Cell<Q> with(const Vector<Q, 2>& theta) const {
    return {theta[0], theta[1]};
  }
  template <class U, class X>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, const X& x) const {
    return {tanh(w * y[0] + v * x)};
  }
  template <class U, class X>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, const Vector<U, 1>& before, const X& x) const {
    return {tanh(w * y[0] - before[0] + v * x)};
  }
};

struct HandWritten : Cell<double> {
  template <class U, class X, class ThetaBar>
  KOKKOS_FUNCTION void pullback(const Vector<U, 1>& y, const X& x, const Vector<U, 1>& lambda, Vector<U, 1>& y_bar, X& x_bar,
                                const ThetaBar& theta_bar) const {
    const U value = tanh(w * y[0] + v * x), sum_bar = lambda[0] * (1 - value * value);
    y_bar[0] = w * sum_bar;
    x_bar = v * sum_bar;
    theta_bar(0) += y[0] * sum_bar;
    theta_bar(1) += x * sum_bar;
  }
};

template <class F, int lags>
bool use(const F& f) {
  std::array<Vector<double, 1>, lags> history;
  history.fill(Vector<double, 1>{0.1});
  const DifferenceEquation<F, double, 1, lags, double> equation{f, history, std::vector<double>(10, 0.5)};
  const auto solution = solve(equation);
  if constexpr (lags == 2) return sensitivity(equation, solution, no_variation(equation)).status == Status::converged;
  return gradient(equation, solution, Vector<double, 1>{1.0}).status == Status::converged;
}

template <class P>
struct Decay {
  static constexpr int parameter_count = 1;
  P rate;
  Vector<P, 1> parameters() const { return {rate}; }
  template <class Q>
  Decay<Q> with(const Vector<Q, 1>& theta) const {
    return {theta[0]};
  }
  template <class U>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const U& /*t*/, const Vector<U, 1>& y) const {
    return {-rate * y[0]};
  }
};

struct HandWrittenDecay : Decay<double> {
  template <class U, class ThetaBar>
  KOKKOS_FUNCTION void pullback(const U& /*t*/, const Vector<U, 1>& y, const Vector<U, 1>& lambda, Vector<U, 1>& y_bar,
                                const ThetaBar& theta_bar) const {
    y_bar[0] = -rate * lambda[0];
    theta_bar(0) += -y[0] * lambda[0];
  }
};

template <class F, class Method>
bool use(const F& f, const Method& method) {
  const InitialValueProblem problem{f, 0.0, 1.0, Vector<double, 1>{1.0}};
  const auto solution = solve(problem, method, Mesh::uniform(0.0, 1.0, 10));
  return gradient(problem, method, solution, Vector<double, 1>{1.0}).status == Status::converged;
}

bool use_gradients() {
  return use(Decay<double>{1}, RadauIIA<2>{}) && use(HandWrittenDecay{{1}}, RadauIIA<2>{}) &&
         use(Decay<double>{1}, Exponential<>{}) && use(HandWrittenDecay{{1}}, Exponential<>{});
}

template <class Method>
bool use_forward(const Method& method) {
  const InitialValueProblem problem{Decay<double>{1}, 0.0, 1.0, Vector<double, 1>{1.0}};
  const auto solution = solve(problem, method, Mesh::uniform(0.0, 1.0, 10));
  return sensitivity(problem, method, solution, Vector<double, 1>{1.0}, std::vector{0.5}).status == Status::converged;
}

bool use_initial_value_sensitivity() { return use_forward(RadauIIA<2>{}) && use_forward(Exponential<>{}); }

bool use_sensitivity() {
  return use<Cell<double>, 1>({0.5, 1}) && use<Cell<double>, 2>({0.5, 1}) && use<HandWritten, 1>({{0.5, 1}});
}
