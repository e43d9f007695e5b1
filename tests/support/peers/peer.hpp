// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// What every sequential peer is given and what it returns. Compiles as C++17 too: Boost 1.74's Rosenbrock method needs that.

#include <chrono>
#include <cmath>
#include <string>
#include <vector>

namespace antler::peers {

/// y' = f(t, y) from t0 forward to t1 > t0.
struct PeerRun {
  double t0;
  double t1;
  std::vector<double> y0;
  double rtol;
  std::vector<double> atol;  ///< one per component
  double time_limit = 60.0;  ///< seconds of wall clock after which the solver is stopped
};

enum class Outcome { finished, out_of_time, failed };

struct PeerResult {
  Outcome outcome = Outcome::failed;
  std::string status;    ///< in words, why it ended
  double seconds = 0.0;  ///< wall clock, set-up of the solver included
  long steps = 0;        ///< accepted
  long rejected = 0;     ///< failed the error test; CVODE: also steps whose nonlinear iteration failed
  long iterations = 0;   ///< nonlinear iterations, 0 where the method has none
  long function_evaluations = 0;
  long jacobian_evaluations = 0;
  double t = 0.0;         ///< where it ended
  std::vector<double> y;  ///< the state at t
};

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The first step of a method of order p, for the Odeint steppers, which choose none [HNW, sec. II.4].
///
/// @param rhs  rhs(t, y, dydt) with arrays of double
template <class Rhs>
double initial_step(const Rhs& rhs, const PeerRun& run, int order) {
  const std::size_t n = run.y0.size();
  const auto norm = [&](const std::vector<double>& v) {
    double sum = 0.0;
    for (std::size_t c = 0; c < n; ++c) {
      const double weighted = v[c] / (run.atol[c] + run.rtol * std::abs(run.y0[c]));
      sum += weighted * weighted;
    }
    return std::sqrt(sum / static_cast<double>(n));
  };
  std::vector<double> f0(n), f1(n), y1(n);
  rhs(run.t0, run.y0.data(), f0.data());
  const double d0 = norm(run.y0), d1 = norm(f0);
  const double h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1;
  for (std::size_t c = 0; c < n; ++c) y1[c] = run.y0[c] + h0 * f0[c];
  rhs(run.t0 + h0, y1.data(), f1.data());
  for (std::size_t c = 0; c < n; ++c) f1[c] -= f0[c];
  const double d2 = norm(f1) / h0, d = d1 > d2 ? d1 : d2;
  const double h1 = d <= 1e-15 ? (h0 > 1e-3 ? h0 : 1e-6) : std::pow(0.01 / d, 1.0 / (order + 1));
  const double h = 100.0 * h0 < h1 ? 100.0 * h0 : h1;
  return h < run.t1 - run.t0 ? h : run.t1 - run.t0;
}

/// Sets outcome and text of a run that ended at result.t with the state result.y. Odeint's controllers accept a step whose error
/// estimate is NaN, so that the state itself has to be looked at.
inline void conclude(PeerResult& result, const PeerRun& run) {
  for (const double y : result.y)
    if (!std::isfinite(y)) {
      result.outcome = Outcome::failed;
      result.status = "accepted a state that is not finite";
      return;
    }
  if (result.t >= run.t1) {
    result.outcome = Outcome::finished;
    result.status = "finished";
  } else if (result.outcome == Outcome::out_of_time) {
    result.status = "stopped by the clock";
  }
}

}  // namespace antler::peers
