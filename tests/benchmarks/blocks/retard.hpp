// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A plain sequential solver for delay equations, the peer of the benchmark: the method of steps by DOPRI5, with its dense output
/// of order 4 for the delayed states, after RETARD [HairerNorsettWanner1993, sec. II.17]. Steps end at breaking points of t0 and
/// are no longer than the shortest delay.

#include <algorithm>
#include <antler/problem/delay_problem.hpp>
#include <cmath>
#include <vector>

namespace blocks {

template <class Problem>
class Retard {
  using State = antler::Vector<double, Problem::size>;
  static constexpr int n = Problem::size, P = Problem::delay_count;
  struct Step {
    double t, h;
    State r[5];
  };

 public:
  Retard(const Problem& problem, double rtol, double atol) : problem_(problem), rtol_(rtol), atol_(atol) {}

  /// The state at t1; operator() afterwards gives dense output.
  State solve() {
    const std::vector<double> sources{problem_.t0};
    std::vector<double> cuts;
    for (const auto& point : antler::breaking_points(sources, problem_.delays, 5, problem_.t1, 2.2e-16)) cuts.push_back(point.time);
    cuts.push_back(problem_.t1);
    State y = problem_.y0;
    double h = 1e-3 * problem_.shortest_delay();
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
      if (cuts[i + 1] > cuts[i]) y = walk(cuts[i], cuts[i + 1], y, h);
    return y;
  }

  [[nodiscard]] State operator()(double t) const {
    if (t < problem_.t0 || steps_.empty()) return problem_.history_at(std::min(t, problem_.t0));
    const auto after = std::upper_bound(steps_.begin(), steps_.end(), t, [](double at, const Step& step) { return at < step.t; });
    const Step& step = *(after == steps_.begin() ? after : after - 1);
    const double x = (t - step.t) / step.h, rest = 1 - x;
    return step.r[0] + x * (step.r[1] + rest * (step.r[2] + x * (step.r[3] + rest * step.r[4])));
  }
  [[nodiscard]] std::size_t steps() const { return steps_.size(); }

 private:
  [[nodiscard]] State f(double t, const State& y) const {
    State delayed[P];
    for (int p = 0; p < P; ++p) delayed[p] = (*this)(t - problem_.delays[static_cast<std::size_t>(p)]);
    return antler::detail::call_delayed(problem_.f, t, y, delayed, std::make_integer_sequence<int, P>{});
  }

  State walk(double t, double end, State y, double& h) {
    State k[7];
    k[0] = f(t, y);
    while (t < end) {
      h = std::min(h, problem_.shortest_delay());
      const bool last = h > 0.999 * (end - t);
      const double step = last ? end - t : h;
      k[1] = f(t + step / 5, y + step * (1.0 / 5 * k[0]));
      k[2] = f(t + step * 3 / 10, y + step * (3.0 / 40 * k[0] + 9.0 / 40 * k[1]));
      k[3] = f(t + step * 4 / 5, y + step * (44.0 / 45 * k[0] - 56.0 / 15 * k[1] + 32.0 / 9 * k[2]));
      k[4] = f(t + step * 8 / 9,
               y + step * (19372.0 / 6561 * k[0] - 25360.0 / 2187 * k[1] + 64448.0 / 6561 * k[2] - 212.0 / 729 * k[3]));
      k[5] = f(t + step, y + step * (9017.0 / 3168 * k[0] - 355.0 / 33 * k[1] + 46732.0 / 5247 * k[2] + 49.0 / 176 * k[3] -
                                     5103.0 / 18656 * k[4]));
      const State next =
          y + step * (35.0 / 384 * k[0] + 500.0 / 1113 * k[2] + 125.0 / 192 * k[3] - 2187.0 / 6784 * k[4] + 11.0 / 84 * k[5]);
      k[6] = f(t + step, next);
      const State e = step * (71.0 / 57600 * k[0] - 71.0 / 16695 * k[2] + 71.0 / 1920 * k[3] - 17253.0 / 339200 * k[4] +
                              22.0 / 525 * k[5] - 1.0 / 40 * k[6]);
      double sum = 0;
      for (int c = 0; c < n; ++c) {
        const double scaled = e[c] / (atol_ + rtol_ * std::max(std::abs(y[c]), std::abs(next[c])));
        sum += scaled * scaled;
      }
      const double error = std::sqrt(sum / n), factor = std::clamp(0.9 * std::pow(std::max(error, 1e-10), -0.2), 0.2, 5.0);
      if (!(error <= 1)) {
        h = step * (std::isfinite(error) ? factor : 0.2);
        continue;
      }
      keep(t, step, y, next, k);
      t = last ? end : t + step;
      y = next;
      k[0] = k[6];
      if (!last || factor < 1) h = step * factor;
    }
    return y;
  }

  void keep(double t, double h, const State& y, const State& next, const State (&k)[7]) {
    const State difference = next - y, slope = h * k[0] - difference;
    steps_.push_back(
        {t,
         h,
         {y, difference, slope, difference - h * k[6] - slope,
          h * (-12715105075.0 / 11282082432 * k[0] + 87487479700.0 / 32700410799 * k[2] - 10690763975.0 / 1880347072 * k[3] +
               701980252875.0 / 199316789632 * k[4] - 1453857185.0 / 822651844 * k[5] + 69997945.0 / 29380423 * k[6])}});
  }

  Problem problem_;
  double rtol_, atol_;
  std::vector<Step> steps_;
};

}  // namespace blocks
