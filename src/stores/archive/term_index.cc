#include "stores/archive/term_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "base/hash.h"
#include "core/usage/varint.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kPageTerms = 512;  // about 3 KB

enum class TermKind : std::uint64_t { key = 1, consumer = 2, client = 3 };

TermHash hash_of(TermKind kind, std::uint64_t value, std::uint64_t more = 0) {
  const std::array<std::uint64_t, 2> term = {value, more};
  return static_cast<TermHash>(
      hash64({reinterpret_cast<const char*>(term.data()), sizeof(term)}, static_cast<std::uint64_t>(kind)));
}
TermHash client_term(const core::ClientNet& client) {
  std::uint64_t net = 0;
  std::memcpy(&net, client.net.data(), client.net.size());
  return hash_of(TermKind::client, net, client.family);
}

// The least hash of a page.
std::uint64_t page_begin(std::size_t page, std::size_t pages) {
  return (std::uint64_t{page} << 32) / pages;
}

}  // namespace

void append_terms(const core::DecisionRecord& record, std::vector<TermHash>& terms) {
  terms.push_back(hash_of(TermKind::key, record.key));
  terms.push_back(hash_of(TermKind::consumer, record.consumer));
  terms.push_back(client_term({.net = record.client_net, .family = record.client_family}));
}

std::vector<TermHash> terms_of(const core::RecordFilter& filter) {
  std::vector<TermHash> terms;
  if (filter.key) terms.push_back(hash_of(TermKind::key, *filter.key));
  if (filter.consumer) terms.push_back(hash_of(TermKind::consumer, *filter.consumer));
  if (filter.client) terms.push_back(client_term(*filter.client));
  return terms;
}

void TermIndexBuilder::add(TermHash term, std::size_t block) {
  TG_ASSERT(block < kIndexedBlocksMax);
  entries_.push_back({term, static_cast<std::uint32_t>(block)});
}

std::vector<std::string> TermIndexBuilder::take() {
  std::ranges::sort(entries_);
  const auto repeated = std::ranges::unique(entries_);
  entries_.erase(repeated.begin(), repeated.end());
  std::vector<std::string> pages(std::bit_ceil(entries_.size() / kPageTerms + 1));
  std::size_t in_page = pages.size();
  std::uint64_t last = 0;
  for (auto at = entries_.begin(); at != entries_.end();) {
    const TermHash term = at->term;
    BlockMask blocks = 0;
    const std::uint32_t first = at->block;
    for (; at != entries_.end() && at->term == term; ++at) blocks |= BlockMask{1} << at->block;
    const std::size_t page = term_page(term, pages.size());
    if (page != in_page) last = page_begin(page, pages.size());
    in_page = page;
    core::append_varint(pages[page], term - last);
    last = term;
    core::append_varint(pages[page], std::has_single_bit(blocks) ? std::uint64_t{first} * 2 + 1 : blocks * 2);
  }
  entries_.clear();
  return pages;
}

std::size_t term_page(TermHash term, std::size_t pages) {
  return static_cast<std::size_t>(std::uint64_t{term} * pages >> 32);
}

std::optional<BlockMask> find_term(std::string_view page, std::size_t page_number, std::size_t pages, TermHash term) {
  std::uint64_t at = page_begin(page_number, pages);
  while (!page.empty()) {
    const auto distance = core::take_varint(page);
    const auto blocks = distance ? core::take_varint(page) : std::nullopt;
    if (!blocks || *distance > (std::uint64_t{1} << 32)) return std::nullopt;
    at += *distance;
    if (at > term) return 0;
    if (at < term) continue;
    const bool is_one = (*blocks & 1) != 0;
    const std::uint64_t value = *blocks / 2;
    if (is_one && value >= kIndexedBlocksMax) return std::nullopt;
    return is_one ? BlockMask{1} << value : value;
  }
  return 0;
}

}  // namespace tollgate::stores
