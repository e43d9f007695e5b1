// SPDX-License-Identifier: BSD-3-Clause
// The kernel in which a team shares a step, which devices take for larger n, here on the host: against the one with a step per
// thread.
#include "antler/discretization/team_kernels.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "testset/hires.hpp"
#include "testset/pollu.hpp"

using namespace antler;

namespace {

/// f compiled once for all methods.
template <class F>
struct Apart {
  static constexpr int size = F::size;
  F f{};
  template <class T>
  [[gnu::noinline]] Vector<T, size> operator()(T t, const Vector<T, size>& y) const {
    return f(t, y);
  }
};

/// f with its df/dy by hand: scaled, so that a kernel that takes dual numbers in its place is caught.
template <class F>
struct WithJacobian : Apart<F> {
  static constexpr int n = F::size;
  template <class T>
  Matrix<T, n> jacobian(T t, const Vector<T, n>& y) const {
    return antler::jacobian<T, n>(this->f, t, y) * T(0.75);
  }
};

/// Coupled so that the first pivot lies off the diagonal.
struct OffDiagonal {
  static constexpr int size = 2;
  template <class T>
  Vector<T, 2> operator()(T t, const Vector<T, 2>& y) const {
    return {-3e5 * y[1] + sin(t), 2e5 * y[0] + y[1] * y[1]};
  }
};

/// y' = rate y.
struct Growth {
  static constexpr int size = 2;
  double rate = 0;
  Vector<double, 2> operator()(double, const Vector<double, 2>& y) const { return y * rate; }
  Matrix<double, 2> jacobian(double, const Vector<double, 2>&) const { return Matrix<double, 2>::identity() * rate; }
};

using Space = Kokkos::DefaultExecutionSpace;

/// A window with states and stages near `typical`, and the arrays of a linearisation.
template <class T, class F, class Method>
struct Window {
  static constexpr int n = F::size, s = Method::stages, steps = 5;
  static constexpr bool has_real = Method::has_real;
  static constexpr int pairs = Method::pairs;
  using Rows = detail::CollocationRows<T, n, Method, Space>;
  using Plan = typename SimplifiedNewton::Plan<T, n, Method, Space>;

  F f{};
  Rows rows;
  Plan plan{steps};
  detail::LaneWeights<T, n> weights{Options{.rtol = 1e-6, .atol = 1e-8}};

  explicit Window(const Vector<double, n>& typical) {
    const Kokkos::View<double*, typename Space::memory_space> times("times", steps + 1);
    const double ends[] = {0.25, 0.5, 0.51, 1.5, 1.50001, 60};
    for (int i = 0; i <= steps; ++i) times(i) = ends[i];
    rows.times = times;
    rows.y = typename Rows::States("y", steps + 1);
    rows.z = typename Rows::StageView("z", steps);
    rows.change = typename Rows::StageView("change", steps);
    rows.maps.A = Matrices<T, n, Space>("A", steps);
    rows.maps.b = typename Rows::States("b", steps);
    rows.norm_square = decltype(rows.norm_square)("norms", steps);
    std::mt19937 generator(11);
    std::uniform_real_distribution<double> near(0.5, 1.5), small(-0.1, 0.1);
    for (int i = 0; i <= steps; ++i)
      for (int c = 0; c < n; ++c) rows.y(i, c) = static_cast<T>(typical[c] * near(generator));
    for (int i = 0; i < steps; ++i)
      for (int c = 0; c < s * n; ++c) rows.z(i, c) = static_cast<T>(typical[c % n] * small(generator));
  }

  void by_threads(bool anew) {
    const detail::LinearizeSteps<T, T, n, Method, F, Plan, Space> kernel{f, plan, rows, weights, anew};
    for (Index i = 0; i < steps; ++i) kernel(i);
  }
  void by_teams(int threads) {
    parallel_for_teams<SharedStep<T, n, Method>>("shared step", Space{}, steps, threads,
                                                 detail::LinearizeSharedStep<T, n, Method, F, Plan, Space>{f, plan, rows, weights});
  }
};

/// The largest |a - b| over the largest |b| or |part| of a step, over all steps.
template <class View>
double distance(const View& a, const View& b, const View& part) {
  const std::size_t steps = b.extent(0), count = b.size() / steps;
  double worst = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    double difference = 0, size = 0;
    for (std::size_t c = i * count; c < (i + 1) * count; ++c) {
      const double x = a.data()[c], y = b.data()[c], z = part.data()[c];
      difference = std::isfinite(x - y) ? std::max(difference, std::abs(x - y)) : HUGE_VAL;
      size = std::max({size, std::abs(y), std::abs(z)});
    }
    worst = std::max(worst, difference == 0 ? 0 : difference / size);
  }
  return worst;
}
template <class View>
double distance(const View& a, const View& b) {
  return distance(a, b, b);
}

/// The largest distance of what two linearisations left.
template <class W>
double distance_of(const W& a, const W& b) {
  double worst = std::max({distance(a.rows.change, b.rows.change), distance(a.rows.maps.A, b.rows.maps.A),
                           distance(a.rows.maps.b, b.rows.maps.b), distance(a.rows.norm_square, b.rows.norm_square)});
  if constexpr (W::has_real) worst = std::max(worst, distance(a.plan.inverses.real, b.plan.inverses.real));
  for (int q = 0; q < W::pairs; ++q)
    worst = std::max({worst, distance(a.plan.inverses.pair_re[q], b.plan.inverses.pair_re[q], b.plan.inverses.pair_im[q]),
                      distance(a.plan.inverses.pair_im[q], b.plan.inverses.pair_im[q], b.plan.inverses.pair_re[q])});
  return worst;
}

/// By how much the two may differ: the kernel for one thread exchanges rows only where a pivot is below a thousandth of its column,
/// which costs it up to three digits, and the defects are differences.
template <class T>
constexpr double condition = 1e5 * std::numeric_limits<T>::epsilon();

template <class T, class F, class Method>
void expect_the_same(const Vector<double, F::size>& typical, const char* name, int threads = 1) {
  Window<T, F, Method> expected(typical), shared(typical);
  expected.by_threads(true);
  shared.by_teams(threads);
  EXPECT_LE(distance_of(shared, expected), condition<T>) << name << ", team of " << threads;
}

template <class Method>
class SharedStepOf : public testing::Test {};
using Methods = testing::Types<RadauIIA<1>, RadauIIA<2>, RadauIIA<3>, RadauIIA<5>, Gauss<2>>;
TYPED_TEST_SUITE(SharedStepOf, Methods);

TYPED_TEST(SharedStepOf, IsTheStepOfOneThread) {
  expect_the_same<double, OffDiagonal, TypeParam>({1.5, -0.7}, "off the diagonal");
  expect_the_same<double, Apart<testset::Hires>, TypeParam>(testset::hires().typical, "HIRES");
  expect_the_same<double, Apart<testset::Pollution>, TypeParam>(testset::pollu().typical, "POLLU");
}

TEST(SharedStep, IsTheStepOfOneThreadInATeamOfTwo) {  // Kokkos takes one where it has no more
  expect_the_same<double, Apart<testset::Hires>, RadauIIA<3>>(testset::hires().typical, "HIRES", 2);
  expect_the_same<double, Apart<testset::Pollution>, RadauIIA<5>>(testset::pollu().typical, "POLLU", 2);
}

TEST(SharedStep, WorksInSinglePrecision) {
  expect_the_same<float, Apart<testset::Hires>, RadauIIA<3>>(testset::hires().typical, "HIRES");
}

TEST(SharedStep, TakesTheJacobianThatFBrings) {
  expect_the_same<double, WithJacobian<testset::Hires>, RadauIIA<3>>(testset::hires().typical, "HIRES");
}

/// What the kernel asks of a team, by the standard library's threads: as many as a test wants.
struct Member {
  int rank, size;
  std::barrier<>* barrier;
  int team_rank() const { return rank; }
  int team_size() const { return size; }
  void team_barrier() const { barrier->arrive_and_wait(); }
};

template <class T, class F, class Method>
void linearize_by(int size, const Window<T, F, Method>& window) {
  using W = Window<T, F, Method>;
  const detail::LinearizeSharedStep<T, W::n, Method, F, typename W::Plan, Space> kernel{window.f, window.plan, window.rows,
                                                                                        window.weights};
  const auto shared = std::make_unique<SharedStep<T, W::n, Method>>();
  std::barrier<> barrier(size);
  std::vector<std::jthread> team;
  for (int rank = 0; rank < size; ++rank)
    team.emplace_back([&, rank] {
      for (Index i = 0; i < W::steps; ++i) kernel(Member{rank, size, &barrier}, i, *shared);
    });
}

TEST(SharedStep, HasTheSameBitsInATeamOfAnySize) {
  using W = Window<double, Apart<testset::Hires>, RadauIIA<5>>;
  W alone(testset::hires().typical);
  linearize_by(1, alone);
  for (const int size : {3, 32}) {
    W team(testset::hires().typical);
    linearize_by(size, team);
    EXPECT_EQ(distance_of(team, alone), 0) << size;
  }
}

TEST(SharedStep, LeavesWhatIsNotANumberInItsOwnStep) {
  using W = Window<double, Apart<testset::Hires>, RadauIIA<3>>;
  W window(testset::hires().typical), expected(testset::hires().typical);
  window.rows.z(2, 2 * W::n + 7) = std::nan("");  // at a stage where f, but not its Jacobian is taken
  window.by_teams(1);
  expected.by_threads(true);
  for (int i = 0; i < W::steps; ++i) {
    EXPECT_EQ(std::isfinite(window.rows.norm_square(i)), i != 2) << i;
    if (i == 2) continue;
    EXPECT_NEAR(window.rows.norm_square(i), expected.rows.norm_square(i), condition<double> * expected.rows.norm_square(i));
  }
}

TEST(SharedStep, HasNoFiniteNormWhereTheMatrixIsSingular) {
  // J = gamma / h: the real matrix of the first step is zero.
  Window<double, Growth, RadauIIA<3>> window({1, 2});
  window.f.rate = RadauIIA<3>::gamma / 0.25;  // exactly, h is a power of two
  window.by_teams(1);
  EXPECT_FALSE(std::isfinite(window.rows.norm_square(0)));
  EXPECT_TRUE(std::isfinite(window.rows.norm_square(1)));
}

/// With the inverses at hand, where they lie: P at another iterate, and S d.
TEST(SharedStep, IsRepeatedWithTheInversesAtHand) {
  using W = Window<double, Apart<testset::Hires>, RadauIIA<5>>;
  using U = Lanes<double>;
  constexpr int n = W::n;
  W window(testset::hires().typical), expected(testset::hires().typical);
  expected.by_threads(true);
  window.by_threads(true);
  for (W* w : {&window, &expected}) w->rows.z(1, 3) *= 1.5;
  expected.by_threads(false);
  detail::linearize_shared_steps(Space{}, window.f, window.plan, window.rows, window.weights, false);
  EXPECT_LE(distance_of(window, expected), 1e-13);

  const Vector<double, n> d = testset::hires().typical;
  Vector<U, n> lanes;
  for (int c = 0; c < n; ++c) lanes[c] = U(d[c]);
  const auto one = window.plan.by_start(1, 0.25, d);
  const auto several = window.plan.by_start(0, U(0.25), lanes);  // steps 0, 1, ...
  for (int k = 0; k < W::s; ++k)
    for (int c = 0; c < n; ++c) EXPECT_NEAR(one(k, c), lane(several(k, c), lane_count<U> > 1 ? 1 : 0), 1e-13) << k << ", " << c;
}

}  // namespace
