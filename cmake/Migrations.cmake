# tg_embed_migrations(<out-variable> DATABASE admin DIR migrations/sqlite/admin FILES 0001_keys.sql …)
# Turns the listed .sql files into a .cc that defines <database>_migrations() (see src/stores/sqlite/migration.h) and
# names that .cc in <out-variable>. Numbers must run 0001, 0002, … without gaps; they are checked here.
set(TG_MIGRATIONS_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/EmbedMigrations.cmake)

function(tg_embed_migrations out)
  cmake_parse_arguments(ARG "" "DATABASE;DIR" "FILES" ${ARGN})
  set(number 0)
  set(inputs)
  foreach(file ${ARG_FILES})
    math(EXPR number "${number} + 1")
    if(NOT file MATCHES "^0*${number}_[a-z0-9_]+\\.sql$")
      message(FATAL_ERROR "${ARG_DIR}/${file}: migration ${number} is expected here")
    endif()
    list(APPEND inputs ${PROJECT_SOURCE_DIR}/${ARG_DIR}/${file})
  endforeach()
  set(output ${PROJECT_BINARY_DIR}/generated/migrations/sqlite_${ARG_DATABASE}.cc)
  string(REPLACE ";" "|" joined "${inputs}")
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DDATABASE=${ARG_DATABASE} "-DINPUTS=${joined}" -DOUTPUT=${output} -P ${TG_MIGRATIONS_SCRIPT}
    DEPENDS ${inputs} ${TG_MIGRATIONS_SCRIPT}
    COMMENT "Embedding the migrations of ${ARG_DATABASE}"
    VERBATIM)
  set(${out} ${output} PARENT_SCOPE)
endfunction()
