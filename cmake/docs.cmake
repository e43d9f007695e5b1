# SPDX-License-Identifier: BSD-3-Clause
# Target docs: the HTML pages of include/ and docs/. A warning is an error.
find_package(Doxygen REQUIRED)
configure_file(${PROJECT_SOURCE_DIR}/docs/Doxyfile.in ${PROJECT_BINARY_DIR}/Doxyfile @ONLY)
add_custom_target(docs
  COMMAND Doxygen::doxygen ${PROJECT_BINARY_DIR}/Doxyfile
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
  COMMENT "Doxygen: ${PROJECT_BINARY_DIR}/docs/html/index.html"
  VERBATIM)
