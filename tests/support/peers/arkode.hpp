// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <arkode/arkode_arkstep.h>

#include <algorithm>

#include "jacobian.hpp"
#include "peer.hpp"
#include "sundials.hpp"

// SUNDIALS 7.1 renames ARKStep...() to ARKode...(); both names work in 7.x, the old ones with a warning.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif

namespace antler::peers {

/// ARKODE, implicit: a diagonally implicit Runge-Kutta method of order 4 with an explicit first stage, Newton, dense matrix, a
/// Jacobian function, one absolute tolerance per component.
///
/// The choice was measured over the stiff problems of the test set, as geometric mean of times at equal error: of the 23 tables of
/// SUNDIALS 6.4 QESDIRK436L2SA_6_3_4 is the fastest, 2.2 times as fast as the next (ESDIRK436L2SA_6_3_4) with ARKODE's own
/// settings. With it the settings of SUNDIALS' example ark_robertson help: a tighter iteration with more of them, a predictor of
/// the highest order, and f at a stage from the stage's equation halve the time again.
///
/// @note f and its Jacobian are inlined into ARKODE's callbacks. The clock is looked at every 1000 steps.
template <class F>
PeerResult arkode_dirk(const F& f, const PeerRun& run) {
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

  struct Close {
    void operator()(void* memory) const { ARKStepFree(&memory); }
  };
  const std::unique_ptr<void, Close> arkode(ARKStepCreate(nullptr, rhs, run.t0, y.get(), context.get()));
  void* const memory = arkode.get();
  ARKStepSetMaxHnilWarns(memory, -1);
#if SUNDIALS_VERSION_MAJOR < 7
  ARKStepSetErrHandlerFn(
      memory, [](int, const char*, const char*, char*, void*) {}, nullptr);
#endif
  ARKStepSVtolerances(memory, run.rtol, atol.get());
  ARKStepSetUserData(memory, const_cast<F*>(&f));
  ARKStepSetTableNum(memory, ARKODE_QESDIRK436L2SA_6_3_4, ARKODE_ERK_NONE);
  ARKStepSetLinearSolver(memory, linear_solver.get(), matrix.get());
  ARKStepSetJacFn(memory, jacobian);
  ARKStepSetDeduceImplicitRhs(memory, SUNTRUE);
  ARKStepSetPredictorMethod(memory, 1);
  ARKStepSetNonlinConvCoef(memory, 0.01);
  ARKStepSetMaxNonlinIters(memory, 8);
  ARKStepSetMaxNumSteps(memory, 1000);  // per call: what comes back as ARK_TOO_MUCH_WORK goes on below
  ARKStepSetStopTime(memory, run.t1);

  PeerResult result;
  result.t = run.t0;
  int flag = ARK_SUCCESS;
  do {
    flag = ARKStepEvolve(memory, run.t1, y.get(), &result.t, ARK_NORMAL);
  } while (flag == ARK_TOO_MUCH_WORK && clock.seconds() < run.time_limit);
  result.seconds = clock.seconds();

  long failed_error_tests = 0, failed_iterations = 0, explicit_evaluations = 0;
  ARKStepGetNumSteps(memory, &result.steps);
  ARKStepGetNumErrTestFails(memory, &failed_error_tests);
  ARKStepGetNumNonlinSolvConvFails(memory, &failed_iterations);
  ARKStepGetNumNonlinSolvIters(memory, &result.iterations);
  ARKStepGetNumRhsEvals(memory, &explicit_evaluations, &result.function_evaluations);
  ARKStepGetNumJacEvals(memory, &result.jacobian_evaluations);
  result.rejected = failed_error_tests + failed_iterations;
  const double* const final_state = N_VGetArrayPointer(y.get());
  result.y.assign(final_state, final_state + n);
  if (flag == ARK_TOO_MUCH_WORK) result.outcome = Outcome::out_of_time;
  if (flag < 0) {
    const std::unique_ptr<char, void (*)(void*)> name(ARKStepGetReturnFlagName(flag), std::free);
    result.status = name.get();
  }
  conclude(result, run);
  return result;
}

}  // namespace antler::peers

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
