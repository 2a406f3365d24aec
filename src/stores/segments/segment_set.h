// Which segment files there are and how much of each may be read: shared by the thread that writes them and the one
// that ships them.
//
// Segments are <directory>/seg-<number>.tgs, numbers ascending. A file is 16 bytes (magic, number), then frames
// (core/usage/frames.h): where each ring stood, every name known, then records and further names.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "core/usage/frames.h"

namespace tollgate::stores {

inline constexpr std::uint64_t kSegmentHeaderBytes = 16;

std::string segment_header(std::uint64_t number);

struct Segment {
  std::uint64_t number = 0;
  std::uint64_t readable = 0;  // bytes that are durable: a reader stops there
  bool sealed = false;         // nothing will be added
  // Where each ring stood at the end of what may be read; nothing when that could not be found out.
  std::optional<std::vector<core::RingPosition>> ends;
};

// Thread safety: all methods from any thread.
class SegmentSet {
 public:
  explicit SegmentSet(std::string directory) : directory_(std::move(directory)) {}

  std::string path(std::uint64_t number) const;
  // Numbers of the files in the directory, ascending.
  Result<std::vector<std::uint64_t>> scan_directory() const;

  void put(Segment segment);  // adds or replaces
  void publish(std::uint64_t number, std::uint64_t readable, std::vector<core::RingPosition> ends);
  // The file too. False: it could not be removed.
  bool unlink(Io& io, std::uint64_t number);
  // There is none after it: where rings stood at its end is said nowhere else.
  bool is_last(std::uint64_t number) const;
  // Nothing in segments below `number` is needed any more.
  void set_shipped_below(std::uint64_t number);

  std::optional<Segment> first_from(std::uint64_t number) const;
  std::optional<Segment> oldest_shipped() const;
  std::uint64_t total_bytes() const;
  std::size_t count() const;
  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Segment> segments_;
  std::uint64_t shipped_below_ = 0;
};

}  // namespace tollgate::stores
