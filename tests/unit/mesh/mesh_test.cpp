// SPDX-License-Identifier: BSD-3-Clause
#include "antler/mesh/mesh.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "antler/core/require.hpp"

using namespace antler;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

/// Calls `make`, which stands on the line after this function's call, and checks the complaint and its place.
template <class Make>
void expect_complaint(const Make& make, const std::string& text) {
  try {
    (void)make();
    FAIL() << "accepted, but should say: " << text;
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.where().file_name()).find("mesh_test.cpp"), std::string::npos) << error.where().file_name();
  }
}

TEST(Mesh, KeepsIncreasingAndDecreasingPoints) {
  const Mesh up{0, 1, 3}, down{3, 1, 0.5, -2};
  EXPECT_EQ(up.steps(), 2);
  EXPECT_EQ(up.front(), 0);
  EXPECT_EQ(up.back(), 3);
  EXPECT_EQ(down.steps(), 3);
  EXPECT_EQ(down.points()[2], 0.5);
}

TEST(Mesh, MayHaveOnePointAndNoSteps) {
  const Mesh mesh{5.0};
  EXPECT_EQ(mesh.steps(), 0);
  EXPECT_EQ(mesh.front(), mesh.back());
}

TEST(Mesh, AcceptsPointsWhoseDifferencesOverflowOrUnderflow) {
  EXPECT_EQ((Mesh{-1e308, 0, 1e308}).steps(), 2);
  EXPECT_EQ((Mesh{0, 1e-310, 2e-310}).steps(), 2);
  EXPECT_EQ((Mesh{2e-310, 1e-310, 0}).steps(), 2);
}

TEST(Mesh, RejectsNoPoints) {
  expect_complaint([] { return Mesh(std::vector<double>{}); }, "at least one point");
}

TEST(Mesh, RejectsUnsortedAndDuplicatePoints) {
  expect_complaint(
      [] {
        return Mesh{0, 2, 1, 3};
      },
      "points 1 and 2 of the mesh are equal or out of order: sort the points and remove duplicates");
  expect_complaint([] { return Mesh{0, 1, 1, 2}; }, "points 1 and 2");
  expect_complaint([] { return Mesh{3, 1, 2, 0}; }, "points 1 and 2");
  expect_complaint([] { return Mesh{0, 1, 0}; }, "sort the points");
  expect_complaint([] { return Mesh{1, 1}; }, "remove duplicates");
  expect_complaint([] { return Mesh{0, 1, 2, 2}; }, "points 2 and 3");
  expect_complaint([] { return Mesh{0, 0, 1, 2}; }, "points 0 and 1");
}

TEST(Mesh, RejectsPointsThatAreNotFinite) {
  for (const double bad : {nan, infinity, -infinity}) {
    expect_complaint([=] { return Mesh{bad, 1, 2}; }, "point 0 of the mesh is not finite");
    expect_complaint([=] { return Mesh{0, bad, 2}; }, "point 1 of the mesh is not finite");
    expect_complaint([=] { return Mesh{0, 1, bad}; }, "point 2 of the mesh is not finite");
    expect_complaint([=] { return Mesh{bad}; }, "point 0 of the mesh is not finite");
  }
}

TEST(Mesh, NamesTheCallersLine) {
  const auto here = antler::SourceLocation::current();
  try {
    const Mesh mesh{0, 0};
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_EQ(error.where().line(), here.line() + 2);
  }
}

TEST(UniformMesh, HasEqualStepsAndExactEnds) {
  for (const Index steps : {1, 2, 3, 10, 1000}) {
    const Mesh mesh = Mesh::uniform(0.1, 0.7, steps);
    ASSERT_EQ(mesh.steps(), steps);
    EXPECT_EQ(mesh.front(), 0.1);
    EXPECT_EQ(mesh.back(), 0.7);
    for (std::size_t i = 1; i < mesh.points().size(); ++i)
      EXPECT_NEAR(mesh.points()[i] - mesh.points()[i - 1], 0.6 / static_cast<double>(steps), 1e-15);
  }
  EXPECT_LT(Mesh::uniform(1, 0, 4).points()[1], 1) << "backwards";
  EXPECT_EQ(Mesh::uniform(2, 2, 5).steps(), 0);
}

TEST(UniformMesh, RejectsImpossibleCounts) {
  expect_complaint([] { return Mesh::uniform(0, 1, 0); }, "at least one step");
  expect_complaint([] { return Mesh::uniform(0, 1, -1); }, "must not be negative");
  expect_complaint([] { return Mesh::uniform(0, nan, 3); }, "not finite");
}

TEST(GeometricMesh, GrowsByTheSameFactorFromTheFirstStep) {
  for (const double direction : {1.0, -1.0})
    for (const double first : {1e-12, 1e-3, 0.09}) {
      const Mesh mesh = Mesh::geometric(0, direction, first, 10);
      const auto t = mesh.points();
      ASSERT_EQ(mesh.steps(), 10);
      EXPECT_EQ(mesh.back(), direction);
      EXPECT_NEAR(std::abs(t[1] - t[0]), first, 1e-9 * first);
      const double factor = (t[2] - t[1]) / (t[1] - t[0]);
      EXPECT_GE(factor, 1);
      for (std::size_t i = 2; i < t.size(); ++i) EXPECT_NEAR((t[i] - t[i - 1]) / (t[i - 1] - t[i - 2]), factor, 1e-6 * factor);
    }
}

TEST(GeometricMesh, IsUniformForTheLongestFirstStep) {
  const Mesh mesh = Mesh::geometric(0, 1, 0.1, 10);
  for (std::size_t i = 1; i < 11; ++i) EXPECT_NEAR(mesh.points()[i], 0.1 * static_cast<double>(i), 1e-6);
}

TEST(GeometricMesh, RejectsImpossibleFirstSteps) {
  for (const double first : {0.0, -1.0, 0.2, nan, infinity})
    expect_complaint([=] { return Mesh::geometric(0, 1, first, 10); }, "must be positive and at most |t1 - t0| / steps");
  expect_complaint([] { return Mesh::geometric(0, 1, 0.1, 0); }, "at least one step");
}

TEST(RefinedMesh, KeepsItsPointsAndCutsEveryStep) {
  const Mesh mesh{0, 1, 3}, fine = mesh.refined(4);
  ASSERT_EQ(fine.steps(), 8);
  EXPECT_EQ(fine.points()[4], 1);
  EXPECT_EQ(fine.points()[8], 3);
  EXPECT_NEAR(fine.points()[5], 1.5, 1e-15);
  EXPECT_EQ(mesh.refined(1).steps(), 2);
  EXPECT_EQ(Mesh{7.0}.refined(3).steps(), 0);
  expect_complaint([&] { return mesh.refined(0); }, "at least one part");
}

}  // namespace
