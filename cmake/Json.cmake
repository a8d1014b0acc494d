# nlohmann-json (JSON documents) as og::json.
find_package(nlohmann_json CONFIG REQUIRED)
add_library(og_json INTERFACE)
target_link_libraries(og_json INTERFACE nlohmann_json::nlohmann_json)
add_library(og::json ALIAS og_json)
