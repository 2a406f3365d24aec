# The three ways a folder declares what it builds: tg_library, tg_test, tg_bench.
# Sources are always listed, never globbed: a file that no list names is not part of the program.

find_package(Threads REQUIRED)

add_library(tg_options INTERFACE)
target_include_directories(tg_options INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/generated)
target_compile_options(tg_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Wconversion -Wsign-conversion -Wformat=2 -Wformat-security -Wimplicit-fallthrough -Werror
  # Designated initialisers leave out what has a sensible default; that is what they are for.
  -Wno-missing-field-initializers
  -fno-omit-frame-pointer -fstack-protector-strong -msse4.2)
target_link_options(tg_options INTERFACE -Wl,-z,relro,-z,now -Werror=odr)
target_link_libraries(tg_options INTERFACE Threads::Threads)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside the standard library when coroutines or std::expected are inlined.
  target_compile_options(tg_options INTERFACE -Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-restrict
    -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  # Without it, ccache cannot see what a precompiled header stands for, and caches nothing.
  target_compile_options(tg_options INTERFACE -fpch-preprocess)
endif()
if(TG_SANITIZE)
  target_compile_options(tg_options INTERFACE -fsanitize=${TG_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(tg_options INTERFACE -fsanitize=${TG_SANITIZE})
endif()
if(TG_BUILD_FUZZERS)
  # Coverage of the libraries is what steers the fuzzer.
  target_compile_options(tg_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TG_SANITIZE)
  target_compile_definitions(tg_options INTERFACE _FORTIFY_SOURCE=2)
endif()

find_program(TG_CCACHE ccache)
if(TG_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TG_CCACHE})
endif()

# Standard headers that nearly every file reads, parsed once per build.
add_library(tg_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
target_link_libraries(tg_pch PRIVATE tg_options)
target_precompile_headers(tg_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.h)

# tg_library(NAME SOURCES a.cc … DEPS tg_base …)   DEPS are public; PRIVATE_DEPS stay behind the .cc files.
function(tg_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC tg_options ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  target_precompile_headers(${name} REUSE_FROM tg_pch)
endfunction()

# tg_test(NAME SOURCES a_test.cc … DEPS …)   one executable per folder, registered with CTest.
function(tg_test name)
  if(NOT TG_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_precompile_headers(${name} REUSE_FROM tg_pch)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    ENVIRONMENT "TG_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
endfunction()

# tg_bench(NAME SOURCES a_bench.cc … DEPS …)   Google Benchmark, only with TG_BUILD_BENCH.
function(tg_bench name)
  if(NOT TG_BUILD_BENCH)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  find_package(benchmark REQUIRED)
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} benchmark::benchmark_main)
  target_precompile_headers(${name} REUSE_FROM tg_pch)
endfunction()

# tg_fuzz(NAME SOURCES a_fuzz.cc … CORPUS dir DEPS …)
# A fuzz target is also an ordinary test: without TG_BUILD_FUZZERS it is linked with a driver that runs its corpus once.
function(tg_fuzz name)
  cmake_parse_arguments(ARG "" "CORPUS" "SOURCES;DEPS" ${ARGN})
  if(TG_BUILD_FUZZERS)
    add_executable(${name} ${ARG_SOURCES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  elseif(TG_BUILD_TESTS)
    add_executable(${name} ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus_main.cc)
    target_link_libraries(${name} PRIVATE ${ARG_DEPS})
    target_precompile_headers(${name} REUSE_FROM tg_pch)
    add_test(NAME ${name}_corpus COMMAND ${name} ${PROJECT_SOURCE_DIR}/${ARG_CORPUS})
  endif()
endfunction()
