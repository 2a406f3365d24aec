// A block of records (core/usage/record_block.h) as the payload of a frame: head and parts, each compressed by itself,
// so that a reader unpacks only what it needs.
//
//   varint length of the head, raw and stored | varint number of parts | varint stored length of each | their bytes
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/usage/record_block.h"
#include "stores/archive/compression.h"

namespace tollgate::stores {

std::string pack_block(const core::RecordBlock& block, Compressor& compressor);

// Thread safety: one thread at a time. A view: the payload outlives it.
class PackedBlock final : public core::BlockParts {
 public:
  // Nothing when it contradicts itself.
  static std::optional<PackedBlock> open(std::string_view payload, Decompressor& decompressor);

  const std::string& head() const { return head_; }
  std::size_t parts() const { return parts_.size(); }
  bool read(std::size_t part, std::span<char> into) override;

 private:
  explicit PackedBlock(Decompressor& decompressor) : decompressor_(&decompressor) {}

  Decompressor* decompressor_;
  std::string head_;
  std::vector<std::string_view> parts_;
};

}  // namespace tollgate::stores
