#include "decode/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/limits.h"
#include "decode/carving.h"
#include "decode/evtx/chunk.h"
#include "decode/json/scanner.h"

namespace landwarden::decode {
namespace {

/// One read appends this much to a JSON buffer.
constexpr std::size_t kReadBytes = 256 << 10;

/// Appends up to `size` bytes of the stream.
Result<std::size_t> append(Buffer& to, ByteStream& stream, std::size_t size) {
  const std::size_t before = to.size();
  Result<std::size_t> got = 0;
  to.resize_and_overwrite(before + size, [&](char* data, std::size_t) {
    got = stream.read(data + before, size);
    return before + got.value_or(0);
  });
  return got;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

std::uint64_t newlines(std::string_view bytes) {
  std::uint64_t count = 0;
  for (std::size_t at = bytes.find('\n'); at != bytes.npos; at = bytes.find('\n', at + 1)) ++count;
  return count;
}

class JsonSplitter {
 public:
  JsonSplitter(ByteStream& stream, const std::function<bool(std::string_view)>& is_event, Splitting& to)
      : stream_(stream), is_event_(is_event), to_(to), buffer_(to.pool.take()) {}

  void run() {
    bool at_end = false;
    while (!at_end && !to_.stopped) {
      const Result<std::size_t> got = append(buffer_, stream_, kReadBytes);
      if (!got) to_.receipt.errors.push_back(got.error());
      at_end = !got || *got == 0;
      to_.receipt.bytes += got.value_or(0);
      if (!at_end) note_ends(std::string_view(buffer_).substr(buffer_.size() - *got));
      work(at_end, at_end || !stream_.ready());
    }
    if (at_end && !to_.stopped) finish();
    to_.pool.give_back(std::move(buffer_));
  }

 private:
  enum class Mode : std::uint8_t { first, lines, scan, wrapped, tail };

  /// The first and the last byte that are not blank say whether an array is closed.
  void note_ends(std::string_view bytes) {
    if (front_ == '\0') {
      const auto at =
          std::find_if(bytes.begin(), bytes.end(), [](char c) { return !is_blank(c) && (c & '\x80') == 0; });
      if (at != bytes.end()) front_ = *at;
    }
    const auto at = std::find_if_not(bytes.rbegin(), bytes.rend(), is_blank);
    if (at != bytes.rend()) last_ = *at;
  }

  /// Does what can be done with what is in the buffer. `flush`: send what is whole though the unit is not
  /// full.
  void work(bool at_end, bool flush) {
    for (bool again = true; again && !to_.stopped;) {
      switch (mode_) {
        case Mode::first:
          again = look_at_first(at_end);
          break;
        case Mode::lines:
          again = cut_lines(flush);
          break;
        case Mode::scan:
        case Mode::wrapped:
          again = scan(flush);
          break;
        case Mode::tail:
          again = skip_tail();
          break;
      }
    }
  }

  // --- the first object: is it a line, one of several, or a wrapper? ---

  bool look_at_first(bool at_end) {
    if (!first_) first_ = scanner_.next(buffer_, false);
    if (!first_ && !at_end && buffer_.size() < kUnitBytes) return false;
    if (first_ && first_->what != json::Piece::What::record) return set_mode(Mode::scan, first_->end);
    const auto array = scanner_.first_array();
    if (array.depth > 0 && array.position > 0 && begins_object(static_cast<std::size_t>(array.position))) {
      switch (is_wrapper(at_end)) {
        case Verdict::yes:
          return enter_wrapper(array);
        case Verdict::open:
          return false;
        case Verdict::no:
          break;
      }
    }
    if (!first_) return set_mode(Mode::scan, scanner_.position());
    const auto end = static_cast<std::size_t>(first_->end);
    std::size_t next = end;
    while (next < buffer_.size() &&
           (buffer_[next] == ' ' || buffer_[next] == '\t' || buffer_[next] == '\r')) {
      ++next;
    }
    const auto begin = static_cast<std::size_t>(first_->begin);
    const bool one_line = buffer_.find('\n', begin) >= end;
    const bool line_ends = next < buffer_.size() && buffer_[next] == '\n';
    return one_line && line_ends ? set_mode(Mode::lines, 0) : set_mode(Mode::scan, first_->end);
  }

  enum class Verdict : std::uint8_t { no, yes, open };

  /// The object has an array of objects. It is a wrapper if it is no event without it and either the elements
  /// are events, or there is nothing else in the source, or it is larger than any event.
  Verdict is_wrapper(bool at_end) {
    const auto array = scanner_.first_array();
    const auto begin = static_cast<std::size_t>(first_ ? first_->begin : scanner_.position());
    std::string shell(buffer_, begin, static_cast<std::size_t>(array.position) - begin);
    shell += ']';
    shell.append(array.depth, '}');
    if (is_event_(shell)) return Verdict::no;
    if (!first_) return Verdict::yes;
    json::RecordScanner inner;
    inner.move_to(array.position);
    const auto element = inner.next(buffer_, true);
    if (element && element->what == json::Piece::What::record &&
        is_event_(
            std::string_view(buffer_).substr(static_cast<std::size_t>(element->begin),
                                             static_cast<std::size_t>(element->end - element->begin)))) {
      return Verdict::yes;
    }
    const bool alone = std::all_of(buffer_.begin() + first_->end, buffer_.end(), is_blank);
    if (!alone) return Verdict::no;
    return at_end ? Verdict::yes : Verdict::open;
  }

  bool begins_object(std::size_t at) const {
    while (at < buffer_.size() && is_blank(buffer_[at])) ++at;
    return at < buffer_.size() && buffer_[at] == '{';
  }

  bool enter_wrapper(json::RecordScanner::ArrayStart array) {
    wrapper_depth_ = array.depth;
    to_.receipt.notes.emplace_back("the records are the elements of an array inside one JSON object");
    whole_ = 0;
    scanner_.stop_at_array_end(true);
    scanner_.move_to(array.position);
    drop_front(static_cast<std::size_t>(array.position));
    mode_ = Mode::wrapped;
    first_.reset();
    return true;
  }

  bool set_mode(Mode mode, std::int64_t position) {
    mode_ = mode;
    scanner_.move_to(position);
    whole_ = static_cast<std::size_t>(std::max<std::int64_t>(position, 0));
    first_.reset();
    return true;
  }

  // --- lines: nothing is scanned but the one in front of a cut ---

  bool cut_lines(bool flush) {
    if (flush) return set_mode(Mode::scan, 0);  // the end, or a slow stream: there is time to be exact
    if (buffer_.size() < kUnitBytes) return false;
    for (std::size_t newline = buffer_.rfind('\n'); newline != buffer_.npos && newline > 0;
         newline = buffer_.rfind('\n', newline - 1)) {
      if (is_cut(newline)) {
        send(newline + 1);
        return false;
      }
    }
    return set_mode(Mode::scan, 0);  // these are no lines after all
  }

  /// Whether a record certainly ends with this line: it is one object, and what comes next could not follow
  /// it inside another.
  bool is_cut(std::size_t newline) const {
    const std::size_t next = newline + 1;
    if (next == buffer_.size() || (buffer_[next] != '{' && buffer_[next] != 'R')) return false;
    const std::size_t before = newline == 0 ? buffer_.npos : buffer_.rfind('\n', newline - 1);
    const std::size_t begin = before == buffer_.npos ? 0 : before + 1;
    std::string_view line = std::string_view(buffer_).substr(begin, newline - begin);
    while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
    if (!line.starts_with('{')) return false;
    json::RecordScanner scanner;
    const auto piece = scanner.next(line, true);
    return piece && piece->what == json::Piece::What::record &&
           piece->end == static_cast<std::int64_t>(line.size());
  }

  // --- anything else: brackets are counted ---

  bool scan(bool flush) {
    while (const auto piece = scanner_.next(buffer_, false)) {
      if (piece->begin < 0) {
        refuse(*piece);
        continue;
      }
      if (piece->what == json::Piece::What::array_end) {
        send(static_cast<std::size_t>(piece->begin));
        scanner_.stop_at_array_end(false);
        scanner_.resume_inside(scanner_.position(), wrapper_depth_);
        mode_ = Mode::tail;
        return true;
      }
      whole_ = static_cast<std::size_t>(piece->end);
      if (whole_ >= kUnitBytes) send(whole_);
      if (to_.stopped) return false;
    }
    // What lies between records is dealt with, too: a file may end in megabytes of zeros.
    whole_ = static_cast<std::size_t>(std::max<std::int64_t>(scanner_.position(), 0));
    if (whole_ > 0 && (flush || whole_ >= kUnitBytes)) send(whole_);
    const auto front = static_cast<std::int64_t>(buffer_.size()) - scanner_.position();
    if (front > static_cast<std::int64_t>(limits::kJsonLineBytes)) drop_oversized();
    return false;
  }

  bool skip_tail() {
    const auto piece = scanner_.next(buffer_, false);
    if (!piece) {
      drop_front(static_cast<std::size_t>(scanner_.scanned()));
      return false;
    }
    drop_front(static_cast<std::size_t>(piece->end));
    whole_ = 0;
    mode_ = Mode::first;
    return true;
  }

  /// The record that fills the buffer is too long: its bytes are let go, its end is still looked for.
  void drop_oversized() {
    if (whole_ > 0) send(whole_);
    if (scanner_.position() >= 0) refused_at_ = offset_ + static_cast<std::uint64_t>(scanner_.position());
    drop_front(static_cast<std::size_t>(scanner_.scanned()));
  }

  void refuse(const json::Piece& piece) {
    ++to_.receipt.records_seen;
    event::quarantine(to_.receipt,
                      {refused_at_, offset_ + static_cast<std::uint64_t>(piece.end) - refused_at_,
                       fmt::format("a JSON record longer than {} MiB", limits::kJsonLineBytes >> 20)});
    drop_front(static_cast<std::size_t>(piece.end));
    whole_ = 0;
  }

  // --- sending ---

  void drop_front(std::size_t bytes) {
    line_ += newlines(std::string_view(buffer_).substr(0, bytes));
    offset_ += bytes;
    buffer_.erase(0, bytes);
    scanner_.rebase(static_cast<std::int64_t>(bytes));
  }

  void send(std::size_t bytes) {
    if (bytes == 0) return;
    Buffer rest = to_.pool.take();
    rest.assign(buffer_, bytes);
    buffer_.resize(bytes);
    WorkUnit unit{to_.source, Format::json, offset_, line_, std::move(buffer_)};
    offset_ += bytes;
    line_ += newlines(unit.bytes);
    buffer_ = std::move(rest);
    scanner_.rebase(static_cast<std::int64_t>(bytes));
    whole_ = 0;
    if (!to_.sink.unit(std::move(unit))) to_.stopped = true;
  }

  void finish() {
    if (scanner_.position() < 0 && (mode_ == Mode::scan || mode_ == Mode::wrapped)) {
      refuse({json::Piece::What::junk, scanner_.position(), static_cast<std::int64_t>(buffer_.size()), ""});
    }
    const bool cut = mode_ == Mode::wrapped || mode_ == Mode::tail || (front_ == '[' && last_ != ']');
    if (mode_ != Mode::tail && !std::all_of(buffer_.begin(), buffer_.end(), is_blank)) send(buffer_.size());
    if (cut && to_.receipt.errors.empty()) {
      to_.receipt.errors.push_back({ErrorCode::damaged,
                                    "the JSON array is not closed",
                                    {},
                                    "the file was cut short; what is there was read"});
    }
  }

  ByteStream& stream_;
  const std::function<bool(std::string_view)>& is_event_;
  Splitting& to_;
  Buffer buffer_;
  std::uint64_t offset_ = 0;  ///< of the buffer's first byte
  std::uint64_t line_ = 1;
  Mode mode_ = Mode::first;
  json::RecordScanner scanner_;
  std::optional<json::Piece> first_;
  std::size_t whole_ = 0;  ///< end of the last whole record in the buffer
  unsigned wrapper_depth_ = 0;
  std::uint64_t refused_at_ = 0;
  char last_ = '\0', front_ = '\0';
};

/// Walks from piece to piece: file headers and chunks. Logs that were put one behind the other (cat a b)
/// bring a header each. A header whose checksum is right is believed about how many chunks follow at least,
/// so that a log that was cut short between two chunks does not pass for a whole one.
class EvtxSplitter {
 public:
  EvtxSplitter(ByteStream& stream, bool header, bool carve, Splitting& to)
      : stream_(stream), begins_with_header_(header), to_(to), buffer_(to.pool.take()) {
    if (carve) carving_ = std::make_unique<LogCarving>(to);
  }

  void run() {
    for (bool at_end = false; !at_end && !to_.stopped;) {
      const std::size_t front = begins_with_header_ && offset_ == 0 ? evtx::kFileHeaderBytes : 0;
      const std::size_t full = front + kUnitBytes;
      const Result<std::size_t> got = append(buffer_, stream_, full - buffer_.size());
      if (!got) to_.receipt.errors.push_back(got.error());
      at_end = !got || *got == 0;
      to_.receipt.bytes += got.value_or(0);
      const std::size_t whole = at_end ? buffer_.size() : whole_pieces();
      const bool worthwhile = at_end || buffer_.size() == full || (!stream_.ready() && whole > front);
      if (worthwhile && whole > 0) send(whole);
    }
    if (!to_.stopped) end_log();
    to_.pool.give_back(std::move(buffer_));
    if (carving_ && !to_.stopped) carving_->finish();
  }

 private:
  [[nodiscard]] std::string_view piece_at(std::size_t at) const {
    const std::string_view rest = std::string_view(buffer_).substr(at);
    return rest.substr(0, is_header(at) ? evtx::kFileHeaderBytes : evtx::kChunkBytes);
  }
  [[nodiscard]] bool is_header(std::size_t at) const {
    return (begins_with_header_ && offset_ + at == 0) ||
           std::string_view(buffer_).substr(at).starts_with(evtx::kFileMagic);
  }
  [[nodiscard]] bool is_whole(std::size_t at) const {
    return piece_at(at).size() == (is_header(at) ? evtx::kFileHeaderBytes : evtx::kChunkBytes);
  }
  [[nodiscard]] std::size_t whole_pieces() const {
    std::size_t at = 0;
    while (is_whole(at)) at += piece_at(at).size();
    return at;
  }

  void send(std::size_t size) {
    for (std::size_t at = 0; at < size; at += piece_at(at).size()) {
      if (is_header(at)) {
        end_log();
        begin_log(at);
      } else if (is_whole(at)) {
        ++chunks_;
      }
      if (carving_ && !is_header(at)) carving_->live_chunk(evtx::as_bytes(piece_at(at).substr(0, size - at)));
    }
    if (carving_) carving_->look(std::string_view(buffer_).substr(0, size));
    Buffer rest = to_.pool.take();
    rest.assign(buffer_, size);
    buffer_.resize(size);
    to_.stopped = !to_.sink.unit({to_.source, Format::evtx, offset_, 0, std::move(buffer_)});
    offset_ += size;
    buffer_ = std::move(rest);
  }

  void begin_log(std::size_t at) {
    log_offset_ = offset_ + at;
    chunks_ = 0;
    promised_ = evtx::chunks_promised(evtx::as_bytes(piece_at(at)));
    if (is_whole(at) || !to_.receipt.errors.empty()) return;
    report("the log ends inside its file header");
  }
  void end_log() {
    const std::uint64_t promised = std::exchange(promised_, 0);
    if (chunks_ >= promised || !to_.receipt.errors.empty()) return;
    report(fmt::format("the log is cut short: {} of the {} chunks that its header counts are there", chunks_,
                       promised));
  }
  void report(std::string message) {
    Place place;
    place.offset = log_offset_;
    to_.receipt.errors.push_back({ErrorCode::damaged, std::move(message), std::move(place),
                                  "what is there was read; copy the log again if the original still exists"});
  }

  ByteStream& stream_;
  bool begins_with_header_;
  Splitting& to_;
  Buffer buffer_;
  std::uint64_t offset_ = 0;             ///< of the buffer's first byte
  std::uint64_t log_offset_ = 0;         ///< of the file header at hand
  std::uint64_t chunks_ = 0;             ///< whole ones since that header
  std::uint64_t promised_ = 0;           ///< by that header
  std::unique_ptr<LogCarving> carving_;  ///< if what is not live is wanted
};

}  // namespace

void split_evtx(ByteStream& stream, bool header, bool carve, Splitting& to) {
  EvtxSplitter(stream, header, carve, to).run();
}

void split_json(ByteStream& stream, const std::function<bool(std::string_view object)>& is_event,
                Splitting& to) {
  JsonSplitter(stream, is_event, to).run();
}

}  // namespace landwarden::decode
