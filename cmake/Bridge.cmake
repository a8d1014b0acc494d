# The Rust half of OmniGraph (bridge/) as og::bridge: a static library behind bridge/bridge.h.
#
# Cargo compiles into OG_CARGO_TARGET_DIR, which the presets share and which may be anywhere; the
# library is then copied into the build folder, so that two checkouts never link each other's.

find_program(OG_CARGO cargo HINTS $ENV{HOME}/.cargo/bin)
if(NOT OG_CARGO)
  message(FATAL_ERROR "cargo is not installed: run scripts/setup.sh")
endif()

if(DEFINED ENV{CARGO_TARGET_DIR})
  set(og_cargo_target_dir $ENV{CARGO_TARGET_DIR})
else()
  set(og_cargo_target_dir ${PROJECT_SOURCE_DIR}/build/cargo)
endif()
set(OG_CARGO_TARGET_DIR ${og_cargo_target_dir} CACHE PATH "Where cargo keeps what it compiled")

set(og_bridge_folder ${PROJECT_BINARY_DIR}/bridge)
set(og_bridge_archive ${og_bridge_folder}/libog_bridge.a)
add_custom_command(
  OUTPUT ${og_bridge_archive}
  COMMAND ${CMAKE_COMMAND}
    -DCARGO=${OG_CARGO} -DMANIFEST=${PROJECT_SOURCE_DIR}/bridge/Cargo.toml
    -DTARGET_DIR=${OG_CARGO_TARGET_DIR} -DARCHIVE=${og_bridge_archive}
    -P ${PROJECT_SOURCE_DIR}/cmake/run_cargo.cmake
  DEPENDS ${PROJECT_SOURCE_DIR}/bridge/Cargo.toml ${PROJECT_SOURCE_DIR}/bridge/Cargo.lock
    ${PROJECT_SOURCE_DIR}/cmake/run_cargo.cmake
  DEPFILE ${og_bridge_archive}.d
  COMMENT "Compiling the Rust bridge"
  VERBATIM)
add_custom_target(og_bridge_archive DEPENDS ${og_bridge_archive})

add_library(og::bridge STATIC IMPORTED GLOBAL)
add_dependencies(og::bridge og_bridge_archive)
set_target_properties(og::bridge PROPERTIES
  IMPORTED_LOCATION ${og_bridge_archive}
  INTERFACE_INCLUDE_DIRECTORIES ${PROJECT_SOURCE_DIR}
  INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m;rt")
