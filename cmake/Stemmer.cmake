# libstemmer (the Snowball stemmers) as og::stemmer.
include(${CMAKE_CURRENT_LIST_DIR}/system_library.cmake)
og_system_library(stemmer HEADER libstemmer.h LIBRARY stemmer PACKAGE libstemmer-dev)
