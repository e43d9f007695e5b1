#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# provision_kokkos.sh [stable|recent]: puts a Kokkos with the OpenMP backend into the cache (~/.cache/antler), from Debian.
#
#   stable  the Kokkos inside this release's source package trilinos, built with $CXX (Debian 12: 3.4.01)
#   recent  the Kokkos of Debian unstable, as built there, in a directory of its own with the C and C++ runtimes it was linked
#           against; nothing of it enters the system. Unstable moves: for tests, not for use. Use: cmake -C PREFIX/kokkos.cmake
#
# The sources come from the mirror that this machine's apt uses already; its configuration and lists are left alone.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh
flavour=${1:-stable}
case $flavour in stable | recent) ;; *) fail "Unknown flavour '$flavour': say stable or recent." ;; esac

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9  # two scripts at once: the second waits, and finds the work done
if [ -n "$(cached_kokkos "$flavour")" ]; then exit 0; fi

work=$(mktemp -d "$cache/provision.XXXXXX")
trap 'rm -rf "$work"' EXIT
log=$cache/provision-$flavour.log
offline="apt could not read Debian's package lists: read its message above (apt-get update must work), then run the script again"

# private_apt SUITE: sets the array apt, a call of apt-get that sees the sources and the packages of that suite only.
private_apt() {
  local state=$work/apt site signed=
  site=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
    awk '$3 == "main" && $4 == "Debian" {print $1; exit}')
  [ -n "$site" ] || fail "apt on this machine knows no Debian mirror: install Kokkos 3.4 or later yourself and set Kokkos_ROOT to its prefix."
  for keys in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
    if [ -e "$keys" ]; then signed="[signed-by=$keys]"; fi
  done
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/parts"
  printf '%s %s %s %s main\n' deb "$signed" "$site" "$1" deb-src "$signed" "$site" "$1" >"$state/sources.list"
  apt=(apt-get -qq -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts="$state/parts" -o Dir::State::Lists="$state/lists"
    -o Dir::Cache="$state/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3)
  quietly "$offline" "$log" "${apt[@]}" update
}

stable() {
  step "Kokkos: fetching Debian's source package trilinos"
  private_apt "$(. /etc/os-release && echo "$VERSION_CODENAME")"
  mkdir "$work/download" "$work/source"
  (cd "$work/download" && quietly "$offline" "$log" "${apt[@]}" source --download-only trilinos)
  tar -xf "$work"/download/trilinos_*.orig.tar.* -C "$work/source" --strip-components=1 --wildcards '*/packages/kokkos'

  local source=$work/source/packages/kokkos version prefix
  version=$(sed -n 's/^ *set *(Kokkos_VERSION_\(MAJOR\|MINOR\|PATCH\) \([0-9]*\)).*/\2/Ip' "$source/CMakeLists.txt" | paste -sd.)
  prefix=$cache/kokkos-$version-$(compiler_tag)
  step "Kokkos: building $version with ${CXX:-c++} (about a minute)"
  quietly "Kokkos could not be configured: read the log, or install Kokkos yourself and set Kokkos_ROOT to its prefix" "$log" \
    cmake -G Ninja -S "$source" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_STANDARD=17 -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
    -DKokkos_ENABLE_OPENMP=ON -DKokkos_ENABLE_SERIAL=ON -DCMAKE_INSTALL_PREFIX="$prefix"
  cmake --build "$work/build" 2>&1 | tee -a "$log" | awk '/^\[/ && NR % 5 == 0 {print "    " $1; fflush()}' ||
    fail "Kokkos could not be built: read $log, or install Kokkos yourself and set Kokkos_ROOT to its prefix."
  # Staged and moved, so that an interrupted run leaves no half of a Kokkos behind.
  DESTDIR=$work/stage quietly "Kokkos could not be installed into $prefix: check that the disk has room" "$log" cmake --install "$work/build"
  mv "$work/stage/$prefix" "$prefix"
  echo "    $prefix"
}

recent() {
  step "Kokkos: fetching Debian unstable's build"
  private_apt unstable
  local prefix=$cache/kokkos-recent lib shared
  shared=$(apt-cache "${apt[@]:1}" depends libkokkos-dev 2>/dev/null | awk '/Depends: libkokkos[0-9]/ {print $2; exit}')
  [ -n "$shared" ] || fail "Debian unstable carries no libkokkos-dev at present: run without the recent Kokkos."
  mkdir "$work/download"
  (cd "$work/download" && quietly "$offline" "$log" "${apt[@]}" download libkokkos-dev "$shared" libc6 libstdc++6 libgcc-s1 libgomp1)
  rm -rf "$prefix"
  mkdir -p "$prefix/root"
  for package in "$work"/download/*.deb; do dpkg-deb -x "$package" "$prefix/root"; done

  lib=$(dirname "$(dirname "$(dirname "$(find "$prefix/root/usr/lib" -name KokkosConfig.cmake)")")")
  sed -i "s#/usr/include/kokkos#$prefix/root/usr/include/kokkos#g" "$lib"/cmake/Kokkos/*.cmake
  # The package's CMake files name archives that it does not ship; nothing is in them.
  grep -ohE 'libkokkos[a-z]+\.a' "$lib"/cmake/Kokkos/KokkosTargets-*.cmake | sort -u | while read -r archive; do
    [ -e "$lib/$archive" ] || ar rcs "$lib/$archive"
  done
  # DT_RPATH (not RUNPATH) also leads the libraries' own dependencies to these runtimes; the loader must be the same release's.
  cat >"$work/kokkos.cmake" <<END
set(Kokkos_DIR "$lib/cmake/Kokkos" CACHE PATH "")
set(CMAKE_EXE_LINKER_FLAGS "-Wl,--disable-new-dtags,-rpath,$lib -Wl,--dynamic-linker=$(ls "$lib"/ld-linux*.so.*) -Wl,--allow-shlib-undefined" CACHE STRING "")
END
  mv "$work/kokkos.cmake" "$prefix/kokkos.cmake"
  echo "    $prefix"
}

"$flavour"
