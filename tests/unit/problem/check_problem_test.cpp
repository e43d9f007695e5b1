// SPDX-License-Identifier: BSD-3-Clause
#include "antler/problem/check_problem.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>

#include "antler/core/dual_math.hpp"
#include "testset/testset.hpp"

using namespace antler;

namespace {

/// Right-hand sides that are right, or wrong in one way.
enum class Fault {
  none,
  nan_at_start,
  infinite_slope,
  counter,
  branch_on_lanes,
  conversion_of_y,
  conversion_of_t,
  nan_later,
  throws,
};

/// The value of a dual number, of lanes too, and of anything else.
template <class T>
auto value_of(const T& x) {
  if constexpr (requires { x.value; }) {
    return x.value;
  } else {
    return x;
  }
}

template <Fault fault>
struct Decay {
  template <class T>
  Vector<T, 2> operator()(const T& t, const Vector<T, 2>& y) const {
    Vector<T, 2> f{-2.0 * y[0] * y[1] + sin(t), -y[1] + exp(0.1 * y[0])};
    if constexpr (fault == Fault::nan_at_start) f[1] = log(y[0] - 5.0);
    if constexpr (fault == Fault::infinite_slope) f[1] = sqrt(y[1]);
    if constexpr (fault == Fault::counter) {
      static int calls = 0;
      f[0] = f[0] + 1e-3 * ++calls;
    }
    if constexpr (fault == Fault::branch_on_lanes) f[0] = any(y[0] > 1.1) ? f[0] : T(f[0] + 1.0);
    if constexpr (fault == Fault::conversion_of_y) f[1] = f[1] + T(value_of(y[0]));
    if constexpr (fault == Fault::conversion_of_t) f[1] = f[1] + T(value_of(t));
    if constexpr (fault == Fault::nan_later) f[1] = f[1] + sqrt(1.0 - t);
    if constexpr (fault == Fault::throws) throw std::domain_error("from f");
    return f;
  }
};

template <Fault fault>
ProblemReport report() {
  return check_problem(InitialValueProblem{Decay<fault>{}, 0.0, 2.0, Vector<double, 2>{1, 0}});
}

void expect_one(const ProblemReport& report, const std::string& what, const std::string& remedy) {
  EXPECT_FALSE(report.ok());
  ASSERT_GE(report.findings.size(), 1u);
  const std::string text = report.text();
  EXPECT_NE(text.find(what), std::string::npos) << "'" << text << "' does not say '" << what << "'";
  EXPECT_NE(text.find(remedy), std::string::npos) << "'" << text << "' does not say '" << remedy << "'";
}

TEST(CheckProblem, FindsNothingInARightHandSideThatIsRight) {
  const ProblemReport right = report<Fault::none>();
  EXPECT_TRUE(right.ok()) << right;
  EXPECT_TRUE(right.notes.empty()) << right;
  EXPECT_EQ(right.text(), "The problem is as a solver needs it.\n");
}

TEST(CheckProblem, FindsNothingInTheTestSet) {
  testset::for_each_stiff([](const auto& problem) {
    const auto report = check_problem(InitialValueProblem{problem.f, problem.t0, problem.t1, problem.y0});
    EXPECT_TRUE(report.ok()) << problem.name << ": " << report;
  });
  testset::for_each_nonstiff([](const auto& problem) {
    const auto report = check_problem(InitialValueProblem{problem.f, problem.t0, problem.t1, problem.y0});
    EXPECT_TRUE(report.ok()) << problem.name << ": " << report;
  });
}

TEST(CheckProblem, WorksInSinglePrecisionBackwardsAndOnAnEmptyInterval) {
  const Vector<float, 2> single{1, 0};
  EXPECT_TRUE(check_problem(InitialValueProblem{Decay<Fault::none>{}, 0.0, 2.0, single}).ok());
  const Vector<double, 2> y0{1, 0};
  EXPECT_TRUE(check_problem(InitialValueProblem{Decay<Fault::none>{}, 2.0, -2.0, y0}).ok());
  EXPECT_TRUE(check_problem(InitialValueProblem{Decay<Fault::none>{}, 2.0, 2.0, y0}).ok());
  const auto far = check_problem(InitialValueProblem{Decay<Fault::none>{}, 0.0, 1e9, Vector<double, 2>{0, 0}});
  EXPECT_TRUE(far.ok()) << far;
}

TEST(CheckProblem, SeesAStartThatIsNotFinite) {
  expect_one(report<Fault::nan_at_start>(), "component 1 of f(0, y0) is", "check the initial value");
}

TEST(CheckProblem, SeesAnInfiniteSlope) { expect_one(report<Fault::infinite_slope>(), "df_1/dy_1", "begin a little beside it"); }

TEST(CheckProblem, SeesHiddenState) { expect_one(report<Fault::counter>(), "at another", "remove counters"); }

TEST(CheckProblem, SeesABranchForAllLanes) {
  if constexpr (lane_count<Lanes<double>> == 1) GTEST_SKIP() << "no lanes";
  expect_one(report<Fault::branch_on_lanes>(), "in a SIMD lane", "select(condition, a, b)");
}

TEST(CheckProblem, SeesDerivativesThatAreLost) {
  expect_one(report<Fault::conversion_of_y>(), "df_1/dy_0", "without std::");
  expect_one(report<Fault::conversion_of_t>(), "df_1/dt", "Options::jump_times");
}

TEST(CheckProblem, NotesWhatIsUndefinedLater) {
  const ProblemReport later = report<Fault::nan_later>();
  EXPECT_TRUE(later.ok()) << later;
  ASSERT_EQ(later.notes.size(), 1u);
  EXPECT_NE(later.notes[0].find("component 1 of f(2, y0)"), std::string::npos) << later;
}

TEST(CheckProblem, HandsOnWhatTheRightHandSideThrows) { EXPECT_THROW((void)report<Fault::throws>(), std::domain_error); }

/// Robertson's equations with a hand-written Jacobian of which one entry is scaled: 1 is right.
struct HandWritten {
  int row = 0, column = 0;
  double factor = 1;
  template <class T>
  Vector<T, 3> operator()(const T& /*t*/, const Vector<T, 3>& y) const {
    const T a = 0.04 * y[0], b = 1e4 * y[1] * y[2], c = 3e7 * y[1] * y[1];
    return {b - a, a - b - c, c};
  }
  template <class T>
  Matrix<T, 3> jacobian(const T& /*t*/, const Vector<T, 3>& y) const {
    Matrix<T, 3> a{
        {{T(-0.04), 1e4 * y[2], 1e4 * y[1]}, {T(0.04), -1e4 * y[2] - 6e7 * y[1], -1e4 * y[1]}, {T(0.0), 6e7 * y[1], T(0.0)}}};
    a(row, column) = factor * a(row, column);
    return a;
  }
};

TEST(CheckProblem, SeesAWrongEntryOfAHandWrittenJacobian) {
  const Vector<double, 3> y0{1, 0, 0};
  EXPECT_TRUE(check_problem(InitialValueProblem{HandWritten{}, 0.0, 1.0, y0}).ok());
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 3; ++column) {
      if (row == 2 && column != 1) continue;  // zeros
      for (const double factor : {-1.0, 0.0, 1.01}) {
        const auto report = check_problem(InitialValueProblem{HandWritten{row, column, factor}, 0.0, 1.0, y0});
        expect_one(report, "df_" + std::to_string(row) + "/dy_" + std::to_string(column), "correct that entry of jacobian");
      }
    }
}

TEST(CheckProblem, PrintsALinePerFinding) {
  std::ostringstream out;
  out << report<Fault::counter>() << report<Fault::nan_later>();
  EXPECT_EQ(out.str().find("wrong: "), 0u);
  EXPECT_NE(out.str().find("note:  "), std::string::npos);
}

TEST(CheckProblem, RejectsMembersThatAreNotFinite) {
  InitialValueProblem problem{Decay<Fault::none>{}, 0.0, 2.0, Vector<double, 2>{1, 0}};
  problem.t1 = std::numeric_limits<double>::infinity();
  EXPECT_THROW((void)check_problem(problem), InvalidArgument);
}

}  // namespace
