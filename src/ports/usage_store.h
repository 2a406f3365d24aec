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
#include "ports/event_posts.h"
#include "ports/usage_query.h"

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

// Records whose time was not believed, since the log began: what came later than a week was taken for a week ago, what
// was ahead of the clock here by more than five minutes, for now.
struct ClampedRecords {
  std::uint64_t past = 0;
  std::uint64_t future = 0;
};

// What roll-ups take on disk.
struct UsageStorage {
  std::uint64_t bytes = 0;       // the file and its write-ahead log
  std::uint64_t free_bytes = 0;  // of them, within the file, without use at the moment
  std::uint64_t max_bytes = 0;   // 0: no bound
};

struct SystemStats {
  UsageCounts counts;              // since the log began
  double requests_per_second = 0;  // mean of the last 10 whole seconds
  LatencyMs latency;               // of the last 15 minutes
  std::uint64_t active_keys = 0;   // keys with a request in the last 15 minutes
  ClampedRecords clamped;
  UsageStorage storage;
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
  // invalid_parameter says what of a query is not possible, and what is.
  virtual Result<SeriesAnswer> time_series(const SeriesQuery& query) = 0;
  virtual Result<TopAnswer> top(const TopQuery& query) = 0;
  virtual Result<std::vector<RecentMinute>> recent_minutes(WallTime now, std::size_t count) = 0;
};

// What analytics asks beyond that.
class UsageQueries : public UsageReader {
 public:
  virtual Result<LatencyAnswer> latency(const LatencyQuery& query) = 0;
  // invalid_parameter for a range that cannot be added up exactly, with what can.
  virtual Result<ReportPart> report(const ReportQuery& query) = 0;
};

// What analytics takes in beyond batches.
class UsageIntake : public UsageIngest {
 public:
  // Returns after COMMIT: all of it has been taken, or nothing. conflict when the mark was used for other events.
  virtual Result<PostAck> post(const EventPost& post) = 0;
};

// What numbers the events of posts, and keeps them until they are in the request log too: a commit here and a write
// there are two things, and a process may end between them.
class PostStore : public UsageIntake {
 public:
  // What posts added and nobody has confirmed, oldest first, as it was numbered. It is still there after a restart.
  virtual Result<std::vector<RecordBatch>> unconfirmed() = 0;
  // All below this sequence is kept elsewhere as well. Forgotten with the next post; until then it may come again.
  virtual void confirm(std::uint64_t through) = 0;
};

// Thread safety: all methods from any thread; what takes records in is serialised.
class UsageStore : public PostStore, public UsageQueries {
 public:
  // Deletes roll-ups older than their retention, in small batches. Returns rows deleted.
  virtual Result<std::uint64_t> expire(WallTime now) = 0;
};

}  // namespace tollgate::ports
