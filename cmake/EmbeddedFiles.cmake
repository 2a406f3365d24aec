# tg_embed_files(<target> FUNCTION name BASE dir FILES a.html assets/b.js …)
# A library that has the files, relative to BASE, as they are and compressed, and defines
# `std::span<const http::StaticFile> tollgate::<name>()`. Without files the span is empty.
set(TG_EMBED_SCRIPT ${PROJECT_SOURCE_DIR}/tools/embed-files)

function(tg_embed_files target)
  cmake_parse_arguments(ARG "" "FUNCTION;BASE" "FILES" ${ARGN})
  set(folder ${PROJECT_BINARY_DIR}/generated/embedded/${ARG_FUNCTION})
  if(ARG_FILES)
    find_program(TG_BROTLI brotli)
    if(NOT TG_BROTLI)
      message(FATAL_ERROR "${ARG_BASE} is to be built in, which takes brotli: apt-get install brotli")
    endif()
  endif()
  list(TRANSFORM ARG_FILES PREPEND ${ARG_BASE}/ OUTPUT_VARIABLE inputs)
  # The list of names is an input of its own: a file that went away leaves no newer file behind.
  string(REPLACE ";" "\n" names "${ARG_FILES}")
  file(CONFIGURE OUTPUT ${folder}.list CONTENT "@names@\n" @ONLY)
  add_custom_command(
    OUTPUT ${folder}/files.cc ${folder}/files.S
    COMMAND ${TG_EMBED_SCRIPT} ${ARG_FUNCTION} ${ARG_BASE} ${folder} ${folder}.list
    DEPENDS ${inputs} ${folder}.list ${TG_EMBED_SCRIPT}
    COMMENT "Embedding ${ARG_FUNCTION}"
    VERBATIM)
  # The bytes go through the assembler, which knows none of the options of C++.
  add_library(${target}_bytes OBJECT ${folder}/files.S)
  add_library(${target} STATIC ${folder}/files.cc $<TARGET_OBJECTS:${target}_bytes>)
  target_link_libraries(${target} PUBLIC tg_http)
  target_precompile_headers(${target} REUSE_FROM tg_pch)
endfunction()
