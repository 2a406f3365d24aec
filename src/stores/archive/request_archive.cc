#include "stores/archive/request_archive.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/str.h"
#include "stores/archive/archive_query.h"
#include "stores/archive/archive_scan.h"
#include "stores/archive/decision_search.h"
#include "stores/archive/newest_first.h"
#include "stores/archive/request_cursor.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kLimitMax = 1000;
constexpr std::size_t kWaitingMax = 3;  // full files in memory; beyond that, adding seals
constexpr Seconds kQueryBudget{5};

Error bad_batch(std::string_view why) {
  return Error(codes::invalid_document, str::cat("batch: ", why));
}

}  // namespace

Result<std::uint64_t> RequestArchive::append(const core::RecordBatch& batch) {
  const std::scoped_lock lock(adding_);
  if (batch.records.empty()) return 0u;
  const std::uint64_t first = batch.records.front().sequence;
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    if (batch.records[i].sequence != first + i) return std::unexpected(bad_batch("the records are not in sequence"));
  }
  const auto mark = marks_.find(batch.ring_id);
  const std::uint64_t below = mark == marks_.end() ? 0 : mark->second;
  const std::uint64_t known = std::min<std::uint64_t>(below - std::min(first, below), batch.records.size());
  const auto records = std::span(batch.records).subspan(known);
  if (records.empty()) return 0u;
  auto written = write({.ring_id = batch.ring_id, .records = records, .names = batch.names});
  if (!written) return std::unexpected(std::move(written).error());
  marks_[batch.ring_id] = records.back().sequence + 1;
  return records.size();
}

Result<void> RequestArchive::write(const Addition& addition) {
  while (catalog_.bytes() > options_.bytes_max && remove_oldest()) {
  }
  bool failed_before = false;
  while (true) {
    const auto written = try_to_write(addition);
    if (written) return {};
    // The oldest make room; what is not the disk's size may be one file's trouble.
    const bool again = written.error().disk_full ? remove_oldest() : !std::exchange(failed_before, true);
    if (!again) return fail(codes::store_unavailable, written.error().reason);
  }
}

ArchiveWrite RequestArchive::try_to_write(const Addition& addition) {
  const bool fits = current_ && current_->takes_more() &&
                    (current_->records() == 0 || current_->records() + addition.records.size() <= options_.records_max);
  if (!fits) {
    close_current();
    while (waiting() >= kWaitingMax) {
      const auto sealed = seal_oldest(clock_.wall_now());
      if (!sealed) return std::unexpected(ArchiveFault{.reason = sealed.error().detail()});
    }
    // A number that came to nothing is not used again: something of it may be left.
    TG_TRY(current_, OpenFile::create(io_, files_, next_number_++, marks_));
    catalog_.put(current_->number(), current_);
  }
  return current_->append(addition.ring_id, addition.records, addition.names);
}

Result<ports::RequestPage> RequestArchive::search(const ports::RequestQuery& query) {
  if (query.limit < 1 || query.limit > kLimitMax) {
    return fail(codes::invalid_parameter, str::cat("limit must be 1 to ", kLimitMax));
  }
  NewestFirst::Wanted wanted{.filter = query.filter, .limit = query.limit, .before = std::nullopt};
  if (!query.cursor.empty()) {
    TG_TRY(wanted.before, decode_cursor(query.cursor));
  }
  const MonoTime end = clock_.mono_now() + kQueryBudget;
  ArchiveQuery reading({.io = io_, .catalog = catalog_});
  ports::RequestPage page;
  TG_TRY(page.records, NewestFirst(reading, wanted).run(clock_, end));
  if (page.records.size() == query.limit) {
    page.next_cursor = encode_cursor(core::RecordPosition::of(page.records.back()));
  }
  page.read = reading.read();
  return page;
}

Result<std::vector<core::LoggedRecord>> RequestArchive::find(std::uint64_t decision_id) {
  ArchiveQuery reading({.io = io_, .catalog = catalog_});
  return find_decision(reading, decision_id, clock_, clock_.mono_now() + kQueryBudget);
}

Result<std::unique_ptr<ports::RequestScan>> RequestArchive::scan(const core::RecordFilter& filter) {
  return std::make_unique<ArchiveScan>(ArchiveSources{.io = io_, .catalog = catalog_}, filter);
}

}  // namespace tollgate::stores
