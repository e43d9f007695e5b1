// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include "jacobian.hpp"
#include "peer.hpp"
#include "sundials.hpp"

namespace antler::peers {

namespace sundials {

/// Takes a CVODE that is set up to run.t1, and reads its counts.
inline PeerResult march(void* cvode, N_Vector y, const PeerRun& run, const Stopwatch& clock) {
  CVodeSetMaxNumSteps(cvode, 1000);  // per call: what comes back as CV_TOO_MUCH_WORK goes on below
  CVodeSetStopTime(cvode, run.t1);

  PeerResult result;
  result.t = run.t0;
  int flag = CV_SUCCESS;
  do {
    flag = CVode(cvode, run.t1, y, &result.t, CV_NORMAL);
  } while (flag == CV_TOO_MUCH_WORK && clock.seconds() < run.time_limit);
  result.seconds = clock.seconds();

  long failed_error_tests = 0, failed_iterations = 0;
  CVodeGetNumSteps(cvode, &result.steps);
  CVodeGetNumErrTestFails(cvode, &failed_error_tests);
  CVodeGetNumNonlinSolvConvFails(cvode, &failed_iterations);
  CVodeGetNumNonlinSolvIters(cvode, &result.iterations);
  CVodeGetNumRhsEvals(cvode, &result.function_evaluations);
  CVodeGetNumJacEvals(cvode, &result.jacobian_evaluations);
  result.rejected = failed_error_tests + failed_iterations;
  const double* const final_state = N_VGetArrayPointer(y);
  result.y.assign(final_state, final_state + run.y0.size());
  if (flag == CV_TOO_MUCH_WORK) result.outcome = Outcome::out_of_time;
  if (flag < 0) result.status = sundials::flag_name(flag);
  conclude(result, run);
  return result;
}

}  // namespace sundials

/// CVODE as its manual's first example has it: BDF, Newton, dense matrix, a Jacobian function, one absolute tolerance per
/// component.
///
/// @note f and its Jacobian are inlined into CVODE's callbacks. The clock is looked at every 1000 steps.
template <class F>
PeerResult cvode_bdf(const F& f, const PeerRun& run) {
  constexpr int n = F::size;
  const Stopwatch clock;

  const sundials::Owner<SUNContext> context(sundials::create_context());
  const sundials::Owner<N_Vector> y(N_VNew_Serial(n, context.get())), atol(N_VNew_Serial(n, context.get()));
  std::copy(run.y0.begin(), run.y0.end(), N_VGetArrayPointer(y.get()));
  std::copy(run.atol.begin(), run.atol.end(), N_VGetArrayPointer(atol.get()));
  const sundials::Owner<SUNMatrix> matrix(SUNDenseMatrix(n, n, context.get()));
  const sundials::Owner<SUNLinearSolver> linear_solver(SUNLinSol_Dense(y.get(), matrix.get(), context.get()));

  const auto rhs = [](sunrealtype t, N_Vector state, N_Vector dydt, void* user) {
    evaluate(*static_cast<const F*>(user), t, N_VGetArrayPointer(state), N_VGetArrayPointer(dydt));
    return 0;
  };
  const auto jacobian = [](sunrealtype t, N_Vector state, N_Vector, SUNMatrix j, void* user, N_Vector, N_Vector, N_Vector) {
    double* const column_major = SUNDenseMatrix_Data(j);
    const Matrix<double, n> dfdy = jacobian_at(*static_cast<const F*>(user), t, N_VGetArrayPointer(state));
    for (int c = 0; c < n; ++c)
      for (int r = 0; r < n; ++r) column_major[c * n + r] = dfdy(r, c);
    return 0;
  };

  const sundials::Owner<void*> cvode(CVodeCreate(CV_BDF, context.get()));
  sundials::silence(cvode.get());
  CVodeInit(cvode.get(), rhs, run.t0, y.get());
  CVodeSVtolerances(cvode.get(), run.rtol, atol.get());
  CVodeSetUserData(cvode.get(), const_cast<F*>(&f));
  CVodeSetLinearSolver(cvode.get(), linear_solver.get(), matrix.get());
  CVodeSetJacFn(cvode.get(), jacobian);
  return sundials::march(cvode.get(), y.get(), run, clock);
}

}  // namespace antler::peers
