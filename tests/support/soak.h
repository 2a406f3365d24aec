// How often a test repeats what it does: few times in ./dev test, as often as is promised in ./dev soak; and the first
// of its seeds.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string_view>

#include "base/str.h"

namespace tollgate::testing {

inline bool is_soak() {
  return std::getenv("TG_SOAK") != nullptr;  // NOLINT(concurrency-mt-unsafe): nobody sets it while tests run
}

template <class T>
T soak_count(T usually, T in_soak) {
  return is_soak() ? in_soak : usually;
}

// Another each time. TG_SEED repeats the run that printed it.
inline std::uint64_t first_seed() {
  const char* const given = std::getenv("TG_SEED");  // NOLINT(concurrency-mt-unsafe): as above
  if (given != nullptr) return str::parse_int<std::uint64_t>(given).value_or(0);
  return std::random_device()();
}

}  // namespace tollgate::testing
