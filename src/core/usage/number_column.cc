#include "core/usage/number_column.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/usage/tuple_index.h"
#include "core/usage/zigzag.h"

namespace tollgate::core {
namespace {

using Numbers = std::span<const std::uint64_t>;

constexpr unsigned kPlanes = 8;
constexpr std::size_t kSampleMax = 2048;
constexpr std::size_t kListShare = 8;  // a list is tried when at most one number in so many is new

const ColumnGroup& group_of(Guess guess, const ColumnGroups& groups) {
  return groups[static_cast<std::size_t>(guess) - static_cast<std::size_t>(Guess::same_ring)];
}

std::uint8_t byte_of(std::uint64_t number, unsigned plane) {
  return static_cast<std::uint8_t>(number >> (8 * plane));
}

std::uint8_t planes_of(Numbers numbers) {
  std::uint64_t all = 0;
  for (const std::uint64_t number : numbers) all |= number;
  std::uint8_t planes = 0;
  for (unsigned k = 0; k < kPlanes; ++k) {
    if (byte_of(all, k) != 0) planes = static_cast<std::uint8_t>(planes | 1u << k);
  }
  return planes;
}

// What is left of the numbers once they are guessed; in `groups`, theirs begin at `from`.
std::vector<std::uint64_t> subtract(Numbers numbers, Guess guess, const ColumnGroups& groups, std::size_t from) {
  std::vector<std::uint64_t> left(numbers.begin(), numbers.end());
  if (guess == Guess::zero) return left;
  if (guess == Guess::previous) {
    std::uint64_t last = 0;
    for (std::uint64_t& number : left) number = zigzag(number - std::exchange(last, number));
    return left;
  }
  const ColumnGroup& group = group_of(guess, groups);
  const auto of = group.of.subspan(from);
  std::vector<std::uint64_t> last(group.count);
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = zigzag(left[i] - std::exchange(last[of[i]], left[i]));
  return left;
}

void add_back(std::span<std::uint64_t> numbers, Guess guess, const ColumnGroups& groups) {
  if (guess == Guess::zero) return;
  if (guess == Guess::previous) {
    std::uint64_t last = 0;
    for (std::uint64_t& number : numbers) number = last += unzigzag(number);
    return;
  }
  const ColumnGroup& group = group_of(guess, groups);
  std::vector<std::uint64_t> last(group.count);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = last[group.of[i]] += unzigzag(numbers[i]);
}

// About what the planes compress to: the entropy of their bytes, in bits.
double bits_of(Numbers numbers) {
  const std::uint8_t planes = planes_of(numbers);
  const auto total = static_cast<double>(numbers.size());
  double bits = 0;
  for (unsigned k = 0; k < kPlanes; ++k) {
    if ((planes >> k & 1) == 0) continue;
    std::array<std::uint32_t, 256> counts{};
    for (const std::uint64_t number : numbers) ++counts[byte_of(number, k)];
    for (const std::uint32_t count : counts) {
      if (count > 0) bits += count * std::log2(total / count);
    }
  }
  return bits;
}

// The numbers as places in a list of the different ones; nothing when they are too many.
struct Listed {
  std::vector<std::uint64_t> list;
  std::vector<std::uint64_t> places;
};
Listed as_list(Numbers numbers) {
  TupleIndex<1> index;
  Listed listed;
  listed.places.reserve(numbers.size());
  for (const std::uint64_t number : numbers) {
    listed.places.push_back(index.add({number}));
    if (index.tuples().size() * kListShare > numbers.size() + kListShare) return {};
  }
  const std::vector<std::uint32_t> in_order = index.sort();
  for (std::uint64_t& place : listed.places) place = in_order[place];
  for (const auto& tuple : index.tuples()) listed.list.push_back(tuple[0]);
  return listed;
}

// Enough of the numbers to tell the guesses apart: neighbours, from the middle.
struct Sample {
  explicit Sample(Numbers all)
      : from((all.size() - std::min(all.size(), kSampleMax)) / 2),
        numbers(of(all)),
        share(static_cast<double>(numbers.size()) / static_cast<double>(all.size())) {}
  Numbers of(Numbers all) const { return all.subspan(from, std::min(all.size(), kSampleMax)); }

  std::size_t from;
  Numbers numbers;
  double share;
};

std::uint8_t write_planes(Numbers numbers, std::vector<std::string>& parts) {
  const std::uint8_t planes = planes_of(numbers);
  for (unsigned k = 0; k < kPlanes; ++k) {
    if ((planes >> k & 1) == 0) continue;
    std::string& plane = parts.emplace_back(numbers.size(), '\0');
    for (std::size_t i = 0; i < numbers.size(); ++i) plane[i] = static_cast<char>(byte_of(numbers[i], k));
  }
  return planes;
}

}  // namespace

NumberColumn write_numbers(Numbers numbers, std::span<const Guess> allowed, const ColumnGroups& groups,
                           std::vector<std::string>& parts) {
  const Sample sample(numbers);
  NumberColumn column{.guess = allowed.front(), .list = {}, .planes = 0};
  double best_bits = std::numeric_limits<double>::max();
  for (const Guess guess : allowed) {
    const double bits = bits_of(subtract(sample.numbers, guess, groups, sample.from));
    if (bits >= best_bits) continue;
    best_bits = bits;
    column.guess = guess;
  }
  if (best_bits > static_cast<double>(sample.numbers.size())) {
    Listed listed = as_list(numbers);
    const double list_bits = static_cast<double>(listed.list.size()) * 40 * sample.share;
    if (!listed.list.empty() && list_bits + bits_of(sample.of(listed.places)) < best_bits) {
      column.guess = Guess::zero;
      column.list = std::move(listed.list);
      column.planes = write_planes(listed.places, parts);
      return column;
    }
  }
  column.planes = write_planes(subtract(numbers, column.guess, groups, 0), parts);
  return column;
}

void add_plane(std::span<std::uint64_t> numbers, unsigned k, std::string_view plane) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] |= std::uint64_t{static_cast<std::uint8_t>(plane[i])} << (8 * k);
  }
}

bool finish_numbers(const NumberColumn& column, const ColumnGroups& groups, std::span<std::uint64_t> numbers) {
  if (column.list.empty()) {
    add_back(numbers, column.guess, groups);
    return true;
  }
  for (std::uint64_t& number : numbers) {
    if (number >= column.list.size()) return false;
    number = column.list[number];
  }
  return true;
}

}  // namespace tollgate::core
