#include "stores/segments/ring.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

#include "base/assert.h"
#include "base/crc.h"
#include "base/file.h"
#include "base/random.h"
#include "base/str.h"

namespace tollgate::stores {

using core::DecisionRecord;

namespace {

constexpr std::array<char, 8> kMagic{'T', 'G', 'R', 'I', 'N', 'G', '\r', '\n'};
constexpr std::uint32_t kVersion = 3;
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

// Nothing when the file is no whole ring. Errors: it cannot be read, whatever it is, or is of another version.
Result<std::optional<RingIdentity>> read_identity(Io& io, int fd, const std::string& path) {
  RingIdentity identity;
  struct stat status{};
  const ssize_t read = read_all(io, fd, {reinterpret_cast<char*>(&identity), sizeof(identity)}, 0);
  if (read < 0 || ::fstat(fd, &status) != 0) return unusable(path, "read");
  const bool sound = read == sizeof(identity) && identity.magic == kMagic && identity.checksum == identity.sum();
  // A ring of another version is not damaged: whoever wrote it can ship it.
  if (sound && identity.version != kVersion) {
    return fail(
        codes::data_dir_unusable,
        str::cat(path,
                 " was written by another version of Tollgate, and its records are read by that alone. Start that "
                 "version once more until all is shipped, or remove the file and with it what is not shipped."));
  }
  if (!sound || static_cast<std::size_t>(status.st_size) != identity.file_bytes()) return std::nullopt;
  return identity;
}

RingIdentity new_identity(std::uint32_t capacity) {
  RingIdentity identity{.magic = kMagic, .version = kVersion, .capacity = capacity, .ring_id = random_u64() | 1};
  identity.checksum = identity.sum();
  return identity;
}

// All blocks now: a full disk must not turn a later store to the mapping into SIGBUS.
bool reserve_and_write(Io& io, int fd, const RingIdentity& identity) {
  return allocate_all(io, fd, identity.file_bytes()) &&
         write_all(io, fd, {reinterpret_cast<const char*>(&identity), sizeof(identity)}, 0);
}

// Under another name until it is complete: a ring that exists is whole. Not synced: a ring that a power cut takes is
// put aside, and what segments have of it goes on under its old identity. On failure no file remains, and errno says
// why.
UniqueFd make_file(Io& io, const std::string& path, std::uint32_t capacity) {
  const std::string beside = path + ".new";
  UniqueFd made(io.open(beside, O_RDWR | O_CREAT | O_TRUNC));
  if (!made) return made;
  if (!reserve_and_write(io, made.get(), new_identity(capacity)) || io.rename(beside, path) != 0) {
    const int why = errno;
    made.reset();
    io.unlink(beside);
    errno = why;
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

// What was passed over may have been stored all the same, by a batch whose ack was lost, and what was declared lost
// counts as lost only when the batch that said so was stored.
void ShipState::acknowledge(std::uint64_t through) {
  const std::uint64_t declared_lost = declared > acked && through > declared ? declared - acked : 0;
  const std::uint64_t still_passed_over = cursor > through ? cursor - through : 0;
  const std::uint64_t passed_over = cursor > acked ? cursor - acked : 0;
  lost = lost - passed_over + declared_lost + still_passed_over;
  given_up = std::min(given_up, lost);
  cursor = std::max(cursor, through);
  acked = through;
  declared = sent = sent_counts = 0;
}

Ring::Ring(Io& io, UniqueFd file, void* mapping, std::size_t bytes)
    : io_(io),
      file_(std::move(file)),
      header_(*static_cast<Header*>(mapping)),
      slots_(reinterpret_cast<DecisionRecord*>(static_cast<char*>(mapping) + kHeaderBytes)),
      mapped_bytes_(bytes),
      capacity_(header_.identity.capacity),
      tail_seen_(header_.tail.load(std::memory_order_relaxed)) {
  static_assert(sizeof(Header) <= kHeaderBytes && std::atomic<std::uint64_t>::is_always_lock_free);
}

Ring::~Ring() {
  ::munmap(&header_, mapped_bytes_);
}

Result<std::unique_ptr<Ring>> Ring::open(Io& io, const std::string& path, std::uint32_t capacity) {
  TG_ASSERT(std::has_single_bit(capacity) && capacity <= kCapacityMax);
  UniqueFd fd(io.open(path, O_RDWR));
  if (!fd && errno != ENOENT) return unusable(path, "open");
  std::optional<RingIdentity> identity;
  if (fd) {
    TG_TRY(identity, read_identity(io, fd.get(), path));
  }
  if (fd && !identity) {
    fd.reset();
    if (io.rename(path, path + ".damaged") != 0) return unusable(path, "put aside");
  }
  if (!fd) {
    fd = make_file(io, path, capacity);
    if (!fd && (errno == ENOSPC || errno == EDQUOT)) return make_in_memory(io, capacity);
    if (!fd) return unusable(path, "make");
    TG_TRY(identity, read_identity(io, fd.get(), path));
  }
  if (!identity) return unusable(path, "read");
  const std::size_t bytes = identity->file_bytes();
  void* mapping = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd.get(), 0);
  if (mapping == MAP_FAILED) return unusable(path, "map");
  return std::unique_ptr<Ring>(new Ring(io, std::move(fd), mapping, bytes));
}

Result<std::unique_ptr<Ring>> Ring::make_in_memory(Io& io, std::uint32_t capacity) {
  const RingIdentity identity = new_identity(capacity);
  const std::size_t bytes = identity.file_bytes();
  void* mapping = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) return unusable("memory for a ring", "map");
  std::memcpy(mapping, &identity, sizeof(identity));
  return std::unique_ptr<Ring>(new Ring(io, UniqueFd(), mapping, bytes));
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
  if (slot.sequence != sequence) return nullptr;
  // An empty slot looks like the first record's, but for all that is in a record.
  static constexpr DecisionRecord kEmpty = std::bit_cast<DecisionRecord>(std::array<char, sizeof(DecisionRecord)>{});
  return sequence == 0 && std::memcmp(&slot, &kEmpty, sizeof(slot)) == 0 ? nullptr : &slot;
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

bool Ring::sync() {
  return is_in_memory() || io_.fdatasync(file_.get()) == 0;
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
