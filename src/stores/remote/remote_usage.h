// Usage over analytics' HTTP API: records to it, answers from it.
// Thread safety: any thread but an event loop's; blocks. `analytics` outlives these.
#pragma once

#include "ports/usage_store.h"
#include "stores/remote/service_client.h"

namespace tollgate::stores {

class RemoteUsageIngest final : public ports::UsageIngest {
 public:
  explicit RemoteUsageIngest(ServiceClient& analytics) : analytics_(analytics) {}
  // store_unavailable when analytics cannot be asked: it may have stored the batch, and knows it when it comes again.
  Result<ports::IngestAck> ingest(const core::RecordBatch& batch) override;

 private:
  ServiceClient& analytics_;
};

// `now` is analytics' own; the argument serves only where a range is counted back from it.
class RemoteUsageReader final : public ports::UsageReader {
 public:
  explicit RemoteUsageReader(ServiceClient& analytics) : analytics_(analytics) {}

  Result<ports::SystemStats> system_stats(WallTime now) override;
  Result<std::optional<ports::KeyUsage>> key_usage(core::KeyId key, WallTime now) override;
  Result<ports::SeriesAnswer> time_series(const ports::SeriesQuery& query) override;
  Result<ports::TopAnswer> top(const ports::TopQuery& query) override;
  Result<std::vector<ports::RecentMinute>> recent_minutes(WallTime now, std::size_t count) override;

 private:
  ServiceClient& analytics_;
};

}  // namespace tollgate::stores
