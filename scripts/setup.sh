#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# setup.sh [--ci]: installs what antler's programs and tests need and is missing: Debian packages, and a Kokkos where none serves.
# With --ci also what only the checks of .ci/run need. Takes seconds when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

packages=(ninja-build libxsimd-dev libeigen3-dev libfftw3-dev libsundials-dev libboost-dev libgtest-dev libcli11-dev nlohmann-json3-dev gnuplot-nox)
[ "${1:-}" != --ci ] || packages+=(clang libomp-dev clang-format-14 doxygen libbenchmark-dev ccache)
[ -n "${CXX:-}" ] || command -v c++ >/dev/null || packages+=(g++)
command -v cmake >/dev/null || packages+=(cmake)

missing() {
  local package
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
  done
}

install_packages() {
  local root=() log=$cache/apt.log apt=(apt-get -y -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "Packages are missing: as root run 'apt-get install $*', then run the script again."
    root=(sudo)
  fi
  step "Installing Debian packages (a minute or two): $*"
  mkdir -p "$cache"
  quietly "apt-get update failed: check the network, then run the script again" "$log" "${root[@]}" "${apt[@]}" update
  quietly "apt-get could not install the packages: read its message above, then run the script again" "$log" \
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive "${apt[@]}" install --no-install-recommends "$@"
}

# serves PREFIX: whether a Kokkos of version 3.4 or later with a parallel host backend is installed there.
serves() {
  local config version
  for config in "$1"/lib/cmake/Kokkos "$1"/lib64/cmake/Kokkos "$1"/lib/*/cmake/Kokkos "$1"; do
    [ -e "$config/KokkosConfigVersion.cmake" ] || continue
    version=$(sed -n 's/^ *set *(PACKAGE_VERSION "\([0-9.]*\)").*/\1/Ip' "$config/KokkosConfigVersion.cmake" | head -n 1)
    [ "$(printf '%s\n' 3.4 "$version" | sort -V | head -n 1)" = 3.4 ] || continue
    grep -qiE '^ *set *\(Kokkos_DEVICES [^)]*(OPENMP|THREADS|HPX)' "$config/KokkosConfigCommon.cmake" || continue
    echo "$config" && return 0
  done
  return 1
}

find_kokkos() {
  local prefix prefixes
  if [ -n "${Kokkos_ROOT:-}" ]; then
    serves "$Kokkos_ROOT" && return
    fail "Kokkos_ROOT=$Kokkos_ROOT holds no Kokkos 3.4 or later with OpenMP or Threads: correct it, or unset it and run the script again."
  fi
  IFS=': ;' read -ra prefixes <<<"${CMAKE_PREFIX_PATH:-}"
  for prefix in "${prefixes[@]}" "$(cached_kokkos stable)" /usr/local /usr; do
    [ -z "$prefix" ] || ! serves "$prefix" || return 0
  done
  return 1
}

if command -v apt-get >/dev/null; then
  mapfile -t wanted < <(missing)
  [ ${#wanted[@]} = 0 ] || install_packages "${wanted[@]}"
else
  echo "No apt-get here: install the equivalents of ${packages[*]} yourself."
fi

compiler=$(compiler_tag) || compiler=none
case $compiler in
gnu-*) least=12 ;;
clang-*) least=14 ;;
*) fail "${CXX:-c++} does not work as a C++ compiler: install g++ 12 or later, or set CXX to one." ;;
esac
[ "${compiler#*-}" -ge $least ] || fail "${CXX:-c++} is $compiler: set CXX to g++ 12, clang++ 14 or later."
cmake_version=$(cmake --version | sed -n '1s/[^0-9]*//p')
[ "$(printf '%s\n' 3.25 "$cmake_version" | sort -V | head -n 1)" = 3.25 ] ||
  fail "CMake is $cmake_version: install 3.25 or later."

find_kokkos >/dev/null || scripts/provision_kokkos.sh stable || exit
echo "Ready: $compiler, CMake $cmake_version, Kokkos in $(find_kokkos)"
