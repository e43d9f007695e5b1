// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <random>
#include <vector>

#include "antler/core/dual_math.hpp"
#include "antler/sensitivity/variation.hpp"

/// @file
/// The oracle of gradients of recurrences: the plain loop over the sequence in dual numbers, one direction at a time.

namespace antler::tests {

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
