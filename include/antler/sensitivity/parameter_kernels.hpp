// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// sum_i (df/dtheta)^T lambda_i over points i, those of a recurrence's steps or of the stages of collocation: by f's own products,
/// or by dual numbers, some parameters at a time. Points are given by `arguments`, which calls a function at point i, and
/// `lambda(i)`, which is zero past the last point.

#include "antler/sensitivity/fixed_chunks.hpp"
#include "antler/sensitivity/parameters.hpp"

namespace antler::inline ANTLER_LANES {

/// Sums of (df/dtheta_k)^T lambda, as a pullback sees them.
template <class U>
struct ParameterSums {
  U* first;
  KOKKOS_FORCEINLINE_FUNCTION U& operator()(int k) const { return first[k]; }
};

namespace detail {

/// Kernel, one chunk per call: the sums over its steps of lambda^T dg, g being f with dual numbers along k of its parameters.
template <class U, int k, class G, class Arguments, class Lambda, class Sums>
struct SumAlongParameters {
  G g;
  Arguments arguments;
  Lambda lambda;
  FixedChunks chunks;
  Sums sums;

  KOKKOS_INLINE_FUNCTION void operator()(Index chunk) const {
    U sum[k];
    for (int d = 0; d < k; ++d) sum[d] = U(0);
    for (Index block = chunks.begin(chunk); block < chunks.begin(chunk + 1); ++block) {
      const Index i = block * lane_count<U>;
      const auto covector = lambda(i);
      const auto value = arguments.template value<Dual<U, k>, U>(g, i);
      for (int r = 0; r < covector.size(); ++r)
        for (int d = 0; d < k; ++d) sum[d] = multiply_add(covector[r], value[r].derivative[d], sum[d]);
    }
    for (int d = 0; d < k; ++d) sums(chunk, d) = sum[d];
  }
};

/// Kernel, one chunk per call: f's own products of its steps, to the inputs' derivatives and to the sums over the parameters.
template <class U, class F, class Arguments, class Lambda, class Inputs, class Sums>
struct PullBackSteps {
  F f;
  Arguments arguments;
  Lambda lambda;
  FixedChunks chunks;
  Inputs x_bar;
  Sums sums;

  KOKKOS_INLINE_FUNCTION void operator()(Index chunk) const {
    const Index columns = static_cast<Index>(sums.extent(1));
    U* const row = sums.data() + chunk * columns;
    for (Index k = 0; k < columns; ++k) row[k] = U(0);
    for (Index block = chunks.begin(chunk); block < chunks.begin(chunk + 1); ++block) {
      const Index i = block * lane_count<U>;
      arguments.template pull_back<U>(f, i, lambda(i), x_bar, ParameterSums<U>{row});
    }
  }
};

/// Adds sum_i (df/dtheta)^T lambda_i by dual numbers, a pass over the points for every `pass` parameters.
/// @param flops  of a block of points and a pass
template <class U, int pass, class F, class Arguments, class Lambda, class Sums, class ExecutionSpace>
void sum_along_parameters(const ExecutionSpace& space, const F& f, const Arguments& arguments, const Lambda& lambda, Index blocks,
                          double flops, const Sums& sums) {
  constexpr int parameters = parameter_count_of<F>();
  const FixedChunks chunks = sums.chunks(blocks);
  const double chunk_flops = flops * static_cast<double>(blocks) / static_cast<double>(chunks.chunks);
  for (int from = 0; from < parameters; from += pass) {
    const auto g = along_parameters<U, pass>(f, from);
    using G = std::remove_const_t<decltype(g)>;
    parallel_for("antler::sensitivity::parameters", space, chunks.chunks, chunk_flops,
                 SumAlongParameters<U, pass, G, Arguments, Lambda, typename Sums::Sums>{g, arguments, lambda, chunks, sums.sums()});
    sums.add(space, chunks, from, std::min(pass, parameters - from));
  }
}

/// Adds the same by f's own products; those with respect to inputs go to x_bar.
template <class U, class F, class Arguments, class Lambda, class Inputs, class Sums, class ExecutionSpace>
void sum_by_pullback(const ExecutionSpace& space, const F& f, const Arguments& arguments, const Lambda& lambda, Index blocks,
                     double flops, const Inputs& x_bar, const Sums& sums) {
  const FixedChunks chunks = sums.chunks(blocks);
  parallel_for(
      "antler::sensitivity::pullback", space, chunks.chunks,
      flops * static_cast<double>(blocks) / static_cast<double>(chunks.chunks),
      PullBackSteps<U, F, Arguments, Lambda, Inputs, typename Sums::Sums>{f, arguments, lambda, chunks, x_bar, sums.sums()});
  sums.add(space, chunks, 0, parameter_count_of<F>());
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
