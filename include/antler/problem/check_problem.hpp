// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Tries a user's right-hand side before a solver does:
///
///   1. f, df/dy and df/dt are finite at the start
///   2. f gives the same value at every call, and the same for scalars and dual numbers
///   3. df/dy, by dual numbers or by hand, agrees with central differences, and so does df/dt
///   4. SIMD lanes agree with scalars, lane by lane
///
/// Differences are trusted as far as two step lengths agree: an entry is called wrong only if it differs by more than that.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "antler/core/finite.hpp"
#include "antler/core/lanes.hpp"
#include "antler/core/lanes_math.hpp"
#include "antler/problem/initial_value_problem.hpp"
#include "antler/problem/problem_report.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

using findings::DerivativeBy, findings::Trial;

template <class F, class T, int n>
class ProblemCheck {
  using State = Vector<T, n>;

 public:
  explicit ProblemCheck(const InitialValueProblem<F, T, n>& problem) : f_(problem.f), t0_(problem.t0), t1_(problem.t1) {
    y0_ = problem.y0;
    for (const T& y : y0_) size_ = std::max(size_, std::abs(static_cast<double>(y)));
    if (size_ == 0) size_ = 1;
  }

  ProblemReport run() {
    const Trial start{t0_, "y0"};
    repeat(start);
    if (!finite_at(start)) return report_;
    derivatives(start, y0_);
    State beside = y0_;  // components that are zero at the start hide entries of the Jacobian
    for (int c = 0; c < n; ++c) beside[c] += static_cast<T>(1e-2 * scale(y0_[c]) * (1 + 0.1 * c));
    const double inside = t0_ + 0.37 * (t1_ - t0_);
    if (all_finite(value(inside, beside))) derivatives({inside, "a state near y0"}, beside);
    if constexpr (accepts_lanes<F>()) lanes();
    later();
    return report_;
  }

 private:
  static constexpr double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  static constexpr DerivativeBy by = BringsJacobian<F, T, n> ? DerivativeBy::hand : DerivativeBy::dual_numbers;

  [[nodiscard]] State value(double t, const State& y) const { return f_(static_cast<T>(t), y); }
  [[nodiscard]] double scale(T y) const { return std::max(std::abs(static_cast<double>(y)), 1e-3 * size_); }
  static bool all_finite(const State& v) {
    return std::all_of(v.begin(), v.end(), [](T x) { return is_finite(x); });
  }
  static bool same(T a, T b) { return a == b || (!is_finite(a) && !is_finite(b)); }
  static double get(T x) { return static_cast<double>(x); }

  /// Calls at the start, elsewhere, and at the start again.
  void repeat(const Trial& at) {
    const State first = value(t0_, y0_);
    State elsewhere = y0_;
    for (int c = 0; c < n; ++c) elsewhere[c] += static_cast<T>(1e-3 * scale(y0_[c]));
    static_cast<void>(value(0.5 * (t0_ + t1_), elsewhere));
    const State second = value(t0_, y0_);
    for (int c = 0; c < n; ++c)
      if (!same(first[c], second[c]))
        return report_.findings.push_back(findings::not_repeatable(at, c, get(first[c]), get(second[c])));
  }

  /// Value, Jacobian and df/dt at the start. False when one of them is not finite.
  bool finite_at(const Trial& at) {
    const std::size_t before = report_.findings.size();
    const State f = value(t0_, y0_);
    for (int c = 0; c < n; ++c)
      if (!is_finite(f[c])) report_.findings.push_back(findings::value_not_finite(at, c, get(f[c])));
    if (report_.findings.size() > before) return false;
    const Matrix<T, n> a = jacobian<T, n>(f_, static_cast<T>(t0_), y0_);
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c)
        if (!is_finite(a(r, c))) {
          report_.findings.push_back(findings::jacobian_not_finite(at, r, c, get(a(r, c)), by));
          return false;
        }
    const State by_t = time_derivative(t0_, y0_, nullptr);
    for (int c = 0; c < n; ++c)
      if (!is_finite(by_t[c])) {
        report_.findings.push_back(findings::time_derivative_not_finite(at, c, get(by_t[c])));
        return false;
      }
    return report_.findings.size() == before;
  }

  /// df/dt by dual numbers, and the value that comes with it.
  State time_derivative(double t, const State& y, State* value) const {
    using D = Dual<T, n>;
    Vector<D, n> constant;
    for (int c = 0; c < n; ++c) constant[c] = D(y[c]);
    const Vector<D, n> f = f_(D::variable(static_cast<T>(t), 0), constant);
    State derivative;
    for (int c = 0; c < n; ++c) {
      derivative[c] = f[c].derivative[0];
      if (value) (*value)[c] = f[c].value;
    }
    return derivative;
  }

  /// How far f moves when y and t move by a unit in the last place.
  [[nodiscard]] State noise(double t, const State& y) const {
    State moved = y, largest{};
    for (int c = 0; c < n; ++c) moved[c] *= static_cast<T>(1 + 2 * epsilon * (c % 2 == 0 ? 1 : -1));
    const State f = value(t, y), g = value(t * (1 + epsilon), y), h = value(t, moved);
    for (int c = 0; c < n; ++c)
      largest[c] = std::max(std::abs(g[c] - f[c]), std::abs(h[c] - f[c])) + static_cast<T>(2 * epsilon) * std::abs(f[c]);
    return largest;
  }

  struct Difference {
    State value, uncertainty;
  };
  /// The central difference of at(x), x = -h .. h, and how far it may be trusted.
  template <class At>
  static Difference central(const At& at, double h, const State& noise) {
    const State far_right = at(h), far_left = at(-h), right = at(0.5 * h), left = at(-0.5 * h);
    Difference d;
    for (int c = 0; c < n; ++c) {
      const T coarse = (far_right[c] - far_left[c]) / static_cast<T>(2 * h);
      d.value[c] = (right[c] - left[c]) / static_cast<T>(h);
      d.uncertainty[c] = 4 * std::abs(coarse - d.value[c]) + 8 * noise[c] / static_cast<T>(h);
    }
    return d;
  }
  /// True when a derivative and a difference contradict each other. A difference that is not finite says nothing.
  static bool contradict(T given, T difference, T uncertainty) {
    if (!is_finite(difference) || !is_finite(uncertainty)) return false;
    const double relative = std::sqrt(std::sqrt(epsilon));  // 1e-4 in double precision
    return !(std::abs(get(given) - get(difference)) <=
             10 * get(uncertainty) + relative * (std::abs(get(given)) + std::abs(get(difference))));
  }

  /// Duals' value, df/dy and df/dt at one point. One finding of each kind is enough.
  void derivatives(const Trial& at, const State& y) {
    const State f = value(at.t, y), disturbed = noise(at.t, y);
    State dual_value;
    const State by_t = time_derivative(at.t, y, &dual_value);
    for (int c = 0; c < n; ++c)
      if (!close(f[c], dual_value[c], disturbed[c])) {
        report_.findings.push_back(findings::dual_value_differs(at, c, get(f[c]), get(dual_value[c])));
        break;
      }
    jacobian_by_differences(at, y, disturbed);
    if (t0_ == t1_) return;
    const double h = std::cbrt(epsilon) * std::max(std::abs(at.t), 1e-3 * std::abs(t1_ - t0_));
    const double inwards = at.t == t0_ ? t0_ + 2 * h * (t1_ > t0_ ? 1 : -1) : at.t;  // f need not be defined before t0
    const State given = at.t == inwards ? by_t : time_derivative(inwards, y, nullptr);
    const auto moved = [&](double x) { return value(inwards + x, y); };
    const Difference d = central(moved, h, disturbed), closer = central(moved, 1e-4 * h, disturbed);  // f may oscillate within h
    for (int c = 0; c < n; ++c)
      if (contradict(given[c], d.value[c], d.uncertainty[c]) && contradict(given[c], closer.value[c], closer.uncertainty[c]))
        return report_.findings.push_back(
            findings::time_derivative_differs({inwards, at.state}, c, get(given[c]), get(closer.value[c])));
  }

  void jacobian_by_differences(const Trial& at, const State& y, const State& disturbed) {
    const Matrix<T, n> a = jacobian<T, n>(f_, static_cast<T>(at.t), y);
    for (int c = 0; c < n; ++c) {
      const auto moved = [&](double x) {
        State z = y;
        z[c] += static_cast<T>(x);
        return value(at.t, z);
      };
      const Difference d = central(moved, std::cbrt(epsilon) * scale(y[c]), disturbed);
      for (int r = 0; r < n; ++r)
        if (contradict(a(r, c), d.value[r], d.uncertainty[r]))
          return report_.findings.push_back(findings::jacobian_differs(at, r, c, get(a(r, c)), get(d.value[r]), by));
    }
  }

  static bool close(T a, T b, T noise) {
    if (!is_finite(a) || !is_finite(b)) return is_finite(a) == is_finite(b);
    return std::abs(get(a) - get(b)) <= 1e4 * epsilon * (std::abs(get(a)) + std::abs(get(b))) + 100 * get(noise);
  }

  /// A different time and state in every lane, from half to one and a half of y0.
  void lanes() {
    using U = Lanes<T>;
    constexpr int width = lane_count<U>;
    T times[width], components[n][width];
    State states[width];
    for (int l = 0; l < width; ++l) {
      const double share = (l + 0.5) / width;
      times[l] = static_cast<T>(t0_ + share * (t1_ - t0_));
      for (int c = 0; c < n; ++c)
        components[c][l] = states[l][c] =
            y0_[c] == 0 ? static_cast<T>(share * scale(y0_[c])) : static_cast<T>(0.5 + share) * y0_[c];
    }
    Vector<U, n> y;
    for (int c = 0; c < n; ++c) y[c] = load<U>(components[c]);
    const Vector<U, n> f = f_(load<U>(times), y);
    for (int l = 0; l < width; ++l) {
      const State scalar = f_(times[l], states[l]), disturbed = noise(get(times[l]), states[l]);
      for (int c = 0; c < n; ++c)
        if (!close(scalar[c], lane(f[c], l), disturbed[c]))
          return report_.findings.push_back(
              findings::lanes_differ({get(times[l]), "a state around y0"}, c, get(scalar[c]), get(lane(f[c], l))));
    }
  }

  /// f at the initial state and later times.
  void later() {
    for (const double share : {0.1, 0.5, 1.0}) {
      const double t = t0_ + share * (t1_ - t0_);
      const State f = value(t, y0_);
      for (int c = 0; c < n; ++c)
        if (!is_finite(f[c])) return report_.notes.push_back(findings::undefined_later({t, "y0"}, c, get(f[c])));
    }
  }

  F f_;
  double t0_, t1_, size_ = 0;
  State y0_;
  ProblemReport report_;
};

}  // namespace detail

/// Tries the right-hand side of a problem at its start and beside it, and says in words what is wrong with it. For debug runs and
/// tests of a new f; a solve does not call it.
///
/// @throws  what f throws
/// @note About 8 n + 30 evaluations of f. What it does not see: mistakes that need other states than those near y0.
template <class F, class T, int n>
[[nodiscard]] ProblemReport check_problem(const InitialValueProblem<F, T, n>& problem,
                                          const SourceLocation& where = SourceLocation::current()) {
  problem.require_finite(where);
  return detail::ProblemCheck<F, T, n>(problem).run();
}

}  // namespace antler::inline ANTLER_LANES
