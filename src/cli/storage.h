// Everything that outlives a request, embedded where the service that owns it runs in this process, remote where it
// does not. The services see ports and cannot tell.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "cli/no_log.h"
#include "cli/service_set.h"
#include "config/config.h"
#include "crypto/password_hasher.h"
#include "runtime/loop_thread.h"
#include "services/admin/bootstrap.h"
#include "services/analytics/logged_ingest.h"
#include "services/analytics/record_intake.h"
#include "stores/archive/request_archive.h"
#include "stores/memory/key_follower.h"
#include "stores/memory/key_table.h"
#include "stores/memory/memory_limit_store.h"
#include "stores/remote/remote_key_feed.h"
#include "stores/remote/remote_limit_store.h"
#include "stores/remote/remote_usage.h"
#include "stores/segments/decision_log.h"
#include "stores/sqlite/audit_log.h"
#include "stores/sqlite/key_store.h"
#include "stores/sqlite/session_store.h"
#include "stores/sqlite/usage_store.h"
#include "stores/sqlite/user_store.h"

namespace tollgate::cli {

class Storage {
 public:
  struct Loops {
    std::vector<runtime::LoopThread*> workers;  // those that carry requests
    runtime::LoopThread* control = nullptr;
  };
  // Opens what the set needs, in the data directory and at the configured addresses.
  static Result<std::unique_ptr<Storage>> open(const config::Config& config, const ServiceSet& set, const Loops& loops);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  const Clock& clock() const { return clock_; }
  const std::string& service_token() const { return service_token_; }
  const std::string& jwt_secret() const { return jwt_secret_; }
  // The same in every process of an installation, so that all of them mean the same bucket.
  std::uint64_t bucket_seed() const { return bucket_seed_; }

  // Null where this process has no use for it.
  ports::KeyStore* keys() { return keys_.get(); }
  ports::UserStore* users() { return users_.get(); }
  ports::AuditLog* audit() { return audit_.get(); }
  ports::SessionStore* sessions() { return sessions_.get(); }
  crypto::PasswordHasher& hasher() { return hasher_; }
  stores::SqliteUsageStore* usage() { return usage_.get(); }
  services::RecordIntake* intake() { return intake_.get(); }  // where usage() is
  ports::RequestLog* requests() { return requests_.get(); }   // as well
  ports::UsageReader* usage_reader();
  ports::LimitStore* limits() { return limits_; }
  const ports::KeyDirectory* directory() const { return table_.get(); }
  stores::KeyFollower* follower() { return follower_.get(); }
  // The gateway's, on disk.
  stores::SegmentDecisionLog* log() { return log_.get(); }
  // Where its workers leave their records.
  ports::DecisionLog& records() { return log_ ? static_cast<ports::DecisionLog&>(*log_) : no_log_; }
  const stores::MemoryLimitStore* memory_limits() const { return memory_limits_.get(); }
  const stores::RemoteLimitStore* remote_limits() const { return remote_limits_.get(); }

  // Threads that follow and ship begin. Everything can be asked before, but nothing moves by itself.
  void start_background();
  // After the last request: ships what is left, takes the last snapshot.
  void finish();
  // About once a second, from one thread.
  void maintain();
  // The same for usage() and requests(), where they are not null, from a thread of its own: a piece of this work may
  // take a second.
  void maintain_usage();

 private:
  Storage(const config::Config& config, const ServiceSet& set, const Loops& loops)
      : config_(config), set_(set), loops_(loops) {}
  Result<void> lock_directory();
  Result<void> open_secrets();
  Result<void> open_admin();
  Result<void> open_usage();
  Result<void> open_limits();
  Result<void> open_memory_limits(std::string directory);
  Result<void> open_remote_limits(const std::string& url, ports::LimitStore* fallback);
  Result<void> open_directory();
  Result<void> open_log();
  Result<stores::ServiceClient*> client(std::string_view service, const std::optional<std::string>& url);

  const config::Config& config_;
  const ServiceSet set_;
  const Loops loops_;
  SystemClock clock_;
  std::vector<DirectoryLock> locks_;
  std::string service_token_;
  std::string jwt_secret_;
  std::uint64_t bucket_seed_ = 0;

  std::vector<std::unique_ptr<stores::ServiceClient>> clients_;  // to services in other processes
  std::unique_ptr<stores::AdminDatabase> admin_database_;
  std::unique_ptr<stores::SqliteKeyStore> keys_;
  std::unique_ptr<stores::SqliteUserStore> users_;
  std::unique_ptr<stores::SqliteSessionStore> sessions_;
  std::unique_ptr<stores::SqliteAuditLog> audit_;
  crypto::PasswordHasher hasher_;
  std::unique_ptr<stores::SqliteUsageStore> usage_;
  std::unique_ptr<stores::RequestArchive> requests_;
  std::unique_ptr<services::LoggedIngest> logged_ingest_;
  std::unique_ptr<services::RecordIntake> intake_;
  std::unique_ptr<ports::UsageIngest> remote_ingest_;
  std::unique_ptr<ports::UsageReader> remote_reader_;
  std::unique_ptr<stores::MemoryLimitStore> memory_limits_;
  std::unique_ptr<stores::RemoteLimitStore> remote_limits_;
  ports::LimitStore* limits_ = nullptr;
  std::unique_ptr<ports::KeyFeed> remote_feed_;
  NoLog no_log_;
  std::unique_ptr<stores::SegmentDecisionLog> log_;  // before the follower, which tells it names
  std::unique_ptr<stores::KeyTable> table_;
  std::unique_ptr<stores::KeyFollower> follower_;
};

}  // namespace tollgate::cli
