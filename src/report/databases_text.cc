#include "report/databases_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/time.h"
#include "event/batch.h"
#include "report/json.h"
#include "report/screen_text.h"

namespace landwarden::report {
namespace {

using triage::DatabaseCopies;
using triage::DatabaseCopy;

std::string day_and_time(Time time) {
  const std::string text = to_rfc3339(time);
  return text.substr(0, 10) + " " + text.substr(11, 8);
}

class Writer {
 public:
  Writer(const DatabaseCopies& found, const ScreenOptions& options) : found_(found), screen_(options) {}

  std::string text() {
    Time before = Time::unknown();
    for (const DatabaseCopy& copy : found_.copies) {
      add(copy, copy.number > 1 ? before : Time::unknown());
      before = copy.created;
    }
    for (const triage::UsualUse& use : found_.usual) add(use);
    return screen_.text();
  }

 private:
  void add(const DatabaseCopy& copy, Time before);
  void add(const triage::UsualUse& use);
  void fact(std::string_view name, const std::string& text) {
    screen_.line("  " + padded(std::string(name), 9) + screen_.safe(text));
  }

  const DatabaseCopies& found_;
  Screen screen_;
};

void Writer::add(const DatabaseCopy& copy, Time before) {
  std::string head = screen_.safe(copy.host.empty() ? "(no host)" : copy.host);
  std::string which = fmt::format("  copy {} of {}", copy.number, copy.of);
  if (before.known()) {
    which += fmt::format(
        ", {} after the one before",
        counted(static_cast<std::uint64_t>((copy.created.ticks - before.ticks) / (86'400 * kTicksPerSecond)),
                "day", "days"));
  }
  screen_.line(screen_.paint(head, Ink::strong) + which);
  std::string when = day_and_time(copy.created);
  if (copy.closed.known()) when += " to " + day_and_time(copy.closed);
  when += " UTC";
  if (!copy.program.empty()) when += ", " + copy.program;
  if (copy.process_id > 0) when += fmt::format(" (process {})", copy.process_id);
  if (!copy.instance.empty()) when += ", instance " + copy.instance;
  fact("when", when);
  fact("from", (copy.from.empty() ? "not seen" : copy.from) +
                   (copy.through.empty() ? "" : ", in the shadow copy " + copy.through));
  fact("to", copy.to.empty() ? "not seen" : copy.to);
  fact("seen by", copy.records.empty()   ? "a command alone"
                  : copy.made_by_command ? "the database engine, and a command"
                                         : "the database engine alone");
  if (!copy.records.empty()) {
    const triage::RecordPlace& place = copy.records.front().place;
    fact("",
         place.source + (place.record_id != event::kNoRecordId ? fmt::format("  #{}", place.record_id) : ""));
  }
  for (const triage::FileCommand& step : copy.steps) {
    std::string line = day_and_time(step.place.time);
    if (step.place.host != copy.host) line += "  " + step.place.host;
    line += "  " + step.action;
    if (!step.to.empty()) line += " " + std::string(screen_.sign(Sign::arrow)) + " " + step.to.front();
    screen_.line("    " + screen_.safe(line));
    screen_.line(screen_.paint(
        "      " + shortened(step.line, std::max<std::size_t>(screen_.options().columns, 40) - 8,
                             screen_.options().unicode),
        Ink::faint));
  }
  if (copy.steps_left_out > 0)
    screen_.line("    and " + counted(copy.steps_left_out, "command", "commands") + " more");
  screen_.line();
}

void Writer::add(const triage::UsualUse& use) {
  std::string text = (use.host.empty() ? "(no host)" : use.host) + ": ";
  if (use.in_shadow_copies > 0)
    text += "the database was opened in shadow copies " + counted(use.in_shadow_copies, "time", "times") +
            " without a copy being made, as backups do";
  if (use.in_place > 0)
    text += std::string(use.in_shadow_copies > 0 ? "; " : "") + "it was created in its own folder " +
            counted(use.in_place, "time", "times") + ", as promotion does";
  screen_.paragraph("", screen_.safe(text + "; last on " + day_and_time(use.last).substr(0, 10)));
}

void append_text(std::string& out, const char* key, std::string_view value) {
  out += fmt::format(", \"{}\": ", key);
  append_json_string(out, value);
}

void append_list(std::string& out, const char* key, const std::vector<std::string>& values) {
  out += fmt::format(", \"{}\": [", key);
  for (std::size_t i = 0; i < values.size(); ++i) {
    out += i > 0 ? ", " : "";
    append_json_string(out, values[i]);
  }
  out += "]";
}

void append_place(std::string& out, const triage::RecordPlace& place) {
  out += "\"time\": ";
  append_json_string(out, to_rfc3339(place.time));
  append_text(out, "host", place.host);
  append_text(out, "file", place.source);
  if (place.record_id != event::kNoRecordId) out += fmt::format(", \"record_id\": {}", place.record_id);
}

void append_record(std::string& out, const triage::EngineRecord& record) {
  out += "{";
  append_place(out, record.place);
  append_text(out, "event", triage::to_text(record.event.kind));
  append_text(out, "program", record.event.program);
  out += fmt::format(", \"process_id\": {}", record.event.process_id);
  append_text(out, "instance", record.event.instance);
  if (!record.event.path.empty()) append_text(out, "path", record.event.path);
  if (!record.event.moved_to.empty()) append_text(out, "moved_to", record.event.moved_to);
  if (record.event.seconds) out += fmt::format(", \"seconds\": {:.3f}", *record.event.seconds);
  out += "}";
}

void append_copy(std::string& out, const DatabaseCopy& copy) {
  out += "{\"host\": ";
  append_json_string(out, copy.host);
  out += fmt::format(", \"number\": {}, \"of\": {}", copy.number, copy.of);
  append_text(out, "created", to_rfc3339(copy.created));
  if (copy.closed.known()) append_text(out, "closed", to_rfc3339(copy.closed));
  append_text(out, "program", copy.program);
  out += fmt::format(", \"process_id\": {}", copy.process_id);
  append_text(out, "instance", copy.instance);
  append_text(out, "from", copy.from);
  append_text(out, "through", copy.through);
  append_text(out, "to", copy.to);
  out += fmt::format(", \"by_command\": {}, \"engine\": [", copy.made_by_command);
  for (std::size_t i = 0; i < copy.records.size(); ++i) {
    out += i > 0 ? ",\n      " : "\n      ";
    append_record(out, copy.records[i]);
  }
  out += "], \"steps\": [";
  for (std::size_t i = 0; i < copy.steps.size(); ++i) {
    const triage::FileCommand& step = copy.steps[i];
    out += i > 0 ? ",\n      {" : "\n      {";
    append_place(out, step.place);
    append_text(out, "action", step.action);
    append_list(out, "from", step.from);
    append_list(out, "to", step.to);
    append_text(out, "line", step.line);
    out += "}";
  }
  out += fmt::format("], \"steps_left_out\": {}}}", copy.steps_left_out);
}

}  // namespace

std::string databases_text(const DatabaseCopies& found, const ScreenOptions& options) {
  return Writer(found, options).text();
}

std::string databases_json(const DatabaseCopies& found) {
  std::string out = "{\n  \"copies\": [";
  for (std::size_t i = 0; i < found.copies.size(); ++i) {
    out += i > 0 ? ",\n    " : "\n    ";
    append_copy(out, found.copies[i]);
  }
  out += found.copies.empty() ? "],\n  \"usual\": [" : "\n  ],\n  \"usual\": [";
  for (std::size_t i = 0; i < found.usual.size(); ++i) {
    const triage::UsualUse& use = found.usual[i];
    out += i > 0 ? ", {\"host\": " : "{\"host\": ";
    append_json_string(out, use.host);
    out += fmt::format(", \"in_shadow_copies\": {}, \"in_place\": {}", use.in_shadow_copies, use.in_place);
    append_text(out, "last", to_rfc3339(use.last));
    out += "}";
  }
  return out + fmt::format("],\n  \"records_left_out\": {}\n}}\n", found.records_left_out);
}

}  // namespace landwarden::report
