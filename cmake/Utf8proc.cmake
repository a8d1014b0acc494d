# utf8proc (Unicode normalisation and properties) as og::utf8proc.
include(${CMAKE_CURRENT_LIST_DIR}/system_library.cmake)
og_system_library(utf8proc HEADER utf8proc.h LIBRARY utf8proc PACKAGE libutf8proc-dev)
