// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

#include "antler/core/kokkos.hpp"

namespace antler {

/// Lays new steps over old ones, window by window, so that every new step is expected to have an error of `target` times the limit:
/// with errors e_i of order p in the length, old step i becomes (e_i / (target limit))^(1/p) steps, its share
/// [AscherMattheijRussell1995, sec. 9.2]. Shares of neighbours are taken together by a bound on how fast the density may fall.
///
/// redistributed() (mesh/mesh.hpp) is the like for a mesh of the whole interval. Allocates in its constructor only.
class Redistribution {
 public:
  struct Limits {
    Index most;        ///< new steps, before their number is rounded up
    Index multiple;    ///< of which their number is one: full SIMD lanes
    double direction;  ///< +1 forwards, -1 backwards in time
    double longest;    ///< no new step is longer; may be infinite
    double target;     ///< part of the limit: room for the estimate to be wrong
    int order = 4;     ///< of the errors in the length of a step
  };

  /// By which the length of steps may grow from an old step to the next.
  static constexpr double neighbour_ratio = 8;

  explicit Redistribution(const Limits& limits);

  /// The square of the error, 1 being the limit, that asks for so many steps in the place of one.
  [[nodiscard]] double squared_error_of(double shares) const;

  /// How many steps these errors ask for, the bounds on neighbours left aside.
  [[nodiscard]] double expected_steps(std::span<const double> squared_errors, double limit) const;

  /// @param old             points of the old steps, one more than steps
  /// @param squared_errors  of the old steps; one that is not finite asks for the shortest steps
  /// @param limit           the error that a step must not exceed
  /// @param mesh            out: points of as many new steps as may be, from old[0] on; all the way to the end when they suffice
  /// @param piece_of        out: for every new step the old one that holds its middle
  /// @return                false when a step would not be representable
  bool lay(std::span<const double> old, std::span<const double> squared_errors, double limit, std::vector<double>& mesh,
           std::vector<int>& piece_of);

 private:
  void count_shares(std::span<const double> old, std::span<const double> squared_errors, double limit);

  Limits limits_;
  std::vector<double> shares_;  // new steps before old step i
};

}  // namespace antler
