// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/lane_bands.hpp"

#include <algorithm>

#include "antler/discretization/tableau.hpp"

namespace antler::dynamic {

using Method = RadauIIA<3>;

LaneBands::LaneBands(const Banded& structure)
    : structure_(structure),
      n_(static_cast<std::size_t>(structure.components())),
      size_(structure.size()),
      real_(std::make_unique_for_overwrite<Line[]>(size_)),
      pair_(std::make_unique_for_overwrite<Line[]>(2 * size_)),
      real_pivots_(std::make_unique_for_overwrite<Line[]>(n_)),
      pair_pivots_(std::make_unique_for_overwrite<Line[]>(n_)),
      x_(std::make_unique_for_overwrite<Line[]>(3 * n_)),
      exchanged_(2 * n_) {}

void LaneBands::set_length(int lane, double h) {
  shift_.lane[lane] = Method::gamma / h;
  pair_shift_.lane[lane] = Method::alpha() / h;
  imaginary_.lane[lane] = Method::beta() / h;
}

void LaneBands::load(int count, const double* const* jacobians) {
  const double* from[lanes];
  for (int j = 0; j < lanes; ++j) from[j] = jacobians[std::min(j, count - 1)];
  for (int j = count; j < lanes; ++j) {
    shift_.lane[j] = shift_.lane[count - 1];
    pair_shift_.lane[j] = pair_shift_.lane[count - 1];
    imaginary_.lane[j] = imaginary_.lane[count - 1];
  }
  for (std::size_t k = 0; k < size_; ++k)
    for (int j = 0; j < lanes; ++j) real_[k].lane[j] = -from[j][k];
}

namespace {

LaneBands::Matrices matrices(const Banded& structure, Line* real, Line* pair, Line* real_pivots, Line* pair_pivots,
                             unsigned char* exchanged) {
  const JacobianEntries::Layout layout = structure.layout();
  return {layout.n, layout.lower, layout.upper, real, pair, real_pivots, pair_pivots, exchanged, exchanged + layout.n};
}

}  // namespace

void LaneBands::factor() {
  lane_band_kernels().factor(
      matrices(structure_, real_.get(), pair_.get(), real_pivots_.get(), pair_pivots_.get(), exchanged_.data()), shift_,
      pair_shift_, imaginary_, check_);
}

void LaneBands::unload(int count, const Factors* to) const {
  for (std::size_t k = 0; k < size_; ++k)
    for (int j = 0; j < count; ++j) {
      to[j].real[k] = real_[k].lane[j];
      to[j].re[k] = pair_[2 * k].lane[j];
      to[j].im[k] = pair_[2 * k + 1].lane[j];
    }
  for (std::size_t k = 0; k < n_; ++k)
    for (int j = 0; j < count; ++j) {
      to[j].real_pivots[k] = static_cast<int>(k) + static_cast<int>(real_pivots_[k].lane[j]);
      to[j].pair_pivots[k] = static_cast<int>(k) + static_cast<int>(pair_pivots_[k].lane[j]);
    }
}

void LaneBands::gather(int count, std::size_t offset, double* const* x, Line* to, std::ptrdiff_t lines) const {
  const double* from[lanes];
  for (int j = 0; j < lanes; ++j) from[j] = x[std::min(j, count - 1)] + offset;
  for (std::size_t k = 0; k < n_; ++k)
    for (int j = 0; j < lanes; ++j) to[static_cast<std::size_t>(lines) * k].lane[j] = from[j][k];
}

void LaneBands::scatter(int count, std::size_t offset, const Line* from, std::ptrdiff_t lines, double* const* x) const {
  for (std::size_t k = 0; k < n_; ++k)
    for (int j = 0; j < count; ++j) x[j][offset + k] = from[static_cast<std::size_t>(lines) * k].lane[j];
}

void LaneBands::solve_real(int count, double* const* x) {
  gather(count, 0, x, x_.get(), 1);
  lane_band_kernels().solve_real(
      matrices(structure_, real_.get(), pair_.get(), real_pivots_.get(), pair_pivots_.get(), exchanged_.data()), x_.get());
  scatter(count, 0, x_.get(), 1, x);
}

void LaneBands::solve_stages(int count, double* const* w) {
  Line* pair = x_.get() + n_;
  gather(count, 0, w, x_.get(), 1);
  gather(count, n_, w, pair, 2);
  gather(count, 2 * n_, w, pair + 1, 2);
  lane_band_kernels().solve_both(
      matrices(structure_, real_.get(), pair_.get(), real_pivots_.get(), pair_pivots_.get(), exchanged_.data()), x_.get(), pair);
  scatter(count, 0, x_.get(), 1, w);
  scatter(count, n_, pair, 2, w);
  scatter(count, 2 * n_, pair + 1, 2, w);
}

}  // namespace antler::dynamic
