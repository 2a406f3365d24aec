#include "stores/sqlite/usage_groups.h"

#include <algorithm>
#include <string>

#include "base/str.h"
#include "codec/http1/head.h"
#include "stores/sqlite/usage_key_sums.h"

namespace tollgate::stores {

using core::NameKind;
using core::RollupKey;
using core::RollupRow;
using ports::Dimension;

namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};
constexpr std::string_view kNone = "none";

RollupKey mask_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::key: return {.key = kAll};
    case Dimension::consumer: return {.consumer = ~core::NameRef{0}};
    case Dimension::route: return {.place = kAll << 32};
    case Dimension::tier: return {.place = kAll >> 32};
    case Dimension::status: return {.rest = std::uint64_t{0xff} << 48};
    case Dimension::method: return {.rest = std::uint64_t{0xff} << 56};
  }
  return {};
}

std::string method_text(std::uint8_t method) {
  const auto known = std::min(method, static_cast<std::uint8_t>(codec::Method::other));
  return std::string(codec::method_name(static_cast<codec::Method>(known)));
}

std::optional<core::NameRef> ref_of(NameKind kind, const std::optional<std::string>& name) {
  return name.transform([&](const std::string& text) { return text == kNone ? 0 : core::name_ref(kind, text); });
}

std::uint64_t value_of(const RollupRow& row, ports::Metric metric) {
  return ports::value_of(row.counts, metric);
}

Busiest busiest_keys(KeySums& sums, std::size_t count) {
  std::size_t all = 0;
  Busiest busiest;
  for (const auto& [key, value] : sums.greatest(count, all)) {
    busiest.groups.push_back({.group = {.key = key}, .value = value});
  }
  busiest.are_all = all <= count;
  return busiest;
}

Busiest busiest_groups(const core::RowTable<std::uint64_t>& sums, std::size_t count) {
  Busiest busiest;
  for (const auto& [group, value] : sums.entries()) busiest.groups.push_back({.group = group, .value = value});
  std::ranges::sort(busiest.groups, comes_before);
  busiest.are_all = busiest.groups.size() <= count;
  if (!busiest.are_all) busiest.groups.resize(count);
  return busiest;
}

}  // namespace

Grouping::Grouping(std::span<const Dimension> by) : by_(by.begin(), by.end()) {
  for (const Dimension dimension : by) {
    const RollupKey mask = mask_of(dimension);
    mask_ = {.key = mask_.key | mask.key,
             .consumer = mask_.consumer | mask.consumer,
             .place = mask_.place | mask.place,
             .rest = mask_.rest | mask.rest};
  }
}

std::string Grouping::text_of(Dimension dimension, const RollupKey& group, const UsageNames& names) const {
  switch (dimension) {
    case Dimension::key: return std::string(group.key == 0 ? kNone : group.key_id().view());
    case Dimension::consumer: return names.text(NameKind::consumer, group.consumer);
    case Dimension::route: return names.text(NameKind::route, group.route());
    case Dimension::tier: return names.text(NameKind::tier, group.tier());
    case Dimension::method: return method_text(group.method());
    case Dimension::status:
      return group.status_class() == 0 ? std::string(kNone) : str::cat(group.status_class(), "xx");
  }
  return {};
}

ports::UsageGroup Grouping::text(const RollupKey& group, const UsageNames& names) const {
  ports::UsageGroup text;
  for (const Dimension dimension : by_) {
    text.emplace(ports::name_of(dimension), text_of(dimension, group, names));
  }
  return text;
}

void narrow(RollupRange& range, const ports::UsageFilter& filter, const Grouping& grouping) {
  if (filter.key) {
    range.keys = KeyRange::only(core::key_number(*filter.key));
  } else if (filter.consumer || grouping.needs_keys()) {
    range.keys = kEachKey;
  }
  range.filter = {.route = ref_of(NameKind::route, filter.route),
                  .tier = ref_of(NameKind::tier, filter.tier),
                  .consumer = ref_of(NameKind::consumer, filter.consumer),
                  .method = filter.method,
                  .status_class = filter.status_class};
}

bool comes_before(const GroupSum& a, const GroupSum& b) {
  return a.value != b.value ? a.value > b.value : a.group < b.group;
}

Result<Busiest> find_busiest(UsageConnection& reader, const RollupRange& range, const Grouping& grouping,
                             const BusiestQuery& query) {
  const core::RowParts parts{.counts = query.metric != ports::Metric::requests};
  if (grouping.is_by_key()) {
    KeySums sums;
    auto done = reader.each_row(range, parts,
                                [&](const RollupRow& row) { sums.add(row.key.key, value_of(row, query.metric)); });
    if (!done) return std::unexpected(std::move(done).error());
    return busiest_keys(sums, query.count);
  }
  core::RowTable<std::uint64_t> sums;
  auto done = reader.each_row(
      range, parts, [&](const RollupRow& row) { sums.at(grouping.of(row.key)) += value_of(row, query.metric); });
  if (!done) return std::unexpected(std::move(done).error());
  if (grouping.is_empty()) sums.at({});  // one group, be it of zeros
  return busiest_groups(sums, query.count);
}

GroupPlaces::GroupPlaces(std::span<const GroupSum> groups) {
  for (std::size_t i = 0; i < groups.size(); ++i) places_.at(groups[i].group) = i;
}

}  // namespace tollgate::stores
