// SPDX-License-Identifier: BSD-3-Clause
#include "antler/inverse/space_time_inverse.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "antler/inverse/line_transform.hpp"
#include "antler/inverse/scan.hpp"
#include "radau_stages.hpp"

namespace antler {

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;
using transforms::RadauStages;

/// Coefficients that are solved together, as the components of one recurrence.
constexpr int width = 8;
using Maps = DiagonalMaps<double, width, Space>;
using Rows = Trajectory<double, width, Space>;

/// W(z) of `width` coefficients, one per lane, and its product with A^{-1} 1.
template <int s>
struct StepInverse {
  double W[s][s][width], start[s][width];

  /// Returns the smallest determinant, relative to the size of its terms.
  double set(const RadauStages& stages, const double (&z)[width]) {
    double smallest = 1;
    for (int w = 0; w < width; ++w) {
      double a[s][s], inverse[s][s] = {};
      for (int k = 0; k < s; ++k) {
        for (int l = 0; l < s; ++l) a[k][l] = stages.inverse_A[static_cast<std::size_t>(k)][static_cast<std::size_t>(l)];
        a[k][k] += z[w];
        inverse[k][k] = 1;
      }
      // Gauss-Jordan; the rows of A^{-1} + z of Radau IIA need no exchange for z that is not far below zero.
      for (int p = 0; p < s; ++p) {
        smallest = std::min(smallest, std::abs(a[p][p]) / (1 + std::abs(z[w])));
        const double r = 1 / a[p][p];
        for (int l = 0; l < s; ++l) a[p][l] *= r, inverse[p][l] *= r;
        for (int k = 0; k < s; ++k) {
          if (k == p) continue;
          const double factor = a[k][p];
          for (int l = 0; l < s; ++l) a[k][l] -= factor * a[p][l], inverse[k][l] -= factor * inverse[p][l];
        }
      }
      for (int k = 0; k < s; ++k) {
        double sum = 0;
        for (int l = 0; l < s; ++l) {
          W[k][l][w] = inverse[k][l];
          double row = 0;  // (A^{-1} 1)_l
          for (int q = 0; q < s; ++q) row += stages.inverse_A[static_cast<std::size_t>(l)][static_cast<std::size_t>(q)];
          sum += inverse[k][l] * row;
        }
        start[k][w] = sum;
      }
    }
    return smallest;
  }
};

}  // namespace

class SpaceTimeInverse::Plan {
 public:
  Plan(std::vector<GridAxis> axes, double kappa, int stages, Index steps, const SourceLocation& where)
      : stages_(transforms::radau_stages(stages)), steps_(steps), scan_(Space()) {
    const Index mx = axes[0].unknowns(), my = axes.size() == 2 ? axes[1].unknowns() : 1, slices = steps * stages;
    unknowns_ = mx * my;
    const auto add = [&](const GridAxis& axis, const LineLayout& of_all, const LineLayout& of_one) {
      all_.emplace_back(axis, of_all, where);
      one_.emplace_back(axis, of_one, where);
      scale_ *= all_.back().scale();
    };
    add(axes[0], {.stride = 1, .lines = slices * my, .distance = mx}, {.stride = 1, .lines = my, .distance = mx});
    if (axes.size() == 2)
      add(axes[1], {.stride = mx, .lines = mx, .distance = 1, .slices = slices, .slice_distance = unknowns_},
          {.stride = mx, .lines = mx, .distance = 1});
    for (Index l = 0; l < my; ++l)
      for (Index k = 0; k < mx; ++k)
        eigenvalues_.push_back(kappa * (axes[0].eigenvalue(k) + (axes.size() == 2 ? axes[1].eigenvalue(l) : 0)));
    initial_.resize(static_cast<std::size_t>(unknowns_));
  }

  [[nodiscard]] Index unknowns() const { return unknowns_; }
  [[nodiscard]] Index steps() const { return steps_; }
  [[nodiscard]] Index values() const { return steps_ * stages_.count * unknowns_; }

  Status apply(const HeatSystem& system, double* u) {
    for (const LineTransform& transform : all_) transform.forward(u);
    if (system.initial.empty()) {
      std::fill(initial_.begin(), initial_.end(), 0.0);
    } else {
      std::copy(system.initial.begin(), system.initial.end(), initial_.begin());
      for (const LineTransform& transform : one_) transform.forward(initial_.data());
    }
    const Status status = stages_.count == 1   ? solve_all<1>(system, u)
                          : stages_.count == 2 ? solve_all<2>(system, u)
                                               : solve_all<3>(system, u);
    for (auto transform = all_.rbegin(); transform != all_.rend(); ++transform) transform->inverse(u);
    return status;
  }

 private:
  /// All coefficients, eight at a time: on different threads by the sweep, or where that would leave threads idle one after the
  /// other by the scan over the steps.
  template <int s>
  Status solve_all(const HeatSystem& system, double* u) {
    const Index blocks = (unknowns_ + width - 1) / width;
    std::atomic<bool> singular = false;
    if (blocks >= concurrency(Space())) {
      const double flops = (40.0 * s + 30) * width * static_cast<double>(steps_);
      parallel_for("antler::inverse::space_time", Space(), blocks, flops, [&](const Index block) {
        if (solve_block<s>(system, u, block, SequentialInverse{}) != Status::converged) singular = true;
      });
    } else {
      for (Index block = 0; block < blocks; ++block)
        if (solve_block<s>(system, u, block, scan_) != Status::converged) singular = true;
    }
    return singular ? Status::singular : Status::converged;
  }

  template <int s, class Inverse>
  Status solve_block(const HeatSystem& system, double* u, Index block, const Inverse& inverse) const {
    const Index first = block * width, count = std::min<Index>(width, unknowns_ - first);
    std::vector<double> numbers(static_cast<std::size_t>(3 * steps_ * width));
    // Views of memory that this thread owns: nothing is counted, nothing allocated.
    const auto rows = [&](Index part) { return Rows(numbers.data() + part * steps_ * width, static_cast<std::size_t>(steps_)); };
    const Maps maps{rows(0), rows(1)};
    const Rows states = rows(2);
    double smallest = 1;
    StepInverse<s> step;
    const auto for_steps = [&](const auto& body) {  // the factors are those of the step before where h and sigma are
      for (Index i = 0; i < steps_; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const double h = system.steps[at];
        if (i == 0 || h != system.steps[at - 1] || system.sigma[at] != system.sigma[at - 1]) {
          double z[width] = {};
          for (Index w = 0; w < count; ++w) z[w] = h * (eigenvalues_[static_cast<std::size_t>(first + w)] + system.sigma[at]);
          smallest = std::min(smallest, step.set(stages_, z));
        }
        body(i, h, u + i * s * unknowns_ + first);
      }
    };
    Vector<double, width> before{};
    for (Index w = 0; w < count; ++w) before[static_cast<int>(w)] = initial_[static_cast<std::size_t>(first + w)];

    for_steps([&](Index i, double h, const double* g) {
      for (int w = 0; w < width; ++w) maps.a(i, w) = step.start[s - 1][w], maps.b(i, w) = 0;
      for (int l = 0; l < s; ++l)
        for (Index w = 0; w < count; ++w) maps.b(i, w) += h * step.W[s - 1][l][w] * g[l * unknowns_ + w];
    });
    const Status status = inverse.apply(Space(), maps, before, states);
    if (status != Status::converged) return status;
    for_steps([&](Index i, double h, double* g) {
      for (Index w = 0; w < count; ++w) {
        const double from = i == 0 ? before[static_cast<int>(w)] : states(i - 1, w);
        double values[s];
        for (int k = 0; k < s; ++k) {
          values[k] = step.start[k][w] * from;
          for (int l = 0; l < s; ++l) values[k] += h * step.W[k][l][w] * g[l * unknowns_ + w];
        }
        for (int k = 0; k < s; ++k) g[k * unknowns_ + w] = scale_ * values[k];
      }
    });
    return smallest > 1e-10 ? Status::converged : Status::singular;
  }

  RadauStages stages_;
  Index steps_, unknowns_ = 0;
  std::vector<LineTransform> all_, one_;  // of all times; of one
  double scale_ = 1;
  std::vector<double> eigenvalues_, initial_;
  StructuredScanPlan<Maps> scan_;
};

SpaceTimeInverse::SpaceTimeInverse(std::vector<GridAxis> axes, double kappa, int stages, Index steps, const SourceLocation& where) {
  require(axes.size() == 1 || axes.size() == 2, "a space-time solve has one or two directions of space", where);
  require(std::isfinite(kappa) && kappa > 0, "kappa must be positive: without diffusion there is no parabolic equation", where);
  require(stages >= 1 && stages <= 3, "Radau IIA has 1, 2 or 3 stages here", where);
  require(steps >= 1, "a space-time solve needs at least one step", where);
  plan_ = std::make_unique<Plan>(std::move(axes), kappa, stages, steps, where);
}
SpaceTimeInverse::SpaceTimeInverse(SpaceTimeInverse&&) noexcept = default;
SpaceTimeInverse& SpaceTimeInverse::operator=(SpaceTimeInverse&&) noexcept = default;
SpaceTimeInverse::~SpaceTimeInverse() = default;

Status SpaceTimeInverse::apply(const Space& space, const HeatSystem& system, const HostField& solution) {
  const auto values = static_cast<std::size_t>(plan_->values()), steps = static_cast<std::size_t>(plan_->steps());
  require(system.g.extent(0) == values && solution.extent(0) == values && system.steps.size() == steps &&
              system.sigma.size() == steps &&
              (system.initial.empty() || system.initial.size() == static_cast<std::size_t>(plan_->unknowns())),
          "the sources, the solution, the steps and the initial values must have the extents that the plan was made for");
  if (system.g.data() != solution.data()) copy_rows<double, 1>(space, system.g, solution);
  return plan_->apply(system, solution.data());
}

}  // namespace antler
