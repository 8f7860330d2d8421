#include "range/estate.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "decode/evtx/writer.h"
#include "range/further_steps.h"
#include "range/layouts.h"
#include "range/linux_host.h"
#include "range/people.h"
#include "range/routine.h"

namespace landwarden::range {
namespace {

namespace fs = std::filesystem;
using decode::evtx::Writer;
using decode::evtx::write::FileOptions;

constexpr std::uint32_t kMinDays = 3;
constexpr std::uint32_t kMaxDays = 31;
constexpr std::uint32_t kMaxScale = 50;
/// Records are written off in slices of simulated time, so that memory does not grow with the number of days.
constexpr std::int64_t kSliceMinutes = 4 * 60;
/// Windows 10 2004 and what came after write format 3.2.
constexpr std::uint32_t kFirstBuildOfFormat32 = 19'041;

Time first_day() {
  return from_civil({.year = 2026, .month = 3, .day = 2, .hour = 0, .minute = 0, .second = 0, .tick = 0});
}

Place at(const fs::path& path) {
  return {.file = path.string(), .line = 0, .column = 0, .offset = {}};
}

/// The file of a channel, as Windows names it, without a suffix.
std::string file_of(std::string_view channel) {
  std::string name;
  for (const char letter : channel) name += letter == '/' ? std::string("%4") : std::string(1, letter);
  return name;
}

/// One log on its way to a file: EVTX, or text in another tool's layout with the same record numbers.
class LogFile {
 public:
  LogFile(FileOptions options, const LogLayout* layout)
      : next_id_(options.first_record_id), layout_(layout), evtx_(std::move(options)) {}

  Result<void> add(const LogRecord& record, const std::string& computer) {
    if (layout_ == nullptr) return evtx_.add(to_event(record, computer));
    const std::size_t before = text_.size();
    text_ += records_ == 0 ? layout_->begin : layout_->between;
    if (layout_->append(text_, to_plain(record, computer, next_id_))) {
      ++records_;
    } else {
      text_.resize(before);
    }
    ++next_id_;
    return {};
  }
  [[nodiscard]] std::uint64_t next_record_id() const {
    return layout_ == nullptr ? evtx_.next_record_id() : next_id_;
  }
  [[nodiscard]] std::uint64_t records() const { return layout_ == nullptr ? evtx_.records() : records_; }
  [[nodiscard]] const char* suffix() const { return layout_ == nullptr ? ".evtx" : layout_->suffix; }
  [[nodiscard]] std::string finish() {
    if (layout_ == nullptr) {
      const std::vector<std::byte> bytes = evtx_.finish();
      return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    if (records_ > 0) text_ += layout_->end;
    return std::move(text_);
  }

 private:
  std::uint64_t next_id_;
  const LogLayout* layout_;
  Writer evtx_;
  std::string text_;
  std::uint64_t records_ = 0;
};

Result<void> write_whole(const fs::path& path, std::span<const char> bytes) {
  fs::path part = path;
  part += ".part";
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out) {
      Error error = io_error("cannot write", part.string(), "is the disk full?");
      std::error_code ignored;
      fs::remove(part, ignored);
      return std::unexpected(std::move(error));
    }
  }
  std::error_code error;
  fs::rename(part, path, error);
  if (error) return fail(ErrorCode::io, "cannot rename: " + error.message(), at(path));
  return {};
}

/// Takes the folder if it is new, empty or ours, and removes what we wrote there before.
Result<void> claim(const fs::path& folder) {
  std::error_code error;
  const bool exists = fs::exists(folder, error);
  if (exists && !fs::is_directory(folder, error)) {
    return fail(ErrorCode::io, "is not a folder", at(folder), "name a new folder");
  }
  const bool ours = exists && fs::exists(folder / kEstateMarker, error);
  if (exists && !ours && !fs::is_empty(folder, error)) {
    return fail(ErrorCode::invalid, "is not empty, and not a sample estate of ours", at(folder),
                "name a new or empty folder");
  }
  fs::create_directories(folder, error);
  if (error) return fail(ErrorCode::io, "cannot create: " + error.message(), at(folder));
  if (auto marked = write_whole(folder / kEstateMarker,
                                std::string_view("Made by landwarden range write; it may be replaced.\n"));
      !marked) {
    return marked;
  }
  fs::remove_all(folder / kLinuxHost, error);
  for (const Host& host : hosts()) {
    fs::remove_all(folder / host.name, error);
    if (!error) fs::create_directories(folder / host.name, error);
    if (error) return fail(ErrorCode::io, "cannot replace: " + error.message(), at((folder / host.name)));
  }
  return {};
}

/// The logs of one machine on their way to files.
class LogBook {
 public:
  LogBook(const fs::path& folder, const Machine& machine, const EstateOptions& options)
      : folder_(folder),
        host_(machine.host()),
        layout_(find_log_layout(options.layout)),
        silences_(options.silences),
        written_(options.machines.empty() ||
                 std::ranges::find(options.machines, host_.name) != options.machines.end()),
        dice_(options.seed, fmt::format("{} logs", host_.name)) {}

  /// Writes the machine's records of before `until`, in the order of time.
  Result<void> take(Machine& machine, Time until) {
    std::vector<LogRecord>& records = machine.records;
    if (!written_) {
      records.clear();
      return {};
    }
    std::stable_sort(records.begin(), records.end(),
                     [](const LogRecord& a, const LogRecord& b) { return a.time < b.time; });
    const auto end = std::find_if(records.begin(), records.end(),
                                  [&](const LogRecord& record) { return record.time >= until; });
    for (auto record = records.begin(); record != end; ++record) {
      if (auto done = cut_before(machine, record->time); !done) return done;
      if (!is_written(silences_, host_, *record)) continue;
      if (auto done = writer_of(record->kind->channel).add(*record, host_.fqdn()); !done) return done;
    }
    records.erase(records.begin(), end);
    return cut_before(machine, until);
  }

  /// Writes the files that are still open.
  Result<void> finish() {
    for (auto& [channel, writer] : writers_) {
      if (auto done = save(*writer, file_of(channel)); !done) return done;
    }
    return {};
  }
  [[nodiscard]] const std::vector<EstateFile>& files() const { return files_; }

 private:
  LogFile& writer_of(const std::string& channel) {
    auto& writer = writers_[channel];
    // Logs are older than the first record that is left of them.
    if (!writer) writer = std::make_unique<LogFile>(options(1 + dice_.below(400'000)), layout_);
    return *writer;
  }
  [[nodiscard]] FileOptions options(std::uint64_t first_id) const {
    return {.first_record_id = first_id,
            .minor_version = static_cast<std::uint16_t>(host_.build >= kFirstBuildOfFormat32 ? 2 : 1)};
  }

  Result<void> cut_before(Machine& machine, Time time) {
    std::stable_sort(machine.cuts.begin(), machine.cuts.end(),
                     [](const LogCut& a, const LogCut& b) { return a.time < b.time; });
    while (!machine.cuts.empty() && machine.cuts.front().time <= time) {
      const LogCut cut = machine.cuts.front();
      machine.cuts.erase(machine.cuts.begin());
      LogFile& writer = writer_of(cut.channel);
      const std::uint64_t next = writer.next_record_id();
      if (!cut.archive.empty()) {
        if (auto done = save(writer, cut.archive); !done) return done;
      }
      writer = LogFile(options(next), layout_);
    }
    return {};
  }

  /// A log of which the layout carries nothing has no file.
  Result<void> save(LogFile& log, const std::string& name) {
    const std::uint64_t records = log.records();
    if (records == 0 && layout_ != nullptr) return {};
    const std::string file = name + log.suffix();
    const std::string bytes = log.finish();
    if (auto done = write_whole(folder_ / host_.name / file, bytes); !done) return done;
    files_.push_back({fmt::format("{}/{}", host_.name, file), records, bytes.size()});
    return {};
  }

  fs::path folder_;
  const Host& host_;
  const LogLayout* layout_;
  const std::vector<Silence>& silences_;
  bool written_;
  Dice dice_;
  std::map<std::string, std::unique_ptr<LogFile>> writers_;
  std::vector<EstateFile> files_;
};

Result<void> write_linux_host(const fs::path& folder, Time begin, const EstateOptions& options,
                              EstateSummary& summary) {
  for (const LinuxLog& log : linux_logs(begin, options.days, options.seed, options.intrusion)) {
    const fs::path path = folder / kLinuxHost / log.name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) return fail(ErrorCode::io, "cannot create: " + error.message(), at(path.parent_path()));
    if (auto done = write_whole(path, log.bytes); !done) return done;
    summary.files.push_back({fmt::format("{}/{}", kLinuxHost, log.name), log.records, log.bytes.size()});
  }
  return {};
}

Result<void> check(const EstateOptions& options) {
  if (options.days < kMinDays || options.days > kMaxDays) {
    return fail(ErrorCode::invalid, fmt::format("an estate of {} days", options.days), {},
                fmt::format("give {} to {}", kMinDays, kMaxDays));
  }
  if (options.scale < 1 || options.scale > kMaxScale) {
    return fail(ErrorCode::invalid, fmt::format("a scale of {}", options.scale), {},
                fmt::format("give 1 to {}", kMaxScale));
  }
  if (!options.layout.empty() && options.layout != "evtx" && find_log_layout(options.layout) == nullptr) {
    return fail(ErrorCode::invalid, fmt::format("there is no layout '{}'", options.layout), {},
                "landwarden range layouts lists them");
  }
  return {};
}

}  // namespace

Result<EstateSummary> write_estate(const std::filesystem::path& folder, const EstateOptions& options) {
  if (auto valid = check(options); !valid) return std::unexpected(valid.error());
  if (auto claimed = claim(folder); !claimed) return std::unexpected(claimed.error());

  const Time begin = first_day();
  const Time end = minutes_later(begin, std::int64_t{options.days} * 24 * 60);
  EstateSummary summary;
  World world(begin, end, options.seed, options.scale);
  plan_routine(world);
  plan_people(world);
  if (options.intrusion) plan_intrusion(world, summary.intrusion);
  if (options.further_steps) plan_further_steps(world, summary.intrusion);

  std::vector<LogBook> books;
  for (const auto& machine : world.machines()) books.emplace_back(folder, *machine, options);
  for (Time slice = begin; slice < end;) {
    slice = minutes_later(slice, kSliceMinutes);
    world.run_until(slice);
    for (std::size_t i = 0; i < books.size(); ++i) {
      if (auto done = books[i].take(*world.machines()[i], slice); !done) return std::unexpected(done.error());
    }
  }
  for (LogBook& book : books) {
    if (auto done = book.finish(); !done) return std::unexpected(done.error());
    summary.files.insert(summary.files.end(), book.files().begin(), book.files().end());
  }
  if (options.linux_host) {
    if (auto done = write_linux_host(folder, begin, options, summary); !done)
      return std::unexpected(done.error());
  }
  std::sort(summary.files.begin(), summary.files.end(),
            [](const EstateFile& a, const EstateFile& b) { return a.name < b.name; });
  for (const EstateFile& file : summary.files) {
    summary.records += file.records;
    summary.bytes += file.bytes;
  }
  std::stable_sort(summary.intrusion.begin(), summary.intrusion.end(),
                   [](const Step& a, const Step& b) { return a.time < b.time; });
  return summary;
}

}  // namespace landwarden::range
