// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The linear part of a parabolic equation on a grid: which numbers are unknown and in which order, what the sides make of the
/// others, and the stencils of (kappa u_x)_x and u_x.

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "antler/core/require.hpp"

namespace antler {

/// Equally spaced points, the ends a and b among them; on a periodic interval a alone.
struct UniformGrid {
  int points;
  int order = 2;  ///< in space, 2 or 4; two points more per row of the Jacobian for 4
};

/// What a method of lines has to know of a problem, without its types.
struct LinesDescription {
  /// Coefficients and value of robin u + slope du/dn = value(t), per component.
  struct Side {
    std::vector<double> robin, slope;
    std::function<void(double t, double* values)> value;
  };
  int components = 1;
  double a = 0, b = 1;
  bool periodic = false;
  bool slope_couples = false;  ///< f of a component depends on u_x of others
  Side left, right;
  std::function<void(double x, double*values)> kappa, initial;
};

/// Space in finite differences, second order on any grid, fourth order on a uniform one.
///
/// Order 2: the flux form on three points, halves of it on sides that are not Dirichlet's. Order 4: kappa u_xx + kappa_x u_x on
/// five points. A side gives the values on the points outside (ghosts) as combinations of those inside, so that all rows are alike:
/// with an error of h^3 (h^5 for order 4), which costs the rows there one order and the solution none [Gustafsson1975].
///
/// States are padded: component c of points -2 .. N + 1 in a row of stride() numbers, so that loops over points run in lanes.
class MethodOfLines {
 public:
  static constexpr int widest = 2;                  ///< radius of a stencil at most
  static constexpr std::ptrdiff_t ahead = 8;        ///< numbers in front of point 0
  static constexpr std::ptrdiff_t most_lanes = 16;  ///< by which loops may run over the end

  /// @throws InvalidArgument  too few points, an order other than 2 or 4, kappa not positive or u(x, t0) not finite at some x
  MethodOfLines(LinesDescription description, const UniformGrid& grid, const SourceLocation& where);
  /// @param x  points from a to b; on a periodic interval from a on, without b
  /// @throws InvalidArgument  also points that do not grow, or do not begin and end where the interval does
  MethodOfLines(LinesDescription description, std::vector<double> x, const SourceLocation& where);

  [[nodiscard]] const std::vector<double>& x() const { return x_; }
  [[nodiscard]] int points() const { return static_cast<int>(x_.size()); }
  [[nodiscard]] int components() const { return m_; }
  [[nodiscard]] int radius() const { return radius_; }
  [[nodiscard]] int unknowns() const { return unknowns_; }
  /// Subdiagonals and superdiagonals of the Jacobian.
  [[nodiscard]] int bandwidth() const { return bandwidth_; }
  /// Where component c at point i stands in the state of the system; -1 for the value of a Dirichlet side.
  [[nodiscard]] int unknown(int i, int c) const { return unknown_[index(i, c)]; }
  /// Whether the unknowns of neighbouring points are m places apart, but for the ends.
  [[nodiscard]] bool is_evenly_numbered() const { return numbering_ == Numbering::consecutive; }
  [[nodiscard]] std::vector<double> initial_state() const { return initial_; }

  // What the rates are made of.

  /// Numbers of a padded state.
  [[nodiscard]] std::size_t padded_size() const { return static_cast<std::size_t>(m_) * (stride_ + 1); }

  /// Length of the row of a component.
  [[nodiscard]] std::size_t stride() const { return stride_; }
  /// Factors of u_{i + k} in (kappa u_x)_x of component c, and in u_x: those of point i at [i].
  [[nodiscard]] const double* diffusion(int c, int k) const {
    return row(diffusion_, diffusion_row_[static_cast<std::size_t>(c)], k);
  }
  [[nodiscard]] const double* slope(int k) const { return row(slope_, 0, k); }
  [[nodiscard]] const double* padded_x() const { return padded_x_.data(); }

  /// The values of all points at time t, ghosts included: m rows, point 0 at [ahead].
  void unpack(double t, const double* state, double* padded) const;
  /// From rows that begin at point 0 to the state's order.
  void pack(const double* rows, double* state) const;
  /// Calls add(column, weight) for the unknowns that make up u_{i} of component c, where i may be a ghost's.
  template <class Add>
  void for_each_unknown_of(int i, int c, const Add& add) const;
  /// The values at time t as a user sees them: component c of point i at m i + c.
  void profile(double t, std::span<const double> state, std::span<double> values) const;

 private:
  /// u_{-j} = sum_k inside[k] u_k + side value(t): j = 1, 2; the right end is the mirror image.
  struct Ghost {
    static constexpr int reach = 5;
    double inside[reach] = {};
    double side = 0;
  };
  enum class Numbering { consecutive, folded };

  [[nodiscard]] std::size_t index(int i, int c) const {
    return static_cast<std::size_t>(i) * static_cast<std::size_t>(m_) + static_cast<std::size_t>(c);
  }
  [[nodiscard]] const double* row(const std::vector<double>& rows, std::size_t set, int k) const {
    return rows.data() + (set * static_cast<std::size_t>(2 * radius_ + 1) + static_cast<std::size_t>(radius_ + k)) * stride_;
  }
  [[nodiscard]] double* row(std::vector<double>& rows, std::size_t set, int k) {
    return rows.data() + (set * static_cast<std::size_t>(2 * radius_ + 1) + static_cast<std::size_t>(radius_ + k)) * stride_;
  }
  [[nodiscard]] bool is_dirichlet(const LinesDescription::Side& side, int c) const {
    return !description_.periodic && side.slope[static_cast<std::size_t>(c)] == 0;
  }
  [[nodiscard]] int wrapped(int i) const { return (i + points()) % points(); }
  /// x_{i+1} - x_i, continued by periods or by reflection.
  [[nodiscard]] double gap(int i) const;

  void build(int order, const SourceLocation& where);
  void number_unknowns();
  void lay_stencils(int order, const SourceLocation& where);
  void second_order(int c, const std::vector<double>& kappa, const std::vector<double>& middle);
  void fourth_order(int c, const std::vector<double>& kappa);
  void lay_slopes(int order);
  [[nodiscard]] std::vector<Ghost> ghosts_of(const LinesDescription::Side& side, int order, double h, double next) const;
  void measure_band();
  void close(const LinesDescription::Side& side, const std::vector<Ghost>& ghosts, int end, int inwards, double t,
             double* padded) const;

  LinesDescription description_;
  std::vector<double> x_;
  int m_, radius_ = 1, unknowns_ = 0, bandwidth_ = 0;
  Numbering numbering_ = Numbering::consecutive;
  std::size_t stride_ = 0;
  std::vector<int> unknown_;
  std::vector<double> initial_, diffusion_, slope_, padded_x_;
  std::vector<std::size_t> diffusion_row_;         // components with the same kappa share their stencils
  std::vector<Ghost> left_ghosts_, right_ghosts_;  // of component c: j = 1, 2
};

template <class Add>
void MethodOfLines::for_each_unknown_of(int i, int c, const Add& add) const {
  const int n = points();
  if (description_.periodic) return add(unknown(wrapped(i), c), 1.0);
  if (i >= 0 && i < n) {
    if (unknown(i, c) >= 0) add(unknown(i, c), 1.0);
    return;
  }
  const bool left = i < 0;
  const auto j = static_cast<std::size_t>(left ? -i : i - n + 1);
  const Ghost& ghost = (left ? left_ghosts_ : right_ghosts_)[2 * static_cast<std::size_t>(c) + j - 1];
  for (int k = 0; k < Ghost::reach; ++k) {
    const int column = ghost.inside[k] != 0 ? unknown(left ? k : n - 1 - k, c) : -1;
    if (column >= 0) add(column, ghost.inside[k]);
  }
}

}  // namespace antler
