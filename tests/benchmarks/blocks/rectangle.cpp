// SPDX-License-Identifier: BSD-3-Clause
// The Poisson-Boltzmann equation on a square, -Laplace(u) + k^2 sinh(u) = f with u known, beside Newton's method with Eigen's
// sparse Cholesky factorisation, which analyses its pattern once: the five-point formula, the same tolerance, both from zero.
// (Eigen's SparseLU, which does not use the symmetry, took eight to thirty times as long as antler on 64 x 64 to 256 x 256.)
#include <Eigen/SparseCholesky>
#include <algorithm>
#include <antler/solve/rectangle.hpp>
#include <cmath>
#include <numbers>

#include "in_turns.hpp"

namespace blocks {

namespace {

using antler::Index;

constexpr double pi = std::numbers::pi, k2 = 100, rtol = 1e-6, atol = 1e-9;

double potential(double x, double y) { return 3 * std::sin(pi * x) * std::sin(2 * pi * y); }

struct PoissonBoltzmann {
  template <class T>
  T operator()(double x, double y, const T& u) const {
    using std::sinh;
    const double exact = potential(x, y);
    return 5 * pi * pi * exact + k2 * (std::sinh(exact) - sinh(u));
  }
};

/// What a user of Eigen would write.
class SparseNewton {
 public:
  explicit SparseNewton(int intervals) : n_(intervals), u_(Eigen::VectorXd::Zero((n_ - 1) * (n_ - 1))) {}

  bool solve() {
    const int m = n_ - 1;
    const double w = static_cast<double>(n_) * n_;
    Eigen::VectorXd residual(m * m);
    std::vector<Eigen::Triplet<double>> entries;
    Eigen::SparseMatrix<double> jacobian(m * m, m * m);
    Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> cholesky;
    for (int iteration = 0; iteration < 30; ++iteration) {
      entries.clear();
      for (int j = 0; j < m; ++j)
        for (int i = 0; i < m; ++i) {
          const int row = j * m + i;
          const double exact = potential((i + 1.0) / n_, (j + 1.0) / n_), u = u_[row];
          double sum = 4 * w * u;
          const auto neighbour = [&](bool inside, int column) {
            if (!inside) return;
            sum -= w * u_[column];
            entries.emplace_back(row, column, -w);
          };
          neighbour(i > 0, row - 1);
          neighbour(i + 1 < m, row + 1);
          neighbour(j > 0, row - m);
          neighbour(j + 1 < m, row + m);
          entries.emplace_back(row, row, 4 * w + k2 * std::cosh(u));
          residual[row] = sum - 5 * pi * pi * exact - k2 * (std::sinh(exact) - std::sinh(u));
        }
      jacobian.setFromTriplets(entries.begin(), entries.end());
      if (iteration == 0) cholesky.analyzePattern(jacobian);
      cholesky.factorize(jacobian);
      if (cholesky.info() != Eigen::Success) return false;
      const Eigen::VectorXd update = cholesky.solve(residual);
      u_ -= update;
      if ((update.array().abs() / (rtol * u_.array().abs() + atol)).maxCoeff() < 1e-2) return true;
    }
    return false;
  }

  [[nodiscard]] double error() const {
    double largest = 0;
    for (int j = 1; j < n_; ++j)
      for (int i = 1; i < n_; ++i)
        largest = std::max(largest, std::abs(u_[(j - 1) * (n_ - 1) + i - 1] -
                                             potential(static_cast<double>(i) / n_, static_cast<double>(j) / n_)));
    return largest;
  }

 private:
  int n_;
  Eigen::VectorXd u_;
};

double error_of(const antler::RectangleSolution& solution) {
  double largest = 0;
  for (std::size_t j = 0; j < solution.y().size(); ++j)
    for (std::size_t i = 0; i < solution.x().size(); ++i)
      largest = std::max(largest, std::abs(solution.value(static_cast<Index>(i), static_cast<Index>(j)) -
                                           potential(solution.x()[i], solution.y()[j])));
  return largest;
}

Row measure(const Settings& settings, int intervals) {
  Row row;
  row.problem = "Poisson-Boltzmann, " + std::to_string(intervals) + " x " + std::to_string(intervals);
  row.method = "RectangleProblem";
  row.peer = "Newton, SimplicialLDLT";
  const antler::RectangleProblem problem{PoissonBoltzmann{}, antler::Rectangle{}};
  bool solved = true;
  const auto own = [&] {
    const auto solution = antler::solve(problem, {intervals, intervals}, {.rtol = rtol, .atol = atol});
    solved = solved && solution.status == antler::Status::converged;
    row.error = error_of(solution);
  };
  const auto peer = [&] {
    SparseNewton newton(intervals);
    solved = newton.solve() && solved;
    row.peer_error = newton.error();
  };
  in_turns(settings, row, own, peer);
  if (!solved) row.failure = "one of them did not converge";
  return row;
}

void measure_all(const Settings& settings, const Report& report) {
  for (const int intervals : {64, 128, 256, 512}) {
    if (settings.only_tiny && intervals > 64) continue;
    report(measure(settings, intervals));
  }
}

}  // namespace

Group rectangle() { return {"rectangle", "errors of u, whose largest value is 3", measure_all}; }

}  // namespace blocks
