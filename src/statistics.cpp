// SPDX-License-Identifier: BSD-3-Clause
#include "antler/core/statistics.hpp"

#include <algorithm>
#include <ostream>

#include "antler/core/finite.hpp"

namespace antler {

Statistics& operator+=(Statistics& total, const Statistics& further) {
  const auto append = [](std::vector<double>& to, const std::vector<double>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  total.steps = further.steps;
  total.meshes += further.meshes;
  total.windows += further.windows;
  total.predictor_steps += further.predictor_steps;
  total.rejected_steps += further.rejected_steps;
  total.sequential_steps += further.sequential_steps;
  total.joined_stretches += further.joined_stretches;
  total.damped_windows += further.damped_windows;
  total.newton_steps += further.newton_steps;
  total.iterations += further.iterations;
  append(total.residual_history, further.residual_history);
  append(total.update_history, further.update_history);
  append(total.damping_history, further.damping_history);
  total.rejected_updates += further.rejected_updates;
  total.function_evaluations += further.function_evaluations;
  total.jacobian_evaluations += further.jacobian_evaluations;
  total.factorisations += further.factorisations;
  total.krylov_products += further.krylov_products;
  total.root_evaluations += further.root_evaluations;
  total.bound_rejections += further.bound_rejections;
  total.evaluation_seconds += further.evaluation_seconds;
  total.assembly_seconds += further.assembly_seconds;
  total.inverse_seconds += further.inverse_seconds;
  total.total_seconds += further.total_seconds;
  total.peak_bytes = std::max(total.peak_bytes, further.peak_bytes);
  total.lyapunov_exponent = further.lyapunov_exponent;
  total.first_failure = further.first_failure;
  return total;
}

std::ostream& operator<<(std::ostream& out, const Statistics& s) {
  const auto last = [](const std::vector<double>& history) { return history.empty() ? 0.0 : history.back(); };
  out << "steps                 " << s.steps << '\n'
      << "meshes                " << s.meshes << '\n'
      << "windows               " << s.windows << '\n'
      << "predictor steps       " << s.predictor_steps << '\n'
      << "rejected steps        " << s.rejected_steps << '\n'
      << "sequential steps      " << s.sequential_steps << '\n'
      << "joined stretches      " << s.joined_stretches << '\n'
      << "damped windows        " << s.damped_windows << '\n'
      << "iterations            " << s.iterations << '\n'
      << "Newton steps          " << s.newton_steps << '\n'
      << "rejected updates      " << s.rejected_updates << '\n'
      << "last residual         " << last(s.residual_history) << " of tolerance\n"
      << "last update           " << last(s.update_history) << " of tolerance\n"
      << "function evaluations  " << s.function_evaluations << '\n'
      << "Jacobian evaluations  " << s.jacobian_evaluations << '\n'
      << "factorisations        " << s.factorisations << '\n'
      << "Krylov products       " << s.krylov_products << '\n'
      << "root evaluations      " << s.root_evaluations << '\n'
      << "bound rejections      " << s.bound_rejections << '\n'
      << "evaluation            " << s.evaluation_seconds << " s\n"
      << "assembly              " << s.assembly_seconds << " s\n"
      << "inverse (scan)        " << s.inverse_seconds << " s\n"
      << "total                 " << s.total_seconds << " s\n"
      << "peak memory           " << s.peak_bytes << " bytes\n";
  if (s.steps > 0) {
    const auto per_step = [&](Index count) { return static_cast<double>(count) / static_cast<double>(s.steps); };
    out << "per step              " << per_step(s.newton_steps) << " Newton iterations, " << per_step(s.function_evaluations)
        << " evaluations of f, " << per_step(s.jacobian_evaluations) << " Jacobians, " << per_step(s.factorisations)
        << " factorisations\n";
  }
  if (is_finite(s.lyapunov_exponent)) out << "Lyapunov exponent     " << s.lyapunov_exponent << " per step\n";
  if (s.first_failure >= 0) out << "first failure         point " << s.first_failure << '\n';
  return out;
}

}  // namespace antler
