// SPDX-License-Identifier: BSD-3-Clause
#include "antler/inverse/gmres.hpp"

#include <algorithm>
#include <cmath>

#include "antler/core/parallel.hpp"

namespace antler {

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

/// Numbers that are summed at a time: what a first-level cache holds, and the unit in which threads share a vector.
constexpr Index block = 2048;

/// Orthogonalisation is repeated where less than this part of a vector is left: two digits of orthogonality go with it.
constexpr double cancellation = 1e-2;

Index blocks_of(Index unknowns) { return (unknowns + block - 1) / block; }

/// Calls body(begin, end) for the blocks of a vector.
template <class Body>
void for_blocks(Index unknowns, double flops, const Body& body) {
  parallel_for("antler::inverse::gmres", Space(), blocks_of(unknowns), flops * block,
               [&](const Index i) { body(i * block, std::min(unknowns, (i + 1) * block)); });
}

double dot(const double* a, const double* b, Index begin, Index end) {
  constexpr Index chains = 8;  // so that additions need not wait for each other
  double sums[chains] = {};
  Index i = begin;
  for (; i + chains <= end; i += chains)
    for (Index k = 0; k < chains; ++k) sums[k] += a[i + k] * b[i + k];
  for (; i < end; ++i) sums[0] += a[i] * b[i];
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

}  // namespace

Gmres::Gmres(Index unknowns, Index restart)
    : unknowns_(unknowns),
      restart_(restart),
      basis_(static_cast<std::size_t>(unknowns * (restart + 1))),
      residual_(static_cast<std::size_t>(unknowns)),
      hessenberg_(static_cast<std::size_t>((restart + 1) * restart)),
      cosines_(static_cast<std::size_t>(restart)),
      sines_(cosines_),
      rotated_(static_cast<std::size_t>(restart + 1)),
      sums_(static_cast<std::size_t>(restart + 1)) {}

double Gmres::norm(const double* v) const {
  const double sum = parallel_sum("antler::inverse::gmres", Space(), blocks_of(unknowns_), 2.0 * block,
                                  [&](const Index i) { return dot(v, v, i * block, std::min(unknowns_, (i + 1) * block)); });
  return std::sqrt(sum);
}

double Gmres::orthogonalise(Index count, double* w, double* h) {
  const Index blocks = blocks_of(unknowns_), width = count + 2;  // the inner products of a block, and |w|^2 before and behind
  partial_.resize(static_cast<std::size_t>(blocks * width));
  const auto sum = [&](Index column) {
    double total = 0;
    for (Index i = 0; i < blocks; ++i) total += partial_[static_cast<std::size_t>(i * width + column)];
    return total;
  };
  double before = 0, behind = 0;
  do {
    for_blocks(unknowns_, 2.0 * static_cast<double>(count), [&](Index begin, Index end) {
      double* sums = partial_.data() + begin / block * width;
      for (Index k = 0; k < count; ++k) sums[k] = dot(basis(k), w, begin, end);
      sums[count] = dot(w, w, begin, end);
    });
    for (Index k = 0; k < count; ++k) sums_[static_cast<std::size_t>(k)] = sum(k);
    before = std::sqrt(sum(count));
    for_blocks(unknowns_, 2.0 * static_cast<double>(count), [&](Index begin, Index end) {
      for (Index k = 0; k < count; ++k) {
        const double *v = basis(k), projection = sums_[static_cast<std::size_t>(k)];
        for (Index i = begin; i < end; ++i) w[i] -= projection * v[i];
      }
      partial_[static_cast<std::size_t>(begin / block * width + count + 1)] = dot(w, w, begin, end);
    });
    for (Index k = 0; k < count; ++k) h[k] += sums_[static_cast<std::size_t>(k)];
    behind = std::sqrt(sum(count + 1));
  } while (behind < cancellation * before && behind > 1e-14 * before);
  return behind;
}

GmresReport Gmres::solve(const Product& product, const double* b, double* x, double tolerance, Index most) {
  std::fill(x, x + unknowns_, 0.0);
  GmresReport report;
  const double size = norm(b);
  if (size == 0) return report;
  report.relative_residual = 1;
  std::copy(b, b + unknowns_, basis(0));
  double current = size;
  while (report.products < most) {
    const GmresReport cycle_report = cycle(product, x, current, tolerance * size, most - report.products);
    report.products += cycle_report.products;
    report.relative_residual = cycle_report.relative_residual / size;
    if (!std::isfinite(report.relative_residual) || report.relative_residual <= tolerance) break;
    product(x, residual_.data());
    ++report.products;
    for_blocks(unknowns_, 1, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) basis(0)[i] = b[i] - residual_[static_cast<std::size_t>(i)];
    });
    const double before = current;
    current = norm(basis(0));
    report.relative_residual = current / size;
    if (!(current < 0.999 * before)) break;  // stagnation
  }
  return report;
}

/// One cycle from the residual in basis(0), whose norm is `norm`; x <- x + correction. Reports the absolute norm of the residual.
GmresReport Gmres::cycle(const Product& product, double* x, double norm, double target, Index most) {
  GmresReport report{norm, 0};
  const auto scale = [&](double* v, double factor) {
    for_blocks(unknowns_, 1, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) v[i] *= factor;
    });
  };
  scale(basis(0), 1 / norm);
  std::fill(rotated_.begin(), rotated_.end(), 0.0);
  rotated_[0] = norm;
  Index columns = 0;
  while (columns < restart_ && report.products < most && report.relative_residual > target) {
    double* w = basis(columns + 1);
    product(basis(columns), w);
    ++report.products;
    double* h = hessenberg_.data() + columns * (restart_ + 1);
    std::fill(h, h + restart_ + 1, 0.0);
    const double length = orthogonalise(columns + 1, w, h);
    h[columns + 1] = length;
    if (length > 0) scale(w, 1 / length);
    for (Index k = 0; k < columns; ++k) {
      const auto i = static_cast<std::size_t>(k);
      const double upper = cosines_[i] * h[k] + sines_[i] * h[k + 1];
      h[k + 1] = cosines_[i] * h[k + 1] - sines_[i] * h[k];
      h[k] = upper;
    }
    const auto c = static_cast<std::size_t>(columns);
    const double radius = std::hypot(h[columns], h[columns + 1]);
    if (!(radius > 0)) break;  // M is singular on this space
    cosines_[c] = h[columns] / radius;
    sines_[c] = h[columns + 1] / radius;
    h[columns] = radius;
    rotated_[c + 1] = -sines_[c] * rotated_[c];
    rotated_[c] *= cosines_[c];
    report.relative_residual = std::abs(rotated_[c + 1]);
    ++columns;
    if (length == 0) break;
  }
  std::vector<double> y(static_cast<std::size_t>(columns));
  for (Index k = columns - 1; k >= 0; --k) {
    double value = rotated_[static_cast<std::size_t>(k)];
    for (Index j = k + 1; j < columns; ++j)
      value -= hessenberg_[static_cast<std::size_t>(j * (restart_ + 1) + k)] * y[static_cast<std::size_t>(j)];
    y[static_cast<std::size_t>(k)] = value / hessenberg_[static_cast<std::size_t>(k * (restart_ + 1) + k)];
  }
  for_blocks(unknowns_, 2.0 * static_cast<double>(columns), [&](Index begin, Index end) {
    for (Index k = 0; k < columns; ++k)
      for (Index i = begin; i < end; ++i) x[i] += y[static_cast<std::size_t>(k)] * basis(k)[i];
  });
  return report;
}

}  // namespace antler
