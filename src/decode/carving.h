// Carving as a part of reading: what evtx/carve.h finds in a source becomes work units, each record once.
//
// A record is the same as another if all its bytes are: record number, time of writing and content. In an
// image nothing is live, and pieces are given as they come. In a log all live records are known only at its
// end: until then what else was found waits in an unnamed temporary file (TMPDIR, /var/tmp or /tmp), and is
// given behind all live units. Units depend on the bytes of the source alone. Memory: a window of the source,
// one unit, and hashes of records up to limits::kCarveHashes. Belongs to the reading thread. A temporary file
// that cannot be written is an error of the receipt; what is live is read all the same.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decode/evtx/carve.h"
#include "decode/split.h"

namespace landwarden::decode {

/// Hashes of records that were seen, up to a number.
class SeenRecords {
 public:
  /// Whether it was not there; if there is room, it is now.
  bool add(std::uint64_t hash);
  [[nodiscard]] bool contains(std::uint64_t hash) const;
  [[nodiscard]] bool full() const;

 private:
  [[nodiscard]] std::size_t slot_of(std::uint64_t hash) const;
  void grow();
  std::vector<std::uint64_t> slots_;  ///< open addressing; 0: free
  std::size_t count_ = 0;
};

/// Reads an image (or anything else that is no log) to its end, to an error, or until stopped. Gives how many
/// records it found.
std::uint64_t carve_image(ByteStream& stream, Splitting& to);

/// What a log holds besides its live records.
class LogCarving {
 public:
  explicit LogCarving(Splitting& to);
  ~LogCarving();
  LogCarving(const LogCarving&) = delete;
  LogCarving& operator=(const LogCarving&) = delete;

  /// A chunk of the log: its live records are known from here on.
  void live_chunk(evtx::Bytes chunk);
  /// The next bytes of the log, all of them in turn; live_chunk() first.
  void look(std::string_view bytes);
  /// The log is over: sends what was found.
  void finish();

 private:
  class Store;
  void keep(bool at_end);

  Splitting& to_;
  SeenRecords seen_;
  std::string window_;
  std::uint64_t offset_ = 0;  ///< of the window
  std::vector<evtx::CarvedPiece> found_;
  std::unique_ptr<Store> store_;
};

}  // namespace landwarden::decode
