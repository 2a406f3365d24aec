// Rows put into groups by what they have in common, and which groups are the busiest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/usage/row_table.h"
#include "ports/usage_query.h"
#include "stores/sqlite/usage_connection.h"
#include "stores/sqlite/usage_names.h"

namespace tollgate::stores {

// Thread safety: a value.
class Grouping {
 public:
  explicit Grouping(std::span<const ports::Dimension> by);

  // Equal for rows of one group, and of no other.
  core::RollupKey of(const core::RollupKey& row) const {
    return {.key = row.key & mask_.key,
            .consumer = row.consumer & mask_.consumer,
            .place = row.place & mask_.place,
            .rest = row.rest & mask_.rest};
  }
  bool is_empty() const { return by_.empty(); }
  // Whose groups are keys and nothing else.
  bool is_by_key() const { return by_.size() == 1 && by_.front() == ports::Dimension::key; }
  // Whether rows of everyone can tell the groups apart.
  bool needs_keys() const { return (mask_.key | mask_.consumer) != 0; }
  ports::UsageGroup text(const core::RollupKey& group, const UsageNames& names) const;
  std::string text_of(ports::Dimension dimension, const core::RollupKey& group, const UsageNames& names) const;

 private:
  std::vector<ports::Dimension> by_;
  core::RollupKey mask_{};
};

// Which keys' rows a question reads, and what it wants of them.
void narrow(RollupRange& range, const ports::UsageFilter& filter, const Grouping& grouping);

struct GroupSum {
  core::RollupKey group;
  std::uint64_t value = 0;
};
// Greater values first, then lesser groups.
bool comes_before(const GroupSum& a, const GroupSum& b);

struct BusiestQuery {
  ports::Metric metric = ports::Metric::requests;
  std::size_t count = 0;
};
struct Busiest {
  std::vector<GroupSum> groups;  // in order
  bool are_all = true;           // there are no others
};
// Exact. Of a million keys in ~0.1 s.
Result<Busiest> find_busiest(UsageConnection& reader, const RollupRange& range, const Grouping& grouping,
                             const BusiestQuery& query);

// The place of each group among them; the one after the last for all others.
class GroupPlaces {
 public:
  explicit GroupPlaces(std::span<const GroupSum> groups);
  std::size_t of(const core::RollupKey& group) {
    const std::size_t* const place = places_.find(group);
    return place == nullptr ? places_.entries().size() : *place;
  }

 private:
  core::RowTable<std::size_t> places_;
};

}  // namespace tollgate::stores
