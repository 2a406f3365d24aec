// One number of each of many records, as bytes that compress well. Each number is guessed from those before it, and
// what the guess was wrong by is split into planes: all low bytes, then all next ones. Planes of zeros are left out, so
// that a number that is as expected costs nothing. Columns of few different numbers may be places in a list instead.
//
// Pure. Thread safety: values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::core {

// What a number is guessed to be: as the one before it, or as the last one of the same group; at first, zero.
enum class Guess : std::uint8_t { zero, previous, same_ring, same_caller, same_kind };
inline constexpr std::uint8_t kGuesses = 5;

// For each record its group, of each of the last three guesses. Numbers of a group are below `count`.
struct ColumnGroup {
  std::span<const std::uint64_t> of;
  std::size_t count = 0;
};
using ColumnGroups = std::array<ColumnGroup, 3>;

// How a column was written.
struct NumberColumn {
  Guess guess = Guess::zero;
  std::vector<std::uint64_t> list;  // not empty: ascending; the planes hold places in it
  std::uint8_t planes = 0;          // bit k: there is a plane of byte k
};

// Chooses what takes fewest bytes, among the guesses that are allowed. Appends the planes, each of numbers.size()
// bytes, to `parts`.
NumberColumn write_numbers(std::span<const std::uint64_t> numbers, std::span<const Guess> allowed,
                           const ColumnGroups& groups, std::vector<std::string>& parts);

// Adds plane k to the numbers, which begin as zeros.
void add_plane(std::span<std::uint64_t> numbers, unsigned k, std::string_view plane);
// After the planes. False: a number is no place in the list.
bool finish_numbers(const NumberColumn& column, const ColumnGroups& groups, std::span<std::uint64_t> numbers);

}  // namespace tollgate::core
