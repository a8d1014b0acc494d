# Apache Arrow C++ as og::arrow, og::arrow_compute and og::parquet.
#
# An installed Arrow is used if CMake finds one. Otherwise the headers and shared objects come
# from the pinned pyarrow wheel, which scripts/setup.sh unpacks into OG_ARROW_ROOT.

set(OG_ARROW_VERSION 26.0.1)

if(DEFINED ENV{XDG_CACHE_HOME})
  set(og_cache_home $ENV{XDG_CACHE_HOME})
else()
  set(og_cache_home $ENV{HOME}/.cache)
endif()
set(OG_ARROW_ROOT ${og_cache_home}/omnigraph/arrow-${OG_ARROW_VERSION}
    CACHE PATH "Folder with include/ and lib/ of Arrow, used when find_package(Arrow) fails")

find_package(Arrow QUIET CONFIG)
find_package(Parquet QUIET CONFIG)
find_package(ArrowCompute QUIET CONFIG)

if(Arrow_FOUND AND Parquet_FOUND)
  add_library(og_arrow INTERFACE)
  target_link_libraries(og_arrow INTERFACE Arrow::arrow_shared)
  add_library(og_parquet INTERFACE)
  target_link_libraries(og_parquet INTERFACE Parquet::parquet_shared og_arrow)
  add_library(og_arrow_compute INTERFACE)
  target_link_libraries(og_arrow_compute INTERFACE og_arrow)
  if(TARGET ArrowCompute::arrow_compute_shared)
    target_link_libraries(og_arrow_compute INTERFACE ArrowCompute::arrow_compute_shared)
  endif()
  add_library(og::arrow ALIAS og_arrow)
  add_library(og::arrow_compute ALIAS og_arrow_compute)
  add_library(og::parquet ALIAS og_parquet)
  return()
endif()

if(NOT EXISTS ${OG_ARROW_ROOT}/include/arrow/api.h)
  message(FATAL_ERROR
    "Arrow is not installed and ${OG_ARROW_ROOT} does not hold it: run scripts/setup.sh")
endif()

function(og_import_arrow name library)
  add_library(og::${name} SHARED IMPORTED GLOBAL)
  set_target_properties(og::${name} PROPERTIES
    IMPORTED_LOCATION ${OG_ARROW_ROOT}/lib/lib${library}.so
    INTERFACE_INCLUDE_DIRECTORIES ${OG_ARROW_ROOT}/include
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${OG_ARROW_ROOT}/include)
  if(ARGN)
    set_target_properties(og::${name} PROPERTIES INTERFACE_LINK_LIBRARIES "${ARGN}")
  endif()
endfunction()

og_import_arrow(arrow arrow)
og_import_arrow(arrow_compute arrow_compute og::arrow)
og_import_arrow(parquet parquet og::arrow)
