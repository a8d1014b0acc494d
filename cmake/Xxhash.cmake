# xxHash (checksums) as og::xxhash.
include(${CMAKE_CURRENT_LIST_DIR}/system_library.cmake)
og_system_library(xxhash HEADER xxhash.h LIBRARY xxhash PACKAGE libxxhash-dev)
