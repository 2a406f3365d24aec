#include "cli/storage.h"

#include <cstdlib>
#include <string_view>

#include "base/hash.h"
#include "base/str.h"
#include "cli/log_report.h"
#include "telemetry/log.h"

namespace tollgate::cli {

using telemetry::Level;

namespace {

constexpr int kUsagePiecesMax = 4;  // in a row: a shutdown waits for them
constexpr bool kIsBenchBuild = TG_BENCH_BUILD != 0;

// See no_log.h.
bool bench_log_is_off() {
  const char* const value = std::getenv("TOLLGATE_BENCH_LOG");  // NOLINT(concurrency-mt-unsafe): at start, alone
  return value != nullptr && std::string_view(value) == "off";
}

template <class Store>
void maintain_in_pieces(Store& store, const Clock& clock, const char* failure) {
  for (int piece = 0; piece < kUsagePiecesMax; ++piece) {
    const auto more = store.maintain(clock.wall_now());
    if (!more) telemetry::log_error("analytics", failure, more.error());
    if (!more || !*more) return;
  }
}

stores::UsageOptions usage_options(const config::Config& config) {
  const config::RollupsConfig& rollups = config.analytics.rollups;
  const auto seconds = [](Millis kept) { return std::chrono::ceil<Seconds>(kept); };
  return {
      .kept = {seconds(rollups.keep_1s), seconds(rollups.keep_1m), seconds(rollups.keep_1h), seconds(rollups.keep_1d)},
      .max_bytes = rollups.max_bytes};
}

}  // namespace

Result<std::unique_ptr<Storage>> Storage::open(const config::Config& config, const ServiceSet& set,
                                               const Loops& loops) {
  std::unique_ptr<Storage> storage(new Storage(config, set, loops));
  const bool knows_keys = set.gateway || set.limiter || set.admin;
  Result<void> done = storage->lock_directory();
  if (done) done = storage->open_secrets();
  if (done && set.admin) done = storage->open_admin();
  if (done) done = storage->open_usage();
  if (done && knows_keys) done = storage->open_limits();
  if (done && set.gateway) done = storage->open_log();
  if (done && knows_keys) done = storage->open_directory();
  if (!done) return std::unexpected(std::move(done).error());
  return storage;
}

Storage::~Storage() = default;

Result<void> Storage::lock_directory() {
  if (auto made = ensure_directory(config_.data_dir); !made) return made;
  // A gateway that decides by itself keeps the same files as a limiter.
  const bool has_limit_files = set_.limiter || (set_.gateway && !config_.gateway.limiter_url);
  const std::pair<bool, std::string_view> names[] = {
      {set_.gateway, "gateway"}, {has_limit_files, "limiter"}, {set_.analytics, "analytics"}, {set_.admin, "admin"}};
  for (const auto& [wanted, name] : names) {
    if (!wanted) continue;
    TG_TRY(DirectoryLock lock, DirectoryLock::acquire(config_.data_dir, name));
    locks_.push_back(std::move(lock));
  }
  return {};
}

Result<void> Storage::open_secrets() {
  TG_TRY(service_token_, services::provide_service_token(config_));
  const bool takes_logins = set_.admin || set_.limiter || set_.analytics;
  if (takes_logins) {
    TG_TRY(jwt_secret_, services::provide_jwt_secret(config_));
  }
  bucket_seed_ = hash64(service_token_, 0x6275'636b'6574'73u);
  return {};
}

Result<void> Storage::open_admin() {
  TG_TRY(admin_database_, stores::AdminDatabase::open(config_.data_dir + "/admin.db", clock_));
  TG_TRY(keys_, stores::SqliteKeyStore::open(*admin_database_));
  users_ = std::make_unique<stores::SqliteUserStore>(*admin_database_);
  sessions_ = std::make_unique<stores::SqliteSessionStore>(*admin_database_);
  audit_ = std::make_unique<stores::SqliteAuditLog>(*admin_database_);
  return {};
}

// Another service, at the configured address or else where it listens by default.
Result<stores::ServiceClient*> Storage::client(std::string_view service, const std::optional<std::string>& url) {
  const std::uint16_t port =
      service == "admin" ? config::AdminConfig{}.listen.port : config::AnalyticsConfig{}.listen.port;
  TG_TRY(auto made, stores::ServiceClient::make(
                        {.url = url.value_or(str::cat("http://127.0.0.1:", port)), .service_token = service_token_}));
  clients_.push_back(std::move(made));
  return clients_.back().get();
}

Result<void> Storage::open_usage() {
  if (set_.analytics) {
    TG_TRY(usage_, stores::SqliteUsageStore::open(config_.data_dir + "/usage.db", clock_, usage_options(config_)));
    const config::RequestsConfig& kept = config_.analytics.requests;
    TG_TRY(requests_, stores::RequestArchive::open({.directory = config_.data_dir + "/requests",
                                                    .keep = std::chrono::floor<Seconds>(kept.keep),
                                                    .bytes_max = kept.max_bytes},
                                                   clock_));
    logged_ingest_ = std::make_unique<services::LoggedIngest>(*requests_, *usage_);
    intake_ = std::make_unique<services::RecordIntake>(*logged_ingest_, clock_);
    return {};
  }
  if (set_.gateway) {
    TG_TRY(stores::ServiceClient* const analytics, client("analytics", config_.gateway.analytics_url));
    remote_ingest_ = std::make_unique<stores::RemoteUsageIngest>(*analytics);
  }
  if (set_.admin) {
    TG_TRY(stores::ServiceClient* const analytics, client("analytics", config_.admin.analytics_url));
    remote_reader_ = std::make_unique<stores::RemoteUsageReader>(*analytics);
  }
  return {};
}

// The limiter has the buckets; a gateway that is told where a limiter is asks it, and decides by itself while it is
// away. A gateway that is told of none decides by itself always. Admin alone only looks.
Result<void> Storage::open_limits() {
  if (set_.limiter) return open_memory_limits(config_.data_dir);
  if (set_.gateway && !config_.gateway.limiter_url) return open_memory_limits(config_.data_dir);
  if (set_.gateway) {
    if (auto opened = open_memory_limits({}); !opened) return opened;
    return open_remote_limits(*config_.gateway.limiter_url, memory_limits_.get());
  }
  const std::string by_default = str::cat("http://127.0.0.1:", config::LimiterConfig{}.listen.port);
  return open_remote_limits(config_.admin.limiter_url.value_or(by_default), nullptr);
}

Result<void> Storage::open_memory_limits(std::string directory) {
  TG_TRY(memory_limits_, stores::MemoryLimitStore::open(
                             clock_, {.max_bytes = config_.limiter.memory_bytes, .directory = std::move(directory)}));
  const stores::RestoreReport& report = memory_limits_->restored();
  if (!report.problem.empty())
    telemetry::log(Level::warn, "limiter", "limit state could not be read whole", {{"problem", report.problem}});
  limits_ = memory_limits_.get();
  return {};
}

Result<void> Storage::open_remote_limits(const std::string& url, ports::LimitStore* fallback) {
  std::vector<runtime::LoopThread*> loops = loops_.workers;
  loops.push_back(loops_.control);
  TG_TRY(remote_limits_,
         stores::RemoteLimitStore::make(loops, {.url = url, .service_token = service_token_, .fallback = fallback}));
  limits_ = remote_limits_.get();
  return {};
}

Result<void> Storage::open_directory() {
  ports::KeyFeed* feed = keys_.get();
  if (feed == nullptr) {
    TG_TRY(stores::ServiceClient* const admin,
           client("admin", set_.gateway ? config_.gateway.admin_url : config_.limiter.admin_url));
    remote_feed_ = std::make_unique<stores::RemoteKeyFeed>(*admin);
    feed = remote_feed_.get();
  }
  stores::KeyFollower::Options options;
  options.book.bucket_seed = bucket_seed_;
  if (!remote_limits_) {
    options.book.migrate = stores::migrate_inline(*limits_);
  } else if (set_.gateway) {
    options.book.migrate = stores::migrate_on(*loops_.control, *limits_);
  } else {
    // Admin alone decides nothing: whoever decides carries the levels over.
    options.book.migrate = [](std::span<const stores::LimitMigration> all) { return all.size(); };
  }
  if (log_) options.book.name = [this](core::NameKind kind, std::string_view text) { log_->intern(kind, text); };
  options.service = set_.gateway ? "gateway" : set_.limiter ? "limiter" : "admin";
  table_ = std::make_unique<stores::KeyTable>(bucket_seed_);
  follower_ = std::make_unique<stores::KeyFollower>(*feed, *table_, clock_, std::move(options));
  return {};
}

Result<void> Storage::open_log() {
  ports::UsageIngest& ingest = intake_ ? static_cast<ports::UsageIngest&>(*intake_) : *remote_ingest_;
  if (kIsBenchBuild && bench_log_is_off()) return {};
  const std::string directory = config_.data_dir + "/log";
  TG_TRY(
      log_,
      stores::SegmentDecisionLog::open(
          {.directory = directory,
           .workers = loops_.workers.size(),
           .on_condition = [directory](stores::LogCondition condition) { report_log_condition(condition, directory); }},
          ingest));
  return {};
}

ports::UsageReader* Storage::usage_reader() {
  if (usage_) return usage_.get();
  return remote_reader_.get();
}

void Storage::start_background() {
  if (follower_) {
    if (const auto followed = follower_->follow_once(); !followed) {
      telemetry::log_error(set_.gateway   ? "gateway"
                           : set_.limiter ? "limiter"
                                          : "admin",
                           "keys could not be loaded yet", followed.error());
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
}

void Storage::maintain_usage() {
  maintain_in_pieces(*usage_, clock_, "roll-ups could not be kept in shape");
  if (const auto settled = logged_ingest_->settle(); !settled) {
    telemetry::log_error("analytics", "posted events could not be put into the request log", settled.error());
  }
  maintain_in_pieces(*requests_, clock_, "the request log could not be kept in shape");
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
