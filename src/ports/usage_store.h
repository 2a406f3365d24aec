// Usage: takes decision records in, exactly once, and answers questions about them from roll-ups.
//
// Blocking calls: ingest from a shipper's thread or analytics' own, queries from analytics' own threads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "core/usage/decision_record.h"
#include "core/usage/names.h"
#include "core/usage/record_batch.h"
#include "core/usage/rollup.h"

namespace tollgate::ports {

using core::RecordBatch;

struct IngestAck {
  std::uint64_t stored_through = 0;  // every sequence of this ring below this is committed
  std::uint64_t added = 0;           // records of this batch that were new
  std::uint64_t known = 0;           // records that had been stored before: a resent batch changes nothing
};

// The half of it that gateways need.
class UsageIngest {
 public:
  virtual ~UsageIngest() = default;
  // Returns after COMMIT. A batch that starts beyond stored_through (its first record less lost_before) is refused with
  // conflict, and the error's detail says where to go on from; nothing of it is stored. A batch without records only
  // asks for stored_through.
  virtual Result<IngestAck> ingest(const RecordBatch& batch) = 0;
};

// requests, allowed, rate_limited, unauthorized, errors, bytes_in, bytes_out, cost.
using UsageCounts = core::RollupCounts;

struct LatencyMs {
  double p50 = 0, p90 = 0, p99 = 0;
};

struct SystemStats {
  UsageCounts counts;              // since the log began
  double requests_per_second = 0;  // mean of the last 10 whole seconds
  LatencyMs latency;               // of the last 15 minutes
  std::uint64_t active_keys = 0;   // keys with a request in the last 15 minutes
};

struct EndpointUsage {
  std::string route;
  std::string method;
  UsageCounts counts;
  LatencyMs latency;
};

struct KeyUsage {
  UsageCounts counts;
  LatencyMs latency;                     // of the last 24 hours
  std::vector<EndpointUsage> endpoints;  // busiest first, at most 100
  std::optional<WallTime> last_used_at;
};

enum class GroupBy : std::uint8_t { none, key, route, status, tier };

struct SeriesQuery {
  WallTime from{};
  WallTime to{};     // exclusive
  Seconds step{60};  // 1 s … 1 day; whole seconds
  std::vector<GroupBy> group_by;
  std::optional<core::KeyId> key;  // filters
  std::optional<std::string> route;
  std::size_t max_series = 50;  // the busiest; the rest are one series with group {"other":"true"}
};

struct SeriesPoint {
  WallTime time{};
  UsageCounts counts;
  LatencyMs latency;
};

struct Series {
  std::map<std::string, std::string> group;  // "key" → id, "route" → name, "status" → "2xx", "tier" → name
  std::vector<SeriesPoint> points;           // one per step, empty ones with zeros
};

struct TopEntry {
  std::string name;  // key id, or "METHOD route"
  UsageCounts counts;
  LatencyMs latency;
};

struct RecentMinute {
  WallTime time{};
  UsageCounts counts;
};

// The half of it that asks. Thread safety: all methods from any thread.
class UsageReader {
 public:
  virtual ~UsageReader() = default;
  virtual Result<SystemStats> system_stats(WallTime now) = 0;
  // Nothing when the key has never been seen.
  virtual Result<std::optional<KeyUsage>> key_usage(core::KeyId key, WallTime now) = 0;
  virtual Result<std::vector<Series>> time_series(const SeriesQuery& query) = 0;
  virtual Result<std::vector<TopEntry>> top_keys(WallTime from, WallTime to, std::size_t count) = 0;
  virtual Result<std::vector<TopEntry>> top_endpoints(WallTime from, WallTime to, std::size_t count) = 0;
  virtual Result<std::vector<RecentMinute>> recent_minutes(WallTime now, std::size_t count) = 0;
};

// Thread safety: all methods from any thread; ingest calls are serialised.
class UsageStore : public UsageIngest, public UsageReader {
 public:
  // Deletes roll-ups older than their retention, in small batches. Returns rows deleted.
  virtual Result<std::uint64_t> expire(WallTime now) = 0;
};

}  // namespace tollgate::ports
