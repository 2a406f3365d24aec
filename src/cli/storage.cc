#include "cli/storage.h"

#include "base/hash.h"
#include "base/str.h"
#include "telemetry/log.h"

namespace tollgate::cli {

using telemetry::Level;

namespace {

constexpr Seconds kExpiryInterval{60};

}  // namespace

Result<std::unique_ptr<Storage>> Storage::open(const config::Config& config, const ServiceSet& set, runtime::LoopThread& loop,
                                               std::size_t gateway_workers) {
  std::unique_ptr<Storage> storage(new Storage(config, set));
  Result<void> done = storage->lock_directory();
  if (done) done = storage->open_secrets();
  if (done && set.admin) done = storage->open_admin();
  if (done && (set.analytics || set.admin || set.gateway)) done = storage->open_usage(loop);
  if (done && (set.gateway || set.limiter)) done = storage->open_limits(loop);
  if (done && (set.gateway || set.limiter)) done = storage->open_directory(loop);
  if (done && set.gateway) done = storage->open_log(gateway_workers);
  if (!done) return std::unexpected(std::move(done).error());
  return storage;
}

Storage::~Storage() = default;

Result<void> Storage::lock_directory() {
  if (auto made = ensure_directory(config_.data_dir); !made) return made;
  const std::pair<bool, std::string_view> names[] = {{set_.gateway, "gateway"}, {set_.limiter, "limiter"},
                                                     {set_.analytics, "analytics"}, {set_.admin, "admin"}};
  for (const auto& [wanted, name] : names) {
    if (!wanted) continue;
    TG_TRY(DirectoryLock lock, DirectoryLock::acquire(config_.data_dir, name));
    locks_.push_back(std::move(lock));
  }
  return {};
}

Result<void> Storage::open_secrets() {
  if (set_.admin) {
    TG_TRY(services::AdminSecrets secrets, services::provide_admin_secrets(config_));
    jwt_secret_ = std::move(secrets.jwt_secret);
    service_token_ = std::move(secrets.service_token);
  } else {
    TG_TRY(service_token_, services::provide_service_token(config_));
  }
  bucket_seed_ = hash64(service_token_, 0x6275'636b'6574'73u);
  return {};
}

Result<void> Storage::open_admin() {
  TG_TRY(admin_database_, stores::AdminDatabase::open(config_.data_dir + "/admin.db", clock_));
  TG_TRY(keys_, stores::SqliteKeyStore::open(*admin_database_));
  users_ = std::make_unique<stores::SqliteUserStore>(*admin_database_);
  return {};
}

Result<void> Storage::open_usage(runtime::LoopThread&) {
  if (set_.analytics) {
    TG_TRY(usage_, stores::SqliteUsageStore::open(config_.data_dir + "/usage.db", clock_));
  }
  return {};
}

Result<void> Storage::open_limits(runtime::LoopThread&) {
  TG_TRY(memory_limits_, stores::MemoryLimitStore::open(
                             clock_, {.max_bytes = config_.limiter.memory_bytes, .directory = config_.data_dir}));
  const stores::RestoreReport& report = memory_limits_->restored();
  if (!report.problem.empty()) telemetry::log(Level::warn, "limiter", "limit state could not be read whole", {{"problem", report.problem}});
  limits_ = memory_limits_.get();
  return {};
}

Result<void> Storage::open_directory(runtime::LoopThread&) {
  ports::KeyFeed& feed = *keys_;
  stores::KeyFollower::Options options;
  options.book.bucket_seed = bucket_seed_;
  options.book.migrate = stores::migrate_inline(*limits_);
  options.service = set_.gateway ? "gateway" : "limiter";
  table_ = std::make_unique<stores::KeyTable>(bucket_seed_);
  follower_ = std::make_unique<stores::KeyFollower>(feed, *table_, clock_, std::move(options));
  return {};
}

Result<void> Storage::open_log(std::size_t workers) {
  ports::UsageIngest& ingest = usage_ ? static_cast<ports::UsageIngest&>(*usage_) : *remote_ingest_;
  TG_TRY(log_, stores::SegmentDecisionLog::open({.directory = config_.data_dir + "/log", .workers = workers}, ingest));
  return {};
}

ports::UsageReader* Storage::usage_reader() {
  if (usage_) return usage_.get();
  return remote_reader_.get();
}

void Storage::start_background() {
  if (follower_) {
    if (const auto followed = follower_->follow_once(); !followed) {
      telemetry::log_error("gateway", "keys could not be loaded yet", followed.error());
    }
    follower_->start();
  }
  if (log_) log_->start();
}

void Storage::maintain() {
  if (memory_limits_) {
    memory_limits_->sweep();
    if (const auto written = memory_limits_->snapshot(); !written) {
      telemetry::log_error("limiter", "the snapshot could not be written", written.error());
    }
  }
  const MonoTime now = clock_.mono_now();
  if (usage_ && now - last_expiry_ > kExpiryInterval) {
    last_expiry_ = now;
    if (const auto expired = usage_->expire(clock_.wall_now()); !expired) {
      telemetry::log_error("analytics", "old roll-ups could not be deleted", expired.error());
    }
  }
}

void Storage::finish() {
  if (log_) log_->stop();
  follower_.reset();
  if (memory_limits_) {
    if (const auto closed = memory_limits_->close(); !closed) {
      telemetry::log_error("limiter", "the last snapshot could not be written", closed.error());
    }
  }
}

}  // namespace tollgate::cli
