// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Where the delayed states of a mesh come from. On step j from (t_j, y_j), at t_j + theta h_j, the solution is the collocation
/// polynomial with one degree more, so that its slope at the start is that of the end of the step before:
///
///     q(theta) = y_j + sum_k beta_k(theta) Z_{j,k} + M(theta) (h_j / h_{j-1} sum_k epsilon_k Z_{j-1,k} - sum_k beta'_k(0)
///     Z_{j,k}), M(theta) = integral from 0 to theta of prod_k (1 - x / c_k) dx.
///
/// M has slope one at the start, none at the stages. With Radau IIA the slope at the end of a step is f, and q is of order s + 2
/// where the polynomial is of order s + 1. Behind a breaking point it stays the polynomial.

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "antler/deer/delay_maps.hpp"
#include "antler/discretization/tableau.hpp"

namespace antler::inline ANTLER_LANES {

namespace detail {

/// Coefficient of theta^(m + 1) in M.
template <class Method>
constexpr double start_slope_monomial(int m) {
  double product[Method::stages + 1] = {1};
  for (int k = 0; k < Method::stages; ++k)
    for (int j = k + 1; j > 0; --j) product[j] -= product[j - 1] / Method::c(k);
  return product[m] / (m + 1);
}

/// The largest |M| on [0, 1].
template <class Method>
constexpr double largest_start_slope_weight() {
  double largest = 0;
  for (int i = 1; i <= 64; ++i) {
    double m = 0;
    for (int k = Method::stages; k >= 0; --k) m = (m + start_slope_monomial<Method>(k)) * (i / 64.0);
    if (m > largest) largest = m;
    if (-m > largest) largest = -m;
  }
  return largest;
}

/// Whether the collocation polynomial would take the order away.
template <class Method>
inline constexpr bool loses_order_between_nodes = Method::order > Method::stages + 1;

/// q at theta as weights of the stages of its step and of the one before, `ratio` = h_j / h_{j-1}; 0 behind a breaking point.
template <class Method>
void interpolation_weights(double theta, double ratio, double* own, double* before) {
  constexpr int s = Method::stages;
  double m = 0;
  if (loses_order_between_nodes<Method> && ratio > 0) {
    for (int k = s; k >= 0; --k) m = (m + start_slope_monomial<Method>(k)) * theta;
  }
  for (int k = 0; k < s; ++k) {
    double beta = 0, end_slope = 0;
    for (int l = s - 1; l >= 0; --l) {
      beta = (beta + Method::monomial(l, k)) * theta;
      end_slope += (l + 1) * Method::monomial(l, k);
    }
    own[k] = beta - m * Method::monomial(0, k);
    before[k] = m * ratio * end_slope;
  }
}

}  // namespace detail

/// The links of a mesh, on the host, and of each step the last one that it looks at. Times that are history have step -1.
template <class Method>
class DelayMeshLinks {
  static constexpr int s = Method::stages;

 public:
  /// @param points  of the mesh
  /// @param breaks  of every step: whether a low derivative of the solution may jump at its start
  DelayMeshLinks(std::span<const double> points, std::span<const double> delays, const std::vector<bool>& breaks)
      : points_(points), delays_(delays.begin(), delays.end()), breaks_(breaks) {
    latest_.reserve(points.size());
    for (std::size_t i = 0; i + 1 < points.size(); ++i) latest_.push_back(latest_of(i));
  }

  [[nodiscard]] int links_per_step() const { return s * static_cast<int>(delays_.size()); }
  [[nodiscard]] std::span<const Index> latest() const { return latest_; }

  struct Link {
    Index step;   // -1: history
    double time;  // of the delayed value
    double own[s], before[s];
  };

  /// What stage k of step i sees with delay p. A time within rounding of a node is the node, of the step that ends there, since
  /// only the last stage of a step can be there by design.
  [[nodiscard]] Link link(std::size_t i, int k, std::size_t p) const {
    const double h = points_[i + 1] - points_[i], t = Method::c(k) == 1 ? points_[i + 1] : points_[i] + Method::c(k) * h;
    Link link{-1, t - delays_[p], {}, {}};
    const double near = 64 * 2.3e-16 * std::max(std::abs(t), delays_[p]);
    const auto node = std::lower_bound(points_.begin(), points_.begin() + static_cast<std::ptrdiff_t>(i) + 2, link.time - near);
    const bool on_node = node != points_.end() && std::abs(*node - link.time) <= near;
    if (on_node) link.time = *node;
    const std::ptrdiff_t next = node - points_.begin();  // the first node that is not before it
    if (next == 0) return link;
    const auto j = static_cast<std::size_t>(std::min<std::ptrdiff_t>(next - 1, static_cast<std::ptrdiff_t>(i)));
    link.step = static_cast<Index>(j);
    const double length = points_[j + 1] - points_[j];
    const double theta = on_node ? 1.0 : (link.time - points_[j]) / length;
    const double ratio = j == 0 || breaks_[j] ? 0 : length / (points_[j] - points_[j - 1]);
    detail::interpolation_weights<Method>(theta, ratio, link.own, link.before);
    return link;
  }

 private:
  [[nodiscard]] Index latest_of(std::size_t i) const {
    Index latest = -1;
    for (int k = 0; k < s; ++k)
      for (std::size_t p = 0; p < delays_.size(); ++p) {
        const Link found = link(i, k, p);
        latest = std::max(latest, std::min(found.step, static_cast<Index>(i) - 1));
      }
    return latest;
  }

  std::span<const double> points_;
  std::vector<double> delays_;
  std::vector<bool> breaks_;
  std::vector<Index> latest_;
};

}  // namespace antler::inline ANTLER_LANES
