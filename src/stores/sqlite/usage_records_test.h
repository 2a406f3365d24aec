// Records and batches as the tests of usage stores need them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/str.h"
#include "codec/http1/head.h"
#include "core/usage/aggregate.h"
#include "ports/usage_store.h"

namespace tollgate::stores {

inline core::KeyId key_id(std::string_view text) {
  const auto id = core::KeyId::parse(text);
  TG_ASSERT(id.has_value());
  return *id;
}

inline std::uint64_t key_number(std::string_view text) {
  return core::key_number(key_id(text));
}

inline core::NameRef route_ref(std::string_view name) {
  return core::name_ref(core::NameKind::route, name);
}

struct RecordSpec {
  WallTime time{};
  std::string_view key = {};
  std::string_view route = "orders";
  codec::Method method = codec::Method::get;
  std::uint16_t status = 200;
  core::Outcome outcome = core::Outcome::allowed;
  std::uint32_t total_us = 1000;
};

inline core::DecisionRecord make_record(const RecordSpec& spec) {
  core::DecisionRecord record;
  record.time_ns = spec.time.time_since_epoch().count();
  if (!spec.key.empty()) record.key = key_number(spec.key);
  record.route = route_ref(spec.route);
  record.tier = core::name_ref(core::NameKind::tier, "free");
  record.method = static_cast<std::uint8_t>(spec.method);
  record.status = spec.status;
  record.outcome = spec.outcome;
  record.total_us = spec.total_us;
  record.cost = 1;
  record.bytes_in = 10;
  record.bytes_out = 100;
  return record;
}

// What answers call a record's part.
inline std::string text_of(ports::Dimension dimension, const core::DecisionRecord& record) {
  const auto name_of = [](core::NameKind kind, core::NameRef ref, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      if (core::name_ref(kind, name) == ref) return std::string(name);
    }
    return std::string("none");
  };
  switch (dimension) {
    case ports::Dimension::key: return record.key == 0 ? "none" : std::string(core::key_of_number(record.key).view());
    case ports::Dimension::consumer: return name_of(core::NameKind::consumer, record.consumer, {"acme", "umbrella"});
    case ports::Dimension::route: return name_of(core::NameKind::route, record.route, {"orders", "users"});
    case ports::Dimension::tier: return name_of(core::NameKind::tier, record.tier, {"free", "pro"});
    case ports::Dimension::status: return record.status < 100 ? "none" : str::cat(record.status / 100, "xx");
    case ports::Dimension::method: return std::string(codec::method_name(static_cast<codec::Method>(record.method)));
  }
  return {};
}

// Numbers the records from `first` on, and names what they refer to.
inline ports::RecordBatch make_batch(std::uint64_t first, std::vector<core::DecisionRecord> records) {
  ports::RecordBatch batch{.ring_id = 7, .names = {}, .records = std::move(records)};
  for (auto& record : batch.records) record.sequence = first++;
  for (const std::string_view route : {"orders", "users"}) {
    batch.names.push_back({core::NameKind::route, route_ref(route), std::string(route)});
  }
  for (const std::string_view tier : {"free", "pro"}) {
    batch.names.push_back({core::NameKind::tier, core::name_ref(core::NameKind::tier, tier), std::string(tier)});
  }
  for (const std::string_view consumer : {"acme", "umbrella"}) {
    batch.names.push_back(
        {core::NameKind::consumer, core::name_ref(core::NameKind::consumer, consumer), std::string(consumer)});
  }
  return batch;
}

// The same batch with counts in place of its records.
inline ports::RecordBatch counted(ports::RecordBatch batch) {
  batch.aggregate = core::aggregate_of(batch.records);
  batch.aggregate->first = batch.records.front().sequence;
  batch.aggregate->end = batch.records.back().sequence + 1;
  batch.records.clear();
  return batch;
}

// Of two routes, twenty keys, every outcome, and times in [start, start + span).
inline core::DecisionRecord random_record(std::mt19937_64& random, WallTime start, Seconds span) {
  core::DecisionRecord record = make_record(
      {.time = start + Nanos(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(Nanos(span).count()))),
       .route = random() % 3 == 0 ? "users" : "orders",
       .method = static_cast<codec::Method>(random() % 4),
       .status = static_cast<std::uint16_t>(100 * (random() % 6)),
       .outcome = static_cast<core::Outcome>(random() % 8),
       .total_us = static_cast<std::uint32_t>(random() % 2'000'000)});
  if (random() % 4 == 0) record.tier = core::name_ref(core::NameKind::tier, "pro");
  if (const std::uint64_t key = random() % 20; key != 0) {
    record.key = key_number("keyNumber" + std::string(1, static_cast<char>('a' + key)));
  }
  record.consumer =
      random() % 3 == 0 ? 0 : core::name_ref(core::NameKind::consumer, random() % 2 == 0 ? "acme" : "umbrella");
  record.client_family = random() % 9 == 0 ? 0 : 4;
  record.client_net[3] = static_cast<std::uint8_t>(random() % 50);
  record.bytes_out = random() % 100'000;
  return record;
}

}  // namespace tollgate::stores
