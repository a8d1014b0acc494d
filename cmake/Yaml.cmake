# yaml-cpp (cluster and policy files) as og::yaml.
find_package(yaml-cpp CONFIG REQUIRED)
add_library(og_yaml INTERFACE)
target_link_libraries(og_yaml INTERFACE yaml-cpp)
add_library(og::yaml ALIAS og_yaml)
