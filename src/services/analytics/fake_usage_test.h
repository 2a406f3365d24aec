// A usage store for tests of what speaks to one.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "core/usage/key_number.h"
#include "ports/usage_store.h"

namespace tollgate::services {

inline constexpr std::string_view kKnownKey = "Ab3dEf6hIj";

// Remembers what it was asked, answers with fixed figures.
class FakeUsage final : public ports::UsageStore {
 public:
  Result<ports::IngestAck> ingest(const core::RecordBatch& batch) override {
    if (broken) return fail(codes::store_unavailable, "the disk of the server is full");
    batches.push_back(batch);
    return ports::IngestAck{.stored_through = batch.records.empty() ? 0 : batch.records.back().sequence + 1,
                            .added = batch.records.size()};
  }
  Result<ports::PostAck> post(const ports::EventPost& post) override {
    if (broken) return fail(codes::store_unavailable, "the disk of the server is full");
    const bool repeated = post.mark && !marks.insert(post.mark->key).second;
    posts.push_back(post);
    if (repeated) return ports::PostAck{.known = post.records.size(), .repeated = true};
    return ports::PostAck{.added = {.ring_id = 9, .records = post.records}};
  }
  Result<std::vector<core::RecordBatch>> unconfirmed() override { return std::vector<core::RecordBatch>{}; }
  void confirm(std::uint64_t through) override { confirmed = through; }
  Result<ports::SystemStats> system_stats(WallTime) override {
    if (broken) return fail(codes::store_unavailable, "the disk of the server is full");
    return ports::SystemStats{.counts = {.requests = 7}};
  }
  Result<std::optional<ports::KeyUsage>> key_usage(core::KeyId key, WallTime) override {
    if (key.view() != kKnownKey) return std::nullopt;
    return ports::KeyUsage{.counts = {.requests = 3}};
  }
  Result<ports::SeriesAnswer> time_series(const ports::SeriesQuery& query) override {
    series = query;
    return ports::SeriesAnswer{};
  }
  Result<ports::LatencyAnswer> latency(const ports::LatencyQuery& query) override {
    latencies = query;
    return ports::LatencyAnswer{};
  }
  // Parts of two entries each, in the order of `reported`; without keys, their place stands for one.
  Result<ports::ReportPart> report(const ports::ReportQuery& query) override {
    if (broken) return fail(codes::store_unavailable, "the disk of the server is full");
    reports.push_back(query);
    if (query.by == ports::ReportQuery::By::tier) return ports::ReportPart{.entries = {{"pro", total}}, .next_key = {}};
    ports::ReportPart part;
    for (std::size_t i = 0; i < reported.size(); ++i) {
      const auto key = core::KeyId::parse(reported[i].name);
      const std::uint64_t number = key ? core::key_number(*key) : i;
      if (number < query.first_key) continue;
      if (part.entries.size() == 2) {
        part.next_key = number;
        break;
      }
      part.entries.push_back(reported[i]);
    }
    return part;
  }
  Result<ports::TopAnswer> top(const ports::TopQuery& query) override {
    tops = query;
    return ports::TopAnswer{};
  }
  Result<std::vector<ports::RecentMinute>> recent_minutes(WallTime, std::size_t) override {
    return std::vector<ports::RecentMinute>{};
  }
  Result<std::uint64_t> expire(WallTime) override { return 0; }

  bool broken = false;
  std::uint64_t confirmed = 0;
  std::vector<core::RecordBatch> batches;
  std::vector<ports::EventPost> posts;
  std::set<ports::PostMark::Digest> marks;
  ports::SeriesQuery series;
  ports::LatencyQuery latencies;
  ports::TopQuery tops;
  std::vector<ports::ReportQuery> reports;
  std::vector<ports::ReportEntry> reported;
  ports::UsageCounts total;
};

}  // namespace tollgate::services
