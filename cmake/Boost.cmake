# Boost.Beast and Asio (HTTP server) as og::boost: headers only.
set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 REQUIRED)
add_library(og_boost INTERFACE)
target_link_libraries(og_boost INTERFACE Boost::headers)
add_library(og::boost ALIAS og_boost)
