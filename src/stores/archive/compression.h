// zstd over pieces whose sizes the file's own form says: no magic numbers or checksums within, and what would not get
// smaller stays as it is. Thread safety: one thread at a time.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tollgate::stores {

class Compressor {
 public:
  // zstd's levels: negative is faster, greater is smaller.
  explicit Compressor(int level);
  // Appends what `raw` becomes, at most raw.size() bytes; as many when it stays as it is.
  void append(std::string_view raw, std::string& out);

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;
};

class Decompressor {
 public:
  Decompressor();
  // Fills `raw` by what `stored` was. False: it is nothing that Compressor made of so many bytes.
  bool read(std::string_view stored, std::span<char> raw);

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;
};

}  // namespace tollgate::stores
