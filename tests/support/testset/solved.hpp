// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The solvers of initial value problems for the right-hand sides of the test set, compiled once for all programs that link
/// antler_testset_solved: an instantiation takes ten seconds, and tests and the race need the same ones.

#include "antler/solve/radau.hpp"
#include "antler/solve/sequential_radau.hpp"
#include "testset.hpp"

/// With `ANTLER_TESTSET_LINKAGE` empty it defines them, with `extern` it says that they are defined elsewhere.
#define ANTLER_TESTSET_SOLVERS(ANTLER_TESTSET_LINKAGE, Functor)                                                         \
  ANTLER_TESTSET_LINKAGE template Solution<double, testset::Functor::size> solve(                                       \
      const InitialValueProblem<testset::Functor, double, testset::Functor::size>&, const RadauIIA<5>&, const Options&, \
      const std::vector<Event<double, testset::Functor::size>>&, const Solution<double, testset::Functor::size>&,       \
      const SourceLocation&);                                                                                           \
  ANTLER_TESTSET_LINKAGE template Solution<double, testset::Functor::size> solve(                                       \
      const InitialValueProblem<testset::Functor, double, testset::Functor::size>&, SequentialRadau, const Options&,    \
      const SourceLocation&);                                                                                           \
  ANTLER_TESTSET_LINKAGE template Solution<double, testset::Functor::size> solve(                                       \
      const InitialValueProblem<testset::Functor, double, testset::Functor::size>&, SequentialRadauIIA<5>, const Mesh&, \
      const Options&, const SourceLocation&);

/// In two halves, which compile at the same time.
#define ANTLER_TESTSET_FIRST_HALF(LINKAGE)           \
  ANTLER_TESTSET_SOLVERS(LINKAGE, Hires)             \
  ANTLER_TESTSET_SOLVERS(LINKAGE, Pollution)         \
  ANTLER_TESTSET_SOLVERS(LINKAGE, VanDerPol)         \
  ANTLER_TESTSET_SOLVERS(LINKAGE, VanDerPolSlowTime) \
  ANTLER_TESTSET_SOLVERS(LINKAGE, PullToCosine)
#define ANTLER_TESTSET_SECOND_HALF(LINKAGE)          \
  ANTLER_TESTSET_SOLVERS(LINKAGE, Robertson)         \
  ANTLER_TESTSET_SOLVERS(LINKAGE, Oregonator)        \
  ANTLER_TESTSET_SOLVERS(LINKAGE, ChemicalAkzoNobel) \
  ANTLER_TESTSET_SOLVERS(LINKAGE, FedBrusselator)    \
  ANTLER_TESTSET_SOLVERS(LINKAGE, PullToArcTangent)
#define ANTLER_TESTSET_NONSTIFF(LINKAGE)             \
  ANTLER_TESTSET_SOLVERS(LINKAGE, Brusselator)       \
  ANTLER_TESTSET_SOLVERS(LINKAGE, LogarithmicGrowth) \
  ANTLER_TESTSET_SOLVERS(LINKAGE, Lorenz)            \
  ANTLER_TESTSET_SOLVERS(LINKAGE, LotkaVolterra)     \
  ANTLER_TESTSET_SOLVERS(LINKAGE, FitzHughNagumo)    \
  ANTLER_TESTSET_SOLVERS(LINKAGE, Arenstorf)         \
  ANTLER_TESTSET_SOLVERS(LINKAGE, Kepler)            \
  ANTLER_TESTSET_SOLVERS(LINKAGE, HenonHeiles)       \
  ANTLER_TESTSET_SOLVERS(LINKAGE, RigidBody)         \
  ANTLER_TESTSET_SOLVERS(LINKAGE, Pendulum)

#ifndef ANTLER_TESTSET_DEFINES_SOLVERS
namespace antler::inline ANTLER_LANES {
ANTLER_TESTSET_FIRST_HALF(extern)
ANTLER_TESTSET_SECOND_HALF(extern)
ANTLER_TESTSET_NONSTIFF(extern)
}  // namespace antler::inline ANTLER_LANES
#endif
