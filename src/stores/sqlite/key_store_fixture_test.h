// A key store on a fresh file, and records to put into it. For tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/str.h"
#include "stores/sqlite/key_store.h"
#include "stores/sqlite/scratch_directory_test.h"

namespace tollgate::stores {

inline core::KeyId key_id(int number) {
  const std::string digits = std::to_string(number);
  return core::KeyId::parse(std::string(10 - digits.size(), 'k') + digits).value();
}

inline core::KeyRecord key_record(int number) {
  core::KeyRecord record;
  record.id = key_id(number);
  record.name = str::cat("key ", number);
  record.prefix = "tg_live";
  record.tier = "free";
  core::KeySecret secret;
  secret.hash.fill(static_cast<std::uint8_t>(number));
  secret.last4 = "abcd";
  record.secrets = {secret};
  return record;
}

inline constexpr core::TokenBucketSpec kSomeLimit{.refill_micro = 5'000'000, .max_burst = 50, .tokens_per_window = 50};

class KeyStoreTest : public testing::Test {
 protected:
  KeyStoreTest() { reopen(); }

  void close() {
    store_.reset();
    database_.reset();
  }
  void reopen() {
    close();
    database_ = AdminDatabase::open(path_, clock_, Millis(1)).value();
    store_ = SqliteKeyStore::open(*database_).value();
  }

  ScratchDirectory scratch_;
  std::string path_ = scratch_.file("admin.db");
  ManualClock clock_;
  std::unique_ptr<AdminDatabase> database_;
  std::unique_ptr<SqliteKeyStore> store_;
};

}  // namespace tollgate::stores
