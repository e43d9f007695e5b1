// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <random>
#include <vector>

#include "antler/inverse/scan.hpp"

/// @file
/// Sequences of affine maps for the tests of the inverse operators, and what they act on.

namespace antler::tests {

using Space = Kokkos::DefaultExecutionSpace;

template <class T, int n>
struct RandomMaps {
  AffineMaps<T, n, Space> maps;
  Vector<T, n> initial;
};

template <class T, int n>
AffineMaps<T, n, Space> allocate_maps(Index length) {
  return {allocate<Matrices<T, n, Space>>("A", length), allocate<Trajectory<T, n, Space>>("b", length)};
}

/// Maps that do not commute: dense, of norm about `norm` each, with b of order one. Any two of them differ, so that a lost, doubled
/// or exchanged map shows.
template <class T, int n>
RandomMaps<T, n> random_maps(Index length, double norm = 0.9, unsigned seed = 1) {
  RandomMaps<T, n> random{allocate_maps<T, n>(length), {}};
  const auto A = Kokkos::create_mirror_view(random.maps.A);
  const auto b = Kokkos::create_mirror_view(random.maps.b);
  std::minstd_rand generator(seed + static_cast<unsigned>(length));
  std::uniform_real_distribution<double> entry(-1, 1);
  const double scale = norm * std::sqrt(3.0 / n);  // entries of variance 1/3 have the spectral radius sqrt(n / 3)
  for (Index i = 0; i < length; ++i)
    for (int r = 0; r < n; ++r) {
      b(i, r) = static_cast<T>(entry(generator));
      for (int c = 0; c < n; ++c) A(i, r, c) = static_cast<T>(scale * entry(generator));
    }
  for (T& x : random.initial) x = static_cast<T>(entry(generator));
  Kokkos::deep_copy(random.maps.A, A);
  Kokkos::deep_copy(random.maps.b, b);
  return random;
}

template <class T, int n, class Solver>
std::vector<T> solved(const Solver& solver, const RandomMaps<T, n>& random) {
  const auto y = allocate<Trajectory<T, n, Space>>("y", random.maps.length());
  Kokkos::deep_copy(y, T(-777));
  const Space space;
  if (solver.apply(space, random.maps, random.initial, y) != Status::converged) return {};
  const auto mirror = Kokkos::create_mirror_view(y);
  Kokkos::deep_copy(mirror, y);
  std::vector<T> values;
  values.reserve(static_cast<std::size_t>(random.maps.length() * n));
  for (Index i = 0; i < random.maps.length(); ++i)
    for (int c = 0; c < n; ++c) values.push_back(mirror(i, c));
  return values;
}

/// max |a - b|, infinite where one is not a number or the lengths differ.
template <class T>
double distance(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return HUGE_VAL;
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    if (!(difference <= largest)) largest = std::isnan(difference) ? HUGE_VAL : difference;
  }
  return largest;
}

}  // namespace antler::tests
