// SPDX-License-Identifier: BSD-3-Clause
// Gradients of recurrences of heads and with strides, against dual numbers through the plain loop.
#include "antler/sensitivity/strided_gradient.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "antler/problem/cells/gru.hpp"
#include "cells.hpp"

using namespace antler;
using namespace antler::tests;

namespace {

const Options tight{.rtol = 1e-13, .atol = 1e-15};
using Head = Gru<double, 2, 2>;
constexpr int heads = 2, n = 4;
using State = Vector<double, n>;

/// A direction in all that a strided recurrence depends on; `before` holds dy_0, dy_{-1}, ...
template <class X>
struct Direction {
  std::vector<State> before;
  std::vector<X> inputs;
  std::vector<double> parameters;
};

/// d/de of sum_i loss_i . y_i along a direction: the loop y_i = f(y_{i-s}, x_i) in dual numbers, head by head.
template <class F, class X>
double directional(const F& f, const std::vector<State>& before, const std::vector<X>& inputs,
                   const std::vector<std::size_t>& strides, const Direction<X>& direction, const std::vector<State>& loss) {
  using D = Dual<double, 1>;
  Vector<D, F::parameter_count> theta;
  for (int k = 0; k < F::parameter_count; ++k) theta[k] = D(f.parameters()(k), direction.parameters[static_cast<std::size_t>(k)]);
  const auto g = f.with(theta);
  const auto dual = [](const auto& value, const auto& derivative) {
    Vector<D, std::remove_cvref_t<decltype(value)>::size()> v;
    for (int c = 0; c < v.size(); ++c) v[c] = D(value[c], derivative[c]);
    return v;
  };
  std::vector<Vector<D, n>> y{dual(before[0], direction.before[0])};
  double sum = 0;
  for (std::size_t i = 1; i <= inputs.size(); ++i) {
    Vector<D, n> seen;
    for (int c = 0; c < n; ++c) {
      const std::size_t s = strides[static_cast<std::size_t>(c / (n / heads))];
      seen[c] = i >= s ? y[i - s][c] : D(before[s - i][c], direction.before[s - i][c]);
    }
    y.push_back(g(seen, dual(inputs[i - 1], direction.inputs[i - 1])));
    for (int c = 0; c < n; ++c) sum += loss[i - 1][c] * y.back()[c].derivative[0];
  }
  return sum;
}

template <class X>
Direction<X> random_direction_of(std::size_t states, std::size_t steps, std::size_t parameters) {
  Random random(17);
  Direction<X> direction{random.vectors<double, n>(states), random.vectors<double, X::size()>(steps), {}};
  for (std::size_t k = 0; k < parameters; ++k) direction.parameters.push_back(random());
  return direction;
}

template <class V>
double inner(const std::vector<V>& a, const std::vector<V>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (int c = 0; c < V::size(); ++c) sum += a[i][c] * b[i][c];
  return sum;
}
double inner(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
  return sum;
}

template <HeadInput seen, class Method>
void expect_exact(const Method& method, std::size_t steps, std::array<Index, heads> strides) {
  using Layer = MultiHead<Head, heads, seen>;
  using X = Vector<double, seen == HeadInput::sliced ? 2 * heads : 2>;
  Random random(3);
  const auto layer = Layer::random(2);
  const auto longest = static_cast<std::size_t>(*std::max_element(strides.begin(), strides.end()));
  const auto before = random.vectors<double, n>(longest);
  const auto inputs = random.vectors<double, X::size()>(steps);
  const auto loss = random.vectors<double, n>(steps);
  const Strided problem{DifferenceEquation{layer, before[0], inputs}, strides, {before.begin() + 1, before.end()}};
  const auto solution = solve(problem, Sequential{});
  const auto found = gradient(problem, method, solution, loss, tight);
  ASSERT_EQ(found.status, Status::converged);
  ASSERT_EQ(found.earlier.size(), longest - 1);
  ASSERT_EQ(found.inputs.size(), steps);
  const auto direction = random_direction_of<X>(longest, steps, static_cast<std::size_t>(Layer::parameter_count));
  std::vector<State> by_before{found.initial};
  by_before.insert(by_before.end(), found.earlier.begin(), found.earlier.end());
  const double value =
      inner(by_before, direction.before) + inner(found.inputs, direction.inputs) + inner(found.parameters, direction.parameters);
  const double expected = directional(layer, before, inputs, {strides.begin(), strides.end()}, direction, loss);
  EXPECT_NEAR(value, expected, 1e-12 * (1 + std::abs(expected))) << steps << " steps";
}

TEST(StridedGradient, AgreesWithDualNumbersThroughTheLoop) {
  for (const std::size_t steps : {0, 1, 2, 7, 50}) {
    expect_exact<HeadInput::shared>(Adjoint<>{}, steps, {1, 3});
    expect_exact<HeadInput::sliced>(Adjoint<>{}, steps, {4, 2});
    expect_exact<HeadInput::sliced>(Adjoint{SequentialInverse{}}, steps, {4, 2});
  }
}

TEST(StridedGradient, AddsUpWhereAllStrandsBeginWithOneState) {
  Random random(5);
  const auto cell = Head::random(1);
  const auto y0 = random.vector<double, 2>();
  const auto inputs = random.vectors<double, 2>(20), loss = random.vectors<double, 2>(20);
  const DifferenceEquation equation{cell, y0, inputs};
  const Strided broadcast{equation, 3}, spelled_out{equation, 3, {y0, y0}};
  const auto one = gradient(broadcast, solve(broadcast), loss), each = gradient(spelled_out, solve(spelled_out), loss);
  EXPECT_TRUE(one.earlier.empty());
  for (int c = 0; c < 2; ++c) EXPECT_NEAR(one.initial[c], each.initial[c] + each.earlier[0][c] + each.earlier[1][c], 1e-14);
  EXPECT_EQ(one.inputs, each.inputs);
  EXPECT_EQ(one.parameters, each.parameters);
}

TEST(StridedGradient, TakesTheDerivativeOfTheLastStateAlone) {
  Random random(5);
  const auto inputs = random.vectors<double, 2>(20);
  const MultiHead<Head, heads> layer = MultiHead<Head, heads>::random(1);
  const Strided problem{DifferenceEquation{layer, random.vector<double, n>(), inputs}, {2, 3}};
  const auto solution = solve(problem);
  std::vector<State> loss(20, State{0.0, 0.0, 0.0, 0.0});
  loss.back() = State{1.0, -2.0, 0.5, 3.0};
  const auto all = gradient(problem, solution, loss), last = gradient(problem, solution, loss.back());
  EXPECT_EQ(all.initial, last.initial);
  EXPECT_EQ(all.inputs, last.inputs);
  EXPECT_EQ(all.parameters, last.parameters);
  EXPECT_EQ(last.inputs[18], (Vector<double, 2>{0.0, 0.0})) << "step 19 is in strands of its own";
}

TEST(StridedGradient, TrainsHeadsWithStrides) {
  Random random(11);
  const auto inputs = random.vectors<double, 2>(100);
  const auto loss = random.vectors<double, 8>(100);
  // [heads]
  using Layer = antler::MultiHead<antler::Gru<double, 2, 2>, 4>;  // four heads of two units, a state of eight components
  const Layer layer = Layer::random(1);
  const antler::DifferenceEquation recurrence{layer, antler::Vector<double, 8>{}, inputs};
  const antler::Strided strided{recurrence, {1, 2, 4, 8}};  // head by head; one number is that of all heads
  const auto solution = antler::solve(strided);
  const auto by = antler::gradient(strided, solution, loss);  // by.parameters in the order of layer.parameters()
  // [heads]
  ASSERT_EQ(solution.status, Status::converged);
  ASSERT_EQ(by.status, Status::converged);
  // Along its gradient a loss rises by the square of it.
  double square = 0, change = 0;
  const double step = 1e-6;
  for (int k = 0; k < Layer::parameter_count; ++k) {
    const double g = by.parameters[static_cast<std::size_t>(k)];
    square += g * g;
    layer.parameters()(k) += step * g;
  }
  const auto moved = antler::solve(strided);
  for (std::size_t i = 0; i < loss.size(); ++i)
    for (int c = 0; c < 8; ++c) change += loss[i][c] * (moved.states()[i + 1][c] - solution.states()[i + 1][c]);
  EXPECT_NEAR(change / step, square, 1e-3 * square);
}

TEST(MultiHeadGradient, IsThatOfTheWholeRecurrence) {
  Random random(7);
  const auto layer = MultiHead<Head, heads>::random(1);
  const auto inputs = random.vectors<double, 2>(40);
  const auto loss = random.vectors<double, n>(40);
  const DifferenceEquation equation{layer, random.vector<double, n>(), inputs};
  const auto solution = solve(equation);
  const auto found = gradient(equation, solution, loss, tight);
  ASSERT_EQ(found.status, Status::converged);
  const auto direction = random_direction_of<Vector<double, 2>>(1, 40, static_cast<std::size_t>(layer.parameter_count));
  const double value = inner(std::vector{found.initial()}, direction.before) + inner(found.inputs, direction.inputs) +
                       inner(found.parameters, direction.parameters);
  const double expected = directional(layer, {equation.history[0]}, inputs, {1, 1}, direction, loss);
  EXPECT_NEAR(value, expected, 1e-12 * (1 + std::abs(expected)));
  const auto last = gradient(equation, Adjoint{SequentialInverse{}}, solution, loss.back(), tight);
  EXPECT_EQ(last.status, Status::converged);
  EXPECT_GT(found.statistics.steps, 0);
}

TEST(StridedGradient, RejectsWhatDoesNotBelongToTheProblem) {
  Random random(9);
  const auto layer = MultiHead<Head, heads>::random(1);
  const auto inputs = random.vectors<double, 2>(30);
  const DifferenceEquation equation{layer, random.vector<double, n>(), inputs};
  const Strided problem{equation, {2, 3}}, other{equation, {2, 1}};
  const auto solution = solve(problem);
  const std::vector<State> loss(30, State{1.0, 0.0, 0.0, 0.0}), short_one(29, State{1.0, 0.0, 0.0, 0.0});
  EXPECT_THROW((void)gradient(problem, solution, short_one), InvalidArgument);
  EXPECT_THROW((void)gradient(other, solution, loss), InvalidArgument) << "other strides";
  EXPECT_THROW((void)gradient(equation, solution, loss), InvalidArgument) << "no strides";
  auto failed = solution;
  failed.status = Status::non_finite;
  EXPECT_THROW((void)gradient(problem, failed, loss), InvalidArgument);
  EXPECT_THROW((void)gradient(problem, solution, loss, Options{.memory_cap = 1000}), InvalidArgument);
  auto nan = loss;
  nan[3][1] = std::nan("");
  EXPECT_THROW((void)gradient(problem, solution, nan), InvalidArgument);
  const std::vector<State> huge(30, State::filled(1e308));
  const auto overflown = gradient(problem, solution, huge);
  EXPECT_EQ(overflown.status, Status::diverged);
  EXPECT_TRUE(std::isnan(overflown.initial[0]) && std::isnan(overflown.parameters[0]) && std::isnan(overflown.inputs[0][0]));
}

}  // namespace
