// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <ida/ida.h>

#include <algorithm>

#include "antler/core/linearization.hpp"
#include "antler/core/vector.hpp"
#include "peer.hpp"
#include "sundials.hpp"

namespace antler::peers {

namespace sundials {

struct FreeIda {
  void operator()(void* ida) const { IDAFree(&ida); }
};

}  // namespace sundials

/// IDA as its manual's first example has it: BDF of variable order, Newton, dense matrix, a Jacobian function, one absolute
/// tolerance per component; from consistent values.
///
/// @param g        the residual of an antler problem, problem.residual(): g(t, y, y') and g.linearize(t, y, y')
/// @param slope    y'(t0), consistent
/// @note The clock is looked at every 1000 steps.
template <int n, class G>
PeerResult ida_bdf(const G& g, const PeerRun& run, const Vector<double, n>& slope) {
  const Stopwatch clock;
  const sundials::Owner<SUNContext> context(sundials::create_context());
  const sundials::Owner<N_Vector> y(N_VNew_Serial(n, context.get())), yp(N_VNew_Serial(n, context.get())),
      atol(N_VNew_Serial(n, context.get()));
  std::copy(run.y0.begin(), run.y0.end(), N_VGetArrayPointer(y.get()));
  std::copy(slope.begin(), slope.end(), N_VGetArrayPointer(yp.get()));
  std::copy(run.atol.begin(), run.atol.end(), N_VGetArrayPointer(atol.get()));
  const sundials::Owner<SUNMatrix> matrix(SUNDenseMatrix(n, n, context.get()));
  const sundials::Owner<SUNLinearSolver> linear_solver(SUNLinSol_Dense(y.get(), matrix.get(), context.get()));

  struct Plain {
    static Vector<double, n> state(N_Vector v) {
      Vector<double, n> x;
      std::copy_n(N_VGetArrayPointer(v), n, x.begin());
      return x;
    }
  };
  const auto residual = [](sunrealtype t, N_Vector state, N_Vector rate, N_Vector out, void* user) {
    const Vector<double, n> value = (*static_cast<const G*>(user))(double(t), Plain::state(state), Plain::state(rate));
    std::copy(value.begin(), value.end(), N_VGetArrayPointer(out));
    return 0;
  };
  const auto jacobian = [](sunrealtype t, sunrealtype cj, N_Vector state, N_Vector rate, N_Vector, SUNMatrix j, void* user,
                           N_Vector, N_Vector, N_Vector) {
    double* const column_major = SUNDenseMatrix_Data(j);
    const Linearization<double, n, 2> point =
        static_cast<const G*>(user)->template linearize<double>(t, Plain::state(state), Plain::state(rate));
    for (int c = 0; c < n; ++c)
      for (int r = 0; r < n; ++r) column_major[c * n + r] = point.jacobian[0](r, c) + cj * point.jacobian[1](r, c);
    return 0;
  };

  const std::unique_ptr<void, sundials::FreeIda> ida(IDACreate(context.get()));
#if SUNDIALS_VERSION_MAJOR < 7
  IDASetErrHandlerFn(
      ida.get(), [](int, const char*, const char*, char*, void*) {}, nullptr);
#endif
  IDAInit(ida.get(), residual, run.t0, y.get(), yp.get());
  IDASVtolerances(ida.get(), run.rtol, atol.get());
  IDASetUserData(ida.get(), const_cast<G*>(&g));
  IDASetLinearSolver(ida.get(), linear_solver.get(), matrix.get());
  IDASetJacFn(ida.get(), jacobian);
  IDASetMaxNumSteps(ida.get(), 1000);
  IDASetStopTime(ida.get(), run.t1);

  PeerResult result;
  result.t = run.t0;
  int flag = IDA_SUCCESS;
  do {
    flag = IDASolve(ida.get(), run.t1, &result.t, y.get(), yp.get(), IDA_NORMAL);
  } while (flag == IDA_TOO_MUCH_WORK && clock.seconds() < run.time_limit);
  result.seconds = clock.seconds();
  long failed_error_tests = 0, failed_iterations = 0;
  IDAGetNumSteps(ida.get(), &result.steps);
  IDAGetNumErrTestFails(ida.get(), &failed_error_tests);
  IDAGetNumNonlinSolvConvFails(ida.get(), &failed_iterations);
  IDAGetNumNonlinSolvIters(ida.get(), &result.iterations);
  IDAGetNumResEvals(ida.get(), &result.function_evaluations);
  IDAGetNumJacEvals(ida.get(), &result.jacobian_evaluations);
  result.rejected = failed_error_tests + failed_iterations;
  result.y.assign(N_VGetArrayPointer(y.get()), N_VGetArrayPointer(y.get()) + n);
  if (flag == IDA_TOO_MUCH_WORK) result.outcome = Outcome::out_of_time;
  if (flag < 0) {
    const std::unique_ptr<char, void (*)(void*)> name(IDAGetReturnFlagName(flag), std::free);
    result.status = name.get();
  }
  conclude(result, run);
  return result;
}

}  // namespace antler::peers
