// SPDX-License-Identifier: BSD-3-Clause
#include "antler/deer/matrix_pencil.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace antler {

namespace {

double largest_entry(std::span<const double> numbers) {
  double largest = 0;
  for (const double x : numbers) largest = std::max(largest, std::abs(x));
  return largest;
}

}  // namespace

MatrixPencil::Elimination::Elimination(int n, std::vector<double> matrix, double tolerance)
    : n_(n),
      entries_(std::move(matrix)),
      row_scale_(static_cast<std::size_t>(n), 1.0),
      column_scale_(static_cast<std::size_t>(n), 1.0),
      rows_(static_cast<std::size_t>(n)),
      columns_(static_cast<std::size_t>(n)) {
  std::iota(rows_.begin(), rows_.end(), 0);
  std::iota(columns_.begin(), columns_.end(), 0);
  scale();
  eliminate(tolerance);
}

/// Rows, then columns, to a largest entry of one; twice, since scaled columns leave rows with smaller ones.
void MatrixPencil::Elimination::scale() {
  for (int sweep = 0; sweep < 2; ++sweep) {
    for (int i = 0; i < n_; ++i) {
      double largest = 0;
      for (int j = 0; j < n_; ++j) largest = std::max(largest, std::abs(at(i, j)));
      if (largest == 0) continue;
      for (int j = 0; j < n_; ++j) at(i, j) /= largest;
      row_scale_[static_cast<std::size_t>(i)] /= largest;
    }
    for (int j = 0; j < n_; ++j) {
      double largest = 0;
      for (int i = 0; i < n_; ++i) largest = std::max(largest, std::abs(at(i, j)));
      if (largest == 0) continue;
      for (int i = 0; i < n_; ++i) at(i, j) /= largest;
      column_scale_[static_cast<std::size_t>(j)] /= largest;
    }
  }
}

void MatrixPencil::Elimination::eliminate(double tolerance) {
  for (rank_ = 0; rank_ < n_; ++rank_) {
    int row = rank_, column = rank_;
    for (int i = rank_; i < n_; ++i)
      for (int j = rank_; j < n_; ++j)
        if (std::abs(at(i, j)) > std::abs(at(row, column))) {
          row = i;
          column = j;
        }
    if (!(std::abs(at(row, column)) > tolerance)) return;
    for (int j = 0; j < n_; ++j) std::swap(at(rank_, j), at(row, j));
    for (int i = 0; i < n_; ++i) std::swap(at(i, rank_), at(i, column));
    std::swap(rows_[static_cast<std::size_t>(rank_)], rows_[static_cast<std::size_t>(row)]);
    std::swap(columns_[static_cast<std::size_t>(rank_)], columns_[static_cast<std::size_t>(column)]);
    for (int i = rank_ + 1; i < n_; ++i) {
      const double factor = at(i, rank_) / at(rank_, rank_);
      at(i, rank_) = factor;
      for (int j = rank_ + 1; j < n_; ++j) at(i, j) -= factor * at(rank_, j);
    }
  }
}

std::vector<double> MatrixPencil::Elimination::null_space() const {
  std::vector<double> basis;
  for (int free = rank_; free < n_; ++free) {
    std::vector<double> v(static_cast<std::size_t>(n_), 0.0), x(static_cast<std::size_t>(n_), 0.0);
    x[static_cast<std::size_t>(free)] = 1;
    for (int i = rank_ - 1; i >= 0; --i) {
      double sum = at(i, free);
      for (int j = i + 1; j < rank_; ++j) sum += at(i, j) * x[static_cast<std::size_t>(j)];
      x[static_cast<std::size_t>(i)] = -sum / at(i, i);
    }
    for (int j = 0; j < n_; ++j) {
      const auto column = static_cast<std::size_t>(columns_[static_cast<std::size_t>(j)]);
      v[column] = x[static_cast<std::size_t>(j)] * column_scale_[column];
    }
    const double largest = largest_entry(v);
    for (double& entry : v) entry /= largest;
    basis.insert(basis.end(), v.begin(), v.end());
  }
  return basis;
}

void MatrixPencil::Elimination::solve(std::span<double> x) const {
  std::vector<double> z(static_cast<std::size_t>(n_));
  for (int i = 0; i < n_; ++i) {
    const auto row = static_cast<std::size_t>(rows_[static_cast<std::size_t>(i)]);
    double sum = x[row] * row_scale_[row];
    for (int j = 0; j < i; ++j) sum -= at(i, j) * z[static_cast<std::size_t>(j)];
    z[static_cast<std::size_t>(i)] = sum;
  }
  for (int i = n_ - 1; i >= 0; --i) {
    double sum = z[static_cast<std::size_t>(i)];
    for (int j = i + 1; j < n_; ++j) sum -= at(i, j) * z[static_cast<std::size_t>(j)];
    z[static_cast<std::size_t>(i)] = sum / at(i, i);
  }
  for (int i = 0; i < n_; ++i) {
    const auto column = static_cast<std::size_t>(columns_[static_cast<std::size_t>(i)]);
    x[column] = z[static_cast<std::size_t>(i)] * column_scale_[column];
  }
}

MatrixPencil::MatrixPencil(int n, std::span<const double> by_y, std::span<const double> by_slope, double tolerance) : n_(n) {
  const auto size = static_cast<std::size_t>(n);
  const Elimination slopes(n, {by_slope.begin(), by_slope.end()}, tolerance);
  rank_ = slopes.rank();
  null_space_ = slopes.null_space();
  determined_.assign(slopes.pivot_columns().begin(), slopes.pivot_columns().end());

  std::vector<double> system(size * size);
  const int free = n - rank_;
  for (std::size_t r = 0; r < size; ++r) {
    for (int k = 0; k < free; ++k) {
      double sum = 0, terms = 0;
      for (std::size_t c = 0; c < size; ++c) {
        const double term = by_y[r * size + c] * null_space_[static_cast<std::size_t>(k) * size + c];
        sum += term;
        terms += std::abs(term);
      }
      system[r * size + static_cast<std::size_t>(k)] = std::abs(sum) > tolerance * terms ? sum : 0;  // no scaling of noise
    }
    for (int k = 0; k < rank_; ++k)
      system[r * size + static_cast<std::size_t>(free + k)] =
          by_slope[r * size + static_cast<std::size_t>(determined_[static_cast<std::size_t>(k)])];
  }
  system_ = Elimination(n, std::move(system), tolerance);
  if (system_.rank() == n) return;

  // det(lambda N + K) is a polynomial in lambda: it vanishes at some numbers without any relation only if it vanishes everywhere.
  kind_ = PencilKind::singular;
  const double large = largest_entry(by_slope), ratio = large > 0 ? largest_entry(by_y) / large : 1;
  for (const double lambda : {0.7312, -1.9147, 0.0523, 13.61, -0.3719}) {
    std::vector<double> sum(by_y.begin(), by_y.end());
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += lambda * (ratio > 0 ? ratio : 1) * by_slope[i];
    if (Elimination(n, std::move(sum), tolerance).rank() == n) kind_ = PencilKind::higher_index;
  }
}

bool MatrixPencil::algebraic(int c) const {
  for (std::size_t i = static_cast<std::size_t>(c); i < null_space_.size(); i += static_cast<std::size_t>(n_))
    if (null_space_[i] != 0) return true;
  return false;
}

void MatrixPencil::solve(std::span<const double> residual, std::span<double> dy, std::span<double> ds) const {
  std::vector<double> x(residual.begin(), residual.end());
  for (double& entry : x) entry = -entry;
  system_.solve(x);
  std::fill(dy.begin(), dy.end(), 0.0);
  std::fill(ds.begin(), ds.end(), 0.0);
  const int free = n_ - rank_;
  const auto size = static_cast<std::size_t>(n_);
  for (int k = 0; k < free; ++k)
    for (std::size_t c = 0; c < size; ++c)
      dy[c] += null_space_[static_cast<std::size_t>(k) * size + c] * x[static_cast<std::size_t>(k)];
  for (int k = 0; k < rank_; ++k)
    ds[static_cast<std::size_t>(determined_[static_cast<std::size_t>(k)])] = x[static_cast<std::size_t>(free + k)];
}

}  // namespace antler
