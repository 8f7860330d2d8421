#include "report/evidence_screen.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "report/host_names.h"

namespace landwarden::report {
namespace {

constexpr std::size_t kWorriesShown = 6, kHostsListed = 12, kChannelsListed = 8, kEventsOfChannel = 8,
                      kLogonsListed = 10, kFilesListed = 20, kMissingListed = 6, kUnruledListed = 6;

std::string moment(Time time) {
  if (!time.known()) return "unknown time";
  std::string text = to_rfc3339(time);
  text.resize(19);
  text[10] = ' ';
  return text;
}

std::string span_text(Time first, Time last) {
  const std::string from = moment(first), to = moment(last);
  if (from == to) return from;
  if (from.compare(0, 10, to, 0, 10) == 0) return from + " to " + to.substr(11);
  return from + " to " + to;
}

/// "3 d 4 h", the two largest units.
std::string duration_text(std::int64_t seconds) {
  const std::int64_t days = seconds / 86'400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
  if (days > 0) return hours > 0 ? fmt::format("{} d {} h", days, hours) : fmt::format("{} d", days);
  if (hours > 0) return minutes > 0 ? fmt::format("{} h {} min", hours, minutes) : fmt::format("{} h", hours);
  return minutes > 0 ? fmt::format("{} min", minutes) : fmt::format("{} s", seconds);
}

/// "12 %"; never 0 or 100 % of what is some or not all.
std::string share_text(std::uint64_t part, std::uint64_t all) {
  if (part == 0 || all == 0) return "0 %";
  if (part == all) return "100 %";
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(all);
  if (percent < 1) return "under 1 %";
  return percent > 99 ? "over 99 %" : fmt::format("{:.0f} %", percent);
}

std::string logon_type(const std::string& type) {
  static const std::map<std::string_view, std::string_view> kNames = {
      {"0", "system"},          {"2", "interactive"}, {"3", "network"},           {"4", "batch"},
      {"5", "service"},         {"7", "unlock"},      {"8", "network cleartext"}, {"9", "new credentials"},
      {"10", "remote desktop"}, {"11", "cached"},     {"12", "cached remote"},    {"13", "cached unlock"}};
  const auto found = kNames.find(type);
  if (found != kNames.end()) return std::string(found->second);
  return "type " + shortened(type, 9, false);
}

std::string kind_of(const triage::LogonCount& logon) {
  if (logon.event_id == 21) return "session";
  return logon.event_id == 302 ? "gateway" : logon_type(logon.type);
}

/// Of Windows itself: services, the system, window managers, computers' own accounts. They are most logons of
/// any host, and say the least.
bool is_of_machine(const triage::LogonCount& logon) {
  if (!logon.success) return false;
  return logon.type == "0" || logon.type == "5" || logon.account.ends_with('$') ||
         logon.account.starts_with("Window Manager\\") || logon.account.starts_with("Font Driver Host\\");
}

std::vector<std::string> names_of(const std::vector<triage::HostSurvey>& hosts) {
  std::vector<std::string> out;
  for (const triage::HostSurvey& host : hosts) out.push_back(host.host);
  return out;
}

class EvidenceWriter {
 public:
  EvidenceWriter(const triage::Survey& survey, const EvidenceScreenOptions& options)
      : survey_(survey),
        options_(options),
        screen_(options.screen),
        hosts_(names_of(survey.hosts)),
        names_(hosts_) {}
  std::string write();

 private:
  /// A log with the file it lies in.
  struct LogAt {
    const triage::SourceSurvey* source;
    const triage::LogSurvey* log;
  };

  void headline();
  void totals();
  void cleared();
  void gaps();
  void clocks();
  void clock_sets();
  void copies();
  void damage();
  void read_across();
  void hosts();
  void channels();
  void logons();
  void logons(std::string_view title, auto&& which);
  void rules();
  void files();
  void file(const triage::SourceSurvey& source);

  [[nodiscard]] std::vector<LogAt> logs(auto&& which) const {
    std::vector<LogAt> out;
    for (const triage::SourceSurvey& source : survey_.sources) {
      for (const triage::LogSurvey& log : source.logs) {
        if (which(log)) out.push_back({&source, &log});
      }
    }
    return out;
  }
  [[nodiscard]] std::size_t bound(std::size_t shown) const {
    return options_.all ? std::numeric_limits<std::size_t>::max() : shown;
  }
  void heading(std::string_view text) {
    screen_.line();
    screen_.heading(screen_.paint(text, Ink::strong), text.size());
  }
  void worry(std::string_view title) {
    heading_if_first();
    screen_.line("  " + screen_.paint(title, Ink::bad));
  }
  void heading_if_first() {
    if (std::exchange(worried_, true)) return;
    heading("Look at this first");
  }
  void more(std::size_t all, std::size_t shown, std::string_view what, std::string_view indent = "    ") {
    if (all > shown)
      screen_.paragraph(indent, fmt::format("and {} more {} (--all)", grouped(all - shown), what),
                        Ink::faint);
  }
  [[nodiscard]] std::string host(std::string_view name) const {
    return name.empty() ? "(no host)" : shortened(names_.show(name), 40, screen_.options().unicode);
  }
  [[nodiscard]] std::string channel(std::string_view name) const {
    return name.empty() ? "(no channel)" : screen_.safe(name);
  }
  /// "DC01 · Security".
  [[nodiscard]] std::string log_name(std::string_view of_host, std::string_view of_channel) const {
    return host(of_host) + dot() + channel(of_channel);
  }
  [[nodiscard]] std::string path(std::string_view name, std::size_t columns) const {
    return options_.all ? screen_.safe(name) : shortened_middle(name, columns, screen_.options().unicode);
  }
  [[nodiscard]] std::size_t room(std::size_t used) const {
    return std::max<std::size_t>(screen_.options().columns, 60) - used;
  }
  [[nodiscard]] std::string label(std::string_view text) const {
    return "  " + padded(std::string(text), 10);
  }
  [[nodiscard]] std::string dot() const { return fmt::format(" {} ", screen_.sign(Sign::dot)); }

  const triage::Survey& survey_;
  const EvidenceScreenOptions& options_;
  Screen screen_;
  std::vector<std::string> hosts_;
  HostNames names_;
  bool worried_ = false;
};

void EvidenceWriter::headline() {
  const auto evidence =
      static_cast<std::uint64_t>(std::ranges::count_if(survey_.sources, [](const auto& source) {
        return !source.receipt.not_evidence && source.records > 0;
      }));
  std::string text =
      fmt::format("{} of {} in {}", counted(survey_.records, "event", "events"),
                  counted(survey_.hosts.size(), "host", "hosts"), counted(evidence, "file", "files"));
  text = screen_.paint(text, Ink::strong);
  if (survey_.interrupted) text += screen_.paint(", stopped early", Ink::bad);
  if (survey_.incomplete()) text += screen_.paint(", but not all could be read", Ink::bad);
  screen_.line(text);
  screen_.line();
}

void EvidenceWriter::totals() {
  screen_.paragraph(label("Read"), bytes_text(survey_.bytes));
  if (survey_.first.known())
    screen_.paragraph(label("Period"), span_text(survey_.first, survey_.last) + " UTC");
  if (!names_.domain().empty()) screen_.paragraph(label("Domain"), screen_.safe(names_.domain()));
  std::string rules = fmt::format("{} loaded, {} with events of their kind", grouped(survey_.rules_loaded),
                                  grouped(survey_.rules.rules_with_records));
  if (survey_.records > 0) {
    rules += fmt::format(", which look at {} of all events",
                         share_text(survey_.records - survey_.records_without_rules, survey_.records));
  }
  if (survey_.rules_failed > 0) {
    rules += fmt::format("; {} cannot run here, landwarden rules check{} says why",
                         grouped(survey_.rules_failed), options_.own_rules ? " with the same --rules" : "");
  }
  screen_.paragraph(label("Rules"), rules);
  std::uint64_t other = 0;
  for (const auto& source : survey_.sources) other += source.receipt.not_evidence ? 1 : 0;
  if (other > 0) {
    screen_.paragraph(label("Not read"), counted(other, "file is", "files are") + " no event log" +
                                             (options_.all ? "" : " (--all lists them)"));
  }
}

void EvidenceWriter::cleared() {
  if (survey_.cleared_total == 0) return;
  worry(fmt::format("Logs were cleared ({}{})", grouped(survey_.cleared_total), screen_.sign(Sign::times)));
  // A log that was cleared again and again by the same account is one line.
  struct Clearing {
    const triage::LogCleared* first;
    Time last;
    std::uint64_t count = 0;
  };
  std::vector<Clearing> found;
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::size_t> places;
  for (const triage::LogCleared& entry : survey_.cleared) {
    const auto [at, fresh] = places.try_emplace({entry.host, entry.channel, entry.account}, found.size());
    if (fresh) found.push_back({&entry, entry.time});
    found[at->second].last = entry.time;
    ++found[at->second].count;
  }
  const std::size_t shown = std::min(found.size(), bound(kWorriesShown));
  for (std::size_t i = 0; i < shown; ++i) {
    const triage::LogCleared& entry = *found[i].first;
    std::string text = span_text(entry.time, found[i].last) + dot() + log_name(entry.host, entry.channel);
    if (found[i].count > 1) text += fmt::format(" {}{}", grouped(found[i].count), screen_.sign(Sign::times));
    if (!entry.account.empty()) text += " by " + screen_.safe(entry.account);
    screen_.paragraph("    ", text + fmt::format(" (event {})", entry.event_id));
  }
  more(found.size(), shown, "logs or accounts");
  if (survey_.cleared_total > survey_.cleared.size()) {
    screen_.paragraph("    ",
                      fmt::format("and {} more times, in files where it happened very often",
                                  grouped(survey_.cleared_total - survey_.cleared.size())),
                      Ink::faint);
  }
}

void EvidenceWriter::gaps() {
  auto found = logs([](const triage::LogSurvey& log) { return log.gaps_total > 0 && !log.excerpt; });
  if (!found.empty()) {
    std::ranges::stable_sort(found, std::greater{}, [](const LogAt& at) { return at.log->numbers_missing; });
    worry(fmt::format("Records are missing inside {}", counted(found.size(), "log", "logs")));
  }
  const std::size_t shown = std::min(found.size(), bound(kWorriesShown));
  for (std::size_t i = 0; i < shown; ++i) {
    const triage::LogSurvey& log = *found[i].log;
    const triage::NumberGap* largest = &log.gaps.front();
    for (const triage::NumberGap& gap : log.gaps) {
      if (gap.missing() > largest->missing()) largest = &gap;
    }
    std::string text = fmt::format("{}: {} missing", log_name(log.host, log.channel),
                                   counted(log.numbers_missing, "record", "records"));
    text += log.gaps_total == 1 ? "," : fmt::format(" in {} places, most", grouped(log.gaps_total));
    text += fmt::format(" between record {} of {} and {} of {}", largest->after, moment(largest->after_time),
                        largest->before, moment(largest->before_time));
    if (found[i].source->receipt.records_quarantined > 0) text += ", some of them damaged";
    screen_.paragraph("    ", text);
  }
  more(found.size(), shown, "logs");
  const auto excerpts = logs([](const triage::LogSurvey& log) { return log.excerpt; });
  if (!excerpts.empty()) {
    heading_if_first();
    screen_.paragraph("  ",
                      fmt::format("{} only: so many record numbers are missing that {} exported through a "
                                  "filter or forwarded in part. What was left out cannot be found.",
                                  counted(excerpts.size(), "log is an excerpt", "logs are excerpts"),
                                  excerpts.size() == 1 ? "it was" : "they were"));
  }
}

void EvidenceWriter::clocks() {
  auto found = logs([](const triage::LogSurvey& log) { return log.jumps_total > 0; });
  if (found.empty()) return;
  const auto farthest = [](const triage::LogSurvey& log) {
    const triage::ClockJump* far = &log.jumps.front();
    for (const triage::ClockJump& jump : log.jumps) {
      if (jump.seconds_back() > far->seconds_back()) far = &jump;
    }
    return *far;
  };
  std::ranges::stable_sort(found, std::greater{},
                           [&](const LogAt& at) { return farthest(*at.log).seconds_back(); });
  worry(fmt::format("The clock went back in {}", counted(found.size(), "log", "logs")));
  const std::size_t shown = std::min(found.size(), bound(kWorriesShown));
  for (std::size_t i = 0; i < shown; ++i) {
    const triage::LogSurvey& log = *found[i].log;
    const triage::ClockJump jump = farthest(log);
    screen_.paragraph(
        "    ",
        fmt::format("{}: {}by {}, record {} of {} comes after one of {}", log_name(log.host, log.channel),
                    log.jumps_total == 1
                        ? std::string()
                        : fmt::format("{}{}, farthest ", grouped(log.jumps_total), screen_.sign(Sign::times)),
                    duration_text(jump.seconds_back()), jump.record_id, moment(jump.after),
                    moment(jump.before)));
  }
  more(found.size(), shown, "logs");
}

/// By host and account, the farthest of each.
void EvidenceWriter::clock_sets() {
  if (survey_.clock_sets.empty()) return;
  worry(
      fmt::format("The clock was set ({}{})", grouped(survey_.clock_sets_total), screen_.sign(Sign::times)));
  struct Setting {
    const triage::ClockSet* farthest;
    std::uint64_t count = 0;
  };
  std::map<std::pair<std::string_view, std::string_view>, Setting> by_account;
  const auto distance = [](const triage::ClockSet& entry) { return std::abs(entry.seconds()); };
  for (const triage::ClockSet& entry : survey_.clock_sets) {
    Setting& setting = by_account.try_emplace({entry.host, entry.account}, Setting{&entry}).first->second;
    if (distance(entry) > distance(*setting.farthest)) setting.farthest = &entry;
    ++setting.count;
  }
  std::vector<Setting> found;
  for (const auto& [key, setting] : by_account) found.push_back(setting);
  std::ranges::stable_sort(found, std::greater{},
                           [&](const Setting& setting) { return distance(*setting.farthest); });
  const std::size_t shown = std::min(found.size(), bound(kWorriesShown));
  for (std::size_t i = 0; i < shown; ++i) {
    const triage::ClockSet& entry = *found[i].farthest;
    std::string text = host(entry.host) + ": ";
    if (found[i].count > 1)
      text += fmt::format("{}{}, farthest ", grouped(found[i].count), screen_.sign(Sign::times));
    text += fmt::format("{} {}, from {} to {}", entry.seconds() < 0 ? "back by" : "forward by",
                        duration_text(distance(entry)), moment(entry.from), moment(entry.to));
    if (!entry.account.empty()) text += " by " + screen_.safe(entry.account);
    if (!entry.process.empty()) text += " with " + path(entry.process, 60);
    screen_.paragraph("    ", text + fmt::format(" (event {})", entry.event_id));
  }
  more(found.size(), shown, "hosts or accounts");
}

void EvidenceWriter::copies() {
  if (survey_.shared.empty()) return;
  std::set<std::string_view> files;
  for (const auto& pair : survey_.shared) files.insert({pair.first, pair.second});
  worry(fmt::format("The same records lie in several files ({}): counts below count them twice",
                    grouped(files.size())));
  const std::size_t shown = std::min(survey_.shared.size(), bound(kWorriesShown));
  for (std::size_t i = 0; i < shown; ++i) {
    const triage::SharedRecords& pair = survey_.shared[i];
    const std::string count = (pair.exact ? "" : "about ") + counted(pair.records, "record", "records");
    const char* how = pair.whole_first && pair.whole_second ? "the same as"
                      : pair.whole_first                    ? "all of it also in"
                      : pair.whole_second                   ? "holds all of"
                                                            : "shares with";
    screen_.paragraph("    ", fmt::format("{}  {}  {}  ({})", path(pair.first, room(16) / 2), how,
                                          path(pair.second, room(16) / 2), count));
  }
  more(survey_.shared.size() + survey_.shared_left_out, shown, "pairs of files");
}

/// Damage that cost no event: a line for each kind, since many files have the same.
void EvidenceWriter::read_across() {
  struct Kind {
    std::uint64_t count = 0, files = 0;
    std::string_view first_file;
  };
  std::map<std::string_view, Kind> kinds;
  for (const triage::SourceSurvey& source : survey_.sources) {
    for (const event::Counted& entry : source.receipt.damage) {
      Kind& kind = kinds[entry.what];
      kind.count += entry.count;
      if (kind.files++ == 0) kind.first_file = source.receipt.source;
    }
  }
  if (!kinds.empty()) worry("Not quite whole, but read all the same");
  for (const auto& [what, kind] : kinds) {
    const std::string file = path(kind.first_file, room(20));
    screen_.paragraph(
        "    ",
        fmt::format("{} ({}{}) in {}{}", screen_.safe(what), grouped(kind.count), screen_.sign(Sign::times),
                    kind.files == 1 ? "" : counted(kind.files, "file", "files") + ", the first ", file));
  }
}

void EvidenceWriter::damage() {
  std::vector<std::pair<const event::Receipt*, std::string>> found;
  for (const triage::SourceSurvey& source : survey_.sources) {
    const event::Receipt& receipt = source.receipt;
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
    if (!receipt.errors.empty()) {
      add(screen_.safe(receipt.errors.front().message));
      if (receipt.errors.size() > 1) add(counted(receipt.errors.size() - 1, "more error", "more errors"));
    }
    if (receipt.records_quarantined > 0) {
      add(counted(receipt.records_quarantined, "event", "events") + " too damaged to decode");
      if (!receipt.quarantined.empty())
        add(fmt::format("first at byte {}: {}", grouped(receipt.quarantined.front().offset),
                        screen_.safe(receipt.quarantined.front().reason)));
    }
    if (!text.empty()) found.emplace_back(&receipt, text);
  }
  read_across();
  if (found.empty()) return;
  worry(fmt::format("Damaged, or not read to the end: {}", counted(found.size(), "file", "files")));
  const std::size_t shown = std::min(found.size(), bound(kWorriesShown));
  for (std::size_t i = 0; i < shown; ++i) {
    screen_.paragraph("    ", path(found[i].first->source, room(20)) + ": " + found[i].second);
  }
  more(found.size(), shown, "files");
}

void EvidenceWriter::hosts() {
  if (survey_.hosts.empty()) return;
  heading("Hosts");
  std::size_t name_width = 4;
  const std::size_t shown = std::min(survey_.hosts.size(), bound(kHostsListed));
  for (std::size_t i = 0; i < shown; ++i)
    name_width = std::max(name_width, width_of(host(survey_.hosts[i].host)));
  for (std::size_t i = 0; i < shown; ++i) {
    const triage::HostSurvey& entry = survey_.hosts[i];
    screen_.line(fmt::format("  {}  {:>11}  {:>9}  {}", padded(host(entry.host), name_width),
                             grouped(entry.records), counted(entry.logs, "log", "logs"),
                             span_text(entry.first, entry.last)));
    const triage::HostFacts& facts = entry.facts;
    std::string text = facts.os;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : dot()) + part; };
    if (!facts.time_zone.empty()) add(screen_.safe(facts.time_zone));
    if (facts.last_start.known()) add("last started " + moment(facts.last_start));
    if (!text.empty()) screen_.paragraph("    ", text, Ink::faint);
  }
  more(survey_.hosts.size(), shown, "hosts", "  ");
}

void EvidenceWriter::channels() {
  struct Channel {
    std::uint64_t records = 0, unruled = 0;
    struct Id {
      std::uint64_t records = 0, most = 0;
      std::string_view title;  ///< of the provider with the most records
    };
    std::map<std::pair<std::uint32_t, bool>, Id> ids;
  };
  std::map<std::string_view, Channel> all;
  for (const triage::EventCount& event : survey_.events) {
    Channel& entry = all[event.channel];
    entry.records += event.records;
    if (!event.ruled) entry.unruled += event.records;
    Channel::Id& id = entry.ids[{event.event_id, event.has_event_id}];
    id.records += event.records;
    if (event.records > std::exchange(id.most, std::max(id.most, event.records))) id.title = event.title;
  }
  std::vector<std::pair<std::string_view, const Channel*>> order;
  for (const auto& [name, entry] : all) order.emplace_back(name, &entry);
  std::ranges::stable_sort(order, std::greater{}, [](const auto& entry) { return entry.second->records; });
  if (order.empty()) return;
  heading("Channels, and how often each event id");
  const std::size_t shown = std::min(order.size(), bound(kChannelsListed));
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [name, entry] = order[i];
    std::vector<std::pair<std::uint64_t, std::string>> ids;
    for (const auto& [number, id] : entry->ids) {
      ids.emplace_back(id.records, number.second ? std::to_string(number.first) : "none");
      if (!id.title.empty()) ids.back().second.append(" ").append(id.title);
    }
    std::ranges::stable_sort(ids, std::greater{}, [](const auto& id) { return id.first; });
    std::string line =
        fmt::format("  {}  {}", screen_.paint(channel(name), Ink::strong), grouped(entry->records));
    if (entry->unruled == entry->records) {
      line += screen_.paint("  no rule looks at it", Ink::faint);
    }
    screen_.line(line);
    std::string text;
    const std::size_t listed = std::min(ids.size(), bound(kEventsOfChannel));
    for (std::size_t k = 0; k < listed; ++k) {
      text += fmt::format("{}{} {}{}", k > 0 ? dot() : "", ids[k].second, grouped(ids[k].first),
                          screen_.sign(Sign::times));
    }
    if (ids.size() > listed) text += fmt::format("{}{} more", dot(), grouped(ids.size() - listed));
    screen_.paragraph("    ", text);
  }
  more(order.size(), shown, "channels", "  ");
}

void EvidenceWriter::logons() {
  logons("Failed logons", [](const triage::LogonCount& logon) { return !logon.success; });
  logons("Logons", [](const triage::LogonCount& logon) { return logon.event_id == 4624; });
  logons("Remote desktop sessions",
         [](const triage::LogonCount& logon) { return logon.success && logon.event_id != 4624; });
  if (survey_.logons_left_out > 0) {
    screen_.paragraph(
        "  ",
        counted(survey_.logons_left_out, "logon of further accounts is", "logons of further accounts are") +
            " not told apart",
        Ink::faint);
  }
}

void EvidenceWriter::logons(std::string_view title, auto&& which) {
  // Tools that guess passwords give another name of a machine each time: the address tells who it is.
  struct Logon {
    const triage::LogonCount* first;
    std::uint64_t count = 0, source_hosts = 0;
  };
  std::map<std::tuple<std::string_view, std::string_view, std::string_view, std::string>, Logon> kinds;
  std::uint64_t total = 0, of_machines = 0;
  for (const triage::LogonCount& logon : survey_.logons) {
    if (!which(logon)) continue;
    total += logon.count;
    if (!options_.all && is_of_machine(logon)) {
      of_machines += logon.count;
      continue;
    }
    const std::string_view source = logon.source_address.empty() ? logon.source_host : logon.source_address;
    Logon& kind =
        kinds.try_emplace({logon.host, logon.account, source, kind_of(logon)}, Logon{&logon}).first->second;
    kind.count += logon.count;
    ++kind.source_hosts;
  }
  if (total == 0) return;
  std::vector<Logon> found;
  for (const auto& [key, logon] : kinds) found.push_back(logon);
  std::ranges::stable_sort(found, std::greater{}, &Logon::count);
  heading(fmt::format("{}: {}", title, grouped(total)));
  const std::size_t shown = std::min(found.size(), bound(kLogonsListed));
  for (std::size_t i = 0; i < shown; ++i) {
    const triage::LogonCount& logon = *found[i].first;
    std::string from;
    if (!logon.source_address.empty())
      from = " " + shortened(logon.source_address, 40, screen_.options().unicode);
    if (found[i].source_hosts > 1) {
      from += " with " + counted(found[i].source_hosts, "name", "names");
    } else if (!logon.source_host.empty()) {
      from += " " + shortened(logon.source_host, 40, screen_.options().unicode);
    }
    screen_.line(fmt::format("  {:>9}  {}  {}  {}{}", grouped(found[i].count) + screen_.sign(Sign::times),
                             padded(host(logon.host), 16), padded(kind_of(logon), 14),
                             shortened(logon.account, 48, screen_.options().unicode),
                             from.empty() ? "" : "  from" + from));
  }
  more(found.size(), shown, "of host, kind, account and source", "  ");
  if (of_machines > 0) {
    screen_.paragraph("  ",
                      fmt::format("{}{} services, the system and computers' own accounts (--all)",
                                  grouped(of_machines), screen_.sign(Sign::times)),
                      Ink::faint);
  }
}

void EvidenceWriter::rules() {
  if (survey_.records == 0) return;
  heading("What the rules can do with it");
  const triage::RuleEvidence& rules = survey_.rules;
  screen_.paragraph(
      "  ", fmt::format("Events of their kind are here for {} of {}.", grouped(rules.rules_with_records),
                        counted(survey_.rules_loaded, "rule", "rules")));
  const std::size_t missing = std::min(rules.missing.size(), bound(kMissingListed));
  for (std::size_t i = 0; i < missing; ++i) {
    screen_.paragraph("    ", fmt::format("{} events of {} that are not there",
                                          counted(rules.missing[i].rules, "needs", "need"),
                                          screen_.safe(rules.missing[i].needs)));
  }
  more(rules.missing.size(), missing, "kinds of events that rules need");
  if (survey_.records_without_rules == 0) {
    screen_.paragraph("  ", "Every event is looked at by some rule.");
    return;
  }
  screen_.paragraph(
      "  ", fmt::format("No rule looks at {} of {} ({}), most:", grouped(survey_.records_without_rules),
                        counted(survey_.records, "event", "events"),
                        share_text(survey_.records_without_rules, survey_.records)));
  std::vector<const triage::EventCount*> unruled;
  for (const triage::EventCount& event : survey_.events) {
    if (!event.ruled) unruled.push_back(&event);
  }
  const std::size_t shown = std::min(unruled.size(), bound(kUnruledListed));
  for (std::size_t i = 0; i < shown; ++i) {
    const triage::EventCount& event = *unruled[i];
    screen_.paragraph("    ",
                      fmt::format("{} {}{}{} {}{}", channel(event.channel),
                                  event.has_event_id ? std::to_string(event.event_id) : "(no event id)",
                                  event.title.empty() ? "" : " ", event.title, grouped(event.records),
                                  screen_.sign(Sign::times)));
  }
  more(unruled.size(), shown, "kinds of events");
}

void EvidenceWriter::file(const triage::SourceSurvey& source) {
  const event::Receipt& receipt = source.receipt;
  screen_.line("  " + screen_.paint(path(receipt.source, room(4)), Ink::strong));
  std::string text =
      receipt.not_evidence
          ? "no event log" + (receipt.kind.empty() ? "" : ": " + screen_.safe(receipt.kind))
          : fmt::format("{}, {}, {}", receipt.kind.empty() ? "unknown" : screen_.safe(receipt.kind),
                        bytes_text(receipt.bytes), counted(source.records, "event", "events"));
  if (source.first.known()) text += ", " + span_text(source.first, source.last);
  screen_.paragraph("    ", text);
  const std::size_t shown = std::min(source.logs.size(), bound(3));
  for (std::size_t i = 0; i < shown; ++i) {
    const triage::LogSurvey& log = source.logs[i];
    std::string line;
    const auto add = [&](const std::string& part) { line += (line.empty() ? ": " : ", ") + part; };
    if (source.logs.size() > 1) add(counted(log.records, "event", "events"));
    if (log.numbered) add(fmt::format("records {} to {}", log.first_number, log.last_number));
    if (log.excerpt) {
      add("an excerpt");
    } else if (log.gaps_total > 0) {
      add(grouped(log.numbers_missing) + " missing");
    }
    if (log.numbers_repeated > 0) add(grouped(log.numbers_repeated) + " twice");
    if (log.jumps_total > 0) add("clock went back");
    screen_.paragraph("    ", log_name(log.host, log.channel) + line);
  }
  more(source.logs.size(), shown, "logs");
  if (source.records_of_more_logs > 0)
    screen_.paragraph("    ", counted(source.records_of_more_logs, "event", "events") + " of further logs");
  if (receipt.records_carved > 0)
    screen_.paragraph("    ",
                      counted(receipt.records_carved, "event", "events") + " of these carved: not live");
  for (const event::Counted& entry : receipt.damage) {
    screen_.paragraph("    ", fmt::format("{} ({}{})", screen_.safe(entry.what), grouped(entry.count),
                                          screen_.sign(Sign::times)));
  }
  for (const std::string& note : receipt.notes) screen_.paragraph("    ", screen_.safe(note));
}

void EvidenceWriter::files() {
  std::vector<const triage::SourceSurvey*> order;
  for (const triage::SourceSurvey& source : survey_.sources) {
    if (options_.all || !source.receipt.not_evidence) order.push_back(&source);
  }
  if (order.empty()) return;
  heading("Files");
  if (!options_.all) std::ranges::stable_sort(order, std::greater{}, &triage::SourceSurvey::records);
  const std::size_t shown = order.size() <= bound(kFilesListed) ? order.size() : kFilesListed / 2;
  for (std::size_t i = 0; i < shown; ++i) file(*order[i]);
  more(order.size(), shown, "files", "  ");
}

std::string EvidenceWriter::write() {
  headline();
  totals();
  cleared();
  gaps();
  clocks();
  clock_sets();
  copies();
  damage();
  hosts();
  channels();
  logons();
  rules();
  files();
  screen_.line();
  screen_.paragraph("",
                    "All of it for programs: add --format json -o FILE. Signs of intruders: landwarden hunt.",
                    Ink::faint);
  return screen_.text();
}

}  // namespace

std::string evidence_screen(const triage::Survey& survey, const EvidenceScreenOptions& options) {
  return EvidenceWriter(survey, options).write();
}

}  // namespace landwarden::report
