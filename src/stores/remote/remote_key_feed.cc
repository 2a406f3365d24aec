#include "stores/remote/remote_key_feed.h"

#include <algorithm>

#include "base/str.h"
#include "codec/keys/key_changes_json.h"

namespace tollgate::stores {

Result<core::KeyChanges> RemoteKeyFeed::changes_since(std::uint64_t revision, std::size_t max) {
  TG_TRY(const std::string body, admin_.get(str::cat("/api/admin/internal/changes?since=", revision,
                                                     "&max=", std::clamp<std::size_t>(max, 1, kItemsMax))));
  auto changes = codec::decode_key_changes(body);
  if (!changes) return std::unexpected(unusable_answer(changes.error()));
  return changes;
}

}  // namespace tollgate::stores
