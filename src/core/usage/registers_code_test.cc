#include "core/usage/registers_code.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tollgate::core {
namespace {

// Close together, as those of a set are, or anything.
std::vector<std::uint8_t> random_registers() {
  std::vector<std::uint8_t> registers(kDistinctRegisters);
  const auto least = *rc::gen::inRange<std::uint8_t>(0, kDistinctRankMax + 1);
  const auto most = *rc::gen::inRange<std::uint8_t>(least, kDistinctRankMax + 1);
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  for (std::uint8_t& rank : registers) rank = static_cast<std::uint8_t>(least + random() % (most - least + 1u));
  return registers;
}

RC_GTEST_PROP(RegistersCode, GivesBackWhatWentIn, ()) {
  const auto registers = random_registers();
  std::string bytes;
  append_registers(bytes, registers);
  const auto head = std::string_view(bytes).substr(0, kRegistersHeadBytes);
  RC_ASSERT(bytes.size() == kRegistersHeadBytes + registers_tail_bytes(head));
  std::vector<std::uint8_t> read(kDistinctRegisters);
  RC_ASSERT(read_registers(read, head, std::string_view(bytes).substr(kRegistersHeadBytes)));
  RC_ASSERT(read == registers);
}

RC_GTEST_PROP(RegistersCode, WhateverItsBytesSayIsReadWithinThemOrRefused, ()) {
  std::string bytes;
  append_registers(bytes, random_registers());
  for (int changes = *rc::gen::inRange(1, 5); changes > 0; --changes) {
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
  }
  std::vector<std::uint8_t> read(kDistinctRegisters);
  const auto head = std::string_view(bytes).substr(0, kRegistersHeadBytes);
  if (!read_registers(read, head, std::string_view(bytes).substr(kRegistersHeadBytes))) return;
  for (const std::uint8_t rank : read) RC_ASSERT(rank <= kDistinctRankMax);
}

}  // namespace
}  // namespace tollgate::core
