#include "decode/carving.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/hash.h"
#include "base/limits.h"
#include "base/unnamed_file.h"
#include "decode/evtx/chunk.h"

namespace landwarden::decode {
namespace {

constexpr std::size_t kFirstSlots = 1 << 10;

std::uint64_t hash_of(evtx::Bytes record) {
  return std::max<std::uint64_t>(hash_bytes(record.data(), record.size()), 1);
}

evtx::Bytes bytes_of(evtx::Bytes piece_bytes, const evtx::CarvedPiece& piece,
                     const evtx::CarvedRecord& record) {
  return piece_bytes.subspan(record.at - piece.place, record.size);
}

void note_full(const SeenRecords& seen, event::Receipt& receipt) {
  if (seen.full())
    receipt.notes.emplace_back("more records than are remembered: some may have been carved more than once");
}

/// Collects pieces to work units.
class UnitMaker {
 public:
  explicit UnitMaker(Splitting& to) : to_(to) {}

  void add(evtx::CarvedPiece piece, evtx::Bytes bytes) {
    if (unit_.carved.empty()) {
      unit_.source = to_.source;
      unit_.format = Format::evtx;
      unit_.bytes = to_.pool.take();
      unit_.offset = piece.chunk_offset + piece.records.front().at;
    }
    piece.begin = unit_.bytes.size();
    piece.size = bytes.size();
    unit_.bytes += evtx::as_text(bytes);
    unit_.carved.push_back(std::move(piece));
    if (unit_.bytes.size() >= kUnitBytes) send();
  }
  void send() {
    if (unit_.carved.empty() || to_.stopped) return;
    to_.stopped = !to_.sink.unit(std::exchange(unit_, {}));
  }

 private:
  Splitting& to_;
  WorkUnit unit_;
};

/// Takes pieces found in an image: everything is new that was not there before.
std::uint64_t take_new(std::vector<evtx::CarvedPiece>& found, evtx::Bytes window, SeenRecords& seen,
                       UnitMaker& units) {
  std::uint64_t records = 0;
  for (evtx::CarvedPiece& piece : found) {
    const evtx::Bytes bytes = window.subspan(piece.begin, piece.size);
    std::erase_if(piece.records, [&](const evtx::CarvedRecord& record) {
      return !seen.add(hash_of(bytes_of(bytes, piece, record)));
    });
    records += piece.records.size();
    if (!piece.records.empty()) units.add(std::move(piece), bytes);
  }
  found.clear();
  return records;
}

}  // namespace

std::size_t SeenRecords::slot_of(std::uint64_t hash) const {
  std::size_t slot = hash & (slots_.size() - 1);
  while (slots_[slot] != 0 && slots_[slot] != hash) slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

bool SeenRecords::contains(std::uint64_t hash) const {
  return !slots_.empty() && slots_[slot_of(hash)] == hash;
}

bool SeenRecords::full() const {
  return count_ >= limits::kCarveHashes;
}

bool SeenRecords::add(std::uint64_t hash) {
  if (contains(hash)) return false;
  if (full()) return true;
  if (2 * (count_ + 1) > slots_.size()) grow();
  slots_[slot_of(hash)] = hash;
  ++count_;
  return true;
}

void SeenRecords::grow() {
  std::vector<std::uint64_t> before(std::max(kFirstSlots, slots_.size() * 2));
  before.swap(slots_);
  for (const std::uint64_t hash : before) {
    if (hash != 0) slots_[slot_of(hash)] = hash;
  }
}

std::uint64_t carve_image(ByteStream& stream, Splitting& to) {
  SeenRecords seen;
  UnitMaker units(to);
  std::vector<evtx::CarvedPiece> found;
  std::string window;
  window.reserve(2 * limits::kCarveWindowBytes);
  std::uint64_t offset = 0, records = 0;
  for (bool at_end = false; !at_end && !to.stopped && !to.sink.stopped();) {
    const std::size_t before = window.size();
    Result<std::size_t> got = 0;
    window.resize_and_overwrite(before + limits::kCarveWindowBytes, [&](char* data, std::size_t size) {
      got = stream.read(data + before, size - before);
      return before + got.value_or(0);
    });
    if (!got) to.receipt.errors.push_back(got.error());
    at_end = !got || *got == 0;
    to.receipt.bytes += got.value_or(0);
    to.sink.passed_over(got.value_or(0));
    const evtx::Bytes bytes = evtx::as_bytes(window);
    const std::size_t done = evtx::carve(bytes, offset, at_end, found);
    records += take_new(found, bytes, seen, units);
    window.erase(0, done);
    offset += done;
  }
  units.send();
  note_full(seen, to.receipt);
  return records;
}

/// Pieces that wait, one behind the other in a file: a head, the records, the bytes.
class LogCarving::Store {
 public:
  Store() : folder_(temporary_folder()), file_(open_unnamed_file(folder_)) {
    if (file_ < 0) fail("cannot make a temporary file for carved records");
  }
  ~Store() {
    if (file_ >= 0) ::close(file_);
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  void put(const evtx::CarvedPiece& piece, evtx::Bytes bytes) {
    if (error_) return;
    const Head head{piece.chunk_offset, bytes.size(), piece.records.size(), piece.place};
    write(&head, sizeof head);
    write(piece.records.data(), piece.records.size() * sizeof(evtx::CarvedRecord));
    write(bytes.data(), bytes.size());
  }
  /// The next in order; false at the end.
  [[nodiscard]] bool take(evtx::CarvedPiece& piece, std::vector<std::byte>& bytes) {
    Head head{};
    if (error_ || read_at_ == size_ || !read(&head, sizeof head)) return false;
    piece = {.chunk_offset = head.chunk_offset, .begin = 0, .size = 0, .place = head.place, .records = {}};
    piece.records.resize(head.records);
    bytes.resize(head.size);
    return read(piece.records.data(), piece.records.size() * sizeof(evtx::CarvedRecord)) &&
           read(bytes.data(), bytes.size());
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  struct Head {
    std::uint64_t chunk_offset, size, records;
    std::uint32_t place;
  };

  void fail(const char* what) {
    error_ =
        io_error(what, folder_, "free space there, or name another folder for temporary files with TMPDIR");
  }
  void write(const void* data, std::size_t size) {
    const char* from = static_cast<const char*>(data);
    while (size > 0 && !error_) {
      const ssize_t written = ::pwrite(file_, from, size, static_cast<off_t>(size_));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return fail("cannot write carved records to a temporary file");
      from += written;
      size -= static_cast<std::size_t>(written);
      size_ += static_cast<std::uint64_t>(written);
    }
  }
  bool read(void* data, std::size_t size) {
    char* to = static_cast<char*>(data);
    while (size > 0) {
      const ssize_t got = ::pread(file_, to, size, static_cast<off_t>(read_at_));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        fail("cannot read carved records back from a temporary file");
        return false;
      }
      to += got;
      size -= static_cast<std::size_t>(got);
      read_at_ += static_cast<std::uint64_t>(got);
    }
    return true;
  }

  std::string folder_;
  int file_;
  std::uint64_t size_ = 0, read_at_ = 0;
  std::optional<Error> error_;
};

LogCarving::LogCarving(Splitting& to) : to_(to) {}
LogCarving::~LogCarving() = default;

void LogCarving::live_chunk(evtx::Bytes chunk) {
  evtx::RecordWalk walk(chunk, evtx::check_chunk(chunk));
  while (const auto stretch = walk.next()) {
    if (stretch->lost == nullptr) seen_.add(hash_of(chunk.subspan(stretch->at, stretch->size)));
  }
}

void LogCarving::look(std::string_view bytes) {
  window_ += bytes;
  keep(false);
}

void LogCarving::keep(bool at_end) {
  const evtx::Bytes window = evtx::as_bytes(window_);
  const std::size_t done = evtx::carve(window, offset_, at_end, found_);
  for (evtx::CarvedPiece& piece : found_) {
    const evtx::Bytes bytes = window.subspan(piece.begin, piece.size);
    std::erase_if(piece.records, [&](const evtx::CarvedRecord& record) {
      return seen_.contains(hash_of(bytes_of(bytes, piece, record)));
    });
    if (piece.records.empty()) continue;
    if (!store_) store_ = std::make_unique<Store>();
    store_->put(piece, bytes);
  }
  found_.clear();
  window_.erase(0, done);
  offset_ += done;
}

void LogCarving::finish() {
  keep(true);
  UnitMaker units(to_);
  evtx::CarvedPiece piece;
  std::vector<std::byte> bytes;
  while (store_ && !to_.stopped && store_->take(piece, bytes)) {
    std::erase_if(piece.records, [&](const evtx::CarvedRecord& record) {
      return !seen_.add(hash_of(bytes_of(bytes, piece, record)));
    });
    if (!piece.records.empty()) units.add(std::move(piece), bytes);
  }
  units.send();
  if (store_ && store_->error()) to_.receipt.errors.push_back(*store_->error());
  note_full(seen_, to_.receipt);
}

}  // namespace landwarden::decode
