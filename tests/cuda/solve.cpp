// SPDX-License-Identifier: BSD-3-Clause
// Compiled for Kokkos' CUDA backend, never run: the drivers, as a user calls them.

#include "antler/antler.hpp"

using namespace antler;
static_assert(std::is_same_v<Kokkos::DefaultExecutionSpace, Kokkos::Cuda>, "this check is about the CUDA backend");

struct VanDerPol {
  double mu;
  template <class T>
  KOKKOS_FUNCTION Vector<T, 2> operator()(T, const Vector<T, 2>& y) const {
    return {y[1], mu * (1.0 - y[0] * y[0]) * y[1] - y[0]};
  }
};

struct Filter {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y, double x) const {
    return {tanh(y[0]) + x};
  }
};

struct TwoLags {
  template <class T>
  KOKKOS_FUNCTION Vector<T, 1> operator()(const Vector<T, 1>& y1, const Vector<T, 1>& y2) const {
    return {0.5 * y1[0] * y2[0]};
  }
};

template <class T>
bool use() {
  const InitialValueProblem problem{VanDerPol{1.0}, 0.0, 1.0, Vector<T, 2>{2, 0}};
  const std::array<Vector<T, 1>, 2> history{};
  const Mesh mesh = Mesh::uniform(0, 1, 10);
  const auto fixed = solve(problem, Exponential{}, mesh);
  return fixed.status == Status::converged && solve(problem, Exponential{}, mesh, fixed, Options{}).status == Status::converged &&
         solve(problem, Exponential{SequentialInverse{}}, mesh).status == Status::converged &&
         solve(problem, Exponential{}).status == Status::converged &&
         solve(DifferenceEquation{Filter{}, Vector<T, 1>{T(1)}, std::vector<double>(10)}).status == Status::converged &&
         solve(DifferenceEquation{Filter{}, Vector<T, 1>{T(1)}, std::vector<double>(10)}, LevenbergMarquardt{}).status ==
             Status::converged &&
         solve(DifferenceEquation{Filter{}, Vector<T, 1>{T(1)}, std::vector<double>(10)}, LevenbergMarquardt<DiagonalJacobian>{})
                 .status == Status::converged &&
         solve(DifferenceEquation{TwoLags{}, history, Steps{10}}).status == Status::converged &&
         solve(DifferenceEquation{TwoLags{}, history, Steps{10}}, Newton<ScanInverse>{}).status == Status::converged;
}

bool use_solvers() { return use<double>() && use<float>(); }
