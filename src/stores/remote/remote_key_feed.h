// ports::KeyFeed over admin's change feed. Thread safety: any thread but an event loop's; blocks.
#pragma once

#include "ports/key_store.h"
#include "stores/remote/service_client.h"

namespace tollgate::stores {

class RemoteKeyFeed final : public ports::KeyFeed {
 public:
  static constexpr std::size_t kItemsMax = 10'000;  // what admin gives at once

  // `admin` outlives this.
  explicit RemoteKeyFeed(ServiceClient& admin) : admin_(admin) {}
  // store_unavailable when admin cannot be asked.
  Result<core::KeyChanges> changes_since(std::uint64_t revision, std::size_t max) override;

 private:
  ServiceClient& admin_;
};

}  // namespace tollgate::stores
