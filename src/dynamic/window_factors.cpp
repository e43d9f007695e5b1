// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/window_factors.hpp"

#include <algorithm>

#include "antler/discretization/tableau.hpp"

namespace antler::dynamic {

using Method = RadauIIA<3>;

template <class Structure>
PivotedWindow<Structure>::PivotedWindow(const Structure& structure, Index capacity)
    : structure_(structure),
      n_(static_cast<std::size_t>(structure.components())),
      h_(index(capacity)),
      usable_(index(capacity)),
      matrices_(std::make_unique_for_overwrite<double[]>(index(capacity) * 3 * structure.size())),
      pivots_(index(capacity) * 2 * n_) {}

template <class Structure>
void PivotedWindow<Structure>::store(Index i, const double* jacobian, double h) {
  usable_[index(i)] = jacobian != nullptr;
  h_[index(i)] = h;
  if (jacobian)
    std::copy_n(jacobian, structure_.size(), matrix(i, 0));
  else
    std::fill_n(matrix(i, 0), structure_.size(), 0.0);
}

template <class Structure>
bool PivotedWindow<Structure>::factor_alone(Index i) {
  double *real = matrix(i, 0), *re = matrix(i, 1), *im = matrix(i, 2);
  const double h = h_[index(i)];
  for (std::size_t k = 0; k < structure_.size(); ++k) {
    re[k] = real[k] = -real[k];
    im[k] = 0;
  }
  for (std::size_t c = 0; c < n_; ++c) {
    const auto k = structure_.diagonal(static_cast<std::ptrdiff_t>(c));
    real[k] += Method::gamma / h;
    re[k] += Method::alpha() / h;
    im[k] += Method::beta() / h;
  }
  return structure_.factor(RealCells{real}, pivots(i, 0)) && structure_.factor(ComplexCells{re, im}, pivots(i, 1));
}

template <class Structure>
void PivotedWindow<Structure>::factor(Index first, Index count) {
  for (Index i = first; i < first + count; ++i) usable_[index(i)] = usable(i) && factor_alone(i);
}

template <class Structure>
void PivotedWindow<Structure>::solve_real(Index first, Index count, double* const* x) {
  for (Index j = 0; j < count; ++j)
    if (usable(first + j)) structure_.solve(RealCells{matrix(first + j, 0)}, pivots(first + j, 0), RealCells{x[j]});
}

template <class Structure>
void PivotedWindow<Structure>::solve_stages(Index first, Index count, double* const* w) {
  for (Index j = 0; j < count; ++j)
    if (usable(first + j)) solve_stages_of(first + j, w[j]);
}

template <class Structure>
void PivotedWindow<Structure>::solve_stages_of(Index i, double* w) {
  structure_.solve_both(RealCells{matrix(i, 0)}, pivots(i, 0), RealCells{w}, ComplexCells{matrix(i, 1), matrix(i, 2)}, pivots(i, 1),
                        ComplexCells{w + n_, w + 2 * n_});
}

template class PivotedWindow<Dense>;
template class PivotedWindow<Banded>;

WindowFactors<Banded>::WindowFactors(const Banded& structure, Index capacity)
    : PivotedWindow<Banded>(structure, capacity), way_(way(structure)) {
  if (way_ == Way::chunks) {
    chunks_.resize(index(capacity));
    in_chunks_.resize(index(capacity));
  } else if (way_ == Way::lanes) {
    for (Index first = 0; first < capacity; first += LaneBands::lanes) lanes_.push_back(std::make_unique<LaneBands>(structure));
  }
}

/// Measured [docs/performance.md]: eight steps at once as long as their factors stay well within a second-level cache, and bands
/// that are narrow, since rows of wider ones fill vectors by themselves; long ones in chunks, whose solutions are shorter chains.
auto WindowFactors<Banded>::way(const Banded& structure) -> Way {
  constexpr double cache_bytes = 4e5;
  const JacobianEntries::Layout layout = structure.layout();
  const double bytes = sizeof(double) * static_cast<double>(LaneBands::numbers(layout.n, structure.size()));
  if (bytes <= cache_bytes && std::max(layout.lower, layout.upper) <= PartitionedBand::widest) return Way::lanes;
  return PartitionedBand::serves(layout.n, layout.lower, layout.upper) ? Way::chunks : Way::one_by_one;
}

std::size_t WindowFactors<Banded>::numbers_per_step(int n, std::size_t matrix_size) {
  const auto components = static_cast<std::size_t>(n);
  const std::size_t pivoted = PivotedWindow<Banded>::numbers_per_step(n, matrix_size);
  if (matrix_size >= components * components) return pivoted;  // dense
  const std::size_t lanes = LaneBands::numbers(n, matrix_size) / LaneBands::lanes;
  return pivoted + std::max(PartitionedBand::most_numbers(n), lanes);
}

void WindowFactors<Banded>::factor(Index first, Index count) {
  if (way_ == Way::lanes) return factor_in_lanes(first, count);
  if (way_ == Way::one_by_one) return PivotedWindow<Banded>::factor(first, count);
  const JacobianEntries::Layout layout = structure_.layout();
  for (Index i = first; i < first + count; ++i) {
    if (!usable(i)) continue;
    auto& band = chunks_[index(i)];
    if (!band) band = std::make_unique<PartitionedBand>(layout.n, layout.lower, layout.upper);
    band->load(structure_, matrix(i, 0));
    in_chunks_[index(i)] = band->factor(h_[index(i)]);
    usable_[index(i)] = in_chunks_[index(i)] || factor_alone(i);
  }
}

void WindowFactors<Banded>::factor_in_lanes(Index first, Index count) {
  LaneBands& bands = lanes_of(first);
  const double* jacobians[LaneBands::lanes] = {};
  LaneBands::Factors factors[LaneBands::lanes];
  for (Index j = 0; j < count; ++j) {
    const Index i = first + j;
    bands.set_length(static_cast<int>(j), h_[index(i)]);
    jacobians[j] = matrix(i, 0);
    factors[j] = {matrix(i, 0), matrix(i, 1), matrix(i, 2), pivots(i, 0), pivots(i, 1)};
  }
  bands.load(static_cast<int>(count), jacobians);
  bands.factor();
  bands.unload(static_cast<int>(count), factors);
  for (Index j = 0; j < count; ++j) usable_[index(first + j)] = usable(first + j) && bands.regular(static_cast<int>(j));
}

void WindowFactors<Banded>::solve_real(Index first, Index count, double* const* x) {
  if (way_ == Way::lanes) return lanes_of(first).solve_real(static_cast<int>(count), x);
  for (Index j = 0; j < count; ++j)
    if (way_ == Way::chunks && usable(first + j) && in_chunks_[index(first + j)])
      chunks_[index(first + j)]->solve_real(x[j]);
    else
      PivotedWindow<Banded>::solve_real(first + j, 1, x + j);
}

void WindowFactors<Banded>::solve_stages(Index first, Index count, double* const* w) {
  if (way_ == Way::lanes) return lanes_of(first).solve_stages(static_cast<int>(count), w);
  for (Index j = 0; j < count; ++j)
    if (usable(first + j)) solve_stages_of(first + j, w[j]);
}

void WindowFactors<Banded>::solve_stages_of(Index i, double* w) {
  if (way_ == Way::chunks && in_chunks_[index(i)])
    chunks_[index(i)]->solve_stages(w);
  else
    PivotedWindow<Banded>::solve_stages_of(i, w);
}

}  // namespace antler::dynamic
