# og_module(): declares one module: a static library, its tests, its benchmarks, and the modules
# it may use. DEPENDS is checked against src/LAYERS and the includes by tools/check_layers.py.
#
#   og_module(NAME index
#     DEPENDS   base types store format        modules of ours that it includes
#     LIBRARIES og::arrow og::roaring          third-party libraries that it adapts
#     PCH       arrow                          std (default), json, arrow or beast
#     SOURCES   adjacency.cc expand.cc
#     TESTS     adjacency_test.cc expand_test.cc        -> bin/index_test
#     TEST_DEPENDS schema                               modules only the tests include
#     BENCHMARKS expand_bench.cc)                       -> bin/index_bench
#
# og_app() declares one program of apps/; og_test() a test program that belongs to no module.

function(og_module)
  cmake_parse_arguments(ARG "" "NAME;PCH"
    "DEPENDS;LIBRARIES;SOURCES;TESTS;TEST_DEPENDS;TEST_LIBRARIES;BENCHMARKS" ${ARGN})
  og_check_arguments(og_module)
  if(NOT ARG_PCH)
    set(ARG_PCH std)
  endif()

  og_existing_only(ARG_SOURCES ARG_TESTS ARG_BENCHMARKS)
  if(NOT ARG_SOURCES)
    return()
  endif()

  set(target og_${ARG_NAME})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(omnigraph::${ARG_NAME} ALIAS ${target})
  target_link_libraries(${target} PUBLIC og_options ${ARG_LIBRARIES})
  foreach(module IN LISTS ARG_DEPENDS)
    target_link_libraries(${target} PUBLIC og_${module})
  endforeach()
  og_use_precompiled(${target} ${ARG_PCH})

  list(TRANSFORM ARG_TEST_DEPENDS PREPEND og_)
  if(OG_BUILD_TESTS AND ARG_TESTS)
    og_test(NAME ${ARG_NAME}_test PCH ${ARG_PCH} LABELS unit ${ARG_NAME}
      SOURCES ${ARG_TESTS} LIBRARIES ${target} ${ARG_TEST_DEPENDS} ${ARG_TEST_LIBRARIES})
  endif()
  if(OG_BUILD_BENCHMARKS AND ARG_BENCHMARKS)
    add_executable(${ARG_NAME}_bench ${ARG_BENCHMARKS})
    target_link_libraries(${ARG_NAME}_bench PRIVATE
      ${target} ${ARG_TEST_DEPENDS} benchmark::benchmark_main)
    og_use_precompiled(${ARG_NAME}_bench ${ARG_PCH})
  endif()
endfunction()

# Declares a GoogleTest program; every case becomes a test of ctest with the given labels.
function(og_test)
  cmake_parse_arguments(ARG "" "NAME;PCH;TIMEOUT_S" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  og_check_arguments(og_test)
  if(NOT ARG_PCH)
    set(ARG_PCH std)
  endif()
  if(NOT ARG_TIMEOUT_S)
    set(ARG_TIMEOUT_S ${OG_TEST_TIMEOUT_S})
  endif()

  og_existing_only(ARG_SOURCES)
  if(NOT ARG_SOURCES)
    return()
  endif()
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE og_options ${ARG_LIBRARIES} GTest::gmock_main)
  og_use_precompiled(${ARG_NAME} ${ARG_PCH} TEST)
  gtest_discover_tests(${ARG_NAME} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT_S})
endfunction()

# Declares one program: bin/<NAME>, built from its main file and the modules in DEPENDS.
function(og_app)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  og_check_arguments(og_app)
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  list(TRANSFORM ARG_DEPENDS PREPEND og_)
  target_link_libraries(${ARG_NAME} PRIVATE og_options ${ARG_DEPENDS} ${ARG_LIBRARIES})
endfunction()

# With OG_ALLOW_MISSING_SOURCES: takes files that do not exist yet off the lists, and looks again
# when files appear in the folder. For working trees in which several modules are being written;
# without it (the default) a missing file ends the configuration.
macro(og_existing_only)
  if(OG_ALLOW_MISSING_SOURCES)
    foreach(list IN ITEMS ${ARGN})
      foreach(file IN LISTS ${list})
        if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
          message(STATUS "${ARG_NAME}: ${file} does not exist yet")
          list(REMOVE_ITEM ${list} ${file})
          set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY
            CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR})
        endif()
      endforeach()
    endforeach()
  endif()
endmacro()

# Ends the configuration with a clear message if the calling function got an unknown keyword.
macro(og_check_arguments caller)
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${caller}(${ARG_NAME}): unknown argument ${ARG_UNPARSED_ARGUMENTS}")
  endif()
endmacro()

# Adds `folder` if it has a CMakeLists.txt; if not, looks again when files appear in it.
function(og_add_folder folder)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt)
    add_subdirectory(${PROJECT_SOURCE_DIR}/${folder})
  elseif(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${folder})
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY
      CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder})
  endif()
endfunction()

# Adds the modules that exist, in the order of the layers file.
function(og_add_modules layers_file)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY
    CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${layers_file} ${PROJECT_SOURCE_DIR}/src)
  file(STRINGS ${PROJECT_SOURCE_DIR}/${layers_file} lines)
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "#.*" "" line "${line}")
    string(REGEX MATCHALL "[a-z_]+" modules "${line}")
    foreach(module IN LISTS modules)
      og_add_folder(src/${module})
    endforeach()
  endforeach()
endfunction()
