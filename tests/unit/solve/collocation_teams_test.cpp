// SPDX-License-Identifier: BSD-3-Clause
// Collocation on a fixed mesh whose steps are shared by teams, as on a device for larger n, against the lanes of a host.
#include <gtest/gtest.h>

#include <cmath>

#include "antler/solve/collocation.hpp"

using namespace antler;

namespace {

/// Robertson's reaction [HairerWanner1996, sec. IV.1], times sqrt(end - t) / sqrt(end): not a number behind `end`.
struct Robertson {
  double end = 1e300;
  template <class T>
  [[gnu::noinline]] Vector<T, 3> operator()(T t, const Vector<T, 3>& y) const {
    const T slow = sqrt(1.0 - t * (1 / end)), back = 1e4 * y[1] * y[2], on = 3e7 * y[1] * y[1];
    return {slow * (back - 0.04 * y[0]), slow * (0.04 * y[0] - back - on), slow * on};
  }
};

struct Growth {
  double rate = 0;
  template <class T>
  Vector<T, 3> operator()(T /*t*/, const Vector<T, 3>& y) const {
    return {y[0] * rate, -1.0 * y[1], -2.0 * y[2]};
  }
};

/// The same f, whose steps are shared.
template <class F>
struct Shared : F {};

}  // namespace

namespace antler::inline ANTLER_LANES {
namespace detail {
template <class F, int n, class ExecutionSpace>
inline constexpr bool shares_steps<Shared<F>, n, ExecutionSpace> = true;
}
}  // namespace antler::inline ANTLER_LANES

namespace {

template <class F>
Solution<double, 3> solved(const F& f, const Mesh& mesh) {
  const InitialValueProblem problem{f, mesh.front(), mesh.back(), Vector<double, 3>{1, 0, 0}};
  return solve(problem, RadauIIA<3>{}, mesh, Options{.rtol = 1e-9, .atol = 1e-13});
}

Mesh logarithmic(double end, int steps) {
  std::vector<double> points{0};
  for (int i = 0; i <= steps; ++i) points.push_back(end * std::pow(10, 10.0 * (i - steps) / steps));
  points.back() = end;
  return Mesh(points);
}

TEST(SharedCollocation, SolvesAsTheLanesOfAHostDo) {
  const Mesh mesh = logarithmic(100, 200);
  const auto lanes = solved(Robertson{}, mesh), shared = solved(Shared<Robertson>{}, mesh);
  ASSERT_EQ(shared.status, Status::converged);
  EXPECT_EQ(shared.statistics.iterations, lanes.statistics.iterations);
  EXPECT_EQ(shared.statistics.factorisations, lanes.statistics.factorisations);
  EXPECT_LT(shared.statistics.factorisations, shared.statistics.iterations * mesh.steps());      // inverses were at hand
  const double reference[] = {0.61723488239608776, 6.1535912746391229e-6, 0.38275896401263760};  // testset.md, quadruple precision
  for (int c = 0; c < 3; ++c) {
    EXPECT_NEAR(shared.final_state()[c], lanes.final_state()[c], 1e-9 * std::abs(reference[c]));
    EXPECT_NEAR(shared.final_state()[c], reference[c], 1e-7 * reference[c]);
  }
}

TEST(SharedCollocation, NamesTheFirstStepThatIsNotFinite) {
  const Mesh mesh = Mesh::uniform(0, 1, 50);
  const auto lanes = solved(Robertson{0.71}, mesh), shared = solved(Shared<Robertson>{{0.71}}, mesh);
  EXPECT_EQ(shared.status, Status::non_finite);
  EXPECT_EQ(lanes.status, Status::non_finite);
  EXPECT_EQ(shared.statistics.first_failure, lanes.statistics.first_failure);
}

TEST(SharedCollocation, SaysThatAMatrixIsSingular) {
  const Mesh mesh({0.0, 0.25, 0.5});
  const double rate = RadauIIA<3>::gamma / 0.25;
  EXPECT_EQ(solved(Growth{rate}, mesh).status, Status::singular);
  EXPECT_EQ(solved(Shared<Growth>{{rate}}, mesh).status, Status::singular);
}

}  // namespace
