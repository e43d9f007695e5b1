// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// SUNDIALS 6.4 to 7.x: the includes, the one call that differs between them, and owners for its handles.

#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_version.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <type_traits>

namespace antler::peers::sundials {

static_assert(std::is_same_v<sunrealtype, double>, "the peers need a SUNDIALS that was built in double precision");

inline SUNContext create_context() {
  SUNContext context = nullptr;
#if SUNDIALS_VERSION_MAJOR >= 7
  SUNContext_Create(SUN_COMM_NULL, &context);
  SUNContext_ClearErrHandlers(context);  // the status says it; 6.x: see silence()
#else
  SUNContext_Create(nullptr, &context);
#endif
  return context;
}

/// Keeps CVODE from printing: what goes wrong is in its return value.
inline void silence(void* cvode) {
  CVodeSetMaxHnilWarns(cvode, -1);
#if SUNDIALS_VERSION_MAJOR < 7
  CVodeSetErrHandlerFn(
      cvode, [](int, const char*, const char*, char*, void*) {}, nullptr);
#endif
}

inline std::string flag_name(int flag) {
  const std::unique_ptr<char, void (*)(void*)> name(CVodeGetReturnFlagName(flag), std::free);
  return name.get();
}

struct Free {
  void operator()(N_Vector v) const { N_VDestroy(v); }
  void operator()(SUNMatrix m) const { SUNMatDestroy(m); }
  void operator()(SUNLinearSolver s) const { SUNLinSolFree(s); }
  void operator()(SUNContext c) const { SUNContext_Free(&c); }
  void operator()(void* cvode) const { CVodeFree(&cvode); }
};

template <class Handle>
using Owner = std::unique_ptr<std::remove_pointer_t<Handle>, Free>;

}  // namespace antler::peers::sundials
