# Runs TOOL with ARGUMENTS on INPUT and pipes the result into FILECHECK.
# A script of CMake's own needs neither a shell nor lit.
cmake_minimum_required(VERSION 3.20)

if(NOT FILECHECK)
  message("SKIPPED: there is no FileCheck beside this LLVM")
  return()
endif()

separate_arguments(arguments UNIX_COMMAND "${ARGUMENTS}")
execute_process(
  COMMAND ${TOOL} ${arguments} ${INPUT}
  COMMAND ${FILECHECK} ${INPUT}
  RESULTS_VARIABLE results)
if(NOT results STREQUAL "0;0")
  message(FATAL_ERROR
    "exit status of abacus-opt and FileCheck: ${results}, expected 0;0")
endif()
