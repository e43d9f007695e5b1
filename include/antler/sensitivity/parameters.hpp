// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// The parameters theta of a user's function, and dual numbers along them. A function that has parameters says
///
///     static constexpr int parameter_count = ...;
///     Vector<T, parameter_count> parameters() const;               // theta: anything with operator[], a View too
///     template <class U> auto with(const Vector<U, parameter_count>& theta) const;   // the same function on other parameters
///
/// and is then differentiated by dual numbers. With a `pullback` of its own (step_arguments.hpp, stage_arguments.hpp) only the
/// first line is asked for.

#include <type_traits>

#include "antler/core/dual.hpp"
#include "antler/core/dual_math.hpp"
#include "antler/core/kokkos.hpp"
#include "antler/core/vector.hpp"

namespace antler::inline ANTLER_LANES {

/// How many parameters F has; zero when it says nothing.
template <class F>
KOKKOS_INLINE_FUNCTION constexpr int parameter_count_of() {
  if constexpr (requires { F::parameter_count; }) {
    static_assert(F::parameter_count >= 0, "antler: parameter_count must not be negative");
    return F::parameter_count;
  } else {
    return 0;
  }
}

/// Directions that one pass of dual numbers carries: all of up to eight, else eight at a time.
KOKKOS_INLINE_FUNCTION constexpr int directions_per_pass(int count) { return count < 1 ? 1 : count < 8 ? count : 8; }

/// F says what its parameters are and can be made anew with others, of dual numbers over U.
template <class F, class U>
concept Parametrised = parameter_count_of<F>()
> 0 && requires(const F f, const Vector<Dual<U, 1>, F::parameter_count> theta) {
  f.parameters()[0];
  f.with(theta);
};

namespace detail {

/// theta where the host can read it.
template <class F>
auto host_parameters(const F& f) {
  const auto theta = f.parameters();
  using Theta = std::remove_const_t<decltype(theta)>;
  if constexpr (Kokkos::is_view<Theta>::value) {
    return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), theta);  // itself, where that is host memory
  } else {
    return theta;
  }
}

/// f with dual numbers for parameters: direction d of k is parameter first + d.
template <class U, int k, class F>
auto along_parameters(const F& f, int first) {
  static_assert(Parametrised<F, U>,
                "antler: for derivatives with respect to its parameters f must bring parameters() and with(theta), or a pullback");
  const auto theta = host_parameters(f);
  Vector<Dual<U, k>, F::parameter_count> seeded;
  for (int j = 0; j < F::parameter_count; ++j) {
    const U value = static_cast<U>(theta[j]);
    const bool varies = j >= first && j < first + k;
    seeded[j] = varies ? Dual<U, k>::variable(value, j - first) : Dual<U, k>(value);
  }
  return f.with(seeded);
}

/// f with the parameters theta + e direction, e e = 0.
template <class U, class F, class Direction>
auto along_direction(const F& f, const Direction& direction) {
  static_assert(Parametrised<F, U>,
                "antler: for derivatives with respect to its parameters f must bring parameters() and with(theta)");
  const auto theta = host_parameters(f);
  Vector<Dual<U, 1>, F::parameter_count> seeded;
  for (int j = 0; j < F::parameter_count; ++j)
    seeded[j] = Dual<U, 1>(static_cast<U>(theta[j]), static_cast<U>(direction[static_cast<std::size_t>(j)]));
  return f.with(seeded);
}

/// v as constants of another element type.
template <class V, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<V, n> constants(const Vector<U, n>& v) {
  if constexpr (std::is_same_v<U, V>) {
    return v;
  } else {
    Vector<V, n> out;
    for (int c = 0; c < n; ++c) out[c] = V(v[c]);
    return out;
  }
}

/// Components first, first + 1, ... of v as independent variables 0, 1, ... of k directions, the others as constants.
template <int k, class U, int n>
KOKKOS_FORCEINLINE_FUNCTION Vector<Dual<U, k>, n> variables(const Vector<U, n>& v, int first) {
  Vector<Dual<U, k>, n> out;
  for (int c = 0; c < n; ++c) out[c] = c >= first && c < first + k ? Dual<U, k>::variable(v[c], c - first) : Dual<U, k>(v[c]);
  return out;
}

}  // namespace detail

}  // namespace antler::inline ANTLER_LANES
