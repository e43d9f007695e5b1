# SPDX-License-Identifier: BSD-3-Clause
# Every public header, folder by folder in the order in which they may include each other. scripts/check_includes.sh compares
# this list with the tree.
set(antler_headers
  include/antler/core/bounds.hpp
  include/antler/core/bracketed_root.hpp
  include/antler/core/complex.hpp
  include/antler/core/complex_lu.hpp
  include/antler/core/config.hpp
  include/antler/core/dual.hpp
  include/antler/core/dual_chain.hpp
  include/antler/core/dual_math.hpp
  include/antler/core/dual_power.hpp
  include/antler/core/dynamic_solution.hpp
  include/antler/core/event.hpp
  include/antler/core/exponential.hpp
  include/antler/core/finite.hpp
  include/antler/core/inverse_matrix.hpp
  include/antler/core/kokkos.hpp
  include/antler/core/lane_rows.hpp
  include/antler/core/lanes.hpp
  include/antler/core/lanes_math.hpp
  include/antler/core/lu.hpp
  include/antler/core/math.hpp
  include/antler/core/matrix.hpp
  include/antler/core/options.hpp
  include/antler/core/parallel.hpp
  include/antler/core/require.hpp
  include/antler/core/row_blocks.hpp
  include/antler/core/small_inverse.hpp
  include/antler/core/solution.hpp
  include/antler/core/source_location.hpp
  include/antler/core/statistics.hpp
  include/antler/core/status.hpp
  include/antler/core/step_polynomial.hpp
  include/antler/core/stopwatch.hpp
  include/antler/core/vector.hpp

  include/antler/problem/callback_problem.hpp
  include/antler/problem/check_problem.hpp
  include/antler/problem/difference_equation.hpp
  include/antler/problem/initial_value_problem.hpp
  include/antler/problem/jacobian_pattern.hpp
  include/antler/problem/problem_report.hpp

  include/antler/deer/affine_maps.hpp
  include/antler/deer/concepts.hpp
  include/antler/deer/deer.hpp
  include/antler/deer/evaluate.hpp
  include/antler/deer/newton.hpp
  include/antler/deer/shifters.hpp
  include/antler/deer/weights.hpp

  include/antler/discretization/collocation_kernels.hpp
  include/antler/discretization/collocation_step.hpp
  include/antler/discretization/collocation_system.hpp
  include/antler/discretization/collocation_window.hpp
  include/antler/discretization/exponential.hpp
  include/antler/discretization/identity.hpp
  include/antler/discretization/radau_newton.hpp
  include/antler/discretization/stage_newton.hpp
  include/antler/discretization/tableau.hpp

  include/antler/inverse/lagged_scan_plan.hpp
  include/antler/inverse/scan.hpp
  include/antler/inverse/scan_plan.hpp
  include/antler/inverse/sequential.hpp
  include/antler/inverse/tiled_scan.hpp

  include/antler/mesh/mesh.hpp
  include/antler/mesh/predictive_controller.hpp
  include/antler/mesh/predictor.hpp
  include/antler/mesh/redistribution.hpp
  include/antler/mesh/rodas.hpp
  include/antler/mesh/rodas_coefficients.hpp

  include/antler/solve/acceptance.hpp
  include/antler/solve/adaptive_exponential.hpp
  include/antler/solve/bounds_watch.hpp
  include/antler/solve/callback.hpp
  include/antler/solve/collocation.hpp
  include/antler/solve/difference_equation.hpp
  include/antler/solve/event_search.hpp
  include/antler/solve/exponential.hpp
  include/antler/solve/radau.hpp
  include/antler/solve/sequential_radau.hpp
  include/antler/solve/sequential_walk.hpp
  include/antler/solve/smooth_intervals.hpp
  include/antler/solve/trajectory_copy.hpp
  include/antler/solve/warm_start.hpp
  include/antler/solve/window_march.hpp
  include/antler/solve/window_solver.hpp
  include/antler/solve/windows.hpp

  include/antler/sensitivity/backpropagation.hpp
  include/antler/sensitivity/collocation_adjoint.hpp
  include/antler/sensitivity/exponential_adjoint.hpp
  include/antler/sensitivity/exponential_linearization.hpp
  include/antler/sensitivity/exponential_products.hpp
  include/antler/sensitivity/fixed_chunks.hpp
  include/antler/sensitivity/initial_value_gradient.hpp
  include/antler/sensitivity/inputs.hpp
  include/antler/sensitivity/parameter_kernels.hpp
  include/antler/sensitivity/parameters.hpp
  include/antler/sensitivity/pullback_error.hpp
  include/antler/sensitivity/sequence_gradient.hpp
  include/antler/sensitivity/sequence_kernels.hpp
  include/antler/sensitivity/sequence_sensitivity.hpp
  include/antler/sensitivity/stage_arguments.hpp
  include/antler/sensitivity/step_arguments.hpp
  include/antler/sensitivity/transposed_maps.hpp
  include/antler/sensitivity/variation.hpp

  include/antler/antler.hpp)
