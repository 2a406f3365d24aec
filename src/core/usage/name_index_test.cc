#include "core/usage/name_index.h"

#include <gtest/gtest.h>

#include <string>

namespace tollgate::core {
namespace {

NameDefinition numbered(NameKind kind, int number) {
  const std::string text = "name-" + std::to_string(number);
  return {.kind = kind, .ref = name_ref(kind, text), .name = text};
}

TEST(NameIndex, FindsEachOfThousandsAndNothingElse) {
  NameIndex names;
  for (int i = 0; i < 5000; ++i) names.add(numbered(NameKind::route, i));
  for (int i = 0; i < 5000; ++i) {
    const NameDefinition wanted = numbered(NameKind::route, i);
    const NameDefinition* found = names.find(wanted.kind, wanted.ref);
    ASSERT_NE(found, nullptr) << i;
    EXPECT_EQ(*found, wanted);
    EXPECT_EQ(names.find(NameKind::tier, wanted.ref), nullptr) << "a reference is of its kind";
  }
  EXPECT_EQ(names.all().size(), 5000u);
  EXPECT_EQ(NameIndex().find(NameKind::route, 1), nullptr);
}

TEST(NameIndex, TheFirstDefinitionOfAReferenceStays) {
  NameIndex names;
  names.add({.kind = NameKind::tier, .ref = 7, .name = "first"});
  names.add({.kind = NameKind::tier, .ref = 8, .name = "another"});
  names.add({.kind = NameKind::tier, .ref = 7, .name = "second"});
  EXPECT_EQ(names.find(NameKind::tier, 7)->name, "first");
  EXPECT_EQ(names.all().size(), 2u);
}

}  // namespace
}  // namespace tollgate::core
