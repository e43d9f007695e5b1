// SPDX-License-Identifier: BSD-3-Clause
#include "antler/inverse/line_transform.hpp"

#include <fftw3.h>

#include <cmath>
#include <mutex>
#include <utility>
#include <vector>

#include "antler/core/parallel.hpp"

namespace antler {

namespace {

/// FFTW's planner is not thread-safe; executing a plan is.
std::mutex& planner() {
  static std::mutex mutex;
  return mutex;
}

struct DestroyPlan {
  void operator()(fftw_plan_s* plan) const {
    const std::lock_guard lock(planner());
    fftw_destroy_plan(plan);
  }
};
using Plan = std::unique_ptr<fftw_plan_s, DestroyPlan>;

/// The two transforms of an axis.
std::pair<fftw_r2r_kind, fftw_r2r_kind> kinds(const GridAxis& axis) {
  if (axis.periodic()) return {FFTW_R2HC, FFTW_HC2R};
  const bool free_first = axis.first().kind == SideKind::neumann, free_last = axis.last().kind == SideKind::neumann;
  if (free_first && free_last) return {FFTW_REDFT00, FFTW_REDFT00};
  if (free_first) return {FFTW_REDFT01, FFTW_REDFT10};
  if (free_last) return {FFTW_RODFT01, FFTW_RODFT10};
  return {FFTW_RODFT00, FFTW_RODFT00};
}

/// Lines that one call of FFTW takes: a cache line of neighbours where lines lie side by side, and what stays in a first-level
/// cache where they do not.
constexpr Index block_lines = 8;

}  // namespace

class LineTransform::Plans {
 public:
  Plans(const GridAxis& axis, const LineLayout& layout)
      : layout_(layout), length_(axis.unknowns()), scale_((axis.periodic() ? 1.0 : 0.5) / static_cast<double>(axis.intervals())) {
    const auto [there, back] = kinds(axis);
    whole_ = make({there, back}, block_lines);
    if (layout.lines % block_lines != 0) rest_ = make({there, back}, layout.lines % block_lines);
  }

  enum Direction { there, back };

  void execute(Direction direction, double* values) const {
    const Index blocks = (layout_.lines + block_lines - 1) / block_lines;
    const double flops = 5.0 * static_cast<double>(length_) * std::log2(static_cast<double>(length_) + 1) * block_lines;
    parallel_for("antler::inverse::line_transform", Kokkos::DefaultHostExecutionSpace(), blocks * layout_.slices, flops,
                 [&](const Index task) {
                   const Index slice = task / blocks, block = task % blocks;
                   const bool whole = (block + 1) * block_lines <= layout_.lines;
                   double* first = values + slice * layout_.slice_distance + block * block_lines * layout_.distance;
                   fftw_execute_r2r((whole ? whole_ : rest_)[direction].get(), first, first);
                 });
  }
  [[nodiscard]] double scale() const { return scale_; }

 private:
  using Pair = std::vector<Plan>;

  /// FFTW_ESTIMATE: on lines of 500 to 1000 points FFTW_MEASURE gained a tenth of the time of a transform, and cost that of a
  /// hundred transforms of the whole array. FFTW_UNALIGNED: lines begin anywhere.
  [[nodiscard]] Pair make(const std::pair<fftw_r2r_kind, fftw_r2r_kind>& kinds, Index lines) const {
    const std::lock_guard lock(planner());
    const int length = static_cast<int>(length_), stride = static_cast<int>(layout_.stride),
              distance = static_cast<int>(layout_.distance);
    std::vector<double> pattern(static_cast<std::size_t>((length_ - 1) * layout_.stride + (lines - 1) * layout_.distance + 1));
    Pair plans;
    for (const fftw_r2r_kind kind : {kinds.first, kinds.second})
      plans.emplace_back(fftw_plan_many_r2r(1, &length, static_cast<int>(lines), pattern.data(), nullptr, stride, distance,
                                            pattern.data(), nullptr, stride, distance, &kind, FFTW_ESTIMATE | FFTW_UNALIGNED));
    return plans;
  }

  LineLayout layout_;
  Index length_;
  double scale_;
  Pair whole_, rest_;
};

LineTransform::LineTransform(const GridAxis& axis, const LineLayout& layout, const SourceLocation& where) {
  require(axis.transformable(), "no transform diagonalises the second difference with a Robin side: solve along that direction",
          where);
  plans_ = std::make_unique<Plans>(axis, layout);
}

LineTransform::LineTransform(LineTransform&&) noexcept = default;
LineTransform& LineTransform::operator=(LineTransform&&) noexcept = default;
LineTransform::~LineTransform() = default;

void LineTransform::forward(double* values) const { plans_->execute(Plans::there, values); }
void LineTransform::inverse(double* coefficients) const { plans_->execute(Plans::back, coefficients); }
double LineTransform::scale() const { return plans_->scale(); }

}  // namespace antler
