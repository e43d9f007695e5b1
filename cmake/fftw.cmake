# SPDX-License-Identifier: BSD-3-Clause
# The component antler::fftw: what is solved by sine, cosine and Fourier transforms. A library of its own, since FFTW's licence is
# the GPL: a program that links it is distributed under the GPL, one that links antler::antler alone is not bound by it.
include(cmake/antler_fftw.cmake)
set(antler_fftw_default OFF)
if(PROJECT_IS_TOP_LEVEL AND TARGET antler_fftw3)
  set(antler_fftw_default ON)
endif()
option(ANTLER_ENABLE_FFTW "Build the component antler::fftw (FFTW 3, whose licence is the GPL)" ${antler_fftw_default})

if(ANTLER_ENABLE_FFTW)
  if(NOT TARGET antler_fftw3)
    message(FATAL_ERROR "antler: ANTLER_ENABLE_FFTW is on and no FFTW 3 was found. Install it (Debian: libfftw3-dev), "
                        "add its prefix to CMAKE_PREFIX_PATH, or set ANTLER_ENABLE_FFTW=OFF.")
  endif()
  add_library(antler_fftw STATIC
    src/transforms/gmres.cpp
    src/transforms/grid_axis.cpp
    src/transforms/line_transform.cpp
    src/transforms/parabolic_rectangle_solution.cpp
    src/transforms/rectangle.cpp
    src/transforms/rectangle_laplacian.cpp
    src/transforms/rectangle_points.cpp
    src/transforms/rectangle_solution.cpp
    src/transforms/rectangle_system.cpp
    src/transforms/space_time.cpp
    src/transforms/space_time_inverse.cpp
    src/transforms/space_time_system.cpp
    src/transforms/transform_inverse.cpp)
  add_library(antler::fftw ALIAS antler_fftw)
  target_include_directories(antler_fftw PRIVATE src)
  target_link_libraries(antler_fftw PUBLIC antler PRIVATE antler_fftw3)
  set_target_properties(antler_fftw PROPERTIES EXPORT_NAME fftw POSITION_INDEPENDENT_CODE ON)
endif()
