# CRoaring (compressed bitmaps) as og::roaring.
include(${CMAKE_CURRENT_LIST_DIR}/system_library.cmake)
og_system_library(roaring HEADER roaring/roaring.h LIBRARY roaring PACKAGE libroaring-dev)
