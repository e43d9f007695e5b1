// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sunlinsol/sunlinsol_band.h>
#include <sunmatrix/sunmatrix_band.h>

#include <functional>

#include "cvode.hpp"

namespace antler::peers {

/// CVODE on a state whose size is known when the program runs: BDF, Newton, and the Jacobian by CVODE's own differences, as a band
/// matrix where the Jacobian is one.
///
/// @param f          f(t, y, dydt)
/// @param bandwidth  df_i/dy_j is zero for |i - j| > bandwidth
inline PeerResult cvode_bdf_lines(const std::function<void(double, const double*, double*)>& f, int bandwidth, const PeerRun& run) {
  using Rate = std::function<void(double, const double*, double*)>;
  const auto n = static_cast<sunindextype>(run.y0.size());
  const Stopwatch clock;

  const sundials::Owner<SUNContext> context(sundials::create_context());
  const sundials::Owner<N_Vector> y(N_VNew_Serial(n, context.get())), atol(N_VNew_Serial(n, context.get()));
  std::copy(run.y0.begin(), run.y0.end(), N_VGetArrayPointer(y.get()));
  std::copy(run.atol.begin(), run.atol.end(), N_VGetArrayPointer(atol.get()));
  const bool banded = bandwidth < n / 4;
  const sundials::Owner<SUNMatrix> matrix(banded ? SUNBandMatrix(n, bandwidth, bandwidth, context.get())
                                                 : SUNDenseMatrix(n, n, context.get()));
  const sundials::Owner<SUNLinearSolver> linear_solver(banded ? SUNLinSol_Band(y.get(), matrix.get(), context.get())
                                                              : SUNLinSol_Dense(y.get(), matrix.get(), context.get()));

  const auto rhs = [](sunrealtype t, N_Vector state, N_Vector dydt, void* user) {
    (*static_cast<const Rate*>(user))(t, N_VGetArrayPointer(state), N_VGetArrayPointer(dydt));
    return 0;
  };
  const sundials::Owner<void*> cvode(CVodeCreate(CV_BDF, context.get()));
  sundials::silence(cvode.get());
  CVodeInit(cvode.get(), rhs, run.t0, y.get());
  CVodeSVtolerances(cvode.get(), run.rtol, atol.get());
  CVodeSetUserData(cvode.get(), const_cast<Rate*>(&f));
  CVodeSetLinearSolver(cvode.get(), linear_solver.get(), matrix.get());
  return sundials::march(cvode.get(), y.get(), run, clock);
}

}  // namespace antler::peers
