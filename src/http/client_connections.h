// How many connections each client has open, over all loops of a server: asked when one begins and when it ends, never
// by a request. A client is an IPv4 address or an IPv6 /64. Memory is in proportion to the connections that are open.
//
// Thread safety: any thread. A mutex for a few instructions, shared by the clients whose hashes meet in it; the hash is
// seeded, so nobody can choose clients that all meet.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/ip.h"

namespace tollgate::http {

class ClientConnections {
 public:
  // A connection's place among its client's, given back when this goes. Outlived by the table.
  class Place {
   public:
    Place() = default;  // of one that is not counted
    Place(Place&& other) noexcept : table_(std::exchange(other.table_, nullptr)), client_(other.client_) {}
    Place& operator=(Place&&) = delete;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (table_ != nullptr) table_->leave(client_);
    }

   private:
    friend class ClientConnections;
    Place(ClientConnections& table, const ClientNetwork& client) : table_(&table), client_(client) {}
    ClientConnections* table_ = nullptr;
    ClientNetwork client_;
  };

  // `most`: of one client at once, at least 1.
  explicit ClientConnections(std::uint32_t most);
  ClientConnections(const ClientConnections&) = delete;
  ClientConnections& operator=(const ClientConnections&) = delete;
  ~ClientConnections() = default;

  // Nothing: the client has as many as it may.
  std::optional<Place> enter(const IpAddress& client);

 private:
  static constexpr std::size_t kShards = 16;

  struct Shard {
    std::mutex mutex;
    std::map<ClientNetwork, std::uint32_t> open;
  };

  void leave(const ClientNetwork& client);
  Shard& shard_of(const ClientNetwork& client);

  const std::uint32_t most_;
  const std::uint64_t seed_;
  std::array<Shard, kShards> shards_;
};

}  // namespace tollgate::http
