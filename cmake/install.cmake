# SPDX-License-Identifier: BSD-3-Clause
# cmake --install: the library, its headers and the package that find_package(antler) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(antler_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/antler)

install(TARGETS antler antler_native EXPORT antlerTargets FILE_SET HEADERS)
if(ANTLER_ENABLE_FFTW)
  install(TARGETS antler_fftw EXPORT antlerTargets)
endif()
install(EXPORT antlerTargets NAMESPACE antler:: DESTINATION ${antler_package_dir})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/antlerConfig.cmake.in ${PROJECT_BINARY_DIR}/antlerConfig.cmake
  INSTALL_DESTINATION ${antler_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/antlerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/antlerConfig.cmake ${PROJECT_BINARY_DIR}/antlerConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/antler_fftw.cmake ${PROJECT_SOURCE_DIR}/cmake/antler_xsimd.cmake DESTINATION ${antler_package_dir})
