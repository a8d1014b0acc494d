# Builds the bridge with cargo, copies the library to ARCHIVE and writes ARCHIVE.d, the list of
# sources it was built from. A script (cmake -P) with CARGO, MANIFEST, TARGET_DIR, ARCHIVE.

execute_process(
  COMMAND ${CARGO} build --quiet --locked --release --manifest-path ${MANIFEST}
          --target-dir ${TARGET_DIR}
  RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "cargo could not build ${MANIFEST}")
endif()

get_filename_component(folder ${ARCHIVE} DIRECTORY)
file(MAKE_DIRECTORY ${folder})
file(COPY_FILE ${TARGET_DIR}/release/libog_bridge.a ${ARCHIVE})
file(TOUCH ${ARCHIVE})

# Cargo's own list names cargo's own file; the build tool looks for ARCHIVE.
file(READ ${TARGET_DIR}/release/libog_bridge.d sources)
string(REGEX REPLACE "^[^:]*:" "${ARCHIVE}:" sources "${sources}")
file(WRITE ${ARCHIVE}.d "${sources}")
