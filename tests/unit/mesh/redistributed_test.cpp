// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>

#include "antler/mesh/mesh.hpp"

#include "antler/core/require.hpp"

using namespace antler;

namespace {

constexpr Index unlimited = 1'000'000;

void expect_monotone_from_end_to_end(const Mesh& mesh, const Mesh& original) {
  EXPECT_EQ(mesh.front(), original.front());
  EXPECT_EQ(mesh.back(), original.back());  // the constructor of Mesh has checked the order
}

/// Largest ratio of neighbouring steps, in either direction.
double largest_ratio(const Mesh& mesh) {
  double largest = 1;
  const auto t = mesh.points();
  for (std::size_t i = 2; i < t.size(); ++i) {
    const double ratio = (t[i] - t[i - 1]) / (t[i - 1] - t[i - 2]);
    largest = std::max({largest, ratio, 1 / ratio});
  }
  return largest;
}

TEST(Redistributed, KeepsAMeshWhoseErrorsAreOnTarget) {
  const Mesh mesh = Mesh::uniform(0, 1, 20), same = redistributed(mesh, std::vector<double>(20, 0.5), 0.5, 3, unlimited);
  ASSERT_EQ(same.steps(), 20);
  for (std::size_t i = 0; i < 21; ++i) EXPECT_NEAR(same.points()[i], mesh.points()[i], 1e-14);
}

TEST(Redistributed, CountsStepsByThePowerLaw) {
  const Mesh mesh = Mesh::uniform(0, 1, 20);
  EXPECT_NEAR(static_cast<double>(redistributed(mesh, std::vector<double>(20, 4.0), 0.5, 3, unlimited).steps()), 40,
              1);  // 8^(1/3) = 2
  EXPECT_NEAR(static_cast<double>(redistributed(mesh, std::vector<double>(20, 0.5 / 64), 0.5, 3, unlimited).steps()), 5, 1);
  EXPECT_NEAR(static_cast<double>(redistributed(mesh, std::vector<double>(20, 8.0), 0.5, 2, unlimited).steps()), 80, 1);
}

TEST(Redistributed, PutsStepsWhereTheErrorsAre) {
  const Mesh mesh = Mesh::uniform(0, 1, 10);
  std::vector<double> errors(10, 1e-6);
  errors[3] = 1e3;
  const Mesh graded = redistributed(mesh, errors, 0.5, 3, unlimited);
  expect_monotone_from_end_to_end(graded, mesh);
  const auto t = graded.points();
  double smallest = 1, at = 0;
  for (std::size_t i = 1; i < t.size(); ++i)
    if (t[i] - t[i - 1] < smallest) smallest = t[i] - t[i - 1], at = t[i];
  EXPECT_GT(at, 0.3);
  EXPECT_LE(at, 0.4 + 1e-12);
  EXPECT_NEAR(smallest, 0.1 / std::cbrt(2e3), 1e-3);
}

TEST(Redistributed, BoundsTheRatioOfNeighbours) {
  for (const double peak : {10.0, 1e4, 1e9}) {
    const Mesh mesh = Mesh::uniform(0, 1, 40);
    std::vector<double> errors(40, 1e-9);
    errors[20] = peak;
    EXPECT_LE(largest_ratio(redistributed(mesh, errors, 0.5, 3, unlimited)), 3.0)
        << peak;  // about two, and a share of a step by chance
  }
}

TEST(Redistributed, NeverChangesAStepMoreThanHundredfold) {
  const Mesh mesh = Mesh::uniform(0, 1, 4);
  EXPECT_LE(redistributed(mesh, std::vector<double>(4, 1e30), 0.5, 3, unlimited).steps(), 401);
  EXPECT_EQ(redistributed(mesh, std::vector<double>(4, HUGE_VAL), 0.5, 3, unlimited).steps(), 400);
  EXPECT_EQ(redistributed(mesh, std::vector<double>(4, std::nan("")), 0.5, 3, unlimited).steps(), 400);
  EXPECT_GE(redistributed(mesh, std::vector<double>(4, 0.0), 0.5, 3, unlimited).steps(), 1);
}

TEST(Redistributed, ServesDecreasingMeshes) {
  const Mesh mesh = Mesh::uniform(3, 1, 10), moved = redistributed(mesh, std::vector<double>(10, 4.0), 0.5, 3, unlimited);
  expect_monotone_from_end_to_end(moved, mesh);
  EXPECT_NEAR(static_cast<double>(moved.steps()), 20, 1);
  EXPECT_LT(moved.points()[1], 3);
}

TEST(Redistributed, TellsThatThereWouldBeTooManySteps) {
  const Mesh mesh = Mesh::uniform(0, 1, 100), many = redistributed(mesh, std::vector<double>(100, 1e6), 0.5, 3, 500);
  EXPECT_EQ(many.steps(), 501);
}

TEST(Redistributed, SpansManyScales) {
  const Mesh mesh = Mesh::geometric(0, 1e11, 1e-6, 100);
  std::vector<double> errors(100);
  for (std::size_t i = 0; i < 100; ++i) errors[i] = std::pow(10.0, static_cast<double>(i % 7) - 3);
  const Mesh moved = redistributed(mesh, errors, 0.5, 3, unlimited);
  expect_monotone_from_end_to_end(moved, mesh);
  EXPECT_GT(moved.steps(), 50);
}

TEST(Redistributed, RejectsErrorsThatDoNotFitTheMesh) {
  const antler::Mesh mesh{0.0, 1.0, 2.0};
  const std::vector<double> few{1.0}, negative{1.0, -1.0}, right{1.0, 1.0};
  EXPECT_THROW((void)antler::redistributed(mesh, few, 1, 3, 100), antler::InvalidArgument);
  EXPECT_THROW((void)antler::redistributed(mesh, negative, 1, 3, 100), antler::InvalidArgument);
  EXPECT_THROW((void)antler::redistributed(mesh, right, 0, 3, 100), antler::InvalidArgument);
}

}  // namespace
