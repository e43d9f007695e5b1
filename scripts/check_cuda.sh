#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# check_cuda.sh [SOURCES...]: compiles tests/cuda/*.cpp (or the sources named) for Kokkos' CUDA backend, device code included.
# Needs nvcc, and neither a GPU nor a Kokkos built for it: the headers of the cached recent Kokkos know every backend, so copies of
# the four that hold its configuration, with CUDA switched on, go in front of them. Nothing is linked.
# A call of a host function from device code fails. Exit status 77: no nvcc here.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null) || {
  echo "SKIPPED: no nvcc on this machine, the CUDA compile check needs one"
  exit 77
}
scripts/provision_kokkos.sh recent || exit
kokkos=$cache/kokkos-recent/root/usr/include/kokkos
attempt "Configuring failed: run scripts/test.sh first." cmake --preset release >/dev/null  # writes antler/core/version.hpp

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/cuda/desul/atomics"
switch_on() { sed -E "s#/\* *\#undef ($1) *\*/#\#define \1#"; }
switch_on 'KOKKOS_ENABLE_CUDA|KOKKOS_ARCH_HOPPER(90)?' <"$kokkos/KokkosCore_config.h" >"$work/cuda/KokkosCore_config.h"
switch_on DESUL_ATOMICS_ENABLE_CUDA <"$kokkos/desul/atomics/Config.hpp" >"$work/cuda/desul/atomics/Config.hpp"
printf '#include <fwd/Kokkos_Fwd_%s.hpp>\n' OPENMP CUDA >"$work/cuda/KokkosCore_Config_FwdBackend.hpp"
printf '#include <decl/Kokkos_Declare_%s.hpp>\n' OPENMP CUDA >"$work/cuda/KokkosCore_Config_DeclareBackend.hpp"
echo '#include <setup/Kokkos_Setup_Cuda.hpp>' >"$work/cuda/KokkosCore_Config_SetupBackend.hpp"
grep -q '^#define KOKKOS_ENABLE_CUDA' "$work/cuda/KokkosCore_config.h" ||
  fail "The recent Kokkos lays out its configuration differently: adapt scripts/check_cuda.sh."

compile() {
  "$nvcc" -x cu -std=c++20 -arch=sm_90 -extended-lambda -Wext-lambda-captures-this -Werror cross-execution-space-call -Xcompiler -fopenmp \
    -I"$work/cuda" -isystem "$kokkos" -Iinclude -Ibuild/release/include -c "$1" -o "$work/$(basename "$1").o" && echo "    $1 compiles for sm_90"
}
export -f compile
export nvcc work kokkos
shopt -s nullglob
[ $# -gt 0 ] || set -- tests/cuda/*.cpp
[ $# -gt 0 ] || fail "tests/cuda holds no source: add one per module, with all its kernels in it."
printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" bash -c 'compile "$0"' ||
  fail "Device code does not compile: correct the first error above, then run scripts/check_cuda.sh again."
