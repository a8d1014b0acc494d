# Declares og::<name> for a library of the distribution that comes without CMake files of its own.
include_guard(GLOBAL)

function(og_system_library name)
  cmake_parse_arguments(ARG "" "HEADER;LIBRARY;PACKAGE" "" ${ARGN})
  find_path(OG_${name}_INCLUDE ${ARG_HEADER})
  find_library(OG_${name}_LIBRARY ${ARG_LIBRARY})
  mark_as_advanced(OG_${name}_INCLUDE OG_${name}_LIBRARY)
  if(NOT OG_${name}_INCLUDE OR NOT OG_${name}_LIBRARY)
    message(FATAL_ERROR "${ARG_PACKAGE} is not installed (${ARG_HEADER}, lib${ARG_LIBRARY}): "
                        "run scripts/setup.sh")
  endif()
  add_library(og::${name} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(og::${name} PROPERTIES
    IMPORTED_LOCATION ${OG_${name}_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${OG_${name}_INCLUDE})
endfunction()
