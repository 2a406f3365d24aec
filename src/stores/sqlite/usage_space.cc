#include "stores/sqlite/usage_space.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/str.h"

namespace tollgate::stores {
namespace {

// In one transaction: a millisecond or two in which no batch can come in.
constexpr std::uint64_t kPagesAtOnce = 256;
// Folding frees and takes pages all the time; so many are not worth moving others for.
constexpr std::uint64_t kFreeBytesLeft = 4u << 20;
constexpr std::uint64_t kFreePartLeft = 4;
// Room for what comes in while something goes, and for the write-ahead log.
constexpr std::uint64_t kReserveBytes = 64u << 20;

std::uint64_t file_bytes(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

Result<void> UsageSpace::measure() {
  TG_TRY(const std::int64_t page, database_.query_int("PRAGMA page_size"));
  TG_TRY(const std::int64_t free, database_.query_int("PRAGMA freelist_count"));
  page_bytes_ = static_cast<std::uint64_t>(page);
  free_.store(static_cast<std::uint64_t>(free) * page_bytes_, std::memory_order_relaxed);
  bytes_.store(file_bytes(database_.path()) + file_bytes(database_.path() + "-wal"), std::memory_order_relaxed);
  return {};
}

std::uint64_t UsageSpace::excess() const {
  if (max_bytes_ == 0) return 0;
  const ports::UsageStorage now = stats();
  const std::uint64_t used = now.bytes - std::min(now.bytes, now.free_bytes) + kReserveBytes;
  return used - std::min(used, max_bytes_);
}

Result<bool> UsageSpace::shrink() {
  const ports::UsageStorage now = stats();
  const bool is_over = max_bytes_ > 0 && now.bytes + kReserveBytes > max_bytes_;
  const std::uint64_t left = is_over ? 0 : std::max(kFreeBytesLeft, now.bytes / kFreePartLeft);
  if (now.free_bytes <= left) return false;
  const std::scoped_lock held(writer_.lock);
  auto done = writer_.writer.database().vacuum(std::min(kPagesAtOnce, (now.free_bytes - left) / page_bytes_ + 1));
  if (!done) return std::unexpected(std::move(done).error());
  return true;
}

}  // namespace tollgate::stores
