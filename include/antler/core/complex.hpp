// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "antler/core/lanes.hpp"
#include "antler/core/lanes_math.hpp"
#include "antler/core/math.hpp"

namespace antler::inline ANTLER_LANES {

/// re + i im for scalars and SIMD lanes, on the host and on the device: what one complex pair of a transformed collocation method
/// needs.
template <class T>
struct Complex {
  T re, im;

  KOKKOS_FORCEINLINE_FUNCTION friend Complex operator+(const Complex& a, const Complex& b) { return {a.re + b.re, a.im + b.im}; }
  KOKKOS_FORCEINLINE_FUNCTION friend Complex operator-(const Complex& a, const Complex& b) { return {a.re - b.re, a.im - b.im}; }
  KOKKOS_FORCEINLINE_FUNCTION friend Complex operator*(const Complex& a, const Complex& b) {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
  }
  KOKKOS_FORCEINLINE_FUNCTION friend Complex operator*(const Complex& a, const T& s) { return {a.re * s, a.im * s}; }
  KOKKOS_FORCEINLINE_FUNCTION Complex& operator+=(const Complex& b) { return *this = *this + b; }
  KOKKOS_FORCEINLINE_FUNCTION Complex& operator-=(const Complex& b) { return *this = *this - b; }
};

/// 1 / z. In double |z|^2 is not guarded against overflow: the entries are eigenvalues over step lengths, far from 1e154. In single
/// precision they are not far from 1e19, and z is scaled first.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION Complex<T> reciprocal(const Complex<T>& z) {
  if constexpr (sizeof(scalar_of<T>) == sizeof(float)) {
    const T re = abs(z.re), im = abs(z.im), unit = T(1) / select(re > im, re, im);
    const T x = z.re * unit, y = z.im * unit, scale = unit / (x * x + y * y);
    return {x * scale, -y * scale};
  } else {
    const T scale = T(1) / (z.re * z.re + z.im * z.im);
    return {z.re * scale, -z.im * scale};
  }
}
template <class T>
KOKKOS_FORCEINLINE_FUNCTION T reciprocal(const T& x) {
  return T(1) / x;
}

/// A size by which pivots are compared: |x|, or |re| + |im| as LAPACK's complex pivoting does.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION T pivot_size(const Complex<T>& z) {
  return abs(z.re) + abs(z.im);
}
template <class T>
KOKKOS_FORCEINLINE_FUNCTION T pivot_size(const T& x) {
  return abs(x);
}

/// Per lane; a bool chooses between whole values already (lanes.hpp).
template <class T>
  requires(!std::is_same_v<mask_of<T>, bool>)
KOKKOS_FORCEINLINE_FUNCTION Complex<T> select(const mask_of<T>& mask, const Complex<T>& a, const Complex<T>& b) {
  return {select(mask, a.re, b.re), select(mask, a.im, b.im)};
}

}  // namespace antler::inline ANTLER_LANES
