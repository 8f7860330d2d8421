// Which copy of the directory's database NTDS.dit went where: what the database engine wrote (esent.h) and
// what commands said, put together over any span of time.
//
// A copy is found by the engine's events (a program creates an ntds.dit that is not the directory's own), by
// commands (ntdsutil, a copy out of a shadow copy), or by both. What commands did with it is followed from
// place to place, from host to host where a path names one, for kFollowed. Order and number of inputs change
// nothing; copies of a record count once. Not thread-safe.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "triage/esent.h"

namespace landwarden::triage {

/// Where a record stands.
struct RecordPlace {
  Time time;
  std::string host, source;
  std::uint64_t record_id = 0, offset = 0;
};

struct EngineRecord {
  RecordPlace place;
  EsentEvent event;
};

/// A command that says what becomes of files.
struct FileCommand {
  RecordPlace place;
  std::string action, line;           ///< the grammar's action; the line as logged
  std::vector<std::string> from, to;  ///< paths, in a common form; `from` has what is worked on too
};

struct DatabaseCopy {
  std::string host;
  Time created, closed;  ///< closed is unknown if that was not seen
  std::string program, instance;
  std::uint32_t process_id = 0;
  std::string from, through,
      to;  ///< the database, the shadow copy that it was read in, the copy; empty: not seen
  std::vector<EngineRecord> records;
  std::vector<FileCommand> steps;  ///< in time order
  std::uint64_t steps_left_out = 0;
  bool made_by_command = false;      ///< a command for it was seen
  std::uint32_t number = 0, of = 0;  ///< the how manieth of its host
};

/// The directory's own use of its database, which is no copy.
struct UsualUse {
  std::string host;
  std::uint64_t in_shadow_copies = 0;  ///< looked at there, and no copy made: backups do
  std::uint64_t in_place = 0;          ///< created in the directory's own folder: promotion
  Time last;
};

struct DatabaseCopies {
  std::vector<DatabaseCopy> copies;    ///< by host, then time
  std::vector<UsualUse> usual;         ///< by host
  std::uint64_t records_left_out = 0;  ///< without a time, or beyond limits::kDatabaseRecords
};

class DatabaseCopyBook {
 public:
  void add(EngineRecord record);
  void add(FileCommand command);
  /// Everything so far. The book is empty afterwards.
  [[nodiscard]] DatabaseCopies take();

 private:
  /// Whether there is room for a record, and it has a time; counts it if not.
  [[nodiscard]] bool takes(const RecordPlace& place);

  std::vector<EngineRecord> records_;
  std::vector<FileCommand> commands_;
  std::uint64_t left_out_ = 0;
};

/// Whether an action of the command grammars is of interest here.
[[nodiscard]] bool tells_of_files(std::string_view action);
/// Whether a path is that of a directory database, wherever it lies.
[[nodiscard]] bool is_directory_database(std::string_view path);

}  // namespace landwarden::triage
