// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Collocation as a textbook writes it: Butcher's tableau, one step after the other, Newton's method on the dense system of all
/// stages. The oracle of the parallel solver; shares no coefficient and no line with it.

#include <Eigen/Dense>
#include <cmath>
#include <vector>

namespace antler::tests {

struct ButcherTableau {
  Eigen::MatrixXd a;
  Eigen::VectorXd b, c;
};

/// Radau IIA [HairerWanner1996, tables IV.5.5 and IV.5.6].
inline ButcherTableau radau_iia(int stages) {
  ButcherTableau tableau{Eigen::MatrixXd(stages, stages), Eigen::VectorXd(stages), Eigen::VectorXd(stages)};
  const double r = std::sqrt(6.0);
  if (stages == 1) {
    tableau.a << 1;
    tableau.c << 1;
  } else if (stages == 2) {
    tableau.a << 5.0 / 12, -1.0 / 12, 3.0 / 4, 1.0 / 4;
    tableau.c << 1.0 / 3, 1;
  } else {
    tableau.a << (88 - 7 * r) / 360, (296 - 169 * r) / 1800, (-2 + 3 * r) / 225,  //
        (296 + 169 * r) / 1800, (88 + 7 * r) / 360, (-2 - 3 * r) / 225,           //
        (16 - r) / 36, (16 + r) / 36, 1.0 / 9;
    tableau.c << (4 - r) / 10, (4 + r) / 10, 1;
  }
  tableau.b = tableau.a.row(stages - 1).transpose();
  return tableau;
}

/// Gauss [HairerWanner1996, tables IV.5.1 and IV.5.2].
inline ButcherTableau gauss(int stages) {
  ButcherTableau tableau{Eigen::MatrixXd(stages, stages), Eigen::VectorXd(stages), Eigen::VectorXd(stages)};
  const double r = std::sqrt(3.0), q = std::sqrt(15.0);
  if (stages == 1) {
    tableau.a << 0.5;
    tableau.b << 1;
    tableau.c << 0.5;
  } else if (stages == 2) {
    tableau.a << 0.25, 0.25 - r / 6, 0.25 + r / 6, 0.25;
    tableau.b << 0.5, 0.5;
    tableau.c << 0.5 - r / 6, 0.5 + r / 6;
  } else {
    tableau.a << 5.0 / 36, 2.0 / 9 - q / 15, 5.0 / 36 - q / 30,  //
        5.0 / 36 + q / 24, 2.0 / 9, 5.0 / 36 - q / 24,           //
        5.0 / 36 + q / 30, 2.0 / 9 + q / 15, 5.0 / 36;
    tableau.b << 5.0 / 18, 4.0 / 9, 5.0 / 18;
    tableau.c << 0.5 - q / 10, 0.5, 0.5 + q / 10;
  }
  return tableau;
}

/// The states at the points of the mesh. f(t, y) -> VectorXd, jacobian(t, y) -> MatrixXd.
template <class F, class Jacobian>
std::vector<Eigen::VectorXd> plain_collocation(const ButcherTableau& tableau, const F& f, const Jacobian& jacobian,
                                               const std::vector<double>& mesh, const Eigen::VectorXd& y0) {
  const Eigen::Index s = tableau.c.size(), n = y0.size();
  std::vector<Eigen::VectorXd> states{y0};
  for (std::size_t i = 0; i + 1 < mesh.size(); ++i) {
    const Eigen::VectorXd y = states.back();
    const double t = mesh[i], h = mesh[i + 1] - mesh[i];
    Eigen::VectorXd slopes = Eigen::VectorXd::Zero(s * n);  // k_l = f(t + c_l h, y + h sum_m a_lm k_m)
    for (int iteration = 0; iteration < 50; ++iteration) {
      Eigen::VectorXd residual(s * n);
      Eigen::MatrixXd matrix = Eigen::MatrixXd::Identity(s * n, s * n);
      for (Eigen::Index l = 0; l < s; ++l) {
        Eigen::VectorXd stage = y;
        for (Eigen::Index m = 0; m < s; ++m) stage += h * tableau.a(l, m) * slopes.segment(m * n, n);
        residual.segment(l * n, n) = slopes.segment(l * n, n) - f(t + tableau.c(l) * h, stage);
        const Eigen::MatrixXd j = jacobian(t + tableau.c(l) * h, stage);
        for (Eigen::Index m = 0; m < s; ++m) matrix.block(l * n, m * n, n, n) -= h * tableau.a(l, m) * j;
      }
      const Eigen::VectorXd update = matrix.fullPivLu().solve(residual);
      slopes -= update;
      if (update.norm() <= 1e-14 * slopes.norm()) break;
    }
    Eigen::VectorXd next = y;
    for (Eigen::Index l = 0; l < s; ++l) next += h * tableau.b(l) * slopes.segment(l * n, n);
    states.push_back(next);
  }
  return states;
}

}  // namespace antler::tests
