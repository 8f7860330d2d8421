// XML, CSV and text logs into work units; see split.h.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/limits.h"
#include "decode/csv/row.h"
#include "decode/split.h"
#include "decode/text/limits.h"
#include "decode/text/line_cuts.h"
#include "decode/xml/scanner.h"

namespace landwarden::decode {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

/// What they have in common: a buffer that is filled, sent from the front, and counted.
class TextSplitter {
 public:
  TextSplitter(ByteStream& stream, Splitting& to, Format format,
               std::shared_ptr<const TextSource> text = nullptr)
      : stream_(stream), to_(to), format_(format), text_(std::move(text)), buffer_(to.pool.take()) {}
  ~TextSplitter() { to_.pool.give_back(std::move(buffer_)); }
  TextSplitter(const TextSplitter&) = delete;
  TextSplitter& operator=(const TextSplitter&) = delete;

  /// Reads once more; false at the end and after an error.
  bool fill() {
    const std::size_t before = buffer_.size();
    Result<std::size_t> got = 0;
    buffer_.resize_and_overwrite(before + kReadBytes, [&](char* data, std::size_t) {
      got = stream_.read(data + before, kReadBytes);
      return before + got.value_or(0);
    });
    if (!got) to_.receipt.errors.push_back(got.error());
    to_.receipt.bytes += got.value_or(0);
    return got.value_or(0) > 0;
  }
  [[nodiscard]] std::string_view text() const { return buffer_; }
  /// Whether what is whole should be sent now.
  [[nodiscard]] bool worthwhile(std::size_t whole) {
    return whole > 0 && (whole >= kUnitBytes || buffer_.size() >= 2 * kUnitBytes || !stream_.ready());
  }
  [[nodiscard]] bool stopped() const { return to_.stopped; }

  void send(std::size_t bytes) {
    if (bytes == 0) return;
    Buffer rest = to_.pool.take();
    rest.assign(buffer_, bytes);
    buffer_.resize(bytes);
    WorkUnit unit{to_.source, format_, offset_, line_, std::move(buffer_), header_, text_};
    count(unit.bytes);
    buffer_ = std::move(rest);
    if (!to_.sink.unit(std::move(unit))) to_.stopped = true;
  }
  /// Lets the front go unread.
  void drop(std::size_t bytes) {
    count(std::string_view(buffer_).substr(0, bytes));
    buffer_.erase(0, bytes);
  }
  void refuse(std::uint64_t begin, const char* what, std::size_t limit) {
    ++to_.receipt.records_seen;
    event::quarantine(to_.receipt,
                      {begin, offset_ - begin, fmt::format("{} longer than {} MiB", what, limit >> 20)});
  }
  void count_damage(std::string_view what) { event::count_damage(to_.receipt, what); }
  void error(Error error) { to_.receipt.errors.push_back(std::move(error)); }
  void take_header(std::size_t bytes) {
    header_ = std::make_shared<const std::string>(buffer_, 0, bytes);
    drop(bytes);
  }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

 private:
  void count(std::string_view bytes) {
    line_ += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    offset_ += bytes.size();
  }

  ByteStream& stream_;
  Splitting& to_;
  Format format_;
  std::shared_ptr<const TextSource> text_;
  Buffer buffer_;
  std::uint64_t offset_ = 0;  ///< of the buffer's first byte
  std::uint64_t line_ = 1;
  std::shared_ptr<const std::string> header_;
};

/// Cuts behind "</Event>". A quarter of a record may be in the buffer many times over before its end comes,
/// so what was searched is not searched again.
class XmlSplitter {
 public:
  XmlSplitter(ByteStream& stream, Splitting& to) : buffer_(stream, to, Format::xml) {}

  void run() {
    bool more = true;
    while (more && !buffer_.stopped()) {
      more = buffer_.fill();
      look();
      if (!more || buffer_.stopped()) break;
      if (buffer_.worthwhile(whole_)) {
        buffer_.send(whole_);
        searched_ -= std::min(searched_, whole_);
        whole_ = 0;
      } else if (buffer_.text().size() - whole_ > limits::kXmlEventBytes) {
        drop_oversized();
      }
    }
    if (skipping_) refuse();
    if (!buffer_.stopped()) buffer_.send(buffer_.text().size());
  }

 private:
  void look() {
    constexpr std::size_t kLongestEnd = 80;  // a prefix of 64 and what is around it
    const std::string_view text = buffer_.text();
    const std::size_t from = searched_ - std::min(searched_, kLongestEnd);
    searched_ = text.size();
    if (skipping_) return skip(text);
    const std::size_t end = xml::find_last_event_end(text.substr(from));
    if (end != text.npos) whole_ = std::max(whole_, from + end);
  }

  /// No end within the longest event. Text without an event is sent as it is; the event is let go up to its
  /// end.
  void drop_oversized() {
    const std::size_t begin = xml::find_event(buffer_.text(), whole_);
    buffer_.send(std::min(begin, buffer_.text().size()));
    whole_ = searched_ = 0;
    if (begin == std::string_view::npos) return;
    skipping_ = true;
    refused_at_ = buffer_.offset();
    skip(buffer_.text());
  }

  void skip(std::string_view text) {
    const std::size_t end = xml::find_event_end(text, 0);
    constexpr std::size_t kKept = 80;
    const std::size_t bytes = end != text.npos ? end : text.size() - std::min(text.size(), kKept);
    buffer_.drop(bytes);
    whole_ = searched_ = 0;
    if (end != text.npos) {
      refuse();
      look();
    }
  }

  void refuse() {
    buffer_.refuse(refused_at_, "an event", limits::kXmlEventBytes);
    skipping_ = false;
  }

  TextSplitter buffer_;
  std::size_t whole_ = 0;     ///< end of the last whole event in the buffer
  std::size_t searched_ = 0;  ///< up to here for its end
  bool skipping_ = false;     ///< inside an event that is too long
  std::uint64_t refused_at_ = 0;
};

/// Cuts at line ends outside quotes; the first row goes to every unit.
class CsvSplitter {
 public:
  CsvSplitter(ByteStream& stream, Splitting& to) : buffer_(stream, to, Format::csv) {}

  void run() {
    bool more = true, named = false;
    while (more && !buffer_.stopped()) {
      more = buffer_.fill();
      if (!named) {
        if (more && buffer_.text().size() <= limits::kCsvHeaderBytes &&
            buffer_.text().find('\n') == std::string_view::npos)
          continue;
        take_names();
        named = true;
      }
      ends_.scan(buffer_.text(), separator_);
      if (!more || buffer_.stopped()) break;
      if (buffer_.worthwhile(ends_.last())) {
        send(ends_.last());
      } else if (buffer_.text().size() - ends_.last() > limits::kCsvRowBytes) {
        give_up_row();
      }
    }
    if (!buffer_.stopped()) buffer_.send(buffer_.text().size());
  }

 private:
  void take_names() {
    const std::string_view text = buffer_.text();
    const std::size_t line =
        std::min(text.find('\n'), text.size() - std::min<std::size_t>(text.size(), 1)) + 1;
    separator_ = csv::separator_of(text.substr(0, line));
    buffer_.take_header(std::min(line, text.size()));
  }

  void send(std::size_t bytes) {
    buffer_.send(bytes);
    ends_.rebase(bytes);
  }

  /// A quote that never closes would take the rest of the file with it: the rows behind it are read as they
  /// stand, line by line.
  void give_up_row() {
    const std::uint64_t begin = buffer_.offset() + ends_.last();
    send(ends_.last());
    const std::size_t line_end = buffer_.text().find('\n');
    buffer_.drop(line_end == std::string_view::npos ? buffer_.text().size() : line_end + 1);
    buffer_.refuse(begin, "a row", limits::kCsvRowBytes);
    ends_ = {};
  }

  TextSplitter buffer_;
  csv::RowEnds ends_;
  char separator_ = ',';
};

/// Cuts between lines, where text::LineCuts says so.
class LogSplitter {
 public:
  LogSplitter(ByteStream& stream, const std::shared_ptr<const TextSource>& source, Splitting& to)
      : buffer_(stream, to, Format::text, source), cuts_(*source) {}

  void run() {
    bool more = true;
    while (more && !buffer_.stopped()) {
      more = buffer_.fill();
      if (skipping_) skip();
      cuts_.scan(buffer_.text());
      if (!more || buffer_.stopped()) break;
      if (buffer_.worthwhile(cuts_.last())) {
        send(cuts_.last());
      } else if (buffer_.text().size() - std::min(cuts_.scanned(), buffer_.text().size()) >
                 limits::kTextLineBytes) {
        // A line without an end: what stands before it goes, the line is let go.
        send(cuts_.scanned());
        cuts_.forget();
        skipping_ = true;
        refused_at_ = buffer_.offset();
        skip();
      } else if (buffer_.text().size() > limits::kTextUnpartedBytes) {
        buffer_.count_damage("places where an audit event may have been parted");
        send(cuts_.scanned());
        cuts_.forget();
      }
    }
    if (skipping_) refuse();
    if (!buffer_.stopped()) buffer_.send(buffer_.text().size());
  }

 private:
  void send(std::size_t bytes) {
    buffer_.send(bytes);
    cuts_.rebase(bytes);
  }
  void skip() {
    const std::size_t end = buffer_.text().find('\n');
    buffer_.drop(end == std::string_view::npos ? buffer_.text().size() : end + 1);
    if (end != std::string_view::npos) refuse();
  }
  void refuse() {
    buffer_.refuse(refused_at_, "a line", limits::kTextLineBytes);
    skipping_ = false;
  }

  TextSplitter buffer_;
  text::LineCuts cuts_;
  bool skipping_ = false;  ///< inside a line that is too long
  std::uint64_t refused_at_ = 0;
};

}  // namespace

void split_xml(ByteStream& stream, Splitting& to) {
  XmlSplitter(stream, to).run();
}

void split_csv(ByteStream& stream, Splitting& to) {
  CsvSplitter(stream, to).run();
}

void split_text(ByteStream& stream, const std::shared_ptr<const TextSource>& source, Splitting& to) {
  LogSplitter(stream, source, to).run();
}

}  // namespace landwarden::decode
