# prometheus-cpp (metrics, core library only: our server serves them) as og::prometheus.
include(${CMAKE_CURRENT_LIST_DIR}/system_library.cmake)
og_system_library(prometheus HEADER prometheus/registry.h
  LIBRARY prometheus-cpp-core PACKAGE prometheus-cpp-dev)
