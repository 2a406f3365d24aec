// The request log: the decision records themselves, kept for days, so that single requests can be searched for,
// explained, exported and audited. What roll-ups cannot say is asked here.
//
// Blocking calls: append from whoever takes records in, everything else from analytics' own threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "core/usage/record_batch.h"
#include "core/usage/record_filter.h"

namespace tollgate::ports {

struct RequestQuery {
  core::RecordFilter filter;
  std::size_t limit = 100;  // 1 … 1000
  std::string cursor;       // from the page before; empty: first page
};

// What an answer took, and whether it is whole.
struct RequestsRead {
  std::uint64_t blocks = 0;   // read from files
  std::uint64_t bytes = 0;    // of them, compressed
  std::uint64_t damaged = 0;  // blocks that could not be read: records may be missing from the answer
};

struct RequestPage {
  std::vector<core::LoggedRecord> records;  // newest first, by core::RecordPosition
  // Where the next page goes on, however much has come in since. Empty: this was the last page. A full page always has
  // one, and the page after it may be empty.
  std::string next_cursor;
  RequestsRead read;
};

// An export under way. It sees what was there when it began; what expires meanwhile may be missing.
// Thread safety: one thread at a time; not beyond the log's life.
class RequestScan {
 public:
  virtual ~RequestScan() = default;
  // Replaces `into` by the next records, oldest first, at most a few thousand. Empty: there are no more. Takes the same
  // memory however many records the scan gives; the caller may take its time between two calls.
  // Errors: io_failed.
  virtual Result<void> next(std::vector<core::LoggedRecord>& into) = 0;
  // So far.
  virtual const RequestsRead& read() const = 0;
};

struct RequestLogStats {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // on disk, everything included
  std::uint64_t files = 0;
  std::optional<WallTime> oldest, newest;  // times of records
  std::uint64_t damaged = 0;               // places in files that are there and cannot be read
};

// Thread safety: all methods from any thread.
class RequestLog {
 public:
  virtual ~RequestLog() = default;

  // Durable when it returns. A record counts once however often it comes: of each ring, what lies below the greatest
  // sequence seen is known and left out, whatever the batch. Returns how many records were new.
  // Errors: invalid_document for records that are not in sequence; store_unavailable when the disk does not take them,
  // and then nothing of the batch is kept.
  virtual Result<std::uint64_t> append(const core::RecordBatch& batch) = 0;

  // Errors: invalid_parameter for a limit or a cursor that is none of ours; store_unavailable when it takes longer than
  // five seconds.
  virtual Result<RequestPage> search(const RequestQuery& query) = 0;

  // The records of this decision id: mostly one; none when it is unknown or has expired. Takes an id's upper 32 bits
  // for its second, give or take one. Errors: store_unavailable, as search().
  virtual Result<std::vector<core::LoggedRecord>> find(std::uint64_t decision_id) = 0;

  // Everything that fits, in the order of time.
  virtual Result<std::unique_ptr<RequestScan>> scan(const core::RecordFilter& filter) = 0;

  virtual RequestLogStats stats() const = 0;

  // One piece of work that is due: puts a full file in its final form, or removes what has expired. False: there was
  // none. About once a second, from a thread that may take its time.
  virtual Result<bool> maintain(WallTime now) = 0;
};

}  // namespace tollgate::ports
