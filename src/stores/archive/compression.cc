#include "stores/archive/compression.h"

#include <zstd.h>

#include <algorithm>

#include "base/assert.h"

namespace tollgate::stores {
namespace {

ZSTD_CCtx* compressing(void* context) {
  return static_cast<ZSTD_CCtx*>(context);
}
ZSTD_DCtx* decompressing(void* context) {
  return static_cast<ZSTD_DCtx*>(context);
}

}  // namespace

void Compressor::Free::operator()(void* context) const {
  ZSTD_freeCCtx(compressing(context));
}
void Decompressor::Free::operator()(void* context) const {
  ZSTD_freeDCtx(decompressing(context));
}

Compressor::Compressor(int level) : context_(ZSTD_createCCtx()) {
  TG_ASSERT(context_ != nullptr);
  for (const auto& [parameter, value] :
       {std::pair{ZSTD_c_compressionLevel, level}, std::pair{ZSTD_c_contentSizeFlag, 0},
        std::pair{ZSTD_c_checksumFlag, 0}, std::pair{ZSTD_c_dictIDFlag, 0}}) {
    TG_ASSERT(ZSTD_isError(ZSTD_CCtx_setParameter(compressing(context_.get()), parameter, value)) == 0);
  }
}

void Compressor::append(std::string_view raw, std::string& out) {
  const std::size_t before = out.size();
  std::size_t size = 0;
  // With room for less than `raw` it fails where nothing would be gained.
  out.resize_and_overwrite(before + raw.size(), [&](char* bytes, std::size_t) {
    if (raw.size() > 1) {
      size = ZSTD_compress2(compressing(context_.get()), bytes + before, raw.size() - 1, raw.data(), raw.size());
    }
    if (raw.size() <= 1 || ZSTD_isError(size) != 0) size = raw.copy(bytes + before, raw.size());
    return before + size;
  });
}

Decompressor::Decompressor() : context_(ZSTD_createDCtx()) {
  TG_ASSERT(context_ != nullptr);
}

bool Decompressor::read(std::string_view stored, std::span<char> raw) {
  if (stored.size() == raw.size()) {
    std::ranges::copy(stored, raw.begin());
    return true;
  }
  return ZSTD_decompressDCtx(decompressing(context_.get()), raw.data(), raw.size(), stored.data(), stored.size()) ==
         raw.size();
}

}  // namespace tollgate::stores
