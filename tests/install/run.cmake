# SPDX-License-Identifier: BSD-3-Clause
# cmake -DWAY=package|subdirectory -DANTLER_SOURCE= -DANTLER_BINARY= -DWORK= -DGENERATOR= -DKOKKOS= -DOPTIONS= -P run.cmake
# Builds consumer/ outside the build tree and runs its program.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "install.${WAY}: '${command}' failed:\n${output}")
  endif()
endfunction()

# The installation is always new, so that a header that is no longer installed is missed; the consumer's build is kept.
file(REMOVE_RECURSE ${WORK}/prefix)
if(WAY STREQUAL "package")
  run(${CMAKE_COMMAND} --install ${ANTLER_BINARY} --prefix ${WORK}/prefix)
  set(where -DCMAKE_PREFIX_PATH=${WORK}/prefix)
else()
  set(where -DANTLER_SUBDIRECTORY=${ANTLER_SOURCE} -DKokkos_DIR=${KOKKOS})
endif()
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${WORK}/build -G ${GENERATOR} ${OPTIONS} ${where})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer)
