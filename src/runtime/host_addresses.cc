#include "runtime/host_addresses.h"

#include "base/assert.h"
#include "runtime/lookups.h"

namespace tollgate::runtime {

// What a look-up has of its owner, which may end before it.
struct HostAddresses::Link {
  HostAddresses* owner;            // the loop's thread only
  std::atomic<bool> wanted{true};  // one that has not begun when nobody wants it any more need not begin
};

HostAddresses::HostAddresses(EventLoop& loop, Options options)
    : loop_(loop), options_(std::move(options)), link_(std::make_shared<Link>(this)) {
  const auto number = IpAddress::parse(options_.host);
  is_number_ = number.has_value();
  if (number) known_.push_back(*number);
}

HostAddresses::~HostAddresses() {
  TG_ASSERT(waits_.empty());
  link_->owner = nullptr;
  link_->wanted = false;
}

void HostAddresses::refresh() {
  if (is_number_ || looking_up_) return;
  if (!known_.empty() && loop_.round_time() - known_since_ <= options_.valid) return;
  looking_up_ = true;
  // Copies all along: the look-up may outlive this object.
  loop_.lookups().submit([link = link_, host = options_.host, look_up = options_.look_up]() -> std::function<void()> {
    if (!link->wanted) return [] {};
    return [link, found = look_up(host)] {
      if (link->owner != nullptr) link->owner->finished(found);
    };
  });
}

void HostAddresses::finished(Result<std::vector<IpAddress>> found) {
  looking_up_ = false;
  failure_.reset();
  if (found) {
    known_ = *std::move(found);
    known_since_ = loop_.round_time();
  } else {
    failure_ = std::move(found).error();
  }
  for (Wait* wait : waits_) wait->end(IoStatus::ok);
}

HostAddresses::Wait::Wait(HostAddresses& owner, MonoTime deadline) : owner_(owner) {
  owner_.waits_.push_back(this);
  owner_.loop_.deadlines().arm(*this, deadline);
}

HostAddresses::Wait::~Wait() {
  std::erase(owner_.waits_, this);
}

void HostAddresses::Wait::end(IoStatus status) {
  if (std::exchange(ended_, true)) return;
  status_ = status;
  disarm();
  if (waiting_) owner_.loop_.resume_later(std::exchange(waiting_, nullptr));
}

}  // namespace tollgate::runtime
