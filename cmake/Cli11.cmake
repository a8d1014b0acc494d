# CLI11 (command line parsing) as og::cli11.
find_package(CLI11 CONFIG REQUIRED)
add_library(og_cli11 INTERFACE)
target_link_libraries(og_cli11 INTERFACE CLI11::CLI11)
add_library(og::cli11 ALIAS og_cli11)
