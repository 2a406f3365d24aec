#include "stores/archive/archive_scan.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <variant>

namespace tollgate::stores {

using core::LoggedRecord;
using core::RecordPosition;

namespace {

constexpr std::size_t kRecordsAtOnce = 4096;

template <class Stream>
bool is_loaded(const Stream& stream) {
  return !stream.loaded.in_order.empty();
}

template <class Stream>
void unload(Stream& stream) {
  stream.loaded = {};
  stream.at = 0;
}

// To what comes next in it. False: nothing does.
template <class Stream>
bool move_on(Stream& stream) {
  if (stream.at < stream.loaded.in_order.size()) {
    stream.next = RecordPosition::of(*stream.loaded.in_order[stream.at]);
    return true;
  }
  unload(stream);
  if (stream.file == nullptr || ++stream.block >= stream.blocks.size()) return false;
  stream.next = {.time_ns = stream.blocks[stream.block]->first_ns};
  return true;
}

}  // namespace

ArchiveScan::ArchiveScan(ArchiveSources sources, const core::RecordFilter& filter) : query_(sources), filter_(filter) {
  for (const auto& [number, entry] : query_.catalog().all()) {
    if (const auto* sealed = std::get_if<std::shared_ptr<const SealedFile>>(&entry)) {
      const SealedFooter& footer = (*sealed)->footer;
      if (!footer.blocks.empty()) add_stream(number, footer.first_ns(), footer.last_ns());
      continue;
    }
    const OpenRecordsView view = std::get<std::shared_ptr<const OpenFile>>(entry)->view();
    if (view.pieces.empty()) continue;
    const auto first = std::ranges::min(view.pieces, {}, &OpenRecordsView::Piece::first_ns).first_ns;
    const auto last = std::ranges::max(view.pieces, {}, &OpenRecordsView::Piece::last_ns).last_ns;
    add_stream(number, first, last);
  }
}

void ArchiveScan::add_stream(std::uint64_t number, std::int64_t first_ns, std::int64_t last_ns) {
  if (!overlaps(filter_, first_ns, last_ns)) return;
  push(std::make_unique<Stream>(Stream{.next = {.time_ns = first_ns}, .number = number}));
}

void ArchiveScan::push(StreamPtr stream) {
  streams_.push_back(std::move(stream));
  std::ranges::push_heap(streams_, std::greater{}, [](const StreamPtr& s) { return s->next; });
}

ArchiveScan::StreamPtr ArchiveScan::pop() {
  std::ranges::pop_heap(streams_, std::greater{}, [](const StreamPtr& s) { return s->next; });
  StreamPtr stream = std::move(streams_.back());
  streams_.pop_back();
  return stream;
}

std::size_t ArchiveScan::loaded() const {
  return static_cast<std::size_t>(std::ranges::count_if(streams_, [](const StreamPtr& s) { return is_loaded(*s); }));
}

Result<void> ArchiveScan::next(std::vector<LoggedRecord>& into) {
  into.clear();
  while (into.size() < kRecordsAtOnce && !streams_.empty()) {
    StreamPtr stream = pop();
    if (is_loaded(*stream)) {
      emit(*stream, into);
    } else if (auto done = load(*stream); !done) {
      push(std::move(stream));
      return done;
    }
    if (move_on(*stream)) push(std::move(stream));
  }
  return {};
}

// As long as no other stream has anything that comes before.
void ArchiveScan::emit(Stream& stream, std::vector<LoggedRecord>& into) {
  for (; stream.at < stream.loaded.in_order.size() && into.size() < kRecordsAtOnce; ++stream.at) {
    const LoggedRecord& record = *stream.loaded.in_order[stream.at];
    const RecordPosition position = RecordPosition::of(record);
    if (!streams_.empty() && position > streams_.front()->next) return;
    into.push_back(record);
    last_ = position;
  }
}

Result<void> ArchiveScan::load(Stream& stream) {
  if (loaded() >= kLoadedMax) unload_one();
  if (!stream.opened) {
    if (auto opened = open(stream); !opened) return opened;
  }
  return stream.block < stream.blocks.size() ? load_block(stream) : Result<void>();
}

// As it is now: it may have been sealed or have expired since the scan began, and have more than it had then.
Result<void> ArchiveScan::open(Stream& stream) {
  const auto entry = query_.catalog().find(stream.number);
  if (entry && std::holds_alternative<std::shared_ptr<const SealedFile>>(*entry)) {
    auto file = std::get<std::shared_ptr<const SealedFile>>(*entry);
    TG_TRY(stream.blocks, query_.blocks(*file, filter_));
    stream.file = std::move(file);
  } else if (entry) {
    stream.loaded = std::get<std::shared_ptr<const OpenFile>>(*entry)->view().sorted(filter_);
    keep_unseen(stream);
  }
  stream.opened = true;
  return {};
}

Result<void> ArchiveScan::load_block(Stream& stream) {
  const SealedBlock& block = *stream.blocks[stream.block];
  TG_TRY(const bool is_there, query_.load(*stream.file, block, block_));
  if (!is_there) return {};
  std::vector<std::uint32_t> rows;
  if (!block_.reader().select(filter_, rows) || !block_.reader().read(rows, stream.loaded.records)) {
    query_.note_damage(*stream.file, block.place);
    stream.loaded.records.clear();
  }
  for (const LoggedRecord& record : stream.loaded.records) stream.loaded.in_order.push_back(&record);
  keep_unseen(stream);
  return {};
}

// What was given out already comes again when a stream is loaded again.
void ArchiveScan::keep_unseen(Stream& stream) const {
  const auto is_left = [&](const LoggedRecord* record) {
    const RecordPosition position = RecordPosition::of(*record);
    return position >= stream.next && (!last_ || position > *last_);
  };
  stream.at =
      static_cast<std::size_t>(std::ranges::find_if(stream.loaded.in_order, is_left) - stream.loaded.in_order.begin());
}

// The one that will be wanted last; it is read again when its turn comes.
void ArchiveScan::unload_one() {
  const auto rank = [](const StreamPtr& stream) { return std::pair(is_loaded(*stream), stream->next); };
  Stream& last = **std::ranges::max_element(streams_, {}, rank);
  unload(last);
  if (last.file == nullptr) last.opened = false;
}

}  // namespace tollgate::stores
