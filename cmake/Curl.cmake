# libcurl (HTTP client) as og::curl.
find_package(CURL REQUIRED)
add_library(og_curl INTERFACE)
target_link_libraries(og_curl INTERFACE CURL::libcurl)
add_library(og::curl ALIAS og_curl)
