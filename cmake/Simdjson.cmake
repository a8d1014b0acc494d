# simdjson (bulk reading of JSON) as og::simdjson.
find_package(simdjson CONFIG REQUIRED)
add_library(og_simdjson INTERFACE)
target_link_libraries(og_simdjson INTERFACE simdjson::simdjson)
add_library(og::simdjson ALIAS og_simdjson)
