// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/step_factors.hpp"

#include <algorithm>

#include "antler/discretization/tableau.hpp"

namespace antler::dynamic {

namespace {

using Method = RadauIIA<3>;

/// real <- gamma / h - real on the diagonal, the pair likewise; what comes in is -J and 0.
template <class Structure>
void add_eigenvalues(const Structure& structure, double h, double* real, double* re, double* im) {
  for (std::ptrdiff_t c = 0; c < structure.components(); ++c) {
    const auto k = structure.diagonal(c);
    real[k] += Method::gamma / h;
    re[k] += Method::alpha / h;
    im[k] += Method::beta / h;
  }
}

/// @param size  numbers of a matrix
template <class Structure>
bool factor_pair(const Structure& structure, double h, double* real, double* re, double* im, int* real_pivots, int* pair_pivots) {
  std::copy_n(real, structure.size(), re);
  std::fill_n(im, structure.size(), 0.0);
  add_eigenvalues(structure, h, real, re, im);
  return structure.factor(RealCells{real}, real_pivots) && structure.factor(ComplexCells{re, im}, pair_pivots);
}

}  // namespace

template <class Structure>
StepFactors<Structure>::StepFactors(const Structure& structure)
    : structure_(structure),
      n_(static_cast<std::size_t>(structure.components())),
      real_(std::make_unique_for_overwrite<double[]>(structure.size())),
      re_(std::make_unique_for_overwrite<double[]>(structure.size())),
      im_(std::make_unique_for_overwrite<double[]>(structure.size())),
      real_pivots_(n_),
      pair_pivots_(n_) {}

template <class Structure>
bool StepFactors<Structure>::factor(const double* jacobian, double h) {
  for (std::size_t k = 0; k < structure_.size(); ++k) real_[k] = -jacobian[k];
  return factor_pair(structure_, h, real_.get(), re_.get(), im_.get(), real_pivots_.data(), pair_pivots_.data());
}

template <class Structure>
void StepFactors<Structure>::solve_real(double* x) {
  structure_.solve(RealCells{real_.get()}, real_pivots_.data(), RealCells{x});
}

template <class Structure>
void StepFactors<Structure>::solve_stages(double* w) {
  structure_.solve_both(RealCells{real_.get()}, real_pivots_.data(), RealCells{w}, ComplexCells{re_.get(), im_.get()},
                        pair_pivots_.data(), ComplexCells{w + n_, w + 2 * n_});
}

StepFactors<Dense>::StepFactors(const Dense& structure)
    : structure_(structure),
      n_(static_cast<std::size_t>(structure.components())),
      real_(std::make_unique_for_overwrite<double[]>(structure.size())),
      re_(std::make_unique_for_overwrite<double[]>(structure.size())),
      im_(std::make_unique_for_overwrite<double[]>(structure.size())),
      real_pivots_(n_),
      pair_pivots_(n_),
      observed_(structure.components()),
      ordered_(3 * n_) {}

bool StepFactors<Dense>::factor(const double* jacobian, double h) {
  if (observed_.is_band()) {
    observed_.store_negative(jacobian, real_.get());
    return factor_pair(observed_.band(), h, real_.get(), re_.get(), im_.get(), real_pivots_.data(), pair_pivots_.data());
  }
  for (std::size_t k = 0; k < structure_.size(); ++k) real_[k] = -jacobian[k];
  return factor_pair(structure_, h, real_.get(), re_.get(), im_.get(), real_pivots_.data(), pair_pivots_.data());
}

void StepFactors<Dense>::solve_real(double* x) {
  if (!observed_.is_band()) return structure_.solve(RealCells{real_.get()}, real_pivots_.data(), RealCells{x});
  observed_.to_order(x, ordered_.data());
  observed_.band().solve(RealCells{real_.get()}, real_pivots_.data(), RealCells{ordered_.data()});
  observed_.from_order(ordered_.data(), x);
}

void StepFactors<Dense>::solve_stages(double* w) {
  const auto solve = [&](const auto& structure, double* x) {
    structure.solve_both(RealCells{real_.get()}, real_pivots_.data(), RealCells{x}, ComplexCells{re_.get(), im_.get()},
                         pair_pivots_.data(), ComplexCells{x + n_, x + 2 * n_});
  };
  if (!observed_.is_band()) return solve(structure_, w);
  for (std::size_t k = 0; k < 3; ++k) observed_.to_order(w + k * n_, ordered_.data() + k * n_);
  solve(observed_.band(), ordered_.data());
  for (std::size_t k = 0; k < 3; ++k) observed_.from_order(ordered_.data() + k * n_, w + k * n_);
}

template class StepFactors<Banded>;

}  // namespace antler::dynamic
