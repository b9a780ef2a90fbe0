# Libraries, tools and utilities, for LLVM's own tree and for projects that build on an installed one.
include(LLVM-Config)
include(LLVMDistributionSupport)
include(GNUInstallDirs)

if(NOT LLVM_RUNTIME_OUTPUT_INTDIR)
  set(LLVM_RUNTIME_OUTPUT_INTDIR ${CMAKE_BINARY_DIR}/bin)
endif()
if(NOT LLVM_LIBRARY_OUTPUT_INTDIR)
  set(LLVM_LIBRARY_OUTPUT_INTDIR ${CMAKE_BINARY_DIR}/lib)
endif()

function(add_llvm_install_targets target)
  cmake_parse_arguments(ARG "" "COMPONENT" "DEPENDS" ${ARGN})
  foreach(suffix "" "-stripped")
    set(strip)
    if(suffix)
      set(strip -DCMAKE_INSTALL_DO_STRIP=1)
    endif()
    add_custom_target(${target}${suffix}
      COMMAND "${CMAKE_COMMAND}" -DCMAKE_INSTALL_COMPONENT=${ARG_COMPONENT} ${strip}
              -P "${CMAKE_BINARY_DIR}/cmake_install.cmake"
      USES_TERMINAL)
    if(ARG_DEPENDS)
      add_dependencies(${target}${suffix} ${ARG_DEPENDS})
    endif()
  endforeach()
endfunction()

function(llvm_update_compile_flags name)
  target_compile_options(${name} PRIVATE ${LLVM_COMPILE_FLAGS})
endfunction()

function(llvm_setup_rpath name)
  set(rpath "\$ORIGIN/../lib")
  if(LLVM_INSTALL_PREFIX AND NOT LLVM_INSTALL_PREFIX STREQUAL CMAKE_INSTALL_PREFIX)
    list(APPEND rpath ${LLVM_LIBRARY_DIR})
  endif()
  set_target_properties(${name} PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "${rpath}")
endfunction()

function(set_output_directory name)
  set_target_properties(${name} PROPERTIES
    ARCHIVE_OUTPUT_DIRECTORY ${LLVM_LIBRARY_OUTPUT_INTDIR}
    LIBRARY_OUTPUT_DIRECTORY ${LLVM_LIBRARY_OUTPUT_INTDIR}
    RUNTIME_OUTPUT_DIRECTORY ${LLVM_RUNTIME_OUTPUT_INTDIR})
endfunction()

# llvm_add_library(name [SHARED|STATIC] [OBJECT] sources...
#   DEPENDS targets LINK_COMPONENTS components LINK_LIBS [PUBLIC|PRIVATE] libraries)
#
# LINK_LIBS without a keyword, and LINK_COMPONENTS, are PUBLIC of a static library and PRIVATE of a shared one, as a
# shared library knows itself what it needs. What a static build hides by that comes out in a shared one.
function(llvm_add_library name)
  cmake_parse_arguments(ARG
    "SHARED;STATIC;OBJECT;COMPONENT_LIB;DISABLE_LLVM_LINK_LLVM_DYLIB"
    "OUTPUT_NAME"
    "DEPENDS;LINK_COMPONENTS;LINK_LIBS"
    ${ARGN})
  list(APPEND ARG_DEPENDS ${LLVM_COMMON_DEPENDS})
  if(BUILD_SHARED_LIBS AND NOT ARG_STATIC)
    set(ARG_SHARED TRUE)
  endif()
  set(sources ${ARG_UNPARSED_ARGUMENTS})

  set(compiled ${name})
  if(ARG_OBJECT)
    set(compiled obj.${name})
    add_library(${compiled} OBJECT EXCLUDE_FROM_ALL ${sources})
    target_include_directories(${compiled} PRIVATE $<TARGET_PROPERTY:${name},INCLUDE_DIRECTORIES>)
    set(sources $<TARGET_OBJECTS:${compiled}>)
    # A public library may generate headers that these objects include.
    cmake_parse_arguments(LIBS "" "" "PUBLIC;PRIVATE" ${ARG_LINK_LIBS})
    if(LIBS_PUBLIC)
      add_dependencies(${compiled} ${LIBS_PUBLIC})
    endif()
  endif()
  if(ARG_SHARED)
    add_library(${name} SHARED ${sources})
    set_target_properties(${name} PROPERTIES
      DEFINE_SYMBOL ""
      VERSION ${LLVM_VERSION_MAJOR}.${LLVM_VERSION_MINOR}${LLVM_VERSION_SUFFIX}
      SOVERSION ${LLVM_VERSION_MAJOR}.${LLVM_VERSION_MINOR}${LLVM_VERSION_SUFFIX})
    llvm_setup_rpath(${name})
    set(scope PRIVATE)
  else()
    add_library(${name} STATIC ${sources})
    set(scope PUBLIC)
  endif()
  if(ARG_OUTPUT_NAME)
    set_target_properties(${name} PROPERTIES OUTPUT_NAME ${ARG_OUTPUT_NAME})
  endif()
  set_output_directory(${name})
  llvm_update_compile_flags(${compiled})
  if(ARG_COMPONENT_LIB AND (LLVM_BUILD_LLVM_DYLIB OR BUILD_SHARED_LIBS))
    target_compile_definitions(${compiled} PRIVATE LLVM_EXPORTS)
  endif()

  if(LLVM_LINK_LLVM_DYLIB AND NOT ARG_COMPONENT_LIB AND NOT ARG_DISABLE_LLVM_LINK_LLVM_DYLIB)
    set(components LLVM)
  else()
    llvm_map_components_to_libnames(components ${ARG_LINK_COMPONENTS} ${LLVM_LINK_COMPONENTS})
  endif()
  target_link_libraries(${name} ${scope} ${ARG_LINK_LIBS} ${components})
  if(ARG_DEPENDS)
    add_dependencies(${compiled} ${ARG_DEPENDS})
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

function(add_llvm_library name)
  cmake_parse_arguments(ARG "SHARED;BUILDTREE_ONLY" "" "" ${ARGN})
  set(type)
  if(ARG_SHARED OR BUILD_SHARED_LIBS)
    set(type SHARED)
  endif()
  llvm_add_library(${name} ${type} ${ARG_UNPARSED_ARGUMENTS})
  set_property(GLOBAL APPEND PROPERTY LLVM_EXPORTS ${name})
  if(NOT ARG_BUILDTREE_ONLY)
    set_property(GLOBAL APPEND PROPERTY LLVM_LIBS ${name})
    get_target_export_arg(${name} LLVM export UMBRELLA llvm-libraries)
    install(TARGETS ${name} ${export}
      LIBRARY DESTINATION lib COMPONENT ${name}
      ARCHIVE DESTINATION lib COMPONENT ${name})
    add_llvm_install_targets(install-${name} DEPENDS ${name} COMPONENT ${name})
  endif()
endfunction()

# A library of llvm/lib: a component that others name without its prefix, and a part of libLLVM.
function(add_llvm_component_library name)
  add_llvm_library(${name} COMPONENT_LIB ${ARGN})
  set_property(GLOBAL APPEND PROPERTY LLVM_COMPONENT_LIBS ${name})
endfunction()

function(add_llvm_executable name)
  cmake_parse_arguments(ARG "DISABLE_LLVM_LINK_LLVM_DYLIB" "" "DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  set_output_directory(${name})
  llvm_setup_rpath(${name})
  llvm_update_compile_flags(${name})
  if(LLVM_LINK_LLVM_DYLIB AND NOT ARG_DISABLE_LLVM_LINK_LLVM_DYLIB)
    set(components LLVM)
  else()
    llvm_map_components_to_libnames(components ${LLVM_LINK_COMPONENTS})
  endif()
  target_link_libraries(${name} PRIVATE ${components})
  if(ARG_DEPENDS OR LLVM_COMMON_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS} ${LLVM_COMMON_DEPENDS})
  endif()
endfunction()

# A tool of `project`, installed and exported unless the tools are not wanted.
function(llvm_add_tool project name)
  add_llvm_executable(${name} ${ARGN})
  if(NOT LLVM_BUILD_TOOLS AND CMAKE_PROJECT_NAME STREQUAL "LLVM")
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    return()
  endif()
  get_target_export_arg(${name} ${project} export)
  install(TARGETS ${name} ${export} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${name})
  add_llvm_install_targets(install-${name} DEPENDS ${name} COMPONENT ${name})
  set_property(GLOBAL APPEND PROPERTY ${project}_EXPORTS ${name})
endfunction()

macro(add_llvm_tool name)
  llvm_add_tool(LLVM ${name} ${ARGN})
endmacro()

function(add_llvm_utility name)
  add_llvm_executable(${name} DISABLE_LLVM_LINK_LLVM_DYLIB ${ARGN})
  if(NOT LLVM_BUILD_UTILS)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  if(LLVM_INSTALL_UTILS AND LLVM_BUILD_UTILS)
    get_target_export_arg(${name} LLVM export)
    install(TARGETS ${name} ${export} RUNTIME DESTINATION ${LLVM_UTILS_INSTALL_DIR} COMPONENT ${name})
    add_llvm_install_targets(install-${name} DEPENDS ${name} COMPONENT ${name})
  endif()
  set_property(GLOBAL APPEND PROPERTY LLVM_EXPORTS ${name})
endfunction()

# A target that runs lit on `suites`, after building what they need.
function(add_lit_testsuite target comment)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  if(NOT LLVM_EXTERNAL_LIT)
    set(LLVM_EXTERNAL_LIT ${LLVM_TOOLS_BINARY_DIR}/llvm-lit)
  endif()
  add_custom_target(${target}
    COMMAND ${LLVM_EXTERNAL_LIT} -sv ${ARG_UNPARSED_ARGUMENTS}
    COMMENT "${comment}"
    USES_TERMINAL)
  if(ARG_DEPENDS)
    add_dependencies(${target} ${ARG_DEPENDS})
  endif()
endfunction()
