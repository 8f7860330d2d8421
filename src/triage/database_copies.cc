#include "triage/database_copies.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace landwarden::limits {
/// Records kept at once, some 500 bytes each: the engine's events of twenty years, and every command about
/// files of an estate of hundreds of machines in a month.
inline constexpr std::size_t kDatabaseRecords = 500'000;
/// Commands listed with one copy; the rest are counted.
inline constexpr std::size_t kDatabaseSteps = 50;
}  // namespace landwarden::limits

namespace landwarden::triage {
namespace {

constexpr std::int64_t kMinute = 60 * kTicksPerSecond;
/// Commands this near to a copy belong to it: what makes the shadow copy, saves the hives, opens the way.
constexpr std::int64_t kBeside = 30 * kMinute;
/// A copy of the largest directories takes hours; the engine is silent meanwhile.
constexpr std::int64_t kSessionGap = 12 * 60 * kMinute;
/// How long a copy is followed, and when two records tell of one command.
constexpr std::int64_t kFollowed = 30LL * 24 * 60 * kMinute;
constexpr std::int64_t kSameCommand = 5 * kMinute;

constexpr std::array<std::string_view, 6> kMakes = {"ntds_copy",         "protected_file_copy",
                                                    "hive_save",         "shadow_copy_create",
                                                    "shadow_copy_mount", "shadow_copy_delete"};
constexpr std::array<std::string_view, 11> kMoves = {
    "archive_create", "archive_create_protected", "archive_extract", "decode_file", "encode_file",
    "file_copy",      "file_copy_remote",         "file_delete",     "file_hide",   "upload",
    "output_to_share"};

template <typename Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

auto order_of(const RecordPlace& place) {
  return std::tie(place.time.ticks, place.host, place.source, place.offset, place.record_id);
}

std::string short_name(std::string_view host) {
  return text::folded(host.substr(0, host.find('.')));
}

std::int64_t between(Time from, Time to) {
  return from.known() && to.known() ? to.ticks - from.ticks : 0;
}

/// A path as seen from everywhere: its host, and the path there. Nothing for one that is relative.
struct Spot {
  std::string host, path;  ///< both folded; no separator at the end
};
std::optional<Spot> spot_of(std::string_view path, std::string_view host) {
  std::string folded = text::folded(path);
  std::ranges::replace(folded, '/', '\\');
  if (folded.starts_with("\\\\?\\") && folded.size() > 5 && folded[5] == ':') folded.erase(0, 4);
  while (folded.ends_with('*') || folded.ends_with('\\')) folded.pop_back();
  if (folded.size() > 2 && folded[1] == ':') return Spot{short_name(host), std::move(folded)};
  if (!folded.starts_with("\\\\") || folded.starts_with("\\\\?") || folded.starts_with("\\\\."))
    return std::nullopt;
  const std::size_t share = folded.find('\\', 2);
  if (share == std::string::npos) return std::nullopt;
  const std::string_view named = std::string_view(folded).substr(2, share - 2);
  const bool own = named == "127.0.0.1" || named == "localhost" || named == "::1" || named == ".";
  std::string there = folded.substr(share + 1);
  if (there.size() > 1 && there[1] == '$') there[1] = ':';
  return Spot{own ? short_name(host) : short_name(named), std::move(there)};
}

bool is_inside(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '\\');
}

/// What a copy's file lies in: ntdsutil puts "Active Directory" and "registry" into the folder it is given.
std::string folder_of_copy(const std::string& file) {
  const std::string folded = text::folded(file);
  const std::size_t media = folded.rfind("\\active directory\\ntds.dit");
  return media == std::string::npos ? file : file.substr(0, media);
}

/// Where the directory keeps it: \Windows\NTDS, or a folder NTDS at the top of a drive.
bool is_in_place(std::string_view path) {
  const std::string folded = text::folded(path);
  const std::string_view bare =
      folded.size() > 2 && folded[1] == ':' ? std::string_view(folded).substr(2) : std::string_view(folded);
  return bare == "\\windows\\ntds\\ntds.dit" || bare == "\\ntds\\ntds.dit";
}

bool is_the_directory(std::string_view program) {
  const std::string folded = text::folded(program);
  return folded == "lsass" || folded == "ntds" || folded == "ntdsa";
}

/// What one process did with the engine, without a long silence.
struct Session {
  std::vector<EngineRecord> records;
};

std::vector<Session> sessions_of(std::vector<EngineRecord> records) {
  std::ranges::sort(records, {}, [](const EngineRecord& one) {
    return std::tuple(one.place.time.ticks, one.place.host, static_cast<int>(one.event.kind),
                      one.place.record_id, one.place.source, one.place.offset);
  });
  std::vector<Session> out;
  std::map<std::tuple<std::string, std::string, std::uint32_t>, std::size_t> open;
  for (EngineRecord& record : records) {
    const auto [known, fresh] = open.try_emplace(
        {text::folded(record.place.host), text::folded(record.event.program), record.event.process_id},
        out.size());
    const bool gap =
        !fresh && between(out[known->second].records.back().place.time, record.place.time) > kSessionGap;
    if (fresh || gap) {
      known->second = out.size();
      out.emplace_back();
    }
    auto& session = out[known->second].records;
    const auto same = [&](const EngineRecord& other) {
      return other.place.record_id == record.place.record_id && other.place.time == record.place.time &&
             other.event.kind == record.event.kind && other.event.path == record.event.path;
    };
    if (std::ranges::none_of(session, same)) session.push_back(std::move(record));
  }
  return out;
}

/// The database that a session read, if it is another than `to`.
void find_origin(const Session& session, DatabaseCopy& copy) {
  for (const EngineRecord& record : session.records) {
    for (const std::string* path : {&record.event.moved_to, &record.event.path}) {
      if (path->empty() || *path == copy.to || !is_directory_database(*path)) continue;
      if (auto shadow = in_shadow_copy(*path)) {
        if (copy.through.empty()) copy.through = shadow->copy;
        if (copy.from.empty()) copy.from = shadow->path;
      } else if (record.event.kind == EsentKind::moved || is_in_place(*path)) {
        copy.from = *path;  // with its drive: better than what the shadow copy says
      }
    }
  }
}

bool knows(const std::vector<DatabaseCopy>& copies, const std::string& path) {
  return std::ranges::any_of(copies,
                             [&](const DatabaseCopy& copy) { return text::equal_folded(copy.to, path); });
}

std::vector<DatabaseCopy> copies_of(const Session& session) {
  std::vector<DatabaseCopy> out;
  const auto start = [&](const EngineRecord& record) {
    DatabaseCopy& copy = out.emplace_back();
    copy.host = record.place.host;
    copy.created = record.place.time;
    copy.program = record.event.program;
    copy.instance = record.event.instance;
    copy.process_id = record.event.process_id;
    copy.to = record.event.path;
  };
  for (const EngineRecord& record : session.records) {
    const std::string& path = record.event.path;
    if (!is_directory_database(path) || is_in_place(path) || in_shadow_copy(path)) continue;
    if (record.event.kind == EsentKind::moved) continue;
    // The directory may keep its own in a folder of its own, and opens that at every start.
    if (record.event.kind != EsentKind::created && is_the_directory(record.event.program) &&
        !knows(out, path))
      continue;
    if (record.event.kind == EsentKind::created || !knows(out, path)) start(record);
    for (DatabaseCopy& copy : out) {
      if (text::equal_folded(copy.to, path) && record.event.kind == EsentKind::detached)
        copy.closed = record.place.time;
    }
  }
  for (DatabaseCopy& copy : out) {
    copy.records = session.records;
    find_origin(session, copy);
  }
  return out;
}

void count_usual(const Session& session, std::map<std::string, UsualUse>& usual) {
  for (const EngineRecord& record : session.records) {
    const bool created = record.event.kind == EsentKind::created && is_in_place(record.event.path);
    const bool shadow = record.event.kind == EsentKind::attached && in_shadow_copy(record.event.path);
    if (!created && !shadow) continue;
    UsualUse& use = usual[record.place.host];
    use.host = record.place.host;
    use.in_place += created ? 1 : 0;
    use.in_shadow_copies += shadow ? 1 : 0;
    use.last = record.place.time;
  }
}

/// Sysmon and Security both log a process, and a shell's line holds that of what it starts.
void drop_repeats(std::vector<FileCommand>& commands) {
  std::ranges::sort(commands, {}, [](const FileCommand& one) { return order_of(one.place); });
  std::map<std::tuple<std::string, std::string, std::vector<std::string>, std::vector<std::string>>, Time>
      last;
  std::erase_if(commands, [&](const FileCommand& command) {
    auto [known, fresh] = last.try_emplace(
        {short_name(command.place.host), command.action, command.from, command.to}, command.place.time);
    const bool repeats = !fresh && between(known->second, command.place.time) < kSameCommand;
    known->second = command.place.time;
    return repeats;
  });
}

bool names_database(const FileCommand& command) {
  const auto is = [](const std::string& path) {
    return text::folded(path).find("ntds.dit") != std::string::npos;
  };
  return command.action == "ntds_copy" ||
         (command.action == "protected_file_copy" &&
          (std::ranges::any_of(command.from, is) || std::ranges::any_of(command.to, is)));
}

void take_step(DatabaseCopy& copy, const FileCommand& command) {
  if (copy.steps.size() < limits::kDatabaseSteps) {
    copy.steps.push_back(command);
  } else {
    ++copy.steps_left_out;
  }
}

/// Follows one copy through the commands, which are in time order.
void follow(DatabaseCopy& copy, const std::vector<FileCommand>& commands) {
  std::vector<Spot> spots;
  const auto touch = [&](const std::string& path, std::string_view host) {
    if (auto spot = spot_of(path, host)) spots.push_back(std::move(*spot));
  };
  touch(folder_of_copy(copy.to), copy.host);
  const Time end = copy.closed.known() ? copy.closed : copy.created;
  for (const FileCommand& command : commands) {
    const Time time = command.place.time;
    if (time.ticks < copy.created.ticks - kBeside) continue;
    if (time.ticks > end.ticks + kFollowed) break;
    const bool beside = is_one_of(kMakes, command.action) && time.ticks <= end.ticks + kBeside &&
                        short_name(command.place.host) == short_name(copy.host);
    const auto met = [&](const std::string& path) {
      const auto spot = spot_of(path, command.place.host);
      return spot && std::ranges::any_of(spots, [&](const Spot& known) {
               return known.host == spot->host &&
                      (is_inside(spot->path, known.path) || is_inside(known.path, spot->path));
             });
    };
    const bool met_from = std::ranges::any_of(command.from, met);
    if (!beside && !(met_from && time.ticks >= copy.created.ticks)) continue;
    copy.made_by_command = copy.made_by_command || (beside && names_database(command));
    if (met_from || command.action == "hive_save") {
      for (const std::string& path : command.to) touch(path, command.place.host);
    }
    take_step(copy, command);
  }
}

/// Copies that only commands tell of: no engine was used, or its log is gone.
void add_command_copies(const std::vector<FileCommand>& commands, std::vector<DatabaseCopy>& copies) {
  for (const FileCommand& command : commands) {
    if (!names_database(command)) continue;
    const auto told = [&](const DatabaseCopy& copy) {
      const Time end = copy.closed.known() ? copy.closed : copy.created;
      return short_name(copy.host) == short_name(command.place.host) &&
             command.place.time.ticks >= copy.created.ticks - kBeside &&
             command.place.time.ticks <= end.ticks + kBeside;
    };
    if (std::ranges::any_of(copies, told)) continue;
    DatabaseCopy& copy = copies.emplace_back();
    copy.host = command.place.host;
    copy.created = command.place.time;
    if (!command.to.empty()) copy.to = command.to.front();
    if (!command.from.empty()) {
      const auto shadow = in_shadow_copy(command.from.front());
      copy.from = shadow ? shadow->path : command.from.front();
      if (shadow) copy.through = shadow->copy;
    }
  }
}

void number(std::vector<DatabaseCopy>& copies) {
  std::ranges::stable_sort(copies, {}, [](const DatabaseCopy& copy) {
    return std::tuple(short_name(copy.host), copy.created.ticks, copy.to);
  });
  for (std::size_t begin = 0; begin < copies.size();) {
    std::size_t end = begin;
    while (end < copies.size() && short_name(copies[end].host) == short_name(copies[begin].host)) ++end;
    for (std::size_t i = begin; i < end; ++i) {
      copies[i].number = static_cast<std::uint32_t>(i - begin + 1);
      copies[i].of = static_cast<std::uint32_t>(end - begin);
    }
    begin = end;
  }
}

}  // namespace

bool tells_of_files(std::string_view action) {
  return is_one_of(kMakes, action) || is_one_of(kMoves, action);
}

bool is_directory_database(std::string_view path) {
  const std::string folded = text::folded(path);
  return folded == "ntds.dit" || folded.ends_with("\\ntds.dit");
}

bool DatabaseCopyBook::takes(const RecordPlace& place) {
  const bool room = records_.size() + commands_.size() < limits::kDatabaseRecords;
  if (place.time.known() && room) return true;
  ++left_out_;
  return false;
}

void DatabaseCopyBook::add(EngineRecord record) {
  if (takes(record.place)) records_.push_back(std::move(record));
}

void DatabaseCopyBook::add(FileCommand command) {
  if (takes(command.place)) commands_.push_back(std::move(command));
}

DatabaseCopies DatabaseCopyBook::take() {
  DatabaseCopies out;
  out.records_left_out = std::exchange(left_out_, 0);
  std::vector<FileCommand> commands = std::exchange(commands_, {});
  drop_repeats(commands);
  std::map<std::string, UsualUse> usual;
  for (const Session& session : sessions_of(std::exchange(records_, {}))) {
    auto copies = copies_of(session);
    if (copies.empty()) count_usual(session, usual);
    std::ranges::move(copies, std::back_inserter(out.copies));
  }
  add_command_copies(commands, out.copies);
  for (DatabaseCopy& copy : out.copies) follow(copy, commands);
  number(out.copies);
  for (auto& [host, use] : usual) out.usual.push_back(std::move(use));
  return out;
}

}  // namespace landwarden::triage
