#include "cli/system_facts.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "base/str.h"
#include "config/values.h"

namespace tollgate::cli {
namespace {

using services::StoreFacts;

std::optional<std::uint64_t> size_of(const std::string& path) {
  std::error_code none;
  std::uint64_t bytes = 0;
  for (const char* suffix : {"", "-wal"}) {
    const auto size = std::filesystem::file_size(str::cat(path, suffix), none);
    if (!none) bytes += size;
  }
  return bytes == 0 ? std::nullopt : std::optional(bytes);
}

StoreFacts admin_facts(const std::string& data_dir) {
  return {.name = "admin", .kind = "sqlite", .bytes = size_of(data_dir + "/admin.db")};
}

StoreFacts usage_facts(stores::SqliteUsageStore& usage, const Clock& clock, const config::RollupsConfig& rollups) {
  StoreFacts facts{.name = "usage", .kind = "sqlite"};
  const auto stats = usage.system_stats(clock.wall_now());
  if (stats) {
    facts.bytes = stats->storage.bytes;
    facts.free_bytes = stats->storage.free_bytes;
    if (stats->storage.max_bytes > 0) facts.max_bytes = stats->storage.max_bytes;
  } else {
    facts.mode = "degraded";
    facts.detail = "it cannot be read";
  }
  facts.kept = {{"seconds", config::duration_text(rollups.keep_1s)},
                {"minutes", config::duration_text(rollups.keep_1m)},
                {"hours", config::duration_text(rollups.keep_1h)},
                {"days", config::duration_text(rollups.keep_1d)},
                {"totals", "for ever"}};
  return facts;
}

StoreFacts request_facts(const ports::RequestLog& log, const config::RequestsConfig& requests) {
  const ports::RequestLogStats stats = log.stats();
  StoreFacts facts{.name = "requests",
                   .kind = "files",
                   .bytes = stats.bytes,
                   .max_bytes = requests.max_bytes,
                   .items = stats.records};
  facts.kept = {{"requests", config::duration_text(requests.keep)}};
  if (stats.damaged > 0) {
    facts.mode = "degraded";
    facts.detail = str::cat(stats.damaged, " places cannot be read");
  }
  return facts;
}

StoreFacts log_facts(const stores::SegmentDecisionLog& log) {
  using stores::LogCondition;
  const stores::LogHealth health = log.health();
  StoreFacts facts{.name = "log", .kind = "files", .bytes = health.segment_bytes, .items = health.segments};
  if (health.condition == LogCondition::whole) return facts;
  facts.mode = "degraded";
  switch (health.condition) {
    case LogCondition::in_memory: facts.detail = "in memory: there was no room for its files"; break;
    case LogCondition::waiting: facts.detail = "the disk takes no records; they wait"; break;
    case LogCondition::counting: facts.detail = "older records became counts: there is no room"; break;
    default: facts.detail = "records are lost: there is no room even for counts"; break;
  }
  return facts;
}

StoreFacts limit_facts(const Storage& storage, const config::LimiterConfig& limiter) {
  StoreFacts facts{.name = "limits", .kind = storage.remote_limits() == nullptr ? "memory" : "remote"};
  if (storage.memory_limits() != nullptr) {
    const stores::MemoryLimitStats stats = storage.memory_limits()->stats();
    facts.bytes = stats.bytes;
    facts.max_bytes = limiter.memory_bytes;
    facts.items = stats.buckets;
  }
  if (storage.remote_limits() != nullptr && storage.remote_limits()->stats().paused_loops > 0) {
    facts.mode = "degraded";
    facts.detail = "the rate limiter does not answer; limits are decided here meanwhile";
  }
  return facts;
}

}  // namespace

services::SystemFacts system_facts(const config::Config& config, Storage& storage, unsigned workers) {
  services::SystemFacts facts{.data_dir = config.data_dir, .workers = workers};
  std::error_code none;
  if (const auto space = std::filesystem::space(config.data_dir, none); !none) {
    facts.disk_bytes = space.capacity;
    facts.disk_free_bytes = space.available;
  }
  if (storage.keys() != nullptr) facts.stores.push_back(admin_facts(config.data_dir));
  if (storage.usage() != nullptr) {
    facts.stores.push_back(usage_facts(*storage.usage(), storage.clock(), config.analytics.rollups));
  }
  if (storage.requests() != nullptr) {
    facts.stores.push_back(request_facts(*storage.requests(), config.analytics.requests));
  }
  if (storage.log() != nullptr) facts.stores.push_back(log_facts(*storage.log()));
  if (storage.limits() != nullptr) facts.stores.push_back(limit_facts(storage, config.limiter));
  return facts;
}

}  // namespace tollgate::cli
