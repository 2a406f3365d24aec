#include "http/client_connections.h"

#include <string_view>

#include "base/assert.h"
#include "base/hash.h"
#include "base/random.h"

namespace tollgate::http {

ClientConnections::ClientConnections(std::uint32_t most) : most_(most), seed_(random_u64()) {
  TG_ASSERT(most > 0);
}

ClientConnections::Shard& ClientConnections::shard_of(const ClientNetwork& client) {
  const std::string_view bytes(reinterpret_cast<const char*>(client.bytes.data()), client.bytes.size());
  return shards_[hash64(bytes, seed_ ^ client.family) % kShards];
}

std::optional<ClientConnections::Place> ClientConnections::enter(const IpAddress& client) {
  const ClientNetwork network = client_network(client);
  Shard& shard = shard_of(network);
  const std::lock_guard lock(shard.mutex);
  std::uint32_t& open = shard.open[network];
  if (open >= most_) return std::nullopt;
  ++open;
  return Place(*this, network);
}

void ClientConnections::leave(const ClientNetwork& client) {
  Shard& shard = shard_of(client);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.open.find(client);
  if (--found->second == 0) shard.open.erase(found);
}

}  // namespace tollgate::http
