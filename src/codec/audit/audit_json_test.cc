#include "codec/audit/audit_json.h"

#include <gtest/gtest.h>

#include "base/str.h"
#include "crypto/sha256.h"

namespace tollgate::codec {
namespace {

ports::AuditEntry entry() {
  return {.seq = 7,
          .time = WallTime(Millis(1'700'000'000'123)),
          .what = {.actor = "anna",
                   .via = "session",
                   .network = "192.0.2.7",
                   .action = "key.update",
                   .object = "key:AbCdEfGhIj",
                   .before = R"({"name":"a"})",
                   .after = R"({"name":"b"})",
                   .reason = "as \"agreed\""},
          .hash = {}};
}

TEST(AuditJson, TheCanonicalFormIsFixedForEver) {
  EXPECT_EQ(canonical_audit_entry(entry()),
            R"({"seq":7,"time":"2023-11-14T22:13:20.123Z","actor":"anna","via":"session","network":"192.0.2.7",)"
            R"("action":"key.update","object":"key:AbCdEfGhIj","before":{"name":"a"},"after":{"name":"b"},)"
            R"("reason":"as \"agreed\""})");
  ports::AuditEntry bare = entry();
  bare.what.before.clear();
  bare.what.after.clear();
  EXPECT_NE(canonical_audit_entry(bare).find(R"("before":null,"after":null,)"), std::string::npos);
}

TEST(AuditJson, AnExportedLineWithoutItsHashIsWhatIsHashed) {
  ports::AuditEntry made = entry();
  const ports::AuditHash before{1, 2, 3};
  made.hash = audit_hash(before, made);
  std::string line;
  JsonWriter json(line);
  write_audit_entry(json, made);
  const std::size_t at = line.rfind(R"(,"hash":")");
  ASSERT_NE(at, std::string::npos);
  const std::string hash = line.substr(at + 9, 64);
  const std::string canonical = line.substr(0, at) + "}";
  const std::string input(reinterpret_cast<const char*>(before.data()), before.size());
  EXPECT_EQ(audit_hash_text(crypto::sha256(input + canonical)), hash);
}

TEST(AuditJson, EveryMemberIsUnderTheHash) {
  const ports::AuditHash whole = audit_hash({}, entry());
  const auto differs = [&](auto change) {
    ports::AuditEntry changed = entry();
    change(changed);
    return audit_hash({}, changed) != whole;
  };
  EXPECT_TRUE(differs([](auto& e) { ++e.seq; }));
  EXPECT_TRUE(differs([](auto& e) { e.time += Millis(1); }));
  EXPECT_TRUE(differs([](auto& e) { e.what.actor += "x"; }));
  EXPECT_TRUE(differs([](auto& e) { e.what.via += "x"; }));
  EXPECT_TRUE(differs([](auto& e) { e.what.network += "x"; }));
  EXPECT_TRUE(differs([](auto& e) { e.what.action += "x"; }));
  EXPECT_TRUE(differs([](auto& e) { e.what.object += "x"; }));
  EXPECT_TRUE(differs([](auto& e) { e.what.before.clear(); }));
  EXPECT_TRUE(differs([](auto& e) { e.what.after.clear(); }));
  EXPECT_TRUE(differs([](auto& e) { e.what.reason += "x"; }));
  EXPECT_NE(audit_hash({1}, entry()), whole);
}

}  // namespace
}  // namespace tollgate::codec
