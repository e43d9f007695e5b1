// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// @file
/// Eight real or complex numbers, one of each chunk, with the operations of an elimination. Everything is inlined into a kernel for
/// one instruction set.

#include <cstring>

#include "dynamic/chunk_kernels.hpp"
#include "dynamic/instruction_sets.hpp"

namespace antler::dynamic::chunks {

#ifdef ANTLER_CHOOSE_AT_RUN_TIME
typedef double V __attribute__((vector_size(sizeof(Line))));
#else
struct V {
  double lane[Line::lanes];
};
ANTLER_INLINE V each(const V& a, const V& b, auto operation) {
  V c;
  for (std::ptrdiff_t l = 0; l < Line::lanes; ++l) c.lane[l] = operation(a.lane[l], b.lane[l]);
  return c;
}
ANTLER_INLINE V operator+(const V& a, const V& b) {
  return each(a, b, [](double x, double y) { return x + y; });
}
ANTLER_INLINE V operator-(const V& a, const V& b) {
  return each(a, b, [](double x, double y) { return x - y; });
}
ANTLER_INLINE V operator*(const V& a, const V& b) {
  return each(a, b, [](double x, double y) { return x * y; });
}
ANTLER_INLINE V operator+(const V& a, double s) {
  return each(a, a, [s](double x, double) { return x + s; });
}
ANTLER_INLINE V operator/(double s, const V& a) {
  return each(a, a, [s](double x, double) { return s / x; });
}
ANTLER_INLINE V operator-(const V& a) {
  return each(a, a, [](double x, double) { return -x; });
}
#endif

/// Vectors are passed by reference only: by value they would have a convention for every instruction set.
struct Real {
  static constexpr std::ptrdiff_t lines = 1;
  V re{};

  ANTLER_INLINE void load(const Line* from) { std::memcpy(&re, from, sizeof re); }
  ANTLER_INLINE void store(Line* to) const { std::memcpy(to, &re, sizeof re); }
  ANTLER_INLINE void load_real(const Line* from) { load(from); }
  ANTLER_INLINE void add(double shift, double /*imaginary*/) { re = re + shift; }
  ANTLER_INLINE void invert() { re = 1.0 / re; }
  ANTLER_INLINE void multiply(const Real& a) { re = re * a.re; }
  ANTLER_INLINE void subtract(const Real& a, const Real& b) { re = re - a.re * b.re; }
  ANTLER_INLINE void add_square_to(V& sum) const { sum = sum + re * re; }
};

struct Complex {
  static constexpr std::ptrdiff_t lines = 2;
  V re{}, im{};

  ANTLER_INLINE void load(const Line* from) {
    std::memcpy(&re, from, sizeof re);
    std::memcpy(&im, from + 1, sizeof im);
  }
  ANTLER_INLINE void store(Line* to) const {
    std::memcpy(to, &re, sizeof re);
    std::memcpy(to + 1, &im, sizeof im);
  }
  ANTLER_INLINE void load_real(const Line* from) {
    std::memcpy(&re, from, sizeof re);
    im = V{};
  }
  ANTLER_INLINE void add(double shift, double imaginary) {
    re = re + shift;
    im = im + imaginary;
  }
  ANTLER_INLINE void invert() {
    const V scale = 1.0 / (re * re + im * im);
    re = re * scale;
    im = -im * scale;
  }
  ANTLER_INLINE void multiply(const Complex& a) {
    const V product = re * a.re - im * a.im;
    im = re * a.im + im * a.re;
    re = product;
  }
  ANTLER_INLINE void subtract(const Complex& a, const Complex& b) {
    re = re - a.re * b.re + a.im * b.im;
    im = im - a.re * b.im - a.im * b.re;
  }
  ANTLER_INLINE void add_square_to(V& sum) const { sum = sum + re * re + im * im; }
};

}  // namespace antler::dynamic::chunks
