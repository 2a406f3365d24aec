#include "stores/segments/ring.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include "base/assert.h"
#include "base/crc.h"
#include "base/file.h"
#include "base/random.h"
#include "base/str.h"

namespace tollgate::stores {

using core::DecisionRecord;

namespace {

constexpr std::array<char, 8> kMagic{'T', 'G', 'R', 'I', 'N', 'G', '\r', '\n'};
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kHeaderBytes = 4096;
constexpr std::uint32_t kCapacityMax = 1u << 24;

struct RingIdentity {
  std::array<char, 8> magic{};
  std::uint32_t version = 0;
  std::uint32_t capacity = 0;
  std::uint64_t ring_id = 0;
  std::uint32_t checksum = 0;  // CRC32C of what stands above

  std::uint32_t sum() const { return crc32c({reinterpret_cast<const char*>(this), offsetof(RingIdentity, checksum)}); }
  std::size_t file_bytes() const { return kHeaderBytes + std::size_t{capacity} * sizeof(DecisionRecord); }
};

std::unexpected<Error> unusable(const std::string& path, std::string_view doing) {
  return fail(codes::data_dir_unusable, str::cat("cannot ", doing, " ", path, ": ", system_error_text()));
}

// Nothing when the file is no whole ring.
std::optional<RingIdentity> read_identity(int fd) {
  RingIdentity identity;
  struct stat status{};
  if (::pread(fd, &identity, sizeof(identity), 0) != sizeof(identity) || ::fstat(fd, &status) != 0) return std::nullopt;
  const bool sound = identity.magic == kMagic && identity.version == kVersion && identity.checksum == identity.sum();
  if (!sound || static_cast<std::size_t>(status.st_size) != identity.file_bytes()) return std::nullopt;
  return identity;
}

// A ring of another version is not damaged: whoever wrote it can ship it.
bool is_of_another_version(int fd) {
  RingIdentity identity;
  return ::pread(fd, &identity, sizeof(identity), 0) == sizeof(identity) && identity.magic == kMagic &&
         identity.version != kVersion && identity.checksum == identity.sum();
}

// Under another name until it is complete: a ring that exists is whole.
Result<UniqueFd> make_file(const std::string& path, std::uint32_t capacity) {
  RingIdentity identity{.magic = kMagic, .version = kVersion, .capacity = capacity, .ring_id = random_u64() | 1};
  identity.checksum = identity.sum();
  const std::string beside = path + ".new";
  UniqueFd made(::open(beside.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!made) return unusable(beside, "create");
  // All blocks now: a full disk must not turn a later store to the mapping into SIGBUS.
  errno = ::posix_fallocate(made.get(), 0, static_cast<off_t>(identity.file_bytes()));
  if (errno != 0) {
    auto error = unusable(beside, "reserve the space of");
    ::unlink(beside.c_str());
    return error;
  }
  // Not synced: a ring that a power cut takes is put aside, and what segments have of it goes on under its old
  // identity.
  if (::pwrite(made.get(), &identity, sizeof(identity), 0) != sizeof(identity) ||
      ::rename(beside.c_str(), path.c_str()) != 0) {
    return unusable(beside, "write");
  }
  return made;
}

}  // namespace

// One page; what different threads write stands in different cache lines.
struct Ring::Header {
  RingIdentity identity;
  alignas(64) std::atomic<std::uint64_t> head;
  std::atomic<std::uint64_t> dropped;
  alignas(64) std::atomic<std::uint64_t> tail;
  // Two copies, of which one is valid: the other is written, then they change places.
  alignas(64) std::atomic<std::uint32_t> ship_valid;
  ShipState ship[2];
};

// What was given up may have been stored all the same, by a batch whose ack was lost, and what was declared lost counts
// as lost only when the batch that said so was stored.
void ShipState::acknowledge(std::uint64_t through) {
  const std::uint64_t declared_lost = declared > acked && through > declared ? declared - acked : 0;
  const std::uint64_t still_given_up = cursor > through ? cursor - through : 0;
  const std::uint64_t given_up = cursor > acked ? cursor - acked : 0;
  lost = lost - given_up + declared_lost + still_given_up;
  cursor = std::max(cursor, through);
  acked = through;
  declared = 0;
}

Ring::Ring(void* mapping, std::size_t bytes)
    : header_(*static_cast<Header*>(mapping)),
      slots_(reinterpret_cast<DecisionRecord*>(static_cast<char*>(mapping) + kHeaderBytes)),
      mapped_bytes_(bytes),
      capacity_(header_.identity.capacity),
      tail_seen_(header_.tail.load(std::memory_order_relaxed)) {
  static_assert(sizeof(Header) <= kHeaderBytes && std::atomic<std::uint64_t>::is_always_lock_free);
}

Ring::~Ring() {
  ::munmap(&header_, mapped_bytes_);
}

Result<std::unique_ptr<Ring>> Ring::open(const std::string& path, std::uint32_t capacity) {
  TG_ASSERT(std::has_single_bit(capacity) && capacity <= kCapacityMax);
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd && errno != ENOENT) return unusable(path, "open");
  if (fd && is_of_another_version(fd.get())) {
    return fail(
        codes::data_dir_unusable,
        str::cat(path,
                 " was written by another version of Tollgate, and its records are read by that alone. Start that "
                 "version once more until all is shipped, or remove the file and with it what is not shipped."));
  }
  if (fd && !read_identity(fd.get())) {
    fd.reset();
    if (::rename(path.c_str(), (path + ".damaged").c_str()) != 0) return unusable(path, "put aside");
  }
  if (!fd) {
    TG_TRY(fd, make_file(path, capacity));
  }
  const auto identity = read_identity(fd.get());
  if (!identity) return unusable(path, "read");
  const std::size_t bytes = identity->file_bytes();
  void* mapping = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd.get(), 0);
  if (mapping == MAP_FAILED) return unusable(path, "map");
  return std::unique_ptr<Ring>(new Ring(mapping, bytes));
}

void Ring::append(DecisionRecord& record) noexcept {
  const std::uint64_t head = header_.head.load(std::memory_order_relaxed);
  record.sequence = head;
  if (head - tail_seen_ >= capacity_) {
    tail_seen_ = header_.tail.load(std::memory_order_acquire);
    if (head - tail_seen_ >= capacity_) {
      header_.dropped.store(header_.dropped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      return;
    }
  }
  // The sequence goes in last: after a power cut a slot that carries its sequence is complete.
  DecisionRecord& slot = slots_[head & (capacity_ - 1)];
  constexpr std::size_t kBody = offsetof(DecisionRecord, time_ns);
  std::memcpy(reinterpret_cast<char*>(&slot) + kBody, reinterpret_cast<const char*>(&record) + kBody,
              sizeof(DecisionRecord) - kBody);
  std::atomic_ref(slot.sequence).store(head, std::memory_order_release);
  header_.head.store(head + 1, std::memory_order_release);
}

std::uint64_t Ring::head() const {
  return header_.head.load(std::memory_order_acquire);
}
std::uint64_t Ring::tail() const {
  return header_.tail.load(std::memory_order_relaxed);
}
std::uint64_t Ring::dropped() const {
  return header_.dropped.load(std::memory_order_relaxed);
}
std::uint64_t Ring::id() const {
  return header_.identity.ring_id;
}

const DecisionRecord* Ring::at(std::uint64_t sequence) const {
  const DecisionRecord& slot = slots_[sequence & (capacity_ - 1)];
  return slot.sequence == sequence ? &slot : nullptr;
}

void Ring::release(std::uint64_t sequence) {
  TG_ASSERT(sequence >= tail() && sequence <= head());
  header_.tail.store(sequence, std::memory_order_release);
}

void Ring::reconcile(std::uint64_t durable_end) {
  const std::uint64_t head = std::max(header_.head.load(std::memory_order_relaxed), durable_end);
  const std::uint64_t oldest_slot = head > capacity_ ? head - capacity_ : 0;
  header_.head.store(head, std::memory_order_relaxed);
  header_.tail.store(std::max(durable_end, oldest_slot), std::memory_order_release);
  tail_seen_ = tail();
}

ShipState Ring::ship_state() const {
  return header_.ship[header_.ship_valid.load(std::memory_order_acquire) & 1];
}

void Ring::save_ship_state(const ShipState& state) {
  const std::uint32_t other = (header_.ship_valid.load(std::memory_order_relaxed) & 1) ^ 1;
  header_.ship[other] = state;
  header_.ship_valid.store(other, std::memory_order_release);
}

}  // namespace tollgate::stores
