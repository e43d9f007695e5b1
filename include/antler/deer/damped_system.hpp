// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/deer/affine_maps.hpp"
#include "antler/deer/levenberg_marquardt.hpp"

namespace antler::inline ANTLER_LANES {

/// A NewtonSystem whose linear systems have its residual on their right-hand side, as a DampedNewtonSystem: adds the damping of its
/// inverse operator and what the control of lambda asks for. Allocates in its constructor only.
///
/// @tparam System   a NewtonSystem whose arrays stay where they are within a window; rewind() forgets what it learnt from the
/// iterate
///                  that is taken back
/// @tparam Inverse  its inverse operator: damp(Penalty), penalty(), right_hand_side(), linear_residual(), as DampedInverse
template <class T, int n, class System, class Inverse, class ExecutionSpace>
class DampedSystem {
 public:
  using States = Trajectory<T, n, ExecutionSpace>;

  /// Bytes that the constructor allocates for `points` points.
  static std::size_t required_bytes(Index points) { return static_cast<std::size_t>(points) * n * sizeof(T); }

  /// @param points   most points of a trajectory
  /// @param options  atol: components are weighed as their absolute tolerances are, all alike where there is one for all. The sizes
  ///                 of an iterate would tell less: a guess need not look like the solution
  DampedSystem(const ExecutionSpace& space, System& system, Inverse& inverse, Index points, const Options& options)
      : space_(space), system_(system), inverse_(inverse), all_marked_(allocate<States>("antler::damped::marked", points)) {
    double smallest = options.atol[0];
    for (int c = 1; c < n; ++c) smallest = std::min(smallest, options.atol[c]);
    for (int c = 0; c < n; ++c) weights_[c] = static_cast<T>(smallest / options.atol[c]);
  }

  /// Begins a window, after the system did: y is the trajectory that it iterates on.
  void begin(const States& y) {
    y_ = y;
    marked_ = leading_rows(all_marked_, static_cast<Index>(y.extent(0)));
    measured_ = false;
  }

  double linearize(Statistics& statistics) { return system_.linearize(statistics); }
  Status solve(Statistics& statistics) {
    const Status status = system_.solve(statistics);
    if (!measured_) measure();
    return status;
  }
  double update_norm() const { return system_.update_norm(); }
  void advance() { system_.advance(); }
  void keep() { system_.keep(); }
  void restore() { system_.restore(); }

  void damp(double lambda) { inverse_.damp({static_cast<T>(lambda), weights_}); }
  void mark() { copy_rows<T, n>(space_, y_, marked_); }
  void undo() {
    copy_rows<T, n>(space_, marked_, y_);
    system_.rewind();
  }

  double square() const { return sum_of_squares(inverse_.right_hand_side(), inverse_.right_hand_side(), T(0)); }
  double largest_square() const { return largest_square_; }
  double unforeseen() const {
    const T predicted = inverse_.penalty().lambda == 0 ? T(0) : T(1);  // an undamped step expects the residual to vanish
    return sum_of_squares(inverse_.right_hand_side(), inverse_.linear_residual(), predicted);
  }

  /// sum_i |W (a_i + factor b_i)|^2.
  double sum_of_squares(const States& a, const States& b, T factor) const {
    const Vector<T, n> weights = weights_;
    return parallel_sum(
        "antler::damped::square", space_, static_cast<Index>(a.extent(0)), 4.0 * n, KOKKOS_LAMBDA(const Index i) {
          double sum = 0;
          for (int c = 0; c < n; ++c) {
            const double term =
                static_cast<double>(weights[c]) * static_cast<double>(factor == T(0) ? a(i, c) : a(i, c) + factor * b(i, c));
            sum += term * term;
          }
          return sum;
        });
  }

  /// The square of a residual that is as large as the guess and f of it.
  void measure() {
    measured_ = true;
    const States y = y_, residual = inverse_.right_hand_side();
    const Vector<T, n> weights = weights_;
    const double largest = parallel_maximum(
        "antler::damped::largest", space_, static_cast<Index>(y.extent(0)), 4.0 * n, KOKKOS_LAMBDA(const Index i) {
          double largest_component = 0;
          for (int c = 0; c < n; ++c) {
            const double weight = static_cast<double>(weights[c]);
            const double before = weight * fabs(static_cast<double>(y(i, c))),
                         after = weight * fabs(static_cast<double>(y(i, c) + residual(i, c)));
            largest_component = largest_component > before ? largest_component : before;
            largest_component = largest_component > after ? largest_component : after;
          }
          return largest_component;
        });
    largest_square_ = largest * largest * static_cast<double>(y.extent(0)) * n;
  }

 private:
  ExecutionSpace space_;
  System& system_;
  Inverse& inverse_;
  States all_marked_, marked_, y_;
  Vector<T, n> weights_;
  double largest_square_ = 0;
  bool measured_ = false;
};

}  // namespace antler::inline ANTLER_LANES
