#include "stores/segments/segment_reader.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "base/str.h"

namespace tollgate::stores {
namespace {
constexpr std::size_t kChunkBytes = 256u << 10;
}

Result<SegmentReader> SegmentReader::open(Io& io, const std::string& path) {
  UniqueFd fd(io.open(path, O_RDONLY));
  if (!fd) return fail(codes::io_failed, str::cat("cannot open ", path, ": ", system_error_text()));
  return SegmentReader(io, path, std::move(fd));
}

void SegmentReader::seek(std::uint64_t offset) {
  offset_ = offset;
  records_.clear();
  given_ = 0;
}

Result<SegmentReader::Item> SegmentReader::next(std::uint64_t limit) {
  if (given_ < records_.size()) return give_record();
  TG_TRY(const std::string_view here, view(offset_, limit));
  if (here.empty()) return End{};
  records_bytes_ = core::read_records_frame(here, records_);
  given_ = 0;
  if (records_bytes_ > 0) return give_record();
  auto read = core::read_frame(here);
  if (!read) {
    TG_TRY(const Damage damage, measure_damage(limit));
    offset_ = damage.offset + damage.bytes;
    return damage;
  }
  offset_ += read->bytes;
  return std::move(read->frame);
}

const core::LoggedRecord* SegmentReader::give_record() {
  const core::LoggedRecord* record = &records_[given_++];
  if (given_ == records_.size()) offset_ += records_bytes_;
  return record;
}

Result<SegmentReader::Damage> SegmentReader::measure_damage(std::uint64_t limit) {
  std::uint64_t from = offset_;
  std::size_t skip = 1;  // what stands at offset_ itself is known to be bad
  while (true) {
    TG_TRY(const std::string_view here, view(from, limit));
    if (const auto sound = core::find_frame(here, skip)) return Damage{offset_, from + *sound - offset_};
    if (from + here.size() >= limit || here.size() < core::kFrameBytesMax) return Damage{offset_, limit - offset_};
    // A frame may begin in this chunk's last bytes and end in the next.
    from += here.size() - (core::kFrameBytesMax - 1);
    skip = 0;
  }
}

Result<std::string_view> SegmentReader::view(std::uint64_t offset, std::uint64_t limit) {
  if (offset >= limit) return std::string_view();
  const auto buffered = [&]() -> std::string_view {
    if (offset < buffer_offset_ || offset >= buffer_offset_ + buffer_.size()) return {};
    const std::string_view rest = std::string_view(buffer_).substr(offset - buffer_offset_);
    return rest.substr(0, std::min<std::uint64_t>(rest.size(), limit - offset));
  };
  const std::uint64_t enough = std::min<std::uint64_t>(core::kFrameBytesMax, limit - offset);
  if (buffered().size() >= enough) return buffered();
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, limit - offset));
  if (auto read = read_into(buffer_, offset, length); !read) return std::unexpected(std::move(read).error());
  buffer_offset_ = offset;
  return std::string_view(buffer_);
}

Result<std::string> SegmentReader::bytes(std::uint64_t offset, std::size_t length) {
  std::string out;
  if (auto read = read_into(out, offset, length); !read) return std::unexpected(std::move(read).error());
  return out;
}

Result<void> SegmentReader::read_into(std::string& out, std::uint64_t offset, std::size_t length) {
  str::resize_for_overwrite(out, length);
  std::size_t have = 0;
  while (have < length) {
    const ssize_t got = io_->pread(fd_.get(), std::span(out).subspan(have), offset + have);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 || (got < 0 && have >= core::kFrameBytesMax)) break;
    if (got < 0) {
      auto error = fail(codes::io_failed, str::cat("cannot read ", path_, ": ", system_error_text()));
      out.clear();
      return error;
    }
    have += static_cast<std::size_t>(got);
  }
  out.resize(have);
  return {};
}

}  // namespace tollgate::stores
