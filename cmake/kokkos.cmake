# SPDX-License-Identifier: BSD-3-Clause
# Finds the Kokkos to build on. Order: a target that exists already, the caller's choice (Kokkos_DIR, Kokkos_ROOT,
# CMAKE_PREFIX_PATH), what scripts/setup.sh put into the cache for this compiler, the system's.
if(NOT TARGET Kokkos::kokkos)
  if(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
    set(antler_cache "$ENV{XDG_CACHE_HOME}/antler")
  else()
    set(antler_cache "$ENV{HOME}/.cache/antler")
  endif()
  string(TOLOWER "${CMAKE_CXX_COMPILER_ID}" antler_compiler)
  string(REGEX MATCH "^[0-9]+" antler_compiler_major "${CMAKE_CXX_COMPILER_VERSION}")
  file(GLOB antler_cached_kokkos "${antler_cache}/kokkos-*-${antler_compiler}-${antler_compiler_major}")

  if(Kokkos_DIR AND NOT "$ENV{Kokkos_ROOT}" STREQUAL "") # found by an earlier run: a Kokkos_ROOT set since then counts more
    set(antler_kokkos_root "$ENV{Kokkos_ROOT}")
    cmake_path(IS_PREFIX antler_kokkos_root "${Kokkos_DIR}" NORMALIZE antler_kokkos_is_chosen)
    if(NOT antler_kokkos_is_chosen)
      unset(Kokkos_DIR CACHE)
    endif()
  endif()

  find_package(Kokkos QUIET HINTS ${antler_cached_kokkos}) # no version here: Kokkos 3 calls every other major incompatible
  if(NOT Kokkos_FOUND)
    message(FATAL_ERROR "antler: no Kokkos found. Run ${PROJECT_SOURCE_DIR}/scripts/setup.sh, which provides one, "
                        "or set Kokkos_ROOT to the prefix of yours (3.4 or later).")
  endif()
  if(Kokkos_VERSION VERSION_LESS 3.4)
    message(FATAL_ERROR "antler: the Kokkos in ${Kokkos_DIR} is ${Kokkos_VERSION}, 3.4 or later is needed. "
                        "Set Kokkos_ROOT to the prefix of another, or run ${PROJECT_SOURCE_DIR}/scripts/setup.sh.")
  endif()
  message(STATUS "antler: Kokkos ${Kokkos_VERSION} (${Kokkos_DEVICES}) in ${Kokkos_DIR}")
endif()

if(ANTLER_REQUIRE_BACKEND AND NOT ANTLER_REQUIRE_BACKEND IN_LIST Kokkos_DEVICES)
  message(FATAL_ERROR "antler: the Kokkos in ${Kokkos_DIR} has the backends ${Kokkos_DEVICES}, not ${ANTLER_REQUIRE_BACKEND}. "
                      "Set Kokkos_ROOT to the prefix of one that was built with it.")
endif()
