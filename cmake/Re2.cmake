# RE2 (the only engine that runs patterns written by users) as og::re2.
include(${CMAKE_CURRENT_LIST_DIR}/system_library.cmake)
og_system_library(re2 HEADER re2/re2.h LIBRARY re2 PACKAGE libre2-dev)
