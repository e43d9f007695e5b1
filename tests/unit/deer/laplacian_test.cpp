// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "antler/core/dual_math.hpp"
#include "antler/deer/deer.hpp"

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

// [laplacian operator]
/// L = -d^2/dx^2 on N inner points of [0, 1] with u = 0 at both ends. The system for the update d, row i scaled by h^2 / 2:
///
///     -d_{i-1}/2 + (1 - h^2 J_i / 2) d_i - d_{i+1}/2 = h^2 f_i / 2 - u_i + (u_{i-1} + u_{i+1}) / 2.
class Laplacian {
 public:
  using Row = Trajectory<double, 1, Space>;
  struct System {
    Row diagonal, right;
  };

  explicit Laplacian(Index points) : h_(1.0 / static_cast<double>(points + 1)) {
    system_ = {allocate<Row>("diagonal", points), allocate<Row>("right", points)};
  }

  const System& linearize(const Space& space, const Row& u, const Row& f, const Jacobians<double, 1, 1, Space>& jacobians) {
    const Index points = static_cast<Index>(u.extent(0));
    const double half = h_ * h_ / 2;
    const Row diagonal = system_.diagonal, right = system_.right;
    const auto J = jacobians[0];
    parallel_for("laplacian", space, points, 8, [=](Index i) {
      const double before = i > 0 ? u(i - 1, 0) : 0, after = i + 1 < points ? u(i + 1, 0) : 0;
      diagonal(i, 0) = 1 - half * J(i, 0, 0);
      right(i, 0) = half * f(i, 0) - u(i, 0) + (before + after) / 2;
    });
    return system_;
  }

  const Row& residual() const { return system_.right; }

 private:
  double h_;
  System system_;
};
// [laplacian operator]

// [laplacian shifter]
/// s = 0: f looks at the point itself.
struct Here {
  static constexpr int count = 1;

  template <class T, class States>
  KOKKOS_FUNCTION Vector<T, 1> operator()(int /*p*/, Index i, const States& u) const {
    return {u(i, 0)};
  }
};
// [laplacian shifter]

// [laplacian inverse]
/// Gaussian elimination of a tridiagonal matrix with -1/2 beside the diagonal [Thomas1949], sequential.
class Thomas {
 public:
  explicit Thomas(Index points) : factor_(allocate<Laplacian::Row>("factor", points)) {}

  Status apply(const Space&, const Laplacian::System& system, const Laplacian::Row& d) {
    const Index points = static_cast<Index>(d.extent(0));
    for (Index i = 0; i < points; ++i) {
      const double pivot = system.diagonal(i, 0) + (i > 0 ? 0.5 * factor_(i - 1, 0) : 0.0);
      if (pivot == 0) return Status::singular;
      factor_(i, 0) = -0.5 / pivot;
      d(i, 0) = (system.right(i, 0) + (i > 0 ? 0.5 * d(i - 1, 0) : 0.0)) / pivot;
    }
    for (Index i = points - 2; i >= 0; --i) d(i, 0) -= factor_(i, 0) * d(i + 1, 0);
    return Status::converged;
  }

 private:
  Laplacian::Row factor_;
};
// [laplacian inverse]

// [laplacian solve]
/// Bratu's problem, -u'' = lambda exp(u).
struct Bratu {
  double lambda;

  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(Index /*i*/, const Vector<T, 1>& u) const {
    return {lambda * exp(u[0])};
  }
};

auto solve_bratu(double lambda, Index points, const Options& options = {}) {
  Laplacian laplacian(points);
  Thomas thomas(points);
  const Trajectory<double, 1, Space> guess("guess", static_cast<std::size_t>(points));  // zero
  return deer(laplacian, Bratu{lambda}, Here{}, thomas, guess, options);
}
// [laplacian solve]

/// The lower branch at x: u = -2 log(cosh((x - 1/2) theta / 2) / cosh(theta / 4)), theta = sqrt(2 lambda) cosh(theta / 4).
double bratu_solution(double lambda, double x) {
  double theta = 0;
  for (int i = 0; i < 200; ++i) theta = std::sqrt(2 * lambda) * std::cosh(theta / 4);
  return -2 * std::log(std::cosh((x - 0.5) * theta / 2) / std::cosh(theta / 4));
}

double bratu_error(double lambda, Index points) {
  const auto result = solve_bratu(lambda, points, Options{.rtol = 1e-10, .atol = 1e-12});
  if (result.status != Status::converged) return HUGE_VAL;
  double error = 0;
  for (Index i = 0; i < points; ++i) {
    const double x = static_cast<double>(i + 1) / static_cast<double>(points + 1);
    error = std::max(error, std::abs(result.states(i, 0) - bratu_solution(lambda, x)));
  }
  return error;
}

TEST(UserDefinedLaplacian, SolvesBratusProblemWithOrderTwo) {
  for (const double lambda : {1.0, 3.0}) {
    const double coarse = bratu_error(lambda, 31), middle = bratu_error(lambda, 63), fine = bratu_error(lambda, 127);
    EXPECT_NEAR(std::log2(coarse / middle), 2, 0.15);
    EXPECT_NEAR(std::log2(middle / fine), 2, 0.15);
    EXPECT_LT(fine, 1e-3);
  }
}

TEST(UserDefinedLaplacian, ConvergesQuadratically) {
  const auto result = solve_bratu(1.0, 100);
  EXPECT_EQ(result.status, Status::converged);
  EXPECT_LE(result.statistics.iterations, 5);
  const auto& updates = result.statistics.update_history;  // in units of the tolerance, rtol = 1e-6
  for (std::size_t k = 0; k + 1 < updates.size(); ++k) EXPECT_LE(1e-6 * updates[k + 1], 2 * std::pow(1e-6 * updates[k], 2) + 1e-14);
}

TEST(UserDefinedLaplacian, ReportsThatThereIsNoSolution) {
  const auto result = solve_bratu(6.0, 63);  // the branches meet at lambda = 3.51
  EXPECT_NE(result.status, Status::converged);
  EXPECT_TRUE(std::isfinite(result.states(31, 0)));
}

/// -u'' = rate u + 1 at an eigenvalue of the discrete Laplacian: no solution, or many.
struct Resonance {
  double rate;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(Index, const Vector<T, 1>& u) const {
    return {rate * u[0] + 1.0};
  }
};

TEST(UserDefinedLaplacian, ReportsASingularSystemAndReturnsTheGuess) {
  for (const auto& [points, eigenvalue] : {std::pair{Index{1}, 8.0}, std::pair{Index{3}, 32.0}}) {
    Laplacian laplacian(points);
    Thomas thomas(points);
    const Trajectory<double, 1, Space> guess("guess", static_cast<std::size_t>(points));
    Kokkos::deep_copy(guess, 0.25);
    const auto result = deer(laplacian, Resonance{eigenvalue}, Here{}, thomas, guess);
    EXPECT_EQ(result.status, Status::singular);
    EXPECT_EQ(result.states(0, 0), 0.25);
    EXPECT_EQ(result.statistics.iterations, 1);
    EXPECT_TRUE(result.statistics.update_history.empty());
  }
}

}  // namespace
