// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "antler/inverse/delay_inverse.hpp"

using namespace antler;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

/// Gaussian elimination with pivoting: a dense system of `size` equations, row by row.
std::vector<double> eliminated(std::vector<double> a, std::vector<double> b) {
  const std::size_t size = b.size();
  for (std::size_t k = 0; k < size; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < size; ++i)
      if (std::abs(a[i * size + k]) > std::abs(a[pivot * size + k])) pivot = i;
    for (std::size_t j = 0; j < size; ++j) std::swap(a[k * size + j], a[pivot * size + j]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < size; ++i) {
      const double factor = a[i * size + k] / a[k * size + k];
      if (factor == 0) continue;
      for (std::size_t j = k; j < size; ++j) a[i * size + j] -= factor * a[k * size + j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = size; k-- > 0;) {
    for (std::size_t j = k + 1; j < size; ++j) b[k] -= a[k * size + j] * b[j];
    b[k] /= a[k * size + k];
  }
  return b;
}

/// Random systems of `length` steps behind `known` others, which do not move: a step looks at one that is `lag` - 1 to `lag` + 1
/// before it, and at itself where that is not before.
template <class T, int n>
struct RandomDelays {
  static constexpr int s = 2, Q = 2, inner = s * n;
  using Maps = DelayMaps<T, n, s, Q, Space>;
  Maps maps;
  std::vector<Index> latest;

  RandomDelays(Index length, Index lag, Index known, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<T> number(-1, 1);
    maps = Maps::allocated("maps", length);
    maps.links = DelayLinks<T, s, Q, Space>::allocated("links", length + known);
    maps.first = known;
    maps.v = {T(0.5), T(1)};
    for (Index row = 0; row < length + known; ++row) {
      latest.push_back(-1);
      for (int q = 0; q < Q; ++q) {
        const Index j = std::max<Index>(-1, std::min(row, row - lag + static_cast<Index>(random() % 3) - 1));
        maps.links.step(row, q) = j;
        latest.back() = std::max(latest.back(), std::min(j, row - 1));
        for (int k = 0; k < s; ++k) {
          maps.links.own(row, q * s + k) = number(random);
          maps.links.before(row, q * s + k) = T(0.3) * number(random);
        }
      }
    }
    maps.latest = latest;
    for (Index i = 0; i < length; ++i) {
      for (int r = 0; r < inner; ++r) {
        maps.p(i, r) = number(random);
        for (int c = 0; c < n; ++c) maps.S(i, r, c) = T(0.4) * number(random);
        for (int q = 0; q < Q; ++q)
          for (int c = 0; c < n; ++c) maps.B(i, q * inner + r, c) = T(0.2) * number(random);
      }
      for (int c = 0; c < n; ++c) maps.g(i, c) = number(random);
    }
  }

  /// The system as it is written in delay_maps.hpp, row by row, as one dense matrix.
  [[nodiscard]] std::vector<double> dense_solution() const {
    constexpr int row = inner + n;
    const auto length = maps.length();
    const auto size = static_cast<std::size_t>(length * row);
    std::vector<double> matrix(size * size), right(size);
    const auto a = [&](Index r, Index c) -> double& {
      return matrix[static_cast<std::size_t>(r) * size + static_cast<std::size_t>(c)];
    };
    const auto b = [&](Index r) -> double& { return right[static_cast<std::size_t>(r)]; };
    for (Index r = 0; r < length * row; ++r) a(r, r) = 1;
    for (Index i = 0; i < length; ++i) {
      const auto x = [&](Index step, int k, int c) { return step * row + k * n + c; };
      const auto d = [&](Index step, int c) { return step * row + inner + c; };
      for (int r = 0; r < inner; ++r) {
        b(i * row + r) = maps.p(i, r);
        for (int c = 0; c < n; ++c) {
          if (i > 0) a(i * row + r, d(i - 1, c)) -= maps.S(i, r, c);
          for (int q = 0; q < Q; ++q) {
            const auto weight = static_cast<double>(maps.B(i, q * inner + r, c));
            const Index j = maps.links.step(i + maps.first, q) - maps.first;
            if (j < i && j > 0) a(i * row + r, d(j - 1, c)) -= weight;
            for (int k = 0; k < s; ++k) {
              if (j < i && j >= 0) a(i * row + r, x(j, k, c)) -= weight * maps.links.own(i + maps.first, q * s + k);
              if (j > 0) a(i * row + r, x(j - 1, k, c)) -= weight * maps.links.before(i + maps.first, q * s + k);
            }
          }
        }
      }
      for (int c = 0; c < n; ++c) {
        b(d(i, c)) = maps.g(i, c);
        if (i > 0) a(d(i, c), d(i - 1, c)) -= 1;
        for (int k = 0; k < s; ++k) a(d(i, c), x(i, k, c)) -= maps.v[static_cast<std::size_t>(k)];
      }
    }
    return eliminated(matrix, right);
  }
};

/// The largest deviation from the dense solution, of the largest number in it.
template <class T, int n, class Inverse>
double deviation(const RandomDelays<T, n>& delays, const std::vector<double>& known, const Inverse& inverse) {
  using Maps = typename RandomDelays<T, n>::Maps;
  const Space space;
  typename Maps::Solution solution("solution", static_cast<std::size_t>(delays.maps.length()));
  const auto plan = inverse.template plan_for<Maps>(space, delays.maps.length());
  EXPECT_EQ(plan.apply(space, delays.maps, solution), Status::converged);
  double largest = 0, size = 0;
  constexpr int row = RandomDelays<T, n>::inner + n;
  for (Index i = 0; i < delays.maps.length(); ++i)
    for (int r = 0; r < row; ++r) {
      const double right = known[static_cast<std::size_t>(i * row + r)];
      largest = std::max(largest, std::abs(static_cast<double>(solution(i, r)) - right));
      size = std::max(size, std::abs(right));
    }
  return largest / size;
}

template <class T, int n>
void compare_all() {
  const double rounding = 1e4 * static_cast<double>(std::numeric_limits<T>::epsilon());  // a hundred steps that may amplify
  unsigned seed = 1;
  for (const Index length : {1, 2, 3, 9, 33})
    for (const Index lag : {0, 1, 5, 200})
      for (const Index known : {0, 3}) {
        const RandomDelays<T, n> delays(length, lag, known, seed++);
        const std::vector<double> right = delays.dense_solution();
        EXPECT_LT(deviation(delays, right, DelaySweep{}), rounding) << length << ' ' << lag << ' ' << known;
        EXPECT_LT(deviation(delays, right, DelayScan<>{}), rounding) << length << ' ' << lag << ' ' << known;
        EXPECT_LT((deviation(delays, right, DelayScan<ScanInverse>{{.workers = 3}})), rounding)
            << length << ' ' << lag << ' ' << known;
      }
}

TEST(DelayInverse, MatchesADenseSolver) {
  compare_all<double, 1>();
  compare_all<double, 2>();
}

TEST(DelayInverse, MatchesADenseSolverInFloats) { compare_all<float, 2>(); }

}  // namespace
