// Which blocks of a sealed file have records of one key, consumer or client network. Terms are kept as hashes of 32
// bits, so that a block may now and then be named for nothing, and none is ever left out. Pages are read one at a time:
// whoever asks needs one.
//
//   page: varint distance from the hash before (or the page's first) | varint blocks, ascending by hash
//   blocks: 2 × block + 1 when there is one, else 2 × a bit for each
//
// Pure. Thread safety: values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/usage/record_filter.h"

namespace tollgate::stores {

inline constexpr std::size_t kIndexedBlocksMax = 62;
using BlockMask = std::uint64_t;  // bit n: block n
using TermHash = std::uint32_t;

// Those of a record, and those that a filter asks for: a record passes only if it has all of them.
void append_terms(const core::DecisionRecord& record, std::vector<TermHash>& terms);
std::vector<TermHash> terms_of(const core::RecordFilter& filter);

class TermIndexBuilder {
 public:
  // `block` is below kIndexedBlocksMax, and never less than in the call before.
  void add(TermHash term, std::size_t block);
  // A power of two of pages, each for as many hashes.
  std::vector<std::string> take();

 private:
  struct Entry {
    TermHash term = 0;
    std::uint32_t block = 0;
    auto operator<=>(const Entry&) const = default;
  };
  std::vector<Entry> entries_;
};

// Which of `pages` pages a term is in.
std::size_t term_page(TermHash term, std::size_t pages);
// The term's blocks, as its page says. Nothing when the page contradicts itself.
std::optional<BlockMask> find_term(std::string_view page, std::size_t page_number, std::size_t pages, TermHash term);

}  // namespace tollgate::stores
