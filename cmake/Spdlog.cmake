# spdlog (logs) as og::spdlog.
find_package(spdlog CONFIG REQUIRED)
add_library(og_spdlog INTERFACE)
target_link_libraries(og_spdlog INTERFACE spdlog::spdlog)
add_library(og::spdlog ALIAS og_spdlog)
