// What changed among keys and tiers: how admin tells gateways, in process or over HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/access/key_record.h"
#include "core/policy/tier.h"

namespace tollgate::core {

// Everything that changed after the revision that was asked for, in order; `revision` is where to go on from.
struct KeyChanges {
  std::uint64_t revision = 0;
  bool more = false;  // ask again at once
  std::vector<KeyRecord> upserted;
  std::vector<KeyId> removed;
  std::vector<Tier> tiers;  // upserted
  std::vector<std::string> removed_tiers;
};

}  // namespace tollgate::core
