// SPDX-License-Identifier: BSD-3-Clause
#include "dynamic/partitioned_band.hpp"

#include <algorithm>
#include <cmath>

#include "dynamic/evaluator.hpp"

namespace antler::dynamic {

namespace {

constexpr std::ptrdiff_t lanes = Line::lanes;
constexpr std::ptrdiff_t shortest_chunk = 12;  // per bandwidth; below, the coupling takes longer than the chunks save
/// Elimination without exchanges is as good as with them while its factors stay about as large as those would be, 1 at most.
constexpr double largest_factor_squared = 1e4;

std::ptrdiff_t chunk_length(std::ptrdiff_t n) { return (n + lanes - 1) / lanes; }

}  // namespace

bool PartitionedBand::serves(int n, int lower, int upper) {
  const int b = std::max(lower, upper);
  return b >= 1 && b <= widest && chunk_length(n) >= shortest_chunk * b;
}

std::size_t PartitionedBand::numbers(int n, int lower, int upper) {
  const auto b = static_cast<std::size_t>(std::max(lower, upper)), lines = static_cast<std::size_t>(chunk_length(n));
  return serves(n, lower, upper) ? 8 * lines * (4 * (2 * b + 1) + 3 * (2 * b + 1)) + 500 * b * b : 0;
}

std::size_t PartitionedBand::most_numbers(int n) {
  std::size_t most = 0;
  for (int b = 1; b <= widest; ++b) most = std::max(most, numbers(n, b, b));
  return most;
}

PartitionedBand::PartitionedBand(int n, int lower, int upper)
    : PartitionedBand(n, lower, upper, chunk_kernels(std::max(lower, upper)).back()) {}

PartitionedBand::PartitionedBand(int n, int lower, int upper, const ChunkKernels& kernels)
    : n_(n),
      b_(std::max(lower, upper)),
      chunks_{n, chunk_length(n), {}, {}, {}},
      kernels_(kernels),
      coupling_(static_cast<int>(2 * lanes * b_), static_cast<int>(3 * b_ - 1), static_cast<int>(3 * b_ - 1)) {
  const auto b = static_cast<std::size_t>(b_), m = static_cast<std::size_t>(chunks_.m), ends = 2 * b * lanes;
  chunks_.minus_jacobian.resize(m * (2 * b + 1));
  for (const std::size_t lines : {1U, 2U}) {
    ChunkMatrix& matrix = lines == 1 ? chunks_.real : chunks_.pair;
    matrix.lu.resize(lines * m * (2 * b + 1));
    for (auto* columns : {&matrix.next, &matrix.before}) columns->resize(lines * m * b);
    matrix.x.resize(lines * m);
    for (auto* unknowns : {&matrix.next_first, &matrix.last_before}) unknowns->resize(lines * b);
  }
  for (auto* band : {&real_, &re_, &im_}) band->resize(coupling_.size());
  ends_.resize(3 * ends);
  for (auto* pivots : {&real_pivots_, &pair_pivots_}) pivots->resize(ends);
}

void PartitionedBand::load(const Banded& structure, const double* jacobian) {
  const JacobianEntries::Layout layout = structure.layout();
  const std::ptrdiff_t m = chunks_.m, down = 1 + layout.leading;  // from (r, c) to (r + 1, c + 1)
  const auto line = [&](std::ptrdiff_t k, std::ptrdiff_t d) -> Line& {
    return chunks_.minus_jacobian[static_cast<std::size_t>(k * (2 * b_ + 1) + b_ + d)];
  };
  const auto checked = [&](std::ptrdiff_t k, std::ptrdiff_t d) {
    for (std::ptrdiff_t j = 0; j < lanes; ++j) {
      const std::ptrdiff_t r = j * m + k, c = r + d;
      line(k, d).lane[j] = r < n_ && c >= 0 && c < n_ ? -jacobian[layout.first + r + layout.leading * c] : 0.0;
    }
  };
  const std::ptrdiff_t checked_from = n_ - (lanes - 1) * m - b_;  // rows from which on the last chunk may end
  for (std::ptrdiff_t d = -b_; d <= b_; ++d) {
    if (d < -layout.lower || d > layout.upper) {
      for (std::ptrdiff_t k = 0; k < m; ++k) line(k, d) = Line{};
      continue;
    }
    for (std::ptrdiff_t k = 0; k < b_; ++k) checked(k, d);
    for (std::ptrdiff_t k = b_; k < checked_from; ++k) {
      const double* entry = jacobian + layout.first + layout.leading * d + down * k;
      Line& to = line(k, d);
      for (std::ptrdiff_t j = 0; j < lanes; ++j) to.lane[j] = -entry[down * m * j];
    }
    for (std::ptrdiff_t k = checked_from; k < m; ++k) checked(k, d);
  }
}

bool PartitionedBand::factor(double h) {
  const double squares = kernels_.factor(chunks_, h);
  if (!(squares <= largest_factor_squared + static_cast<double>(n_ * b_))) return false;
  couple(chunks_.real, 1, 0, real_.data());
  couple(chunks_.pair, 2, 0, re_.data());
  couple(chunks_.pair, 2, 1, im_.data());
  for (const auto* band : {&real_, &re_, &im_})
    if (!all_finite(band->data(), band->size())) return false;
  return coupling_.factor(RealCells{real_.data()}, real_pivots_.data()) &&
         coupling_.factor(ComplexCells{re_.data(), im_.data()}, pair_pivots_.data());
}

void PartitionedBand::couple(const ChunkMatrix& matrix, std::size_t lines, std::size_t part, double* band) const {
  std::fill_n(band, coupling_.size(), 0.0);
  const JacobianEntries::Layout layout = coupling_.layout();
  const auto entry = [&](std::ptrdiff_t r, std::ptrdiff_t c) -> double& { return band[layout.first + r + layout.leading * c]; };
  for (std::ptrdiff_t j = 0; j < lanes; ++j)
    for (std::ptrdiff_t i = 0; i < 2 * b_; ++i) {
      const std::ptrdiff_t row = 2 * b_ * j + i;
      entry(row, row) = part == 0 ? 1 : 0;
      for (std::ptrdiff_t q = 0; q < b_; ++q) {
        const std::size_t at = lines * static_cast<std::size_t>(row_of_end(i) * b_ + q) + part;
        if (j + 1 < lanes) entry(row, 2 * b_ * (j + 1) + q) = matrix.next[at].lane[j];
        if (j > 0) entry(row, 2 * b_ * (j - 1) + b_ + q) = matrix.before[at].lane[j];
      }
    }
}

void PartitionedBand::take_ends(const ChunkMatrix& matrix, std::size_t lines, std::size_t part, double* ends) const {
  for (std::ptrdiff_t i = 0; i < 2 * b_; ++i) {
    const Line& line = matrix.x[lines * static_cast<std::size_t>(row_of_end(i)) + part];
    for (std::ptrdiff_t j = 0; j < lanes; ++j) ends[2 * b_ * j + i] = line.lane[j];
  }
}

void PartitionedBand::give_ends(ChunkMatrix& matrix, std::size_t lines, std::size_t part, const double* ends) const {
  for (std::ptrdiff_t q = 0; q < b_; ++q) {
    const std::size_t at = lines * static_cast<std::size_t>(q) + part;
    for (std::ptrdiff_t j = 0; j < lanes; ++j) {
      matrix.next_first[at].lane[j] = j + 1 < lanes ? ends[2 * b_ * (j + 1) + q] : 0;
      matrix.last_before[at].lane[j] = j > 0 ? ends[2 * b_ * (j - 1) + b_ + q] : 0;
    }
  }
}

void PartitionedBand::solve_real(double* x) {
  kernels_.eliminate_real(chunks_, x);
  take_ends(chunks_.real, 1, 0, ends_.data());
  coupling_.solve(RealCells{real_.data()}, real_pivots_.data(), RealCells{ends_.data()});
  give_ends(chunks_.real, 1, 0, ends_.data());
  kernels_.correct_real(chunks_, x);
}

void PartitionedBand::solve_stages(double* w) {
  double *real = ends_.data(), *re = real + 2 * b_ * lanes, *im = re + 2 * b_ * lanes;
  kernels_.eliminate_both(chunks_, w);
  take_ends(chunks_.real, 1, 0, real);
  take_ends(chunks_.pair, 2, 0, re);
  take_ends(chunks_.pair, 2, 1, im);
  coupling_.solve_both(RealCells{real_.data()}, real_pivots_.data(), RealCells{real}, ComplexCells{re_.data(), im_.data()},
                       pair_pivots_.data(), ComplexCells{re, im});
  give_ends(chunks_.real, 1, 0, real);
  give_ends(chunks_.pair, 2, 0, re);
  give_ends(chunks_.pair, 2, 1, im);
  kernels_.correct_both(chunks_, w);
}

}  // namespace antler::dynamic
