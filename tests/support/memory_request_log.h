// A request log in memory, for tests of what stands on the port: no files, no compression, the same promises.
// Thread safety: all methods from any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include "base/str.h"
#include "ports/request_log.h"

namespace tollgate::testing {

class MemoryRequestLog final : public ports::RequestLog {
 public:
  Result<std::uint64_t> append(const core::RecordBatch& batch) override {
    if (broken_) return broken();
    const std::scoped_lock lock(mutex_);
    std::uint64_t added = 0;
    for (const core::DecisionRecord& record : batch.records) {
      const core::LoggedRecord logged{.ring_id = batch.ring_id, .record = record};
      added += records_.emplace(core::RecordPosition::of(logged), logged).second ? 1U : 0U;
    }
    return added;
  }

  Result<ports::RequestPage> search(const ports::RequestQuery& query) override {
    if (broken_) return broken();
    const std::scoped_lock lock(mutex_);
    const auto skip = query.cursor.empty() ? std::optional<std::size_t>(0) : str::parse_int<std::size_t>(query.cursor);
    if (!skip) return fail(codes::invalid_parameter, "the cursor is none of ours");
    ports::RequestPage page;
    std::size_t fitting = 0;
    for (auto at = records_.rbegin(); at != records_.rend() && page.records.size() < query.limit; ++at) {
      if (query.filter.matches(at->second.record) && fitting++ >= *skip) page.records.push_back(at->second);
    }
    if (page.records.size() == query.limit) page.next_cursor = str::cat(fitting);
    page.read.damaged = damaged_;
    return page;
  }

  Result<std::vector<core::LoggedRecord>> find(std::uint64_t decision_id) override {
    if (broken_) return broken();
    const std::scoped_lock lock(mutex_);
    std::vector<core::LoggedRecord> found;
    for (const auto& [position, logged] : records_) {
      if (logged.record.request_id == decision_id) found.push_back(logged);
    }
    return found;
  }

  Result<std::unique_ptr<ports::RequestScan>> scan(const core::RecordFilter& filter) override;

  ports::RequestLogStats stats() const override { return {}; }
  Result<bool> maintain(WallTime) override { return false; }

  // Every call fails from now on, or works again. An export that is under way fails as well.
  void break_down(bool broken) { broken_ = broken; }
  void set_damaged(std::uint64_t blocks) { damaged_ = blocks; }

 private:
  friend class MemoryRequestScan;
  static std::unexpected<Error> broken() { return fail(codes::store_unavailable, "the disk of the server is gone"); }

  std::mutex mutex_;
  std::map<core::RecordPosition, core::LoggedRecord> records_;
  std::atomic<bool> broken_{false};
  std::atomic<std::uint64_t> damaged_{0};
};

class MemoryRequestScan final : public ports::RequestScan {
 public:
  MemoryRequestScan(MemoryRequestLog& log, const core::RecordFilter& filter) : log_(log), filter_(filter) {}

  Result<void> next(std::vector<core::LoggedRecord>& into) override {
    constexpr std::size_t kAtOnce = 100;
    into.clear();
    if (log_.broken_) return MemoryRequestLog::broken();
    const std::scoped_lock lock(log_.mutex_);
    auto at = after_ ? log_.records_.upper_bound(*after_) : log_.records_.begin();
    for (; at != log_.records_.end() && into.size() < kAtOnce; ++at) {
      after_ = at->first;
      if (filter_.matches(at->second.record)) into.push_back(at->second);
    }
    return {};
  }
  const ports::RequestsRead& read() const override { return read_; }

 private:
  MemoryRequestLog& log_;
  const core::RecordFilter filter_;
  std::optional<core::RecordPosition> after_;
  ports::RequestsRead read_;
};

inline Result<std::unique_ptr<ports::RequestScan>> MemoryRequestLog::scan(const core::RecordFilter& filter) {
  if (broken_) return broken();
  return std::make_unique<MemoryRequestScan>(*this, filter);
}

}  // namespace tollgate::testing
