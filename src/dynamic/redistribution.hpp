// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "antler/core/kokkos.hpp"
#include "dynamic/polynomials.hpp"

namespace antler::dynamic {

/// Lays new steps over old ones with density (error / target)^(1/4), the errors of neighbours taken together by limits on how fast
/// the density falls: station 3 of solve/radau.hpp. Allocates in its constructor only.
class Redistribution {
 public:
  /// Of the error limit: what steps are laid for.
  static constexpr double usual_share = 0.35;  // room for the estimate to be wrong by a step length ratio of 1.3

  /// @param capacity   most new steps
  /// @param direction  +1 forwards, -1 backwards in time
  /// @param longest    no new step is longer
  Redistribution(Index capacity, double direction, double longest);

  /// The square of the error that asks for so many steps in the place of one.
  [[nodiscard]] static double error_of_shares(double shares, double limit);

  /// @param squared_errors  of the pieces; one that is not finite asks for the shortest steps
  /// @param limit           the error that a step must not exceed
  /// @param t, end          where the first new step begins and the last old one ends
  /// @param mesh            out: as many points as fit the capacity, t the first
  /// @param piece_of        out: for every new step the piece that holds its middle
  /// @return                false when a step would not be representable
  bool lay(const Polynomials& pieces, const std::vector<double>& squared_errors, double limit, double t, double end,
           std::vector<double>& mesh, std::vector<int>& piece_of);

 private:
  void count_shares(const Polynomials& pieces, const std::vector<double>& squared_errors, double limit);

  double capacity_, direction_, longest_;
  std::vector<double> shares_;  // new steps before piece i
};

}  // namespace antler::dynamic
