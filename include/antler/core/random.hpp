// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Macros.hpp>
#include <cstdint>

/// @file
/// Random numbers by counter: number k of a seed is a function of both, SplitMix64 [SteeleLeaFlood2014]. The same on
/// every platform, in any order and from any thread.

namespace antler {

/// 64 random bits: output number `counter`, from 0, of SplitMix64 begun at `seed`.
KOKKOS_INLINE_FUNCTION constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t counter) {
  std::uint64_t x = seed + (counter + 1) * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// A number of [0, 1), a multiple of 2^-53.
KOKKOS_INLINE_FUNCTION constexpr double random_uniform(std::uint64_t seed, std::uint64_t counter) {
  return static_cast<double>(random_bits(seed, counter) >> 11) * 0x1p-53;
}

}  // namespace antler
