// A disk whose power may be cut: it knows what was synced, and can make the directory that a cut at any moment may
// leave, with any part of the rest. Thread safety: one thread at a time.
#pragma once

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/io.h"

namespace tollgate::testing {

// The kernel itself, and a record of what goes to it. Files under `mapped` names are changed through memory as well:
// of those, any page may be as it was at the last note_mapped() or as it is.
class PowerCutIo final : public Io {
 public:
  explicit PowerCutIo(std::string mapped_suffix) : mapped_suffix_(std::move(mapped_suffix)) {}

  // Nothing can be written to new places until this is called again.
  void set_full(bool full) { full_ = full; }

  // Pages of mapped files may be written back at any time: this is one of them.
  void note_mapped() {
    for (auto& [path, file] : names_) {
      if (is_mapped(path)) file->durable = content_of(path);
    }
  }
  // What is left in `to` of the files here when the power goes now.
  void cut(const std::string& to, std::mt19937_64& random) const {
    std::filesystem::create_directories(to);
    auto names = durable_names_;
    const std::size_t kept = random() % (name_changes_.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) apply(name_changes_[i], names);
    for (const auto& [path, file] : names) {
      const std::string content = is_mapped(path) ? mixed_pages(path, *file, random) : some_of(*file, random);
      const std::string name = std::filesystem::path(path).filename().string();
      std::ofstream(to + "/" + name, std::ios::binary | std::ios::trunc) << content;
    }
  }

  int open(const std::string& path, int flags) override {
    if (full_ && (flags & O_CREAT) != 0) return failed_with(ENOSPC);
    const int fd = system_io().open(path, flags);
    if (fd < 0) return fd;
    if ((flags & O_DIRECTORY) != 0) {
      paths_[fd] = {};
      return fd;
    }
    auto known = names_.find(path);
    if (known == names_.end()) {
      auto file = std::make_shared<File>();
      known = names_.emplace(path, file).first;
      if ((flags & O_CREAT) != 0) {
        name_changes_.push_back({.to = path, .file = file});
      } else {
        // There before: whatever it has is on the disk.
        file->durable = file->now = content_of(path);
        durable_names_[path] = file;
      }
    }
    if ((flags & O_TRUNC) != 0) change(*known->second, {.offset = 0, .bytes = {}, .size = 0});
    paths_[fd] = path;
    files_[fd] = known->second;
    return fd;
  }
  ssize_t write(int fd, std::string_view bytes) override {
    if (full_) return failed_with(ENOSPC);
    const ssize_t put = system_io().write(fd, bytes);
    File& file = *files_.at(fd);
    if (put > 0) note_write(file, file.now.size(), bytes.substr(0, static_cast<std::size_t>(put)));
    return put;
  }
  ssize_t pwrite(int fd, std::string_view bytes, std::uint64_t offset) override {
    const ssize_t put = system_io().pwrite(fd, bytes, offset);
    if (put > 0) note_write(*files_.at(fd), offset, bytes.substr(0, static_cast<std::size_t>(put)));
    return put;
  }
  ssize_t pread(int fd, std::span<char> out, std::uint64_t offset) override {
    return system_io().pread(fd, out, offset);
  }
  int fdatasync(int fd) override {
    const std::string& path = paths_.at(fd);
    if (path.empty()) {
      for (const NameChange& one : name_changes_) apply(one, durable_names_);
      name_changes_.clear();
      return 0;
    }
    File& file = *files_.at(fd);
    file.durable = is_mapped(path) ? content_of(path) : file.now;
    file.changes.clear();
    return 0;
  }
  int ftruncate(int fd, std::uint64_t size) override {
    const int done = system_io().ftruncate(fd, size);
    if (done == 0) change(*files_.at(fd), {.offset = 0, .bytes = {}, .size = size});
    return done;
  }
  int allocate(int fd, std::uint64_t size) override {
    if (full_) return failed_with(ENOSPC);
    const int done = system_io().allocate(fd, size);
    File& file = *files_.at(fd);
    if (done == 0 && file.now.size() < size) change(file, {.offset = 0, .bytes = {}, .size = size});
    return done;
  }
  int unlink(const std::string& path) override {
    const int done = system_io().unlink(path);
    if (done != 0) return done;
    names_.erase(path);
    name_changes_.push_back({.from = path});
    return done;
  }
  int rename(const std::string& from, const std::string& to) override {
    const int done = system_io().rename(from, to);
    if (done != 0) return done;
    const auto file = names_.at(from);
    names_.erase(from);
    names_[to] = file;
    for (auto& [fd, path] : paths_) {
      if (path == from) path = to;
    }
    name_changes_.push_back({.from = from, .to = to, .file = file});
    return done;
  }

 private:
  // Bytes at an offset, or another size.
  struct Change {
    std::uint64_t offset = 0;
    std::string bytes;
    std::optional<std::uint64_t> size;
  };
  struct File {
    std::string durable;
    std::string now;
    std::vector<Change> changes;  // from durable to now
  };
  struct NameChange {
    std::string from = {};  // is no more
    std::string to = {};    // is this file
    std::shared_ptr<File> file = nullptr;
  };
  using Names = std::map<std::string, std::shared_ptr<File>>;

  static constexpr std::size_t kPage = 4096;

  static int failed_with(int error) {
    errno = error;
    return -1;
  }
  bool is_mapped(const std::string& path) const { return path.ends_with(mapped_suffix_); }
  static std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void apply(const NameChange& change, Names& names) {
    if (!change.from.empty()) names.erase(change.from);
    if (!change.to.empty()) names[change.to] = change.file;
  }
  static void apply(const Change& change, std::string& content) {
    if (change.size) content.resize(*change.size);
    if (content.size() < change.offset + change.bytes.size()) content.resize(change.offset + change.bytes.size());
    content.replace(change.offset, change.bytes.size(), change.bytes);
  }
  static void change(File& file, Change what) {
    apply(what, file.now);
    file.changes.push_back(std::move(what));
  }
  static void note_write(File& file, std::uint64_t offset, std::string_view bytes) {
    change(file, {.offset = offset, .bytes = std::string(bytes), .size = {}});
  }
  // All that was synced, then some of the changes, the last of them perhaps torn.
  static std::string some_of(const File& file, std::mt19937_64& random) {
    std::string content = file.durable;
    const std::size_t kept = random() % (file.changes.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) apply(file.changes[i], content);
    if (kept < file.changes.size() && random() % 2 == 0) {
      Change torn = file.changes[kept];
      torn.bytes.resize(random() % (torn.bytes.size() + 1));
      if (!torn.size) apply(torn, content);
    }
    return content;
  }
  static std::string mixed_pages(const std::string& path, const File& file, std::mt19937_64& random) {
    std::string content = content_of(path);
    const bool all_old = random() % 4 == 0;
    for (std::size_t at = 0; at < std::min(content.size(), file.durable.size()); at += kPage) {
      if (all_old || random() % 2 == 0) content.replace(at, kPage, file.durable, at, kPage);
    }
    return content;
  }

  const std::string mapped_suffix_;
  bool full_ = false;
  Names names_;                           // as programs see them
  Names durable_names_;                   // as they are on the disk for certain
  std::vector<NameChange> name_changes_;  // from these to those
  std::map<int, std::string> paths_;      // of open descriptors; empty: the directory
  std::map<int, std::shared_ptr<File>> files_;
};

}  // namespace tollgate::testing
