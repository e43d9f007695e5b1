// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What is used today to train a neural differential equation on a processor: an explicit Runge-Kutta pair with adaptive steps, one
/// after the other, a batch of initial values in the lanes of vectors, and backpropagation through the steps.

#include <algorithm>
#include <antler/core/lanes_math.hpp>
#include <antler/core/vector.hpp>
#include <antler/sensitivity/parameter_kernels.hpp>
#include <cmath>
#include <span>
#include <vector>

namespace training {

/// The pair of Dormand and Prince of orders 5 and 4 with its continuous extension of order 4 [Hairer, Norsett, Wanner 1993, II.5,
/// II.6].
struct DormandPrinceTableau {
  static constexpr int stages = 7;  // the last is the first of the next step
  static constexpr double a[7][6] = {{},
                                     {1.0 / 5},
                                     {3.0 / 40, 9.0 / 40},
                                     {44.0 / 45, -56.0 / 15, 32.0 / 9},
                                     {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
                                     {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
                                     {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}};
  static constexpr double error[7] = {71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40};

  /// b_k(theta): y(t + theta h) = y + h sum_k b_k(theta) k_k.
  static void weights(double theta, double (&b)[7]) {
    const double square = theta * theta, bump = square * (1 - theta) * (1 - theta);
    static constexpr double d[7] = {-12715105075.0 / 11282082432,  0,
                                    87487479700.0 / 32700410799,   -10690763975.0 / 1880347072,
                                    701980252875.0 / 199316789632, -1453857185.0 / 822651844,
                                    69997945.0 / 29380423};
    for (int k = 0; k < 7; ++k) b[k] = square * (3 - 2 * theta) * (k < 6 ? a[6][k] : 0) + bump * d[k];
    b[0] += theta * (1 - theta) * (1 - theta);
    b[6] -= square * (1 - theta);
  }
};

/// y' = f(t, y) for the initial values of all lanes, with the same steps for all of them; then the exact derivatives of what was
/// computed, the steps' lengths being taken as given.
template <class F, class U, int n>
class DormandPrince {
  using Tableau = DormandPrinceTableau;
  using State = antler::Vector<U, n>;
  static constexpr int s = Tableau::stages;

 public:
  /// @param tolerance  of a step's error, in the root mean square of the components, relative to 1 + |y|, in the worst lane
  DormandPrince(const F& f, double tolerance) : f_(f), tolerance_(tolerance) {}

  /// The states at times[0], times[1], ...: y, and what follows from it. False when steps become shorter than 1e-10 of the
  /// interval.
  bool solve(const State& y, std::span<const double> times) {
    times_ = times;
    steps_.clear();
    states_.assign(1, y);
    double t = times.front(), h = 0.1 * std::pow(tolerance_, 0.2);
    const double shortest = 1e-10 * (times.back() - t);
    Step step{t, 0, y, {}};
    step.slopes[0] = f_(U(t), y);
    while (t < times.back()) {
      h = std::min(h, times.back() - t);
      if (h < shortest) return false;
      step.t = t;
      step.h = h;
      const State next = advance(step);
      const double error = error_of(step, next);
      if (error <= 1) {
        t = times.back() - t <= h ? times.back() : t + h;
        write_states(step, t);
        steps_.push_back(step);
        step.y = next;
        step.slopes[0] = step.slopes[s - 1];
      }
      h *= error > 0 ? std::clamp(0.9 * std::pow(error, -0.2), 0.2, 5.0) : 5.0;
    }
    return true;
  }

  [[nodiscard]] const std::vector<State>& states() const { return states_; }
  [[nodiscard]] std::size_t steps() const { return steps_.size(); }

  /// @param loss       dLoss/dy at times[1], times[2], ...
  /// @param theta_bar  dLoss/dtheta is added to it
  /// @return           dLoss/dy at times[0]
  State pull_back(std::span<const State> loss, const antler::ParameterSums<U>& theta_bar) const {
    State y_bar{}, slope_bar{}, product;  // of the end of a step, and of f there
    std::size_t left = loss.size();
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
      State slopes[s]{}, start{};
      slopes[s - 1] = slope_bar;
      for (; left > 0 && times_[left] > step->t; --left) {
        double b[s];
        Tableau::weights((times_[left] - step->t) / step->h, b);
        start += loss[left - 1];
        for (int k = 0; k < s; ++k) slopes[k] += loss[left - 1] * U(step->h * b[k]);
      }
      for (int k = s - 1; k > 0; --k) {
        f_.pullback(U(step->t), stage(*step, k), slopes[k], product, theta_bar);
        if (k == s - 1) product += y_bar;
        start += product;
        for (int l = 0; l < k; ++l) slopes[l] += product * U(step->h * Tableau::a[k][l]);
      }
      y_bar = start;
      slope_bar = slopes[0];
    }
    if (!steps_.empty()) {
      f_.pullback(U(steps_.front().t), steps_.front().y, slope_bar, product, theta_bar);
      y_bar += product;
    }
    return y_bar;
  }

 private:
  struct Step {
    double t, h;
    State y, slopes[s];
  };

  /// Argument of stage k; of the last, the end of the step.
  static State stage(const Step& step, int k) {
    State y = step.y;
    for (int l = 0; l < k; ++l) y += step.slopes[l] * U(step.h * Tableau::a[k][l]);
    return y;
  }

  State advance(Step& step) const {
    State y;
    for (int k = 1; k < s; ++k) {
      y = stage(step, k);
      step.slopes[k] = f_(U(step.t), y);
    }
    return y;
  }

  /// 1 is the tolerance; infinite when a number is not finite.
  double error_of(const Step& step, const State& next) const {
    U sum(0);
    for (int c = 0; c < n; ++c) {
      U difference(0);
      for (int k = 0; k < s; ++k) difference += U(step.h * Tableau::error[k]) * step.slopes[k][c];
      using antler::abs, antler::max;
      const U scaled = difference / (U(tolerance_) * (U(1) + max(abs(step.y[c]), abs(next[c]))));
      sum += scaled * scaled;
    }
    double largest = 0;
    for (int l = 0; l < antler::lane_count<U>; ++l) {
      const double square = antler::lane(sum, l) / n;
      if (!(square < HUGE_VAL)) return HUGE_VAL;
      largest = std::max(largest, square);
    }
    return std::sqrt(largest);
  }

  /// Adds the states at all times up to `end`, the end of the step.
  void write_states(const Step& step, double end) {
    for (std::size_t i = states_.size(); i < times_.size() && times_[i] <= end; ++i) {
      double b[s];
      Tableau::weights((times_[i] - step.t) / step.h, b);
      State y = step.y;
      for (int k = 0; k < s; ++k) y += step.slopes[k] * U(step.h * b[k]);
      states_.push_back(y);
    }
  }

  F f_;
  double tolerance_;
  std::span<const double> times_;
  std::vector<Step> steps_;
  std::vector<State> states_;
};

}  // namespace training
