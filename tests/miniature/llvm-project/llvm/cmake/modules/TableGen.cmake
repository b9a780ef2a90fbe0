# Running a table generator: tablegen(MLIR Ops.h.inc -gen-op-decls) reads LLVM_TARGET_DEFINITIONS.

function(tablegen project ofn)
  cmake_parse_arguments(ARG "" "" "DEPENDS;EXTRA_INCLUDES" ${ARGN})
  if(NOT ${project}_TABLEGEN_EXE)
    message(FATAL_ERROR "${project}_TABLEGEN_EXE is not set")
  endif()
  get_filename_component(source ${LLVM_TARGET_DEFINITIONS} ABSOLUTE)
  get_directory_property(includes INCLUDE_DIRECTORIES)
  list(APPEND includes ${ARG_EXTRA_INCLUDES})
  list(REMOVE_ITEM includes "")
  list(REMOVE_DUPLICATES includes)
  list(TRANSFORM includes PREPEND "-I")
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${ofn})
  add_custom_command(OUTPUT ${output}
    COMMAND ${${project}_TABLEGEN_EXE} ${ARG_UNPARSED_ARGUMENTS} -I${CMAKE_CURRENT_SOURCE_DIR} ${includes}
            ${source} --write-if-changed -o ${output} -d ${output}.d
    DEPFILE ${output}.d
    DEPENDS ${${project}_TABLEGEN_TARGET} ${${project}_TABLEGEN_EXE} ${source} ${ARG_DEPENDS}
    COMMENT "Building ${ofn}...")
  set_source_files_properties(${output} PROPERTIES GENERATED 1)
  set(TABLEGEN_OUTPUT ${TABLEGEN_OUTPUT} ${output} PARENT_SCOPE)
endfunction()

# A target for everything that was generated in this directory since the last one.
macro(add_public_tablegen_target target)
  if(NOT TABLEGEN_OUTPUT)
    message(FATAL_ERROR "${target} has no tablegen() before it")
  endif()
  add_custom_target(${target} DEPENDS ${TABLEGEN_OUTPUT})
  set(LLVM_COMMON_DEPENDS ${LLVM_COMMON_DEPENDS} ${target} PARENT_SCOPE)
  set(TABLEGEN_OUTPUT)
endmacro()

# A table generator: a tool that is needed to build `project` and everything on top of it, so that it is built,
# installed and exported whether or not tools are wanted.
function(add_tablegen target project)
  add_llvm_executable(${target} DISABLE_LLVM_LINK_LLVM_DYLIB ${ARGN})
  get_target_export_arg(${target} ${project} export)
  install(TARGETS ${target} ${export} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${target})
  add_llvm_install_targets(install-${target} DEPENDS ${target} COMPONENT ${target})
  set_property(GLOBAL APPEND PROPERTY ${project}_EXPORTS ${target})
endfunction()
