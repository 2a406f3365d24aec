#include "stores/archive/packed_block.h"

#include "core/usage/varint.h"

namespace tollgate::stores {

using core::append_varint;
using core::take_varint;

std::string pack_block(const core::RecordBlock& block, Compressor& compressor) {
  std::string head;
  compressor.append(block.head, head);
  std::string parts;
  std::string payload;
  append_varint(payload, block.head.size());
  append_varint(payload, head.size());
  append_varint(payload, block.parts.size());
  for (const std::string& part : block.parts) {
    const std::size_t before = parts.size();
    compressor.append(part, parts);
    append_varint(payload, parts.size() - before);
  }
  return payload.append(head).append(parts);
}

std::optional<PackedBlock> PackedBlock::open(std::string_view payload, Decompressor& decompressor) {
  const auto take_up_to = [&](std::size_t max) -> std::optional<std::size_t> {
    const auto value = take_varint(payload);
    return value && *value <= max ? value : std::nullopt;
  };
  const auto head_size = take_up_to(core::kBlockPartBytesMax);
  const auto head_stored = head_size ? take_up_to(*head_size) : std::nullopt;
  const auto parts = head_stored ? take_up_to(core::kBlockPartsMax) : std::nullopt;
  if (!parts) return std::nullopt;
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < *parts; ++i) {
    const auto size = take_up_to(core::kBlockPartBytesMax);
    if (!size) return std::nullopt;
    sizes.push_back(*size);
  }
  PackedBlock block(decompressor);
  const auto take_bytes = [&](std::size_t size) -> std::optional<std::string_view> {
    if (size > payload.size()) return std::nullopt;
    const std::string_view bytes = payload.substr(0, size);
    payload.remove_prefix(size);
    return bytes;
  };
  const auto head = take_bytes(*head_stored);
  block.head_.resize(*head_size);
  if (!head || !decompressor.read(*head, block.head_)) return std::nullopt;
  for (const std::size_t size : sizes) {
    const auto part = take_bytes(size);
    if (!part) return std::nullopt;
    block.parts_.push_back(*part);
  }
  return payload.empty() ? std::optional(std::move(block)) : std::nullopt;
}

bool PackedBlock::read(std::size_t part, std::span<char> into) {
  return part < parts_.size() && decompressor_->read(parts_[part], into);
}

}  // namespace tollgate::stores
