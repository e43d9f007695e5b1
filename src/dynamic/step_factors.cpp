// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/step_factors.hpp"

#include "antler/discretization/tableau.hpp"

namespace antler::dynamic {

using Method = RadauIIA<3>;

template <class Structure>
PivotedFactors<Structure>::PivotedFactors(const Structure& structure)
    : structure_(structure),
      n_(static_cast<std::size_t>(structure.components())),
      real_(std::make_unique_for_overwrite<double[]>(structure.size())),
      re_(std::make_unique_for_overwrite<double[]>(structure.size())),
      im_(std::make_unique_for_overwrite<double[]>(structure.size())),
      real_pivots_(n_),
      pair_pivots_(n_) {}

template <class Structure>
bool PivotedFactors<Structure>::factor(const double* jacobian, double h) {
  for (std::size_t k = 0; k < structure_.size(); ++k) {
    re_[k] = real_[k] = -jacobian[k];
    im_[k] = 0;
  }
  for (std::ptrdiff_t c = 0; c < structure_.components(); ++c) {
    const auto k = static_cast<std::size_t>(structure_.diagonal(c));
    real_[k] += Method::gamma / h;
    re_[k] += Method::alpha() / h;
    im_[k] += Method::beta() / h;
  }
  return structure_.factor(RealCells{real_.get()}, real_pivots_.data()) &&
         structure_.factor(ComplexCells{re_.get(), im_.get()}, pair_pivots_.data());
}

template <class Structure>
void PivotedFactors<Structure>::solve_real(double* x) {
  structure_.solve(RealCells{real_.get()}, real_pivots_.data(), RealCells{x});
}

template <class Structure>
void PivotedFactors<Structure>::solve_stages(double* w) {
  structure_.solve_both(RealCells{real_.get()}, real_pivots_.data(), RealCells{w}, ComplexCells{re_.get(), im_.get()},
                        pair_pivots_.data(), ComplexCells{w + n_, w + 2 * n_});
}

StepFactors<Banded>::StepFactors(const Banded& structure) : structure_(structure), pivoted_(structure) {
  const JacobianEntries::Layout layout = structure.layout();
  if (PartitionedBand::serves(layout.n, layout.lower, layout.upper)) lanes_.emplace(layout.n, layout.lower, layout.upper);
}

void StepFactors<Banded>::observe(const double* jacobian) {
  if (lanes_) lanes_->load(structure_, jacobian);
}

bool StepFactors<Banded>::factor(const double* jacobian, double h) {
  in_lanes_ = lanes_ && lanes_->factor(h);
  return in_lanes_ || pivoted_.factor(jacobian, h);
}

void StepFactors<Banded>::solve_real(double* x) { in_lanes_ ? lanes_->solve_real(x) : pivoted_.solve_real(x); }

void StepFactors<Banded>::solve_stages(double* w) { in_lanes_ ? lanes_->solve_stages(w) : pivoted_.solve_stages(w); }

StepFactors<Dense>::StepFactors(const Dense& structure)
    : n_(static_cast<std::size_t>(structure.components())), pivoted_(structure), observed_(structure.components()) {}

void StepFactors<Dense>::observe(const double* jacobian) {
  if (observed_.observe(jacobian) == ObservedBand::Order::changed) {
    band_.reset();
    if (observed_.is_band()) {
      band_.emplace(observed_.band());
      banded_.resize(observed_.band().size());
      ordered_.resize(3 * n_);
    }
  }
  if (!band_) return;
  observed_.store(jacobian, banded_.data());
  band_->observe(banded_.data());
}

bool StepFactors<Dense>::factor(const double* jacobian, double h) {
  return band_ ? band_->factor(banded_.data(), h) : pivoted_.factor(jacobian, h);
}

void StepFactors<Dense>::solve_real(double* x) {
  if (!band_) return pivoted_.solve_real(x);
  observed_.to_order(x, ordered_.data());
  band_->solve_real(ordered_.data());
  observed_.from_order(ordered_.data(), x);
}

void StepFactors<Dense>::solve_stages(double* w) {
  if (!band_) return pivoted_.solve_stages(w);
  for (std::size_t k = 0; k < 3; ++k) observed_.to_order(w + k * n_, ordered_.data() + k * n_);
  band_->solve_stages(ordered_.data());
  for (std::size_t k = 0; k < 3; ++k) observed_.from_order(ordered_.data() + k * n_, w + k * n_);
}

template class PivotedFactors<Dense>;
template class PivotedFactors<Banded>;

}  // namespace antler::dynamic
