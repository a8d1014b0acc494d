# Compiler and linker settings that every target of ours shares, as the target og_options.
# No other file sets compiler flags.

# A compiler cache and a fast linker are used where they are installed; nothing depends on them.
find_program(OG_CCACHE ccache)
if(OG_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # SLOPPINESS: without it the cache refuses every file that uses a precompiled header.
  # INODECACHE: hashes such a header (100 MB and more) once instead of for every file.
  # BASEDIR, NOHASHDIR: a second clone of the repository profits from the first.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_INODECACHE=1
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${OG_CCACHE})
endif()

# -pthread is set for all targets, not only where threads are used: it defines a macro, and
# precompiled headers can be shared only between targets that agree on macros.
find_package(Threads REQUIRED)
add_library(og_options INTERFACE)
target_compile_features(og_options INTERFACE cxx_std_20)
target_include_directories(og_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(og_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Werror
  -pthread -fno-omit-frame-pointer)
target_link_options(og_options INTERFACE -pthread)
target_link_libraries(og_options INTERFACE Threads::Threads)

find_program(OG_MOLD mold)
if(OG_MOLD AND NOT OG_LTO)
  target_link_options(og_options INTERFACE -fuse-ld=mold)
endif()

# With optimisation or sanitizers GCC 12 warns of copies past the end of short strings that cannot
# happen (GCC bugs 105329 and 105651). Plain debug builds keep the warnings.
set(false_alarms -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
if(OG_SANITIZE)
  set(is_instrumented 1)
else()
  set(is_instrumented "$<NOT:$<CONFIG:Debug>>")
endif()
target_compile_options(og_options INTERFACE
  "$<$<AND:$<CXX_COMPILER_ID:GNU>,${is_instrumented}>:${false_alarms}>")

# Bounds checks of the standard library, on wherever OG_DCHECK is on.
target_compile_definitions(og_options INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

if(OG_SANITIZE)
  # With a sanitizer the optimiser's view of the code changes and GCC 12 sees uninitialised
  # variables where there are none.
  target_compile_options(og_options INTERFACE
    -fsanitize=${OG_SANITIZE} -fno-sanitize-recover=all -Wno-maybe-uninitialized)
  target_link_options(og_options INTERFACE -fsanitize=${OG_SANITIZE})
  if(OG_SANITIZE MATCHES thread)
    # The thread sanitizer does not see fences. Asio's only strengthen orders that its mutexes give
    # already, so without them it can judge what is left.
    target_compile_definitions(og_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()

if(OG_LTO)
  include(CheckIPOSupported)
  check_ipo_supported()
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()
