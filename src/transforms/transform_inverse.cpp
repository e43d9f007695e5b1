// SPDX-License-Identifier: BSD-3-Clause
#include "antler/inverse/transform_inverse.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "antler/inverse/line_transform.hpp"

namespace antler {

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

/// Coefficients that a thread eliminates at a time: eight cache lines of neighbours.
constexpr Index block_modes = 64;

/// Which directions are transformed: x with elimination along y, y with elimination along x, both.
enum class Way { along_x, along_y, both };

Way way_for(const RectangleGrid& grid) {
  if (grid.x.periodic() && grid.y.periodic()) return Way::both;
  if (grid.x.transformable() && !grid.y.periodic()) return Way::along_x;
  if (grid.y.transformable() && !grid.x.periodic()) return Way::along_y;
  return Way::along_x;  // Robin sides in both directions
}

double robin_edge(const GridAxis& axis, const SideCondition& side) {
  return side.kind == SideKind::robin ? axis.spacing() * side.a / (3 * side.b) : 0;
}

}  // namespace

/// The system of coefficient k along the other direction has the rows
///
///     off_k (lower_l, upper_l) beside  off_k diagonal_l + shift_k + lambda_k edge_l,   off_k = -(1 - c lambda_k) + sigma h^2 / 12
///
/// with T's rows of that direction; `inverse_pivots_` of row l and coefficient k lie as the unknowns do.
class TransformInverse::Plan {
 public:
  Plan(const RectangleGrid& grid, const SourceLocation& where) : grid_(grid), way_(way_for(grid)), along_(grid.x), across_(grid.y) {
    const Index mx = grid.x.unknowns(), my = grid.y.unknowns();
    const LineLayout rows{.stride = 1, .lines = my, .distance = mx}, columns{.stride = mx, .lines = mx, .distance = 1};
    if (way_ == Way::along_y) {
      std::swap(along_, across_);
      first_.emplace(along_, columns, where);
    } else {
      along_ = along_.without_robin();
      first_.emplace(along_, rows, where);
    }
    if (way_ == Way::both) second_.emplace(across_, columns, where);
    mode_stride_ = way_ == Way::along_y ? mx : 1;
    row_stride_ = way_ == Way::along_y ? 1 : mx;
    inverse_pivots_.resize(static_cast<std::size_t>(grid.unknowns()));
    off_.resize(static_cast<std::size_t>(along_.unknowns()));
  }

  [[nodiscard]] const RectangleGrid& grid() const { return grid_; }
  [[nodiscard]] std::size_t bytes() const { return (inverse_pivots_.size() + off_.size()) * sizeof(double); }

  Status factor(double sigma) {
    free_constant_ = sigma == 0 && along_.singular() && across_.singular();
    const double smallest = parallel_minimum_pivot(sigma);
    return smallest > 1e-14 ? Status::converged : Status::singular;
  }

  void solve(double* d) const {
    first_->forward(d);
    if (way_ == Way::both) {
      second_->forward(d);
      const Index mx = along_.unknowns();
      parallel_for("antler::inverse::divide", Space(), across_.unknowns(), static_cast<double>(mx), [&](const Index l) {
        for (Index k = l * mx; k < (l + 1) * mx; ++k) d[k] *= inverse_pivots_[static_cast<std::size_t>(k)];
      });
      second_->inverse(d);
    } else {
      const Index modes = along_.unknowns(), blocks = (modes + block_modes - 1) / block_modes;
      parallel_for("antler::inverse::eliminate", Space(), blocks, 6.0 * block_modes * static_cast<double>(across_.unknowns()),
                   [&](const Index block) {
                     const Index begin = block * block_modes, end = std::min(modes, begin + block_modes);
                     if (way_ == Way::along_x) {
                       eliminate_side_by_side(d, begin, end);
                     } else {
                       for (Index k = begin; k < end; ++k) eliminate(d + k * mode_stride_, k);
                     }
                   });
      if (free_constant_) remove_mean(d);
    }
    first_->inverse(d);
  }

 private:
  /// The diagonal of row l of coefficient k.
  [[nodiscard]] double diagonal(Index k, double lambda, Index l, double sigma) const {
    double edge = 0;
    if (grid_.order == 4) {
      if (l == 0) edge += robin_edge(across_, across_.first());
      if (l == across_.unknowns() - 1) edge += robin_edge(across_, across_.last());
    }
    return off_[static_cast<std::size_t>(k)] * across_.diagonal(l) + shift(lambda, sigma) + lambda * edge;
  }
  [[nodiscard]] double off(Index k, double sigma) const {
    const double h = across_.spacing();
    return -(1 - grid_.cross() * along_.eigenvalue(k)) + (grid_.order == 4 ? sigma * h * h / 12 : 0);
  }
  [[nodiscard]] double shift(double lambda, double sigma) const {
    const double h = along_.spacing();
    return lambda + sigma * (grid_.order == 4 ? 1 - h * h * lambda / 12 : 1);
  }

  /// Fills the pivots; returns the smallest magnitude of a pivot relative to its row. scale() of the transforms goes with them.
  double parallel_minimum_pivot(double sigma) {
    for (Index k = 0; k < along_.unknowns(); ++k) off_[static_cast<std::size_t>(k)] = off(k, sigma);
    const Index modes = along_.unknowns(), rows = across_.unknowns();
    const double worst = parallel_maximum("antler::inverse::pivots", Space(), modes, 20.0 * static_cast<double>(rows),
                                          [&](const Index k) { return way_ == Way::both ? divisors(k, sigma) : pivots(k, sigma); });
    return worst > 0 && std::isfinite(worst) ? 1 / worst : worst == 0 ? 1 : 0;
  }

  /// Of doubly periodic grids: the inverses of the sums of eigenvalues.
  double divisors(Index k, double sigma) {
    double worst = 0;
    const double lambda = along_.eigenvalue(k);
    for (Index l = 0; l < across_.unknowns(); ++l) {
      const double mu = across_.eigenvalue(l), size = lambda + mu + std::abs(sigma);
      const double divisor = -off(k, sigma) * mu + shift(lambda, sigma);
      const bool skipped = free_constant_ && k == 0 && l == 0;
      if (!skipped) worst = std::max(worst, size / std::abs(divisor));
      inverse_pivots_[position(k, l)] = skipped ? 0 : first_->scale() * second_->scale() / divisor;
    }
    return worst;
  }

  double pivots(Index k, double sigma) {
    double worst = 0, before = 0;  // the inverse of the pivot before
    const Index rows = across_.unknowns();
    const double factor = off_[static_cast<std::size_t>(k)], lambda = along_.eigenvalue(k);
    for (Index l = 0; l < rows; ++l) {
      const double own = diagonal(k, lambda, l, sigma);
      const double pivot = l == 0 ? own : own - factor * factor * across_.lower(l) * across_.upper(l - 1) * before;
      const bool skipped = free_constant_ && k == 0 && l == rows - 1;
      if (!skipped) worst = std::max(worst, std::abs(own / pivot));
      before = skipped ? 0 : 1 / pivot;
      inverse_pivots_[position(k, l)] = before;
    }
    return worst;
  }

  [[nodiscard]] std::size_t position(Index k, Index l) const {
    return static_cast<std::size_t>(k * mode_stride_ + l * row_stride_);
  }

  /// Coefficients begin .. end - 1 with neighbours side by side: row after row, vectors of coefficients.
  void eliminate_side_by_side(double* d, Index begin, Index end) const {
    const Index rows = across_.unknowns();
    const double *off = off_.data(), scale = first_->scale();
    for (Index l = 0; l < rows; ++l) {
      double* row = d + l * row_stride_;
      const double *pivots = inverse_pivots_.data() + l * row_stride_, lower = across_.lower(l);
      if (l == 0) {
        for (Index k = begin; k < end; ++k) row[k] = scale * row[k] * pivots[k];
      } else {
        const double* before = row - row_stride_;
        for (Index k = begin; k < end; ++k) row[k] = (scale * row[k] - off[k] * lower * before[k]) * pivots[k];
      }
    }
    for (Index l = rows - 2; l >= 0; --l) {
      double* row = d + l * row_stride_;
      const double *pivots = inverse_pivots_.data() + l * row_stride_, *after = row + row_stride_, upper = across_.upper(l);
      for (Index k = begin; k < end; ++k) row[k] -= off[k] * upper * pivots[k] * after[k];
    }
  }

  /// Coefficient k, whose row is contiguous.
  void eliminate(double* d, Index k) const {
    const Index rows = across_.unknowns();
    const double off = off_[static_cast<std::size_t>(k)], scale = first_->scale();
    const double* pivots = inverse_pivots_.data() + k * mode_stride_;
    d[0] *= scale * pivots[0];
    for (Index l = 1; l < rows; ++l) d[l] = (scale * d[l] - off * across_.lower(l) * d[l - 1]) * pivots[l];
    for (Index l = rows - 2; l >= 0; --l) d[l] -= off * across_.upper(l) * pivots[l] * d[l + 1];
  }

  /// Of a singular system: coefficient 0 is a constant along one direction and determined up to a constant along the other.
  void remove_mean(double* d) const {
    const Index rows = across_.unknowns();
    const auto weight = [&](Index l) {
      return !across_.periodic() && (l == 0 || l == rows - 1) ? 0.5 : 1.0;  // a singular axis without periodic sides has free sides
    };
    double sum = 0, weights = 0;
    for (Index l = 0; l < rows; ++l) {
      sum += weight(l) * d[l * row_stride_];
      weights += weight(l);
    }
    for (Index l = 0; l < rows; ++l) d[l * row_stride_] -= sum / weights;
  }

  RectangleGrid grid_;
  Way way_;
  GridAxis along_, across_;  // transformed; eliminated
  std::optional<LineTransform> first_, second_;
  Index mode_stride_ = 1, row_stride_ = 1;
  bool free_constant_ = false;
  std::vector<double> inverse_pivots_, off_;
};

TransformInverse::TransformInverse(const RectangleGrid& grid, const SourceLocation& where)
    : plan_(std::make_unique<Plan>(grid, where)) {}
TransformInverse::TransformInverse(TransformInverse&&) noexcept = default;
TransformInverse& TransformInverse::operator=(TransformInverse&&) noexcept = default;
TransformInverse::~TransformInverse() = default;

Status TransformInverse::factor(double sigma) { return plan_->factor(sigma); }
void TransformInverse::solve(double* d) const { plan_->solve(d); }
std::size_t TransformInverse::required_bytes() const { return plan_->bytes(); }

Status TransformInverse::apply(const Space& space, const HelmholtzSystem& system, const HostField& solution) {
  const auto unknowns = static_cast<std::size_t>(plan_->grid().unknowns());
  require(system.r.extent(0) == unknowns && solution.extent(0) == unknowns,
          "the right-hand side and the solution must have one row per unknown of the grid");
  const Status status = factor(system.sigma);
  if (status != Status::converged) return status;
  if (system.r.data() != solution.data()) copy_rows<double, 1>(space, system.r, solution);
  solve(solution.data());
  return Status::converged;
}

}  // namespace antler
