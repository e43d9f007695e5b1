// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sunlinsol/sunlinsol_band.h>
#include <sunmatrix/sunmatrix_band.h>

#include <algorithm>
#include <functional>
#include <span>

#include "peer.hpp"
#include "sundials.hpp"

namespace antler::peers {

/// CVODE for a run-time number of components: BDF, Newton, banded matrix, CVODE's own differences.
inline PeerResult cvode_banded(const std::function<void(double, std::span<const double>, std::span<double>)>& f, int lower,
                               int upper, const PeerRun& run) {
  using RightHandSide = std::remove_cvref_t<decltype(f)>;
  const auto n = static_cast<sunindextype>(run.y0.size());
  const Stopwatch clock;

  const sundials::Owner<SUNContext> context(sundials::create_context());
  const sundials::Owner<N_Vector> y(N_VNew_Serial(n, context.get())), atol(N_VNew_Serial(n, context.get()));
  std::copy(run.y0.begin(), run.y0.end(), N_VGetArrayPointer(y.get()));
  std::copy(run.atol.begin(), run.atol.end(), N_VGetArrayPointer(atol.get()));
  const sundials::Owner<SUNMatrix> matrix(SUNBandMatrix(n, upper, lower, context.get()));
  const sundials::Owner<SUNLinearSolver> linear_solver(SUNLinSol_Band(y.get(), matrix.get(), context.get()));
  const auto rhs = [](sunrealtype t, N_Vector state, N_Vector dydt, void* user) {
    const auto size = static_cast<std::size_t>(N_VGetLength(state));
    (*static_cast<const RightHandSide*>(user))(t, {N_VGetArrayPointer(state), size}, {N_VGetArrayPointer(dydt), size});
    return 0;
  };
  const sundials::Owner<void*> cvode(CVodeCreate(CV_BDF, context.get()));
  sundials::silence(cvode.get());
  CVodeInit(cvode.get(), rhs, run.t0, y.get());
  CVodeSVtolerances(cvode.get(), run.rtol, atol.get());
  CVodeSetUserData(cvode.get(), const_cast<RightHandSide*>(&f));
  CVodeSetLinearSolver(cvode.get(), linear_solver.get(), matrix.get());
  CVodeSetMaxNumSteps(cvode.get(), 1000);  // per call: what comes back as CV_TOO_MUCH_WORK goes on below
  CVodeSetStopTime(cvode.get(), run.t1);

  PeerResult result;
  result.t = run.t0;
  int flag = CV_SUCCESS;
  do {
    flag = CVode(cvode.get(), run.t1, y.get(), &result.t, CV_NORMAL);
  } while (flag == CV_TOO_MUCH_WORK && clock.seconds() < run.time_limit);
  result.seconds = clock.seconds();
  CVodeGetNumSteps(cvode.get(), &result.steps);
  CVodeGetNumRhsEvals(cvode.get(), &result.function_evaluations);
  const double* const final_state = N_VGetArrayPointer(y.get());
  result.y.assign(final_state, final_state + n);
  if (flag == CV_TOO_MUCH_WORK) result.outcome = Outcome::out_of_time;
  if (flag < 0) result.status = sundials::flag_name(flag);
  conclude(result, run);
  return result;
}

}  // namespace antler::peers
