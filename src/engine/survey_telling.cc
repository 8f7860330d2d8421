#include "engine/survey_telling.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"

namespace landwarden::engine {
namespace {

/// Between the parts of a logon's key; parts that have it lose it.
constexpr char kPart = '\x1f';

struct Known {
  std::string_view provider;
  std::uint32_t event_id;
  Telling telling;
};
constexpr Known kKnown[] = {
    {"Microsoft-Windows-Eventlog", 1102, Telling::cleared},
    {"Microsoft-Windows-Eventlog", 104, Telling::cleared},
    {"Security", 517, Telling::cleared},  // the old service, where its successor says 1102
    {"Microsoft-Windows-Security-Auditing", 4616, Telling::clock_set},
    {"Microsoft-Windows-Kernel-General", 1, Telling::clock_set},
    {"Microsoft-Windows-Security-Auditing", 4624, Telling::logon},
    {"Microsoft-Windows-Security-Auditing", 4625, Telling::logon},
    {"Microsoft-Windows-TerminalServices-LocalSessionManager", 21, Telling::logon},
    {"Microsoft-Windows-TerminalServices-Gateway", 302, Telling::logon},
    {"Microsoft-Windows-Kernel-General", 12, Telling::start},
    {"EventLog", 6005, Telling::start},
    {"EventLog", 6009, Telling::version},
    {"EventLog", 6013, Telling::uptime},
};

std::optional<int> number_in(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// "10.00." and "19041" as "Windows 10.0 build 19041".
std::string version_text(std::string_view version, std::string_view build) {
  while (version.ends_with('.')) version.remove_suffix(1);
  const auto dot = version.find('.');
  if (dot == std::string_view::npos) return {};
  const auto major = number_in(version.substr(0, dot)), minor = number_in(version.substr(dot + 1));
  if (!major || !minor) return {};
  return fmt::format("Windows {}.{}{}", *major, *minor, build.empty() ? "" : fmt::format(" build {}", build));
}

/// "480 Pacific Standard Time", the minutes that UTC is ahead, as "UTC-08:00 Pacific Standard Time".
std::string zone_text(std::string_view zone) {
  const auto blank = zone.find(' ');
  if (blank == std::string_view::npos) return {};
  const auto minutes = number_in(zone.substr(0, blank));
  if (!minutes || std::abs(*minutes) > 24 * 60) return std::string(zone);
  const int ahead = std::abs(*minutes);
  return fmt::format("UTC{}{:02}:{:02}{}", *minutes > 0 ? '-' : '+', ahead / 60, ahead % 60,
                     zone.substr(blank));
}

/// What Windows writes where there is nothing.
std::string unless_dash(std::string text) {
  return text == "-" ? std::string() : std::move(text);
}

}  // namespace

Telling telling_of(const event::Shape& shape) {
  for (const Known& known : kKnown) {
    if (shape.event_id == known.event_id && text::equal_folded(shape.provider, known.provider))
      return known.telling;
  }
  return Telling::nothing;
}

std::vector<std::string_view> fields_of(Telling telling) {
  switch (telling) {
    case Telling::cleared:
      return {"SubjectUserName", "SubjectDomainName", "Channel"};
    case Telling::clock_set:
      return {"SubjectUserName", "SubjectDomainName", "PreviousTime", "OldTime", "NewTime", "ProcessName"};
    case Telling::logon:
      return {"TargetUserName", "TargetDomainName", "LogonType", "IpAddress", "WorkstationName",
              "User",           "Username",         "Address"};
    case Telling::version:
    case Telling::uptime:
      return {"Data"};
    case Telling::start:
    case Telling::nothing:
      break;
  }
  return {};
}

std::string TellingReader::value(std::string_view field, std::size_t row, std::size_t item) const {
  const auto id = catalogue_.find_field(field);
  const event::Column* column = id ? batch_.column(*id) : nullptr;
  if (column == nullptr) return {};
  const auto cell = column->cell(row);
  if (item >= cell.size() || cell[item] < event::kFirstValue) return {};
  return std::string(column->values->at(cell[item]).text);
}

/// "DOMAIN\name".
std::string TellingReader::account(std::string_view prefix, std::size_t row) const {
  const std::string name = value(std::string(prefix) + "UserName", row);
  const std::string domain = unless_dash(value(std::string(prefix) + "DomainName", row));
  return domain.empty() ? name : domain + "\\" + name;
}

std::string TellingReader::host(std::size_t row) const {
  const event::Code code = batch_.rows[row].host;
  return code >= event::kFirstValue ? std::string(batch_.hosts->at(code).text) : std::string();
}

void TellingReader::cleared(UnitSketch& sketch) const {
  for (std::size_t row = 0; row < batch_.rows.size(); ++row) {
    const event::RowMeta& meta = batch_.rows[row];
    ++sketch.cleared_total;
    std::string channel = shape_.event_id == 104 ? value("Channel", row) : std::string();
    if (channel.empty()) channel = shape_.channel;
    sketch.cleared.push_back({.source = {},
                              .host = host(row),
                              .channel = std::move(channel),
                              .account = account("Subject", row),
                              .event_id = *shape_.event_id,
                              .record_id = meta.record_id,
                              .time = meta.time});
  }
}

void TellingReader::clock_set(UnitSketch& sketch) const {
  const bool security = shape_.event_id == 4616;
  for (std::size_t row = 0; row < batch_.rows.size(); ++row) {
    const event::RowMeta& meta = batch_.rows[row];
    const auto from = parse_time(value(security ? "PreviousTime" : "OldTime", row));
    const auto to = parse_time(value("NewTime", row));
    // The time service corrects every clock now and then.
    if (!from || !to || std::abs(to->ticks - from->ticks) < limits::kSurveyClockJumpSeconds * kTicksPerSecond)
      continue;
    ++sketch.clock_sets_total;
    sketch.clock_sets.push_back({.source = {},
                                 .host = host(row),
                                 .account = account("Subject", row),
                                 .process = unless_dash(value("ProcessName", row)),
                                 .event_id = *shape_.event_id,
                                 .record_id = meta.record_id,
                                 .time = meta.time,
                                 .from = *from,
                                 .to = *to});
  }
}

void TellingReader::logons(LogonKeys& logons) const {
  const std::uint32_t id = *shape_.event_id;
  const bool security = id == 4624 || id == 4625;
  for (std::size_t row = 0; row < batch_.rows.size(); ++row) {
    const std::string parts[] = {
        host(row),
        security    ? account("Target", row)
        : id == 302 ? value("Username", row)
                    : value("User", row),
        security ? value("LogonType", row) : std::string(),
        unless_dash(value(id == 21 ? "Address" : "IpAddress", row)),
        security ? unless_dash(value("WorkstationName", row)) : std::string(),
        std::to_string(id),
    };
    std::string key;
    for (std::string part : parts) {
      std::erase(part, kPart);
      key += part + kPart;
    }
    ++logons[key];
  }
}

triage::LogonCount logon_of(std::string_view key) {
  const auto next = [&] {
    const auto end = key.find(kPart);
    std::string part(key.substr(0, end));
    key.remove_prefix(std::min(key.size(), part.size() + 1));
    return part;
  };
  triage::LogonCount logon;
  logon.host = next();
  logon.account = next();
  logon.type = next();
  logon.source_address = next();
  logon.source_host = next();
  logon.event_id = static_cast<std::uint32_t>(number_in(next()).value_or(0));
  logon.success = logon.event_id != 4625;
  return logon;
}

triage::HostFacts TellingReader::facts(std::size_t row, Telling telling) const {
  const Time time = batch_.rows[row].time;
  triage::HostFacts facts;
  if (telling == Telling::uptime) {
    facts.time_zone = zone_text(value("Data", row, 6));
    if (!facts.time_zone.empty()) facts.time_zone_told = time;
    return facts;
  }
  facts.last_start = time;
  if (telling == Telling::version) facts.os = version_text(value("Data", row, 0), value("Data", row, 1));
  if (!facts.os.empty()) facts.os_told = time;
  return facts;
}

}  // namespace landwarden::engine
