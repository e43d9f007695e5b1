// SPDX-License-Identifier: BSD-3-Clause
#include "rectangle_system.hpp"

#include <algorithm>
#include <cmath>

#include "antler/core/stopwatch.hpp"

namespace antler::transforms {

namespace {

constexpr Index restart = 30, most_products = 120;  // what a solve takes is below twenty where the preconditioner is any good

HostField field(const char* label, Index unknowns) { return allocate<HostField>(label, unknowns); }

/// Adds the time of its life to a figure.
class Timed {
 public:
  explicit Timed(double& seconds) : seconds_(seconds) {}
  ~Timed() { seconds_ += clock_.seconds(); }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  double& seconds_;
  Stopwatch clock_;
};

/// The mean of what is known of u: of the Dirichlet values; 0 without any.
double mean_of_dirichlet(const RectangleSides& sides, const RectangleSideValues& values) {
  double sum = 0, count = 0;
  const auto add = [&](const GridSide& side, const std::vector<double>& given) {
    if (side.condition().kind != SideKind::dirichlet) return;
    for (const double value : given) sum += value;
    count += static_cast<double>(given.size());
  };
  add(sides.left, values.left);
  add(sides.right, values.right);
  add(sides.bottom, values.bottom);
  add(sides.top, values.top);
  return count > 0 ? sum / count : 0;
}

}  // namespace

RectangleSystem::RectangleSystem(const RectangleGrid& grid, const RectangleRowFunction& f, const RectangleSides& sides,
                                 const Options& options, const std::function<double(double, double)>& guess,
                                 const SourceLocation& where)
    : grid_(grid),
      laplacian_(grid, where),
      inverse_(grid, where),
      gmres_(grid.unknowns(), restart),
      f_(f),
      values_(side_values(grid, sides)),
      weights_(options),
      tolerance_(options.newton_tolerance),
      u_(field("antler::rectangle::u", grid.unknowns())),
      best_(field("antler::rectangle::best", grid.unknowns())),
      before_(field("antler::rectangle::before", grid.unknowns())),
      trial_(field("antler::rectangle::trial", grid.unknowns())),
      trial_f_u_(field("antler::rectangle::trial", grid.unknowns())),
      d_(field("antler::rectangle::d", grid.unknowns())),
      r_(field("antler::rectangle::r", grid.unknowns())),
      f_values_(field("antler::rectangle::f", grid.unknowns())),
      f_u_(field("antler::rectangle::f_u", grid.unknowns())),
      side_terms_(field("antler::rectangle::s", grid.unknowns())),
      product_(field("antler::rectangle::product", grid.unknowns())) {
  const GridAxis &x = grid.x, &y = grid.y;
  for (Index k = 0; k < x.unknowns(); ++k) x_.push_back(x.point(k + x.offset()));
  const double constant = guess ? 0 : mean_of_dirichlet(sides, values_);
  for (Index l = 0; l < y.unknowns(); ++l)
    for (Index k = 0; k < x.unknowns(); ++k)
      u_(l * x.unknowns() + k, 0) = guess ? guess(x_[static_cast<std::size_t>(k)], y.point(l + y.offset())) : constant;

  laplacian_.side_terms(values_, side_terms_.data());
  const auto f_at = [&](double at_x, double at_y, double u) {
    double value = 0, slope = 0;
    f_(at_y, std::span(&at_x, 1), std::span(&u, 1), std::span(&value, 1), std::span(&slope, 1));
    return value;
  };
  laplacian_.add_side_average(values_, f_at, side_terms_.data());
}

std::size_t RectangleSystem::required_bytes(const RectangleGrid& grid) {
  const auto fields = static_cast<std::size_t>(11 + 1) * sizeof(double) * static_cast<std::size_t>(grid.unknowns());
  return fields + Gmres::required_bytes(grid.unknowns(), restart);
}

void RectangleSystem::evaluate() {
  const auto m = static_cast<std::size_t>(grid_.x.unknowns());
  parallel_for("antler::rectangle::evaluate", Space(), grid_.y.unknowns(), 50.0 * static_cast<double>(m), [&](const Index l) {
    const std::size_t row = static_cast<std::size_t>(l) * m;
    f_(grid_.y.point(l + grid_.y.offset()), x_, std::span<const double>(u_.data() + row, m), std::span(f_values_.data() + row, m),
       std::span(f_u_.data() + row, m));
  });
}

/// sigma = mean of -f_u; positive where the grid alone is singular and f depends on u.
void RectangleSystem::choose_shift() {
  const Index n = grid_.unknowns();
  const double* f_u = f_u_.data();
  const double sum = parallel_sum("antler::rectangle::mean", Space(), n, 1, [&](const Index i) { return f_u[i]; });
  const double largest =
      parallel_maximum("antler::rectangle::largest", Space(), n, 1, [&](const Index i) { return std::abs(f_u[i]); });
  free_constant_ = grid_.singular() && largest == 0;
  sigma_ = std::max(0.0, -sum / static_cast<double>(n));
  if (grid_.singular() && !free_constant_) sigma_ = std::max(sigma_, 0.1 * largest);
  if (!is_finite(sigma_)) sigma_ = 1;  // the residual is not finite, either
}

/// A maps to functions with weighted mean zero: takes the mean from r, and keeps what it was beside the magnitudes of the sources.
void RectangleSystem::remove_defect() {
  const Index m = grid_.x.unknowns();
  double sum = 0, weights = 0, sources = 0;
  for (Index l = 0; l < grid_.y.unknowns(); ++l)
    for (Index k = 0; k < m; ++k) {
      const double weight = laplacian_.weight(k, l);
      sum += weight * r_(l * m + k, 0);
      sources += weight * (std::abs(f_values_(l * m + k, 0)) + std::abs(side_terms_(l * m + k, 0)));
      weights += weight;
    }
  for (Index i = 0; i < grid_.unknowns(); ++i) r_(i, 0) -= sum / weights;
  defect_ = sources > 0 ? sum / sources : 0;
}

double RectangleSystem::largest_compatible_defect() const {
  const auto n = static_cast<double>(std::min(grid_.x.intervals(), grid_.y.intervals()));
  return std::min(0.05, 10 / std::pow(n, grid_.order));
}

double RectangleSystem::linearize(Statistics& statistics) {
  {
    const Timed timed(statistics.evaluation_seconds);
    evaluate();
    statistics.function_evaluations += grid_.unknowns();
    statistics.jacobian_evaluations += grid_.unknowns();
  }
  {
    const Timed timed(statistics.assembly_seconds);
    negative_residual(r_.data());
    choose_shift();
    if (free_constant_) remove_defect();
  }
  const Timed timed(statistics.inverse_seconds);
  inverse_status_ = inverse_.factor(sigma_);
  ++statistics.factorisations;
  if (inverse_status_ != Status::converged && sigma_ == 0) inverse_status_ = inverse_.factor(sigma_ = 1);
  inverse_.solve(r_.data());
  residual_ = weights_.norm(Space(), r_, u_);
  return residual_;
}

void RectangleSystem::negative_residual(double* out) const {
  laplacian_.apply(u_.data(), out);
  laplacian_.subtract_average(f_values_.data(), out);
  const double* s = side_terms_.data();
  parallel_for("antler::rectangle::residual", Space(), grid_.unknowns(), 2, [&](const Index i) { out[i] = s[i] - out[i]; });
}

TrialNorms RectangleSystem::trial(double lambda, Statistics& statistics) {
  const Index n = grid_.unknowns();
  double *u = u_.data(), *before = before_.data(), *moved = trial_.data();
  const double *d = d_.data(), *r = r_.data();
  parallel_for("antler::rectangle::trial", Space(), n, 2, [&](const Index i) {
    before[i] = u[i];
    u[i] += lambda * d[i];
  });
  {
    const Timed timed(statistics.evaluation_seconds);
    std::swap(f_u_, trial_f_u_);  // of the linearisation, which may be needed again
    evaluate();
    std::swap(f_u_, trial_f_u_);
    statistics.function_evaluations += n;
  }
  const Timed timed(statistics.inverse_seconds);
  negative_residual(moved);
  inverse_.solve(moved);
  const auto norm = [&](const auto& value) {
    return std::sqrt(parallel_sum("antler::rectangle::norm", Space(), n, 3, [&](const Index i) {
      const double v = value(i);
      return v * v;
    }));
  };
  return {norm([&](Index i) { return r[i]; }), norm([&](Index i) { return moved[i]; }),
          norm([&](Index i) { return moved[i] - (1 - lambda) * r[i]; })};
}

void RectangleSystem::reject() { std::swap(u_, before_); }

Status RectangleSystem::solve(Statistics& statistics) {
  if (inverse_status_ != Status::converged) return inverse_status_;
  const Timed timed(statistics.inverse_seconds);
  const auto product = [&](const double* v, double* out) {
    laplacian_.apply_jacobian(f_u_.data(), v, product_.data(), out);
    inverse_.solve(out);
  };
  const GmresReport report = gmres_.solve(product, r_.data(), d_.data(), forcing_.next(residual_, tolerance_), most_products);
  statistics.krylov_products += report.products;
  constexpr double no_progress = 0.9;  // of the residual is left after all products
  return report.relative_residual < no_progress ? Status::converged : Status::singular;
}

double RectangleSystem::update_norm() const { return weights_.norm(Space(), d_, u_); }

void RectangleSystem::advance() {
  parallel_for("antler::rectangle::advance", Space(), grid_.unknowns(), 1, [&](const Index i) { u_(i, 0) += d_(i, 0); });
}

RectangleSolution RectangleSystem::solution() const { return with_sides(grid_, values_, u_.data()); }

}  // namespace antler::transforms
