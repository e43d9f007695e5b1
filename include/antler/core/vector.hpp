// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>
#include <concepts>
#include <type_traits>

#include "antler/core/config.hpp"

namespace antler::inline ANTLER_LANES {

/// y = (y_0, ..., y_{n-1}): a state of a size known at compile time, on the host and on the device.
///
/// T is float or double, SIMD lanes of them, or dual numbers of either. Trivially copyable where T is. `Vector<T, n> v;` leaves the
/// components uninitialised, `Vector<T, n> v{}` makes them zero.
template <class T, int n>
struct Vector {
  static_assert(n >= 1, "antler::Vector: a state has at least one component");
  using value_type = T;

  T values[n];

  Vector() = default;

  /// One value per component, converted to T, so that `return {1.0 - y[0], ...}` also serves T = float.
  template <class... U>
    requires(sizeof...(U) == n && (std::convertible_to<U, T> && ...))
  KOKKOS_FORCEINLINE_FUNCTION constexpr Vector(const U&... u) : values{static_cast<T>(u)...} {}

  KOKKOS_FORCEINLINE_FUNCTION static constexpr int size() { return n; }
  KOKKOS_FORCEINLINE_FUNCTION constexpr T& operator[](int i) {
    ANTLER_CHECK_INDEX(0 <= i && i < n);
    return values[i];
  }
  KOKKOS_FORCEINLINE_FUNCTION constexpr const T& operator[](int i) const {
    ANTLER_CHECK_INDEX(0 <= i && i < n);
    return values[i];
  }

  KOKKOS_FORCEINLINE_FUNCTION constexpr T* begin() { return values; }
  KOKKOS_FORCEINLINE_FUNCTION constexpr T* end() { return values + n; }
  KOKKOS_FORCEINLINE_FUNCTION constexpr const T* begin() const { return values; }
  KOKKOS_FORCEINLINE_FUNCTION constexpr const T* end() const { return values + n; }

  /// All components equal to `value`.
  KOKKOS_FORCEINLINE_FUNCTION static constexpr Vector filled(const T& value) {
    Vector v;
    for (int i = 0; i < n; ++i) v.values[i] = value;
    return v;
  }

  KOKKOS_FORCEINLINE_FUNCTION constexpr Vector& operator+=(const Vector& v) {
    for (int i = 0; i < n; ++i) values[i] += v[i];
    return *this;
  }
  KOKKOS_FORCEINLINE_FUNCTION constexpr Vector& operator-=(const Vector& v) {
    for (int i = 0; i < n; ++i) values[i] -= v[i];
    return *this;
  }
  KOKKOS_FORCEINLINE_FUNCTION constexpr Vector& operator*=(const T& s) {
    for (int i = 0; i < n; ++i) values[i] *= s;
    return *this;
  }

  KOKKOS_FORCEINLINE_FUNCTION friend constexpr Vector operator+(Vector a, const Vector& b) { return a += b; }
  KOKKOS_FORCEINLINE_FUNCTION friend constexpr Vector operator-(Vector a, const Vector& b) { return a -= b; }
  KOKKOS_FORCEINLINE_FUNCTION friend constexpr Vector operator*(Vector a, const T& s) { return a *= s; }
  KOKKOS_FORCEINLINE_FUNCTION friend constexpr Vector operator*(const T& s, Vector a) { return a *= s; }
  KOKKOS_FORCEINLINE_FUNCTION friend constexpr Vector operator-(Vector a) {
    for (int i = 0; i < n; ++i) a[i] = -a[i];
    return a;
  }
  /// Equal in every component; for scalars only.
  KOKKOS_FORCEINLINE_FUNCTION friend constexpr bool operator==(const Vector& a, const Vector& b) {
    for (int i = 0; i < n; ++i)
      if (!(a[i] == b[i])) return false;
    return true;
  }
};

template <class T, class... U>
Vector(T, U...) -> Vector<std::common_type_t<T, U...>, 1 + static_cast<int>(sizeof...(U))>;

}  // namespace antler::inline ANTLER_LANES
