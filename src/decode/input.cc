#include "decode/input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "decode/archive.h"
#include "decode/carving.h"
#include "decode/compressed.h"
#include "decode/csv/reader.h"
#include "decode/evidence_tree.h"
#include "decode/json/reader.h"
#include "decode/sniff.h"
#include "decode/split.h"
#include "decode/stream.h"
#include "decode/text/history.h"
#include "decode/text/limits.h"
#include "decode/text/recognise.h"
#include "decode/text/tables.h"

namespace landwarden::decode {
namespace {

/// Free buffers kept: what a queue's worth of units needs.
constexpr std::size_t kPooled = 32;
/// Buffers that grew for one long record are not kept.
constexpr std::size_t kPooledBytes = 4 * kUnitBytes;

/// What one file named or found may cost, all containers inside it together.
struct Budget {
  const InputLimits& limits;
  std::optional<std::uint64_t> size;  ///< of the file; nothing for pipes
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t members = 0;
  bool exhausted = false;
  Time modified = Time::unknown();  ///< of what is read at the moment

  [[nodiscard]] std::uint64_t allowed() const {
    return std::max(limits.expansion_free, size.value_or(bytes_in) * limits.expansion_ratio);
  }
};

/// Counts what comes in or out of a file; ends a stream that unpacks to more than it may.
class CountedStream final : public ByteStream {
 public:
  CountedStream(ByteStream& inner, Budget& budget, bool unpacked)
      : inner_(inner), budget_(budget), unpacked_(unpacked) {}
  Result<std::size_t> read(char* to, std::size_t size) override {
    Result<std::size_t> got = inner_.read(to, size);
    (unpacked_ ? budget_.bytes_out : budget_.bytes_in) += got.value_or(0);
    if (unpacked_ && budget_.bytes_out > budget_.allowed()) {
      budget_.exhausted = true;
      return fail(ErrorCode::limit,
                  fmt::format("unpacks to more than {} bytes ({} times its size)", budget_.allowed(),
                              budget_.limits.expansion_ratio),
                  {}, "if you trust it, unpack it first and name the result");
    }
    return got;
  }
  bool ready() override { return inner_.ready(); }
  std::string note() const override { return inner_.note(); }
  std::optional<std::uint64_t> seekable_size() const override { return inner_.seekable_size(); }
  void seek(std::uint64_t offset) override { inner_.seek(offset); }

 private:
  ByteStream& inner_;
  Budget& budget_;
  bool unpacked_;
};

class EvidenceReader {
 public:
  EvidenceReader(BufferPool& pool, InputSink& sink, const InputLimits& limits, const DecodeOptions& options)
      : pool_(pool), sink_(sink), limits_(limits), options_(options) {}

  void run(const std::vector<std::string>& paths) {
    const std::vector<Found> found = find_evidence(paths);
    for (const Found& file : found) {
      if (file.note.empty() && !file.error) sink_.expect_bytes(file.size);
    }
    for (const Found& file : found) {
      if (stopped_ || sink_.stopped()) return;
      read_found(file);
    }
  }

  /// What read_found does with an open file.
  void read_top(const std::string& name, ByteStream& stream, Time modified = Time::unknown()) {
    Budget budget{.limits = limits_, .size = stream.seekable_size(), .modified = modified};
    CountedStream counted(stream, budget, false);
    read_stream(name, counted, 0, budget, {});
  }

 private:
  /// A source that is not read: its receipt says why.
  void list(const std::string& name, std::string kind, std::string note, std::optional<Error> error) {
    event::Receipt receipt;
    receipt.source = name;
    receipt.kind = std::move(kind);
    receipt.not_evidence = !error && !note.empty();
    if (!note.empty()) receipt.notes.push_back(std::move(note));
    if (error) receipt.errors.push_back(placed(std::move(*error), name));
    const event::SourceId source = sink_.begin_source(name);
    sink_.end_source(source, std::move(receipt));
  }

  [[nodiscard]] std::function<bool()> stopping() const {
    return [&sink = sink_] { return sink.stopped(); };
  }

  static Error placed(Error error, const std::string& name) {
    if (error.place.file.empty()) error.place.file = name;
    return error;
  }

  void read_found(const Found& file) {
    if (file.error || !file.note.empty()) return list(file.name, "", file.note, file.error);
    if (file.standard_input) {
      FileStream stream(dup(STDIN_FILENO), std::nullopt, stopping());
      return read_top(file.name, stream);
    }
    const int descriptor = open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) {
      const char* hint =
          errno == EACCES || errno == EPERM ? "run as a user who may read it, or copy it first" : "";
      return list(file.name, "", "", io_error("cannot be opened", file.name, hint));
    }
    struct stat status = {};
    const bool regular = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    std::optional<std::uint64_t> size;
    if (regular) {
      size = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
      posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    FileStream stream(descriptor, size, stopping());
    const Time modified =
        regular ? from_unix(status.st_mtim.tv_sec, status.st_mtim.tv_nsec) : Time::unknown();
    read_top(file.name, stream, modified);
  }

  void read_stream(const std::string& name, ByteStream& stream, unsigned depth, Budget& budget,
                   std::vector<std::string> notes) {
    PeekStream peek(stream);
    Sniffed what;
    for (bool more = true; more && what.kind == Kind::undecided; what = sniff(peek.head(), !more))
      more = peek.more();
    // Here alone a name counts: no content tells a list of commands from other text.
    const bool may_be_history = what.kind == Kind::json || what.kind == Kind::xml || what.kind == Kind::csv ||
                                what.kind == Kind::text_log || what.kind == Kind::macos_text_log ||
                                (what.kind == Kind::other && what.name == kTextName);
    if (may_be_history) {
      if (auto history = text::history_of(text::Tables::built_in().history, name))
        return read_text(name, peek, std::move(*history), budget, std::move(notes));
    }
    switch (what.kind) {
      case Kind::evtx:
        return read_evidence_bytes(name, peek, what.kind, std::move(notes));
      case Kind::evtx_chunks:
        notes.emplace_back("begins with a chunk: the file header is missing");
        return read_evidence_bytes(name, peek, what.kind, std::move(notes));
      case Kind::evtx_no_header:
        notes.emplace_back("the file header is destroyed; chunks were found at their place");
        return read_evidence_bytes(name, peek, what.kind, std::move(notes));
      case Kind::json:
        return read_evidence_bytes(name, peek, what.kind, std::move(notes));
      case Kind::json_utf16le:
      case Kind::json_utf16be: {
        notes.emplace_back("UTF-16 text, read as UTF-8; offsets count its UTF-8 bytes");
        Utf16Stream text(peek, what.kind == Kind::json_utf16be);
        return read_evidence_bytes(name, text, Kind::json, std::move(notes));
      }
      case Kind::xml:
        return read_evidence_bytes(name, peek, what.kind, std::move(notes));
      case Kind::xml_utf16le:
      case Kind::xml_utf16be: {
        notes.emplace_back("UTF-16 text, read as UTF-8; offsets count its UTF-8 bytes");
        Utf16Stream text(peek, what.kind == Kind::xml_utf16be);
        return read_evidence_bytes(name, text, Kind::xml, std::move(notes));
      }
      case Kind::text_log:
      case Kind::macos_text_log: {
        TextSource source;
        source.product = what.kind == Kind::text_log ? "linux" : "macos";
        return read_text(name, peek, std::move(source), budget, std::move(notes));
      }
      case Kind::csv:
        return read_table(name, peek, std::move(notes));
      case Kind::csv_utf16le:
      case Kind::csv_utf16be: {
        notes.emplace_back("UTF-16 text, read as UTF-8; offsets count its UTF-8 bytes");
        Utf16Stream text(peek, what.kind == Kind::csv_utf16be);
        PeekStream table(text);
        return read_table(name, table, std::move(notes));
      }
      case Kind::gzip:
        return unpack(name, depth, budget, std::move(notes), gunzip(peek));
      case Kind::zstd:
        return unpack(name, depth, budget, std::move(notes), unzstd(peek));
      case Kind::archive:
        return read_archive(name, peek, what, depth, budget);
      default:
        break;
    }
    if (what.kind == Kind::other && what.name != kTimelineName) hand_over_other(name, peek);
    if (options_.carve && what.kind == Kind::other && what.name != kTimelineName && !peek.error())
      return carve_bytes(name, peek, what);
    list(name, "", what.kind == Kind::empty ? "empty file" : std::string(what.name), peek.error());
  }

  /// Rows of values are read if the names above them are those of Windows events.
  void read_table(const std::string& name, PeekStream& peek, std::vector<std::string> notes) {
    const auto count = [&](char c) { return std::count(peek.head().begin(), peek.head().end(), c); };
    // A row may hold line breaks between quotes: the first one must be whole.
    while ((count('\n') < 3 || count('"') % 2 != 0) && peek.head().size() < limits::kCsvHeaderBytes &&
           peek.more()) {
    }
    const std::string_view head = peek.head();
    const std::size_t line_end = std::min(head.find('\n'), head.size());
    std::string_view sample = head.substr(std::min(line_end + 1, head.size()));
    if (!tables_) tables_.emplace();
    if (tables_->is_table(head.substr(0, line_end), sample))
      return read_evidence_bytes(name, peek, Kind::csv, std::move(notes));
    hand_over_other(name, peek);
    const bool table = csv::same_width(head.substr(0, line_end), sample);
    list(name, "", table ? "CSV whose columns are those of no Windows events known here" : "text",
         peek.error());
  }

  /// What is no evidence may be looked at by somebody else; it can be read all the same afterwards.
  void hand_over_other(const std::string& name, PeekStream& peek) {
    const std::uint64_t most = limits_.other_file_bytes;
    if (most == 0) return;
    if (peek.seekable_size().value_or(0) > most) return sink_.other_file_left_out(name);
    while (peek.head().size() <= most && peek.more()) {
    }
    if (peek.error()) return;
    if (peek.head().size() > most) return sink_.other_file_left_out(name);
    sink_.other_file(name, peek.head());
  }

  /// No format that is known: event records may still lie in it.
  void carve_bytes(const std::string& name, ByteStream& stream, Sniffed what) {
    event::Receipt receipt;
    receipt.source = name;
    const event::SourceId source = sink_.begin_source(name);
    Splitting to{source, pool_, sink_, receipt};
    const std::uint64_t found = carve_image(stream, to);
    stopped_ = stopped_ || to.stopped;
    for (Error& error : receipt.errors) error = placed(std::move(error), name);
    receipt.not_evidence = found == 0 && receipt.errors.empty();
    if (found > 0) receipt.kind = "carved";
    receipt.notes.push_back(std::string(what.name) + (found > 0 ? ": event records were carved from it"
                                                                : ": there is no event record in it"));
    std::sort(receipt.notes.begin(), receipt.notes.end());
    sink_.end_source(source, std::move(receipt));
  }

  /// True, and said in a receipt, when containers nest too deep.
  bool too_deep(const std::string& name, unsigned depth) {
    if (depth < limits_.depth) return false;
    list(name, "", "",
         Error{ErrorCode::limit,
               fmt::format("containers nest more than {} deep", limits_.depth),
               {},
               "unpack the outer ones first"});
    return true;
  }

  void unpack(const std::string& name, unsigned depth, Budget& budget, std::vector<std::string> notes,
              std::unique_ptr<ByteStream> decompressor) {
    if (too_deep(name, depth)) return;
    CountedStream counted(*decompressor, budget, true);
    read_stream(name, counted, depth + 1, budget, std::move(notes));
  }

  void read_archive(const std::string& name, PeekStream& peek, Sniffed what, unsigned depth, Budget& budget) {
    if (too_deep(name, depth)) return;
    if (peek.seekable_size()) {
      peek.seek(0);
      return read_members(name, peek, what, depth, budget);
    }
    // Archives with a directory at their end are better read from there: inside another container they are
    // held in memory.
    if (what.name != "tar archive") {
      while (peek.head().size() < limits::kInnerArchiveBytes && peek.more()) {
      }
      if (peek.at_end() && !peek.error()) {
        MemoryStream memory(peek.head());
        return read_members(name, memory, what, depth, budget);
      }
    }
    read_members(name, peek, what, depth, budget);
  }

  void read_members(const std::string& name, ByteStream& stream, Sniffed what, unsigned depth,
                    Budget& budget) {
    const auto report = [&](Error error) { list(name, std::string(what.name), "", std::move(error)); };
    auto archive = Archive::open(stream);
    if (!archive) return report(archive.error());
    std::uint64_t members = 0;
    while (!stopped_ && !budget.exhausted) {
      const Result<std::optional<Member>> member = (*archive)->next();
      if (!member) return report(member.error());
      if (!*member) break;
      if (++budget.members > limits_.members) {
        return report({ErrorCode::limit,
                       fmt::format("holds more than {} members", limits_.members),
                       {},
                       "unpack it first and name the folder"});
      }
      ++members;
      read_member(name, **member, **archive, depth, budget);
    }
    if (members == 0) list(name, "", "empty " + std::string(what.name), std::nullopt);
  }

  void read_member(const std::string& archive_name, const Member& member, Archive& archive, unsigned depth,
                   Budget& budget) {
    if (!member.regular) return;
    const std::string name = member.name.empty() ? archive_name : archive_name + "!/" + member.name;
    if (member.encrypted) {
      return list(name, "", "",
                  Error{ErrorCode::unsupported,
                        "is encrypted",
                        {},
                        "unpack it with its password first, then name the result"});
    }
    CountedStream counted(archive.content(), budget, true);
    const Time outer = budget.modified;
    if (!member.name.empty() || member.modified.known()) budget.modified = member.modified;
    read_stream(name, counted, depth + 1, budget, {});
    budget.modified = outer;
  }

  void read_evidence_bytes(const std::string& name, ByteStream& stream, Kind kind,
                           std::vector<std::string> notes) {
    read_source(name, stream, std::move(notes), [&](Splitting& to) {
      if (kind == Kind::json) {
        to.receipt.kind = "json";
        split_json(stream, [&](std::string_view object) { return is_event(object); }, to);
      } else if (kind == Kind::xml) {
        to.receipt.kind = "xml";
        split_xml(stream, to);
      } else if (kind == Kind::csv) {
        to.receipt.kind = "csv";
        split_csv(stream, to);
      } else {
        to.receipt.kind = "evtx";
        split_evtx(stream, kind != Kind::evtx_chunks, options_.carve, to);
      }
    });
  }

  void read_text(const std::string& name, PeekStream& stream, TextSource what, const Budget& budget,
                 std::vector<std::string> notes) {
    what.modified = budget.modified;
    // Not of a pipe: what has come of it so far is chance.
    if (what.history.empty() && budget.size) {
      while (stream.head().size() < limits::kTextClockBytes && stream.more()) {
      }
      text::set_clock(what, stream.head());
    }
    const auto source = std::make_shared<const TextSource>(std::move(what));
    read_source(name, stream, std::move(notes), [&](Splitting& to) {
      to.receipt.kind = "text";
      split_text(stream, source, to);
    });
  }

  /// What all formats have in common: the source, its receipt, and `split` between them.
  void read_source(const std::string& name, ByteStream& stream, std::vector<std::string> notes,
                   const std::function<void(Splitting&)>& split) {
    event::Receipt receipt;
    receipt.source = name;
    receipt.notes = std::move(notes);
    const event::SourceId source = sink_.begin_source(name);
    Splitting to{source, pool_, sink_, receipt};
    split(to);
    stopped_ = stopped_ || to.stopped;
    if (std::string note = stream.note(); !note.empty()) receipt.notes.push_back(std::move(note));
    for (Error& error : receipt.errors) error = placed(std::move(error), name);
    std::sort(receipt.notes.begin(), receipt.notes.end());
    sink_.end_source(source, std::move(receipt));
  }

  bool is_event(std::string_view object) {
    if (!recogniser_) recogniser_.emplace();
    return recogniser_->is_event(object);
  }

  BufferPool& pool_;
  InputSink& sink_;
  const InputLimits& limits_;
  const DecodeOptions& options_;
  bool stopped_ = false;
  std::optional<json::Recogniser> recogniser_;  ///< made when first needed
  std::optional<csv::Recogniser> tables_;       ///< the same
};

}  // namespace

Buffer BufferPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      Buffer buffer = std::move(free_.back());
      free_.pop_back();
      return buffer;
    }
  }
  Buffer buffer;
  buffer.reserve(kUnitBytes + (kUnitBytes >> 2));
  return buffer;
}

void BufferPool::give_back(Buffer buffer) {
  if (buffer.capacity() < kUnitBytes || buffer.capacity() > kPooledBytes) return;
  buffer.clear();
  const std::lock_guard lock(mutex_);
  if (free_.size() < kPooled) free_.push_back(std::move(buffer));
}

void read_evidence(const std::vector<std::string>& paths, BufferPool& pool, InputSink& sink,
                   const InputLimits& limits, const DecodeOptions& options) {
  EvidenceReader(pool, sink, limits, options).run(paths);
}

void read_bytes(const std::string& name, ByteStream& stream, BufferPool& pool, InputSink& sink,
                const InputLimits& limits, const DecodeOptions& options) {
  EvidenceReader(pool, sink, limits, options).read_top(name, stream);
}

}  // namespace landwarden::decode
