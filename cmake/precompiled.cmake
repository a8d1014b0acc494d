# Precompiled headers, shared by all targets: og_use_precompiled(<target> <flavour> [TEST]).
#
# A flavour is the heaviest library that a module includes; each one is compiled once, without and
# with GoogleTest, and only when a target asks for it. A source must still include what it uses.

set(og_precompiled_std
  <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstdint> <cstring>
  <filesystem> <fstream> <functional> <limits> <map> <memory> <mutex> <optional> <random> <set>
  <span> <sstream> <string> <string_view> <thread> <tuple> <unordered_map> <unordered_set>
  <utility> <variant> <vector>)
set(og_precompiled_json <nlohmann/json.hpp>)
set(og_precompiled_arrow <arrow/api.h> <arrow/io/api.h> <arrow/ipc/api.h>)
set(og_precompiled_beast
  <boost/asio.hpp> <boost/beast/core.hpp> <boost/beast/http.hpp> <nlohmann/json.hpp>)

function(og_use_precompiled target flavour)
  if(NOT DEFINED og_precompiled_${flavour})
    message(FATAL_ERROR "${target}: no precompiled headers '${flavour}'")
  endif()
  set(owner og_precompiled_${flavour})
  set(headers ${og_precompiled_std})
  if(NOT flavour STREQUAL "std")
    list(APPEND headers ${og_precompiled_${flavour}})
  endif()
  if("TEST" IN_LIST ARGN)
    string(APPEND owner _test)
    list(APPEND headers <gmock/gmock.h>)
  endif()

  if(NOT TARGET ${owner})
    file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/${owner}.cc
         CONTENT "// Owns one precompiled header.\n")
    add_library(${owner} STATIC ${PROJECT_BINARY_DIR}/${owner}.cc)
    target_link_libraries(${owner} PRIVATE og_options)
    if(flavour STREQUAL "arrow")
      target_link_libraries(${owner} PRIVATE og::arrow)
    elseif(flavour STREQUAL "beast")
      target_link_libraries(${owner} PRIVATE og::boost og::openssl og::json)
    elseif(flavour STREQUAL "json")
      target_link_libraries(${owner} PRIVATE og::json)
    endif()
    if("TEST" IN_LIST ARGN)
      target_link_libraries(${owner} PRIVATE GTest::gmock)
    endif()
    target_precompile_headers(${owner} PRIVATE ${headers})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${owner})
endfunction()
