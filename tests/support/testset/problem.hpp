// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// A test problem: a right-hand side as a user writes it, and beside it what the literature knows about the solution.

#include <cmath>
#include <string>
#include <vector>

#include "antler/core/vector.hpp"

/// The published problems of the field, each with its reference solution.
///
/// Sources that the problems name by a short word:
///   HW    Hairer and Wanner, Solving Ordinary Differential Equations II, and its test set (res_exact files)
///   HNW   Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I
///   Bari  Mazzia and Magherini, Test Set for Initial Value Problem Solvers, release 2.4, Bari 2008
///   quad  computed in IEEE binary128: linearly implicit Euler extrapolation for stiff problems, Gragg-Bulirsch-Stoer for the
///         others, two runs of different order agreeing to the digits given; it confirms the published digits where there are any
namespace antler::testset {

enum class Stiffness { stiff, nonstiff };
enum class TimeAxis { linear, logarithmic };

/// y(t), known from elsewhere.
template <int n>
struct ReferenceState {
  double t;
  Vector<double, n> y;
};

/// y' = f(t, y), y(t0) = y0 on [t0, t1], with reference values; F is a right-hand side in the form that antler asks of its users.
///
/// A functor that depends on t declares `static constexpr bool depends_on_time = true`, so that no peer differentiates by t in
/// vain.
template <class F>
struct Problem {
  static constexpr int size = F::size;
  using State = Vector<double, size>;

  std::string name;    ///< one word, for command lines and tables
  std::string title;   ///< for people: name, dimension, parameter
  std::string source;  ///< who posed it, and where the reference values come from
  Stiffness stiffness;
  TimeAxis time_axis;
  F f;
  double t0;
  double t1;
  State y0;
  State atol_scale;                             ///< atol_c = rtol atol_scale_c
  State typical;                                ///< size of each component along most of the trajectory
  std::vector<ReferenceState<size>> reference;  ///< increasing t; the last one is at t1
  double amplification = 1.0;                   ///< by which power of ten the problem enlarges local errors on its way, about

  [[nodiscard]] const State& final_reference() const { return reference.back().y; }

  /// The absolute tolerances that belong to rtol, one per component.
  [[nodiscard]] std::vector<double> atol(double rtol) const {
    std::vector<double> atol;
    for (const double scale : atol_scale) atol.push_back(rtol * scale);
    return atol;
  }

  /// max_c |y_c - reference_c| / (|reference_c| + atol_c / rtol): the relative error, of components below atol_c / rtol relative to
  /// that. A solver that keeps its local error at the tolerance ends with a small multiple of rtol.
  template <class Y>
  [[nodiscard]] double error(const Y& y, const State& reference) const {
    double largest = 0;
    for (int c = 0; c < size; ++c) {
      const double component = std::abs(y[c] - reference[c]) / (std::abs(reference[c]) + atol_scale[c]);
      if (!(component <= largest)) largest = component;  // keeps a NaN
    }
    return largest;
  }
};

}  // namespace antler::testset
