// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <random>
#include <vector>

#include "antler/core/dual_math.hpp"
#include "antler/sensitivity/sequence_gradient.hpp"

/// @file
/// Small recurrent cells for the tests of gradients, and the oracle: the plain loop over the sequence in dual numbers, one
/// direction at a time.

namespace antler::tests {

/// y = tanh(W y + V x + b), x a vector of two. theta = (W, V, b) row by row.
template <class P, int n>
struct TanhCell {
  static constexpr int m = 2, parameter_count = n * (n + m + 1);
  Vector<P, parameter_count> theta;

  [[nodiscard]] const Vector<P, parameter_count>& parameters() const { return theta; }
  template <class Q>
  [[nodiscard]] TanhCell<Q, n> with(const Vector<Q, parameter_count>& other) const {
    return {other};
  }
  [[nodiscard]] KOKKOS_FUNCTION const P& w(int r, int c) const { return theta[r * n + c]; }
  [[nodiscard]] KOKKOS_FUNCTION const P& v(int r, int c) const { return theta[n * n + r * m + c]; }
  [[nodiscard]] KOKKOS_FUNCTION const P& b(int r) const { return theta[n * (n + m) + r]; }

  template <class U, class X>
  KOKKOS_FUNCTION Vector<U, n> operator()(const Vector<U, n>& y, const X& x) const {
    Vector<U, n> out;
    for (int r = 0; r < n; ++r) {
      U sum = w(r, 0) * y[0] + v(r, 0) * x[0] + v(r, 1) * x[1] + b(r);
      for (int c = 1; c < n; ++c) sum += w(r, c) * y[c];
      out[r] = tanh(sum);
    }
    return out;
  }
};

/// The same with its products by hand.
template <class P, int n>
struct HandWrittenCell : TanhCell<P, n> {
  using Cell = TanhCell<P, n>;

  template <class U, class X, class XBar, class ThetaBar>
  KOKKOS_FUNCTION void pullback(const Vector<U, n>& y, const X& x, const Vector<U, n>& lambda, Vector<U, n>& y_bar, XBar& x_bar,
                                const ThetaBar& theta_bar) const {
    const Vector<U, n> value = (*this)(y, x);
    y_bar = Vector<U, n>::filled(U(0));
    x_bar[0] = U(0);
    x_bar[1] = U(0);
    for (int r = 0; r < n; ++r) {
      const U sum_bar = lambda[r] * (U(1) - value[r] * value[r]);
      for (int c = 0; c < n; ++c) {
        y_bar[c] += sum_bar * this->w(r, c);
        theta_bar(r * n + c) += sum_bar * y[c];
      }
      for (int c = 0; c < Cell::m; ++c) {
        x_bar[c] += sum_bar * this->v(r, c);
        theta_bar(n * n + r * Cell::m + c) += sum_bar * x[c];
      }
      theta_bar(n * (n + Cell::m) + r) += sum_bar;
    }
  }
};

class Random {
 public:
  explicit Random(unsigned seed) : generator_(seed) {}
  double operator()(double size = 1) { return std::uniform_real_distribution<double>(-size, size)(generator_); }
  template <class T, int n>
  Vector<T, n> vector(double size = 1) {
    Vector<T, n> v;
    for (T& x : v) x = static_cast<T>((*this)(size));
    return v;
  }
  template <class T, int n>
  std::vector<Vector<T, n>> vectors(std::size_t count, double size = 1) {
    std::vector<Vector<T, n>> all(count);
    for (auto& v : all) v = vector<T, n>(size);
    return all;
  }

 private:
  std::minstd_rand generator_;
};

/// A delayed logistic map, y_i = r y_{i-1} (1 - y_{i-2}) + x_i: two lags, numbers as inputs.
template <class P>
struct Delayed {
  static constexpr int parameter_count = 1;
  P r;
  [[nodiscard]] Vector<P, 1> parameters() const { return {r}; }
  template <class Q>
  [[nodiscard]] Delayed<Q> with(const Vector<Q, 1>& theta) const {
    return {theta[0]};
  }
  template <class U, class X>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y, const Vector<U, 1>& before, const X& x) const {
    return {r * y[0] * (1.0 - before[0]) + x};
  }
};

/// Two maps without inputs: one with the square root of zero in it, one that doubles.
struct Steep {
  static constexpr bool lanes = false;
  bool doubles;
  template <class U>
  KOKKOS_FUNCTION Vector<U, 1> operator()(const Vector<U, 1>& y) const {
    if (doubles) return {2.0 * y[0]};
    return {y[0] <= 0.0 ? U(0) : y[0] < 0.5 ? sqrt(y[0] - 0.25) : 0.5 * y[0]};
  }
};

/// y_0 .. y_N by the plain loop, as a solution.
template <class F, class T, int n, int lags, class X>
Solution<T, n> walked(const DifferenceEquation<F, T, n, lags, X>& equation) {
  std::vector<double> times{0};
  std::vector<Vector<T, n>> states{equation.history[0]};
  Vector<T, n> before = equation.history[lags - 1];
  for (long long i = 0; i < equation.steps; ++i) {
    const Vector<T, n> y = states.back();
    const auto call = [&](const auto&... x) {
      if constexpr (lags == 1) {
        states.push_back(equation.f(y, x...));
      } else {
        states.push_back(equation.f(y, before, x...));
      }
    };
    if constexpr (std::is_same_v<X, Steps>) {
      call();
    } else {
      call(equation.inputs[static_cast<std::size_t>(i)]);
    }
    before = y;
    times.push_back(static_cast<double>(i + 1));
  }
  Solution<T, n> solution(std::move(times), std::move(states));
  solution.status = Status::converged;
  return solution;
}

template <class T, int n, int lags, class X>
SequenceVariation<T, n, lags, X> random_direction(SequenceVariation<T, n, lags, X> direction, unsigned seed) {
  Random random(seed);
  for (auto& y : direction.history) y = random.vector<T, n>();
  if constexpr (InputTraits<X>::size > 0)
    for (auto& x : direction.inputs)
      for (int c = 0; c < InputTraits<X>::size; ++c) InputTraits<X>::component(x, c) = static_cast<T>(random());
  for (T& p : direction.parameters) p = static_cast<T>(random());
  return direction;
}

/// d/de of sum_i loss_i . y_i along one direction, by the plain loop over dual numbers.
template <class F, class T, int n, int lags, class X>
double directional(const DifferenceEquation<F, T, n, lags, X>& equation, const SequenceVariation<T, n, lags, X>& direction,
                   const std::vector<Vector<T, n>>& loss) {
  using D = Dual<double, 1>;
  std::array<Vector<D, n>, lags> y;
  for (std::size_t p = 0; p < lags; ++p)
    for (int c = 0; c < n; ++c) y[p][c] = D(double(equation.history[p][c]), double(direction.history[p][c]));
  const auto g = detail::along_direction<double>(equation.f, direction.parameters);
  double sum = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(equation.steps); ++i) {
    Vector<D, n> next;
    const auto call = [&](const auto&... x) {
      if constexpr (lags == 1) {
        next = g(y[0], x...);
      } else {
        next = g(y[0], y[1], x...);
      }
    };
    if constexpr (std::is_same_v<X, Steps>) {
      call();
    } else {
      InputOf<X, D> x;
      for (int c = 0; c < InputTraits<X>::size; ++c)
        InputTraits<X>::component(x, c) =
            D(double(InputTraits<X>::component(equation.inputs[i], c)), double(InputTraits<X>::component(direction.inputs[i], c)));
      call(x);
    }
    for (std::size_t p = lags - 1; p > 0; --p) y[p] = y[p - 1];
    y[0] = next;
    for (int c = 0; c < n; ++c) sum += double(loss[i][c]) * next[c].derivative[0];
  }
  return sum;
}

/// The sum of products of all numbers of two variations.
template <class T, int n, int lags, class X>
double inner(const SequenceVariation<T, n, lags, X>& a, const SequenceVariation<T, n, lags, X>& b) {
  double sum = 0;
  for (std::size_t p = 0; p < lags; ++p)
    for (int c = 0; c < n; ++c) sum += double(a.history[p][c]) * double(b.history[p][c]);
  if constexpr (InputTraits<X>::size > 0)
    for (std::size_t i = 0; i < a.inputs.size(); ++i)
      for (int c = 0; c < InputTraits<X>::size; ++c)
        sum += double(InputTraits<X>::component(a.inputs[i], c)) * double(InputTraits<X>::component(b.inputs[i], c));
  for (std::size_t k = 0; k < a.parameters.size(); ++k) sum += double(a.parameters[k]) * double(b.parameters[k]);
  return sum;
}

}  // namespace antler::tests
