// Finds and reads evidence: files, folders, standard input, and what lies inside archives and compressed
// files.
//
// What a file is, is decided by its content. Everything found gets a source and a receipt, also what is not
// evidence and what cannot be read. Archives nest up to limits::kArchiveDepth. Evidence bytes are read with
// positional reads into pooled buffers; nothing is mapped, nothing is unpacked to disk.

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "decode/options.h"
#include "decode/unit.h"
#include "event/evidence.h"

namespace landwarden::decode {

/// Reused buffers for WorkUnit::bytes. Thread-safe.
class BufferPool {
 public:
  [[nodiscard]] Buffer take();
  void give_back(Buffer buffer);

 private:
  std::mutex mutex_;
  std::vector<Buffer> free_;
};

class ByteStream;

/// Receives what reading finds, on the reading thread.
class InputSink {
 public:
  virtual ~InputSink() = default;
  /// A new source, named as the user named it ("logs/a.zip!/Security.evtx"). Its receipt is the sink's to
  /// keep.
  virtual event::SourceId begin_source(const std::string& name) = 0;
  /// A piece of it, in order of offset. Returns false to stop reading altogether (interrupted).
  virtual bool unit(WorkUnit unit) = 0;
  /// What the reader itself found out (kind, bytes, errors, notes, not_evidence); decoders add the rest.
  virtual void end_source(event::SourceId source, event::Receipt receipt) = 0;
  /// This much was looked through without giving a unit, for progress.
  virtual void passed_over(std::uint64_t bytes) { (void)bytes; }
  /// A file that is no evidence, whole: only of up to InputLimits::other_file_bytes, and before it is given
  /// as a source. The bytes are there during the call.
  virtual void other_file(const std::string& name, std::string_view bytes) { (void)name, (void)bytes; }
  /// One that is larger.
  virtual void other_file_left_out(const std::string& name) { (void)name; }
  /// More bytes to expect (file sizes, as found), for progress.
  virtual void expect_bytes(std::uint64_t bytes) = 0;
  /// Whether the run is to stop. Asked between sources and while standard input keeps us waiting, where
  /// unit() has no say.
  [[nodiscard]] virtual bool stopped() { return false; }
};

/// What one file named or found may cost, with everything inside it. The reasons stand in base/limits.h.
struct InputLimits {
  std::uint64_t expansion_free = limits::kExpansionFree;
  std::uint64_t expansion_ratio = limits::kExpansionRatio;
  std::uint64_t members = limits::kArchiveMembers;
  unsigned depth = limits::kArchiveDepth;
  std::uint64_t other_file_bytes = 0;  ///< 0: InputSink::other_file is not called
};

/// Reads all of `paths` ("-" is standard input), folders recursively in name order, each file once. A path
/// that does not exist or cannot be read gives a source whose receipt has the error; the rest is still read.
/// Of `options`, carving is the reader's part: then files of no known format are looked through, and of each
/// log what is not live is given as well, behind all that is.
void read_evidence(const std::vector<std::string>& paths, BufferPool& pool, InputSink& sink,
                   const InputLimits& limits = {}, const DecodeOptions& options = {});

/// The same for one stream, whatever lies in it.
void read_bytes(const std::string& name, ByteStream& stream, BufferPool& pool, InputSink& sink,
                const InputLimits& limits = {}, const DecodeOptions& options = {});

}  // namespace landwarden::decode
