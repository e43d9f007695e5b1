// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>
#include <type_traits>
#include <utility>

#if !defined(__CUDACC__) && !defined(__HIPCC__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // GCC 12 takes its own _mm512_undefined_pd() for a mistake (bug 105593)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <xsimd/xsimd.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#if XSIMD_WITH_SSE2 || XSIMD_WITH_NEON64  // 32-bit Neon has no double
#define ANTLER_HAS_LANES 1
#endif
#endif

#include "antler/core/config.hpp"

/// @file
/// SIMD lanes: one variable that holds the same quantity of several time steps, and the vocabulary with which an algorithm is
/// written once for scalars and for lanes.
///
/// `Lanes<T>` wraps xsimd's widest batch. It is a class of our own, because a user's right-hand side calls `pow(y[0], 4.0)` and
/// `max(y[0], 0.0)` unqualified: xsimd does not deduce the mixed call, and corrections of its functions (lanes_math.hpp) would not
/// be found by argument-dependent lookup. Under device compilers, and without a supported instruction set, lanes are scalars.

namespace antler::inline ANTLER_LANES {

template <class S>
concept Arithmetic = std::is_arithmetic_v<S>;

#ifdef ANTLER_HAS_LANES

#if XSIMD_WITH_AVX512BW  // adds arithmetic on bytes only, and xsimd 8.1 does not compile for it with GCC at -O0
using LanesArchitecture = xsimd::avx512dq;
#else
using LanesArchitecture = xsimd::default_arch;
#endif

/// xsimd::batch_bool<T>: the truth of a comparison, lane by lane. Combine with &&, ||, !; never converts to bool (see any, all).
template <class T>
using LanesMask = xsimd::batch_bool<T, LanesArchitecture>;

/// lane_count<Lanes<T>> values of T (float or double) that go through arithmetic together.
template <class T>
class Lanes {
 public:
  using Batch = xsimd::batch<T, LanesArchitecture>;
  static constexpr int count = static_cast<int>(Batch::size);

  Lanes() = default;  // uninitialised; Lanes{} is zero

  /// The same value in every lane. Any arithmetic type, so that 0.04 * y compiles for lanes of float.
  template <Arithmetic S>
  KOKKOS_FORCEINLINE_FUNCTION Lanes(S value) : batch_(static_cast<T>(value)) {}

  KOKKOS_FORCEINLINE_FUNCTION Lanes(const Batch& batch) : batch_(batch) {}

  KOKKOS_FORCEINLINE_FUNCTION const Batch& batch() const { return batch_; }

  KOKKOS_FORCEINLINE_FUNCTION Lanes& operator+=(const Lanes& b) { return *this = *this + b; }
  KOKKOS_FORCEINLINE_FUNCTION Lanes& operator-=(const Lanes& b) { return *this = *this - b; }
  KOKKOS_FORCEINLINE_FUNCTION Lanes& operator*=(const Lanes& b) { return *this = *this * b; }
  KOKKOS_FORCEINLINE_FUNCTION Lanes& operator/=(const Lanes& b) { return *this = *this / b; }

  friend KOKKOS_FORCEINLINE_FUNCTION Lanes operator+(const Lanes& a) { return a; }
  friend KOKKOS_FORCEINLINE_FUNCTION Lanes operator-(const Lanes& a) { return -a.batch_; }
  friend KOKKOS_FORCEINLINE_FUNCTION Lanes operator+(const Lanes& a, const Lanes& b) { return a.batch_ + b.batch_; }
  friend KOKKOS_FORCEINLINE_FUNCTION Lanes operator-(const Lanes& a, const Lanes& b) { return a.batch_ - b.batch_; }
  friend KOKKOS_FORCEINLINE_FUNCTION Lanes operator*(const Lanes& a, const Lanes& b) { return a.batch_ * b.batch_; }
  friend KOKKOS_FORCEINLINE_FUNCTION Lanes operator/(const Lanes& a, const Lanes& b) { return a.batch_ / b.batch_; }

  friend KOKKOS_FORCEINLINE_FUNCTION LanesMask<T> operator<(const Lanes& a, const Lanes& b) { return a.batch_ < b.batch_; }
  friend KOKKOS_FORCEINLINE_FUNCTION LanesMask<T> operator<=(const Lanes& a, const Lanes& b) { return a.batch_ <= b.batch_; }
  friend KOKKOS_FORCEINLINE_FUNCTION LanesMask<T> operator>(const Lanes& a, const Lanes& b) { return a.batch_ > b.batch_; }
  friend KOKKOS_FORCEINLINE_FUNCTION LanesMask<T> operator>=(const Lanes& a, const Lanes& b) { return a.batch_ >= b.batch_; }
  friend KOKKOS_FORCEINLINE_FUNCTION LanesMask<T> operator==(const Lanes& a, const Lanes& b) { return a.batch_ == b.batch_; }
  friend KOKKOS_FORCEINLINE_FUNCTION LanesMask<T> operator!=(const Lanes& a, const Lanes& b) { return !(a.batch_ == b.batch_); }

 private:
  Batch batch_;
};

#else

template <class T>
using Lanes = T;

#endif

/// What a type is made of: scalar (double of Lanes<double>, of Dual<Lanes<double>, n>, ...), mask (what its comparisons return)
/// and the number of lanes. Dual specialises it.
template <class T>
struct LaneTraits {
  static_assert(Arithmetic<T>, "LaneTraits: neither a scalar, nor lanes, nor a Dual of these");
  using scalar = T;
  using mask = bool;
  static constexpr int count = 1;
};

#ifdef ANTLER_HAS_LANES
template <class T>
struct LaneTraits<Lanes<T>> {
  using scalar = T;
  using mask = LanesMask<T>;
  static constexpr int count = Lanes<T>::count;
};
#endif

/// S is a number to a T: converting it to T gives the same value in every lane and no derivative.
template <class S, class T>
struct IsConstantFor : std::bool_constant<Arithmetic<S> || std::is_same_v<S, T>> {};
template <class S, class T>
concept ConstantFor = IsConstantFor<S, T>::value;

template <class T>
inline constexpr bool is_lanes = false;
#ifdef ANTLER_HAS_LANES
template <class T>
inline constexpr bool is_lanes<Lanes<T>> = true;
#endif

template <class T, int n>
struct Dual;
template <class T>
inline constexpr bool is_dual = false;
template <class T, int n>
inline constexpr bool is_dual<Dual<T, n>> = true;

/// The type in which A and B meet: lanes and a number are lanes, a Dual and a constant a Dual. Nothing where they do not.
template <class A, class B>
struct Promotion {};
template <class A, class B>
  requires((is_lanes<B> || is_dual<B>)&&ConstantFor<A, B>)
struct Promotion<A, B> {
  using type = B;
};
template <class A, class B>
  requires((is_lanes<A> || is_dual<A>)&&ConstantFor<B, A> && !std::is_same_v<A, B>)
struct Promotion<A, B> {
  using type = A;
};
template <Arithmetic A, Arithmetic B>
struct Promotion<A, B> {
  using type = std::common_type_t<A, B>;
};
template <class A, class B>
using promoted = typename Promotion<A, B>::type;

template <class B, class A>
concept LanesWith = is_lanes<promoted<A, B>>;
template <class B, class A>
concept DualWith = is_dual<promoted<A, B>>;

template <class T>
using scalar_of = typename LaneTraits<T>::scalar;

template <class T>
using mask_of = typename LaneTraits<T>::mask;

template <class T>
inline constexpr int lane_count = LaneTraits<T>::count;

/// a where the mask holds, b elsewhere; both are evaluated. A bool chooses between whole values of any type.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION T select(bool mask, const T& a, const T& b) {
  return mask ? a : b;
}

template <Arithmetic A, Arithmetic B>
  requires(!std::is_same_v<A, B>)
KOKKOS_FORCEINLINE_FUNCTION std::common_type_t<A, B> select(bool mask, A a, B b) {
  using C = std::common_type_t<A, B>;
  return mask ? static_cast<C>(a) : static_cast<C>(b);
}

KOKKOS_FORCEINLINE_FUNCTION bool any(bool mask) { return mask; }
KOKKOS_FORCEINLINE_FUNCTION bool all(bool mask) { return mask; }

/// T from lane_count<T> consecutive scalars at p; no alignment needed.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION T load(const scalar_of<T>* p) {
  if constexpr (lane_count<T> == 1) {
    return *p;
  } else {
    return T::Batch::load_unaligned(p);
  }
}

/// Writes the lanes of x to lane_count<T> consecutive scalars at p; no alignment needed.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION void store(scalar_of<T>* p, const T& x) {
  if constexpr (lane_count<T> == 1) {
    *p = x;
  } else {
    x.batch().store_unaligned(p);
  }
}

namespace detail {

template <class T, class At, int... l>
KOKKOS_FORCEINLINE_FUNCTION T assembled(const At& at, std::integer_sequence<int, l...>) {
  return typename T::Batch({at(l)...});
}

}  // namespace detail

/// T of the scalars at(0), at(1), ..., one per lane. They meet in registers: a load of what scalar stores have just left in a
/// buffer waits until the stores have gone to the cache.
template <class T, class At>
KOKKOS_FORCEINLINE_FUNCTION T from_lanes(const At& at) {
  if constexpr (lane_count<T> == 1) {
    return at(0);
  } else {
    return detail::assembled<T>(at, std::make_integer_sequence<int, lane_count<T>>{});
  }
}

/// Lane l of x, 0 <= l < lane_count<T>. Goes through memory: not for inner loops.
template <Arithmetic T>
KOKKOS_FORCEINLINE_FUNCTION T lane(T x, int /*l*/) {
  return x;
}

/// Sets lane l of x.
template <Arithmetic T>
KOKKOS_FORCEINLINE_FUNCTION void set_lane(T& x, int /*l*/, T value) {
  x = value;
}

/// The sum over the lanes of x.
template <Arithmetic T>
KOKKOS_FORCEINLINE_FUNCTION T sum_of_lanes(T x) {
  return x;
}

/// a b + c: one instruction where the machine has it, two roundings where it has not.
template <Arithmetic T>
KOKKOS_FORCEINLINE_FUNCTION T multiply_add(T a, T b, T c) {
  return a * b + c;
}

#ifdef ANTLER_HAS_LANES

template <class T>
KOKKOS_FORCEINLINE_FUNCTION Lanes<T> select(const LanesMask<T>& mask, const std::type_identity_t<Lanes<T>>& a,
                                            const std::type_identity_t<Lanes<T>>& b) {
  return xsimd::select(mask, a.batch(), b.batch());
}

using xsimd::all;
using xsimd::any;

template <class T>
T lane(const Lanes<T>& x, int l) {
  T values[Lanes<T>::count];
  store(values, x);
  return values[l];
}

template <class T>
void set_lane(Lanes<T>& x, int l, std::type_identity_t<T> value) {
  T values[Lanes<T>::count];
  store(values, x);
  values[l] = value;
  x = load<Lanes<T>>(values);
}

template <class T>
KOKKOS_FORCEINLINE_FUNCTION T sum_of_lanes(const Lanes<T>& x) {
  return xsimd::hadd(x.batch());
}

#ifdef __AVX512F__  // xsimd 8.1 has no fused instruction for these registers
KOKKOS_FORCEINLINE_FUNCTION Lanes<double> multiply_add(const Lanes<double>& a, const Lanes<double>& b, const Lanes<double>& c) {
  return Lanes<double>::Batch(_mm512_fmadd_pd(a.batch(), b.batch(), c.batch()));
}
KOKKOS_FORCEINLINE_FUNCTION Lanes<float> multiply_add(const Lanes<float>& a, const Lanes<float>& b, const Lanes<float>& c) {
  return Lanes<float>::Batch(_mm512_fmadd_ps(a.batch(), b.batch(), c.batch()));
}
#else
template <class T>
KOKKOS_FORCEINLINE_FUNCTION Lanes<T> multiply_add(const Lanes<T>& a, const Lanes<T>& b, const Lanes<T>& c) {
  return xsimd::fma(a.batch(), b.batch(), c.batch());
}
#endif

#endif

}  // namespace antler::inline ANTLER_LANES
