# SPDX-License-Identifier: BSD-3-Clause
# Part of the installed package too: the target antler_fftw3, FFTW in double precision, where it is installed. FFTW's own package
# files differ between its two build systems, and Debian installs none.
if(NOT TARGET antler_fftw3)
  find_path(ANTLER_FFTW_INCLUDE_DIR fftw3.h)
  find_library(ANTLER_FFTW_LIBRARY fftw3)
  mark_as_advanced(ANTLER_FFTW_INCLUDE_DIR ANTLER_FFTW_LIBRARY)
  if(ANTLER_FFTW_INCLUDE_DIR AND ANTLER_FFTW_LIBRARY)
    add_library(antler_fftw3 UNKNOWN IMPORTED)
    set_target_properties(antler_fftw3 PROPERTIES
      IMPORTED_LOCATION ${ANTLER_FFTW_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${ANTLER_FFTW_INCLUDE_DIR})
  endif()
endif()
