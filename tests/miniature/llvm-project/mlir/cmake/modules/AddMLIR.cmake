# Libraries, tools and generated code of MLIR, for its own tree and for projects that build on an installed one.
include(TableGen)
include(LLVMDistributionSupport)

function(mlir_tablegen ofn)
  tablegen(MLIR ${ARGV})
  set(TABLEGEN_OUTPUT ${TABLEGEN_OUTPUT} PARENT_SCOPE)
endfunction()

macro(add_mlir_dialect_tablegen_target target)
  add_public_tablegen_target(${target})
  add_dependencies(mlir-headers ${target})
endmacro()

macro(add_mlir_generic_tablegen_target target)
  add_public_tablegen_target(${target})
  add_dependencies(mlir-generic-headers ${target})
endmacro()

# Operations and dialect class of <dialect>.td, under the target MLIR<dialect>IncGen.
function(add_mlir_dialect dialect namespace)
  set(LLVM_TARGET_DEFINITIONS ${dialect}.td)
  mlir_tablegen(${dialect}.h.inc -gen-op-decls)
  mlir_tablegen(${dialect}.cpp.inc -gen-op-defs)
  mlir_tablegen(${dialect}Dialect.h.inc -gen-dialect-decls -dialect=${namespace})
  mlir_tablegen(${dialect}Dialect.cpp.inc -gen-dialect-defs -dialect=${namespace})
  add_mlir_dialect_tablegen_target(MLIR${dialect}IncGen)
endfunction()

function(add_mlir_library_install name)
  get_target_export_arg(${name} MLIR export UMBRELLA mlir-libraries)
  install(TARGETS ${name} ${export}
    LIBRARY DESTINATION lib COMPONENT ${name}
    ARCHIVE DESTINATION lib COMPONENT ${name}
    OBJECTS DESTINATION lib COMPONENT ${name})
  add_llvm_install_targets(install-${name} DEPENDS ${name} COMPONENT ${name})
  set_property(GLOBAL APPEND PROPERTY MLIR_ALL_LIBS ${name})
  set_property(GLOBAL APPEND PROPERTY MLIR_EXPORTS ${name})
endfunction()

# add_mlir_library(name [SHARED] [EXCLUDE_FROM_LIBMLIR] [DISABLE_INSTALL] sources...
#   DEPENDS targets LINK_COMPONENTS components LINK_LIBS [PUBLIC|PRIVATE] libraries)
# See llvm_add_library for what LINK_LIBS means.
function(add_mlir_library name)
  cmake_parse_arguments(ARG
    "SHARED;EXCLUDE_FROM_LIBMLIR;DISABLE_INSTALL"
    ""
    "ADDITIONAL_HEADER_DIRS;DEPENDS;LINK_COMPONENTS;LINK_LIBS"
    ${ARGN})
  if(ARG_SHARED OR BUILD_SHARED_LIBS)
    set(type SHARED)
  else()
    set(type STATIC)
  endif()
  foreach(library ${ARG_LINK_LIBS})
    get_property(components GLOBAL PROPERTY LLVM_COMPONENT_LIBS)
    if(library IN_LIST components)
      message(SEND_ERROR "${name} has ${library} in LINK_LIBS: LLVM's own libraries belong in LINK_COMPONENTS.")
    endif()
  endforeach()
  if(MLIR_BUILD_MLIR_DYLIB AND NOT ARG_EXCLUDE_FROM_LIBMLIR)
    set_property(GLOBAL APPEND PROPERTY MLIR_STATIC_LIBS ${name})
  endif()
  llvm_add_library(${name} ${type} OBJECT ${ARG_UNPARSED_ARGUMENTS}
    DEPENDS mlir-generic-headers ${ARG_DEPENDS}
    LINK_COMPONENTS Support ${ARG_LINK_COMPONENTS}
    LINK_LIBS ${ARG_LINK_LIBS})
  if(NOT ARG_DISABLE_INSTALL)
    add_mlir_library_install(${name})
  endif()
endfunction()

function(add_mlir_dialect_library name)
  set_property(GLOBAL APPEND PROPERTY MLIR_DIALECT_LIBS ${name})
  add_mlir_library(${ARGV} DEPENDS mlir-headers)
endfunction()

function(add_mlir_conversion_library name)
  set_property(GLOBAL APPEND PROPERTY MLIR_CONVERSION_LIBS ${name})
  add_mlir_library(${ARGV} DEPENDS mlir-headers)
endfunction()

macro(add_mlir_tool name)
  llvm_add_tool(MLIR ${ARGV})
endmacro()

# Links MLIR's libraries, or libMLIR in their place where MLIR is used that way.
function(mlir_target_link_libraries target scope)
  if(MLIR_LINK_MLIR_DYLIB)
    target_link_libraries(${target} ${scope} MLIR)
  else()
    target_link_libraries(${target} ${scope} ${ARGN})
  endif()
endfunction()
