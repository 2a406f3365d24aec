#include "services/admin/idempotency.h"

#include <algorithm>

namespace tollgate::services {

std::optional<std::string> IdempotencyTable::begin(const Key& key, MonoTime now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end() && now - found->second.since < kRemembered) return found->second.id;
  if (found == entries_.end()) make_room(now);
  entries_[key] = {.id = {}, .since = now};
  return std::nullopt;
}

void IdempotencyTable::make_room(MonoTime now) {
  if (entries_.size() < kMax) return;
  std::erase_if(entries_, [now](const auto& entry) { return now - entry.second.since >= kRemembered; });
  if (entries_.size() < kMax) return;
  entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.since; }));
}

void IdempotencyTable::made(const Key& key, std::string id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end()) found->second.id = std::move(id);
}

void IdempotencyTable::failed(const Key& key) {
  const std::lock_guard lock(mutex_);
  entries_.erase(key);
}

std::size_t IdempotencyTable::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace tollgate::services
