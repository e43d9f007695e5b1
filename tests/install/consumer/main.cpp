// SPDX-License-Identifier: BSD-3-Clause
#include <Kokkos_Core.hpp>
#include <antler/core/version.hpp>
#include <cstring>

int main(int argc, char** argv) {
  Kokkos::ScopeGuard kokkos(argc, argv);
  return std::strcmp(antler::version(), ANTLER_VERSION_STRING) == 0 ? 0 : 1;
}
