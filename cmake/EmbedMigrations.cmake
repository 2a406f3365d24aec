# Run by tg_embed_migrations: writes OUTPUT, a .cc with the text of the "|"-separated INPUTS as Migration values.
string(REPLACE "|" ";" files "${INPUTS}")
set(entries "")
set(number 0)
foreach(file ${files})
  math(EXPR number "${number} + 1")
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} sql)
  string(APPEND entries "    {${number}, \"${name}\", R\"tg_sql(${sql})tg_sql\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from migrations/sqlite/${DATABASE}; edit those.
#include \"stores/sqlite/migration.h\"

namespace tollgate::stores {
namespace {

constexpr Migration kMigrations[] = {
${entries}};

}  // namespace

std::span<const Migration> ${DATABASE}_migrations() { return kMigrations; }

}  // namespace tollgate::stores
")
