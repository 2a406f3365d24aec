// Files that are cut short or changed, at every byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "core/usage/frames.h"
#include "stores/archive/archive_files.h"
#include "stores/archive/archive_fixture_test.h"

namespace tollgate::stores {
namespace {

void put_file(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

// A directory with this one file in it.
void begin_again(ArchiveFixture& f, const std::string& path, std::string_view content) {
  f.crash();
  std::filesystem::remove_all(f.options.directory);
  std::filesystem::create_directory(f.options.directory);
  put_file(path, content);
  f.open();
}

std::vector<std::string> copies_of_damage(const ArchiveFixture& f) {
  std::vector<std::string> copies;
  for (const std::string& path : f.files("")) {
    if (path.find(".damage-") != std::string::npos) copies.push_back(path);
  }
  return copies;
}

// Everything that is there is something that was appended, in order, once.
void expect_only_sound_records(ArchiveFixture& f) {
  const auto all = f.scanned();
  const auto wanted = f.wanted_in_order();
  auto at = wanted.begin();
  for (const LoggedRecord& one : all) {
    at = std::find_if(at, wanted.end(), [&](const LoggedRecord& other) { return same(one, other); });
    ASSERT_NE(at, wanted.end());
    ++at;
  }
  const auto page = f.archive->search({.filter = {}, .limit = 1000, .cursor = {}});
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->records.size(), all.size());
}

// Three batches of four records in the one file.
std::string small_open_file(ArchiveFixture& f) {
  f.open();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(f.append(4));
  return f.files(".tgo").at(0);
}

std::string small_sealed_file(ArchiveFixture& f) {
  f.options.records_max = 12;
  small_open_file(f);
  f.seal_all();
  return f.files(".tga").at(0);
}

TEST(ArchiveDamage, AnOpenFileCutAtAnyByteHasItsWholeBatchesAndGoesOn) {
  ArchiveFixture f;
  const std::string path = small_open_file(f);
  const std::string whole = read_file(path).value();
  std::size_t before = 0;
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    SCOPED_TRACE(length);
    begin_again(f, path, whole.substr(0, length));
    expect_only_sound_records(f);
    const std::size_t records = f.scanned().size();
    EXPECT_EQ(records % 4, 0u);
    EXPECT_GE(records, before);
    before = records;
    EXPECT_EQ(f.archive->stats().damaged, 0u) << "what is torn was never confirmed";
    // What was lost comes again; nothing of it twice, also after another start.
    EXPECT_EQ(f.archive->append(numbered_batch(1, 0, 12)).value(), 12 - records);
    ASSERT_NO_FATAL_FAILURE(f.expect_all());
    f.reopen();
    ASSERT_NO_FATAL_FAILURE(f.expect_all());
  }
  EXPECT_EQ(before, 12u);
}

TEST(ArchiveDamage, AByteChangedInAnOpenFileCostsAtMostItsBatch) {
  ArchiveFixture f;
  const std::string path = small_open_file(f);
  const std::string whole = read_file(path).value();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    SCOPED_TRACE(at);
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    begin_again(f, path, damaged);
    expect_only_sound_records(f);
    EXPECT_GE(f.scanned().size(), 8u);
    f.seal_all();
    expect_only_sound_records(f);
    EXPECT_GE(f.scanned().size(), 8u);
    if (HasFatalFailure()) return;
  }
}

TEST(ArchiveDamage, ACorruptMiddleIsCountedCopiedAndGoesWithItsFile) {
  ArchiveFixture f;
  const std::string path = small_open_file(f);
  std::string bytes = read_file(path).value();
  // The second of three frames of rows, which are as long as one another within a few bytes.
  const std::size_t middle = bytes.size() - (bytes.size() / 8) * 3;
  bytes[middle] = static_cast<char>(bytes[middle] ^ 1);
  begin_again(f, path, bytes);
  EXPECT_EQ(f.scanned().size(), 8u);
  EXPECT_EQ(f.archive->stats().damaged, 1u);
  const std::vector<std::string> damage = copies_of_damage(f);
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_THAT(bytes, ::testing::HasSubstr(read_file(damage[0]).value()));
  EXPECT_EQ(f.archive->stats().bytes, std::filesystem::file_size(path) + std::filesystem::file_size(damage[0]));
  f.reopen();
  EXPECT_EQ(f.archive->stats().damaged, 1u);
  f.seal_all();
  EXPECT_EQ(f.archive->stats().damaged, 1u);
  f.reopen();
  EXPECT_EQ(f.archive->stats().damaged, 1u);
  EXPECT_EQ(f.archive->stats().bytes,
            std::filesystem::file_size(f.files(".tga").at(0)) + std::filesystem::file_size(damage[0]));
  f.clock.advance(f.options.keep * 2);
  ASSERT_TRUE(f.maintain());
  EXPECT_TRUE(f.files("").empty());
}

TEST(ArchiveDamage, ASealedFileCutAtAnyByteGivesWhatIsWhole) {
  ArchiveFixture f;
  const std::string path = small_sealed_file(f);
  const std::string whole = read_file(path).value();
  std::size_t before = 0;
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    SCOPED_TRACE(length);
    begin_again(f, path, whole.substr(0, length));
    expect_only_sound_records(f);
    const std::size_t records = f.scanned().size();
    EXPECT_GE(records, before);
    before = records;
    EXPECT_EQ(f.archive->stats().damaged > 0, length < whole.size());
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(before, 12u);
}

TEST(ArchiveDamage, AByteChangedInASealedFileIsNoticedOrHarmless) {
  ArchiveFixture f;
  const std::string path = small_sealed_file(f);
  const std::string whole = read_file(path).value();
  std::size_t complete = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    SCOPED_TRACE(at);
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    begin_again(f, path, damaged);
    expect_only_sound_records(f);
    const std::size_t records = f.scanned().size();
    EXPECT_TRUE(records == 12 || f.damaged > 0 || f.archive->stats().damaged > 0);
    complete += records == 12 ? 1u : 0u;
    // By key and id, so that the index is read too.
    const auto by_key = f.archive->search({.filter = {.key = 3}, .limit = 10, .cursor = {}});
    ASSERT_TRUE(by_key.has_value());
    EXPECT_EQ(by_key->records.size(), records == 12 ? 1u : 0u);
    EXPECT_EQ(f.archive->find(numbered(1, 7).record.request_id)->size(), records == 12 ? 1u : 0u);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(complete, whole.size() / 3) << "names, index and footer can be done without";
}

TEST(ArchiveDamage, AnAnswerSaysThatItMayNotBeWhole) {
  ArchiveFixture f;
  f.options.records_max = 12;
  f.open();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(f.append(12));
  f.seal_all();
  const std::string path = f.files(".tga").at(2);
  std::string bytes = read_file(path).value();
  std::size_t block = kArchiveHeaderBytes;  // it stands behind the names
  while (const auto name = core::read_frame(std::string_view(bytes).substr(block))) block += name->bytes;
  bytes[block + 50] = static_cast<char>(bytes[block + 50] ^ 1);
  put_file(path, bytes);
  const auto page = f.archive->search({.filter = {}, .limit = 100, .cursor = {}});
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->records.size(), 36u);
  EXPECT_EQ(page->read.damaged, 1u);
  EXPECT_EQ(f.scanned().size(), 36u);
  EXPECT_EQ(f.damaged, 1u);
  EXPECT_EQ(f.archive->stats().damaged, 1u) << "counted once, however often it is met";
}

TEST(ArchiveDamage, OfAFileThatIsOpenAndSealedTheSealedOneCounts) {
  ArchiveFixture f;
  const std::string open_path = small_open_file(f);
  const std::string open_bytes = read_file(open_path).value();
  f.seal_all();
  put_file(open_path, open_bytes);
  f.reopen();
  f.expect_all();
  EXPECT_TRUE(f.files(".tgo").empty());
  EXPECT_EQ(f.archive->append(numbered_batch(1, 0, 12)).value(), 0u);

  // But not when it is the one that cannot be read.
  const std::string sealed_path = f.files(".tga").at(0);
  f.crash();
  put_file(open_path, open_bytes);
  put_file(sealed_path, read_file(sealed_path).value().substr(0, 40));
  f.open();
  f.expect_all();
  EXPECT_EQ(f.archive->append(numbered_batch(1, 0, 12)).value(), 0u);
}

TEST(ArchiveDamage, AFileThatCannotBeReadToItsEndIsSetAsideNotDeleted) {
  ArchiveFixture f;
  const std::string path = small_open_file(f);
  const std::string whole = read_file(path).value();
  f.crash();
  f.io.make_unreadable(path, whole.size() - 10);
  f.open();
  EXPECT_EQ(f.scanned().size(), 8u);
  EXPECT_EQ(f.archive->stats().damaged, 1u);
  f.seal_all();
  f.io.heal();
  EXPECT_EQ(f.scanned().size(), 8u);
  const std::vector<std::string> kept = copies_of_damage(f);
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(read_file(kept[0]).value(), whole);
}

}  // namespace
}  // namespace tollgate::stores
