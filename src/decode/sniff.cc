#include "decode/sniff.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "decode/csv/row.h"
#include "decode/text/recognise.h"

namespace landwarden::decode {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kTimelineNames = "time,level,title,rule_id,";

struct Magic {
  std::string_view bytes;
  Kind kind;
  std::string_view name;
  std::size_t offset = 0;
};

constexpr Magic kMagics[] = {
    {"ElfFile\0"sv, Kind::evtx, "Windows event log"},
    {"ElfChnk\0"sv, Kind::evtx_chunks, "Windows event log"},
    {"\x1F\x8B"sv, Kind::gzip, "gzip"},
    {"\x28\xB5\x2F\xFD"sv, Kind::zstd, "zstd"},
    {"PK\x03\x04"sv, Kind::archive, "zip archive"},
    {"PK\x05\x06"sv, Kind::archive, "zip archive"},
    {"PK\x07\x08"sv, Kind::archive, "zip archive"},
    {"7z\xBC\xAF\x27\x1C"sv, Kind::archive, "7z archive"},
    {"Rar!\x1A\x07"sv, Kind::archive, "rar archive"},
    {"MSCF\0\0\0\0"sv, Kind::archive, "cab archive"},
    {"\xFD"
     "7zXZ\0"sv,
     Kind::archive, "xz"},
    {"BZh"sv, Kind::archive, "bzip2"},
    {"\x04\x22\x4D\x18"sv, Kind::archive, "lz4"},
    {"ustar"sv, Kind::archive, "tar archive", 257},
    {"LfLe"sv, Kind::other, "event log of Windows XP/2003 (.evt)", 4},
    {"MZ"sv, Kind::other, "Windows program"},
    {"\x7F"
     "ELF"sv,
     Kind::other, "ELF program"},
    {"%PDF"sv, Kind::other, "PDF document"},
    {"\x89PNG"sv, Kind::other, "PNG image"},
    {"\xFF\xD8\xFF"sv, Kind::other, "JPEG image"},
    {"GIF8"sv, Kind::other, "GIF image"},
    {"SQLite format 3\0"sv, Kind::other, "SQLite database"},
    {"\xD4\xC3\xB2\xA1"sv, Kind::other, "packet capture (pcap)"},
    {"\xA1\xB2\xC3\xD4"sv, Kind::other, "packet capture (pcap)"},
    {"\x4D\x3C\xB2\xA1"sv, Kind::other, "packet capture (pcap)"},
    {"\x0A\x0D\x0D\x0A"sv, Kind::other, "packet capture (pcapng)"},
    {"regf"sv, Kind::other, "registry hive"},
    {"\xEF\xCD\xAB\x89"sv, Kind::other, "ESE database", 4},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, Kind::other, "OLE document"},
    {"MAM\x04"sv, Kind::other, "prefetch file"},
    {"SCCA"sv, Kind::other, "prefetch file", 4},
    {"MDMP"sv, Kind::other, "minidump"},
    {"PAGEDU"sv, Kind::other, "Windows memory dump"},
    {"LPKSHHRH"sv, Kind::other, "systemd journal"},
    {"L\0\0\0\x01\x14\x02\0"sv, Kind::other, "Windows shortcut"},
    {"Obj\x01"sv, Kind::other, "Avro file"},
    {"PAR1"sv, Kind::other, "Parquet file"},
    {"EVF\x09\x0D\x0A\xFF\0"sv, Kind::other, "disk image (EWF)"},
    {"NTFS    "sv, Kind::other, "NTFS volume", 3},
};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0' || c == '\x1E';
}

std::size_t skip_blank(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

enum class Verdict { no, yes, open };

/// Whether text begins as JSON does: an object, or an array of things. "[section]" and "{GUID}" do not.
Verdict begins_json(std::string_view text, bool complete) {
  const std::size_t at = skip_blank(text, 0);
  if (at == text.size()) return complete ? Verdict::no : Verdict::open;
  if (text[at] != '{' && text[at] != '[') return Verdict::no;
  const std::size_t next = skip_blank(text, at + 1);
  if (next == text.size()) return complete ? Verdict::yes : Verdict::open;
  const std::string_view allowed = text[at] == '{' ? "\"}"sv : "{[\"]"sv;
  return allowed.find(text[next]) != allowed.npos ? Verdict::yes : Verdict::no;
}

/// Whether text begins with the first keys of a timeline's line, or with the array around such lines.
Verdict begins_timeline(std::string_view text, bool complete) {
  bool open = false;
  // '#' is any character; a time is 28 characters long or null.
  for (const std::string_view pattern :
       {R"({"time":"####-##-##T##:##:##.#######Z","level":")"sv, R"({"time":null,"level":")"sv}) {
    for (const std::string_view array : {""sv, "[\n"sv}) {
      const std::string whole = std::string(array) + std::string(pattern);
      const std::size_t size = std::min(whole.size(), text.size());
      const bool same =
          std::equal(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size), text.begin(),
                     [](char wanted, char c) { return wanted == '#' || wanted == c; });
      if (!same) continue;
      if (size < whole.size()) {
        open = true;
        continue;
      }
      // A level is a word or nothing.
      const std::size_t quote = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz", size);
      const std::string_view behind = quote == text.npos ? ""sv : text.substr(quote);
      if (behind.starts_with(R"(","title":)")) return Verdict::yes;
      if (behind.size() < 10 && text.size() < size + 32) open = true;
    }
  }
  return open && !complete ? Verdict::open : Verdict::no;
}

/// evtx_dump writes "Record 1" above each object; a log that was cut may begin in the middle of a line.
bool second_line_is_json(std::string_view text) {
  const std::size_t newline = text.find('\n');
  if (newline == text.npos) return false;
  const std::string_view first = text.substr(0, newline);
  const bool numbered = first.starts_with("Record ");
  const bool cut = skip_blank(first, 0) < first.size() && first.find_last_of('}') != first.npos &&
                   first.substr(first.find_last_not_of("\r \t,")).starts_with('}');
  return (numbered || cut) && begins_json(text.substr(newline + 1), false) == Verdict::yes;
}

/// The first element's name, without its prefix; nothing where the text does not begin as XML does. A
/// document type comes before a root that is not ours.
Verdict begins_events_xml(std::string_view text, bool complete) {
  std::size_t at = skip_blank(text, 0);
  if (at == text.size()) return complete ? Verdict::no : Verdict::open;
  if (text[at] != '<') return Verdict::no;
  for (;;) {
    at = skip_blank(text, at);
    const std::string_view rest = text.substr(at);
    std::string_view end;
    if (rest.starts_with("<?")) end = "?>";
    if (rest.starts_with("<!--")) end = "-->";
    if (end.empty()) break;
    const std::size_t found = rest.find(end);
    if (found == rest.npos) return complete ? Verdict::no : Verdict::open;
    at += found + end.size();
  }
  const std::string_view rest = text.substr(at);
  const std::size_t name_end = rest.find_first_of(" \t\r\n/>");
  if (name_end == rest.npos) return complete || rest.size() > 64 ? Verdict::no : Verdict::open;
  if (!rest.starts_with('<')) return Verdict::no;
  std::string_view name = rest.substr(1, name_end - 1);
  if (const std::size_t colon = name.find(':'); colon != name.npos) name.remove_prefix(colon + 1);
  return name == "Event" || name == "Events" ? Verdict::yes : Verdict::no;
}

/// Events in lines of something else (syslog of Sysmon for Linux), or a cut one at the front: an event begins
/// somewhere, and its System part follows at once.
bool holds_event_xml(std::string_view text) {
  for (std::size_t at = text.find("<Event"); at != text.npos; at = text.find("<Event", at + 1)) {
    const std::size_t end = text.find('>', at);
    if (end == text.npos) return false;
    if (text[at + 6] != '>' && text[at + 6] != ' ') continue;
    const std::size_t next = skip_blank(text, end + 1);
    if (text.substr(next).starts_with("<System>")) return true;
  }
  return false;
}

/// A first line of at least three names, each different, with one separator between them.
bool begins_table(std::string_view text) {
  const std::string_view line = text.substr(0, std::min(text.find_first_of("\r\n"), text.size()));
  const char separator = csv::separator_of(line);
  if (separator == '\0' || line.empty()) return false;
  csv::Row row;
  std::size_t at = 0;
  if (row.read(line, at, separator) != csv::Row::What::whole) return false;
  std::vector<std::string_view> names = row.values();
  if (!names.empty() && names.back().empty()) names.pop_back();
  if (names.size() < 2) return false;
  const bool plausible = std::all_of(names.begin(), names.end(), [](std::string_view name) {
    const bool written = std::all_of(name.begin(), name.end(), [](char c) {
      return static_cast<unsigned char>(c) >= 0x20 &&
             std::string_view("{}<>=\"").find(c) == std::string_view::npos;
    });
    return written && !name.empty() && name.size() <= 128 && !(name[0] >= '0' && name[0] <= '9');
  });
  std::sort(names.begin(), names.end());
  return plausible && std::adjacent_find(names.begin(), names.end()) == names.end();
}

/// Whether a second line has begun: enough to tell a table.
bool is_settled(std::string_view text) {
  const std::size_t newline = text.find('\n');
  return newline != text.npos && newline + 1 < text.size();
}

std::optional<Sniffed> sniff_utf16(std::string_view head, bool complete) {
  const bool little = head.starts_with("\xFF\xFE"sv) || head.starts_with("{\0\""sv) ||
                      head.starts_with("{\0\r\0"sv) || head.starts_with("<\0?\0"sv) ||
                      head.starts_with("<\0E\0"sv);
  const bool big =
      head.starts_with("\xFE\xFF"sv) || head.starts_with("\0{\0"sv) || head.starts_with("\0<\0"sv);
  if (!little && !big) return std::nullopt;
  std::string ascii;
  for (std::size_t i = little ? 0 : 1; i < head.size(); i += 2) ascii += head[i];
  std::string_view text = ascii;
  if (text.starts_with('\xFF') || text.starts_with('\xFE')) text.remove_prefix(1);
  const bool enough = complete || head.size() >= kSniffBytes;
  const Verdict json = begins_json(text, enough), xml = begins_events_xml(text, enough);
  if (json == Verdict::yes)
    return Sniffed{little ? Kind::json_utf16le : Kind::json_utf16be, "JSON in UTF-16"};
  if (xml == Verdict::yes) return Sniffed{little ? Kind::xml_utf16le : Kind::xml_utf16be, "XML in UTF-16"};
  if (!enough && (json == Verdict::open || xml == Verdict::open)) return Sniffed{};
  if (text.starts_with('<')) return Sniffed{Kind::other, "XML in UTF-16"};
  if (!enough && text.find('\n') == text.npos) return Sniffed{};
  if (begins_table(text)) return Sniffed{little ? Kind::csv_utf16le : Kind::csv_utf16be, "CSV in UTF-16"};
  return Sniffed{Kind::other, "text in UTF-16"};
}

/// A tar of before POSIX has no magic: its header's checksum must be right.
bool is_old_tar(std::string_view head) {
  if (head.size() < 512 || head[0] == '\0') return false;
  std::uint32_t sum = 0, stated = 0;
  for (std::size_t i = 0; i < 512; ++i)
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(head[i]);
  bool digits = false;
  for (const char c : head.substr(148, 8)) {
    if (c >= '0' && c <= '7') {
      stated = stated * 8 + static_cast<std::uint32_t>(c - '0');
      digits = true;
    } else if (digits || c != ' ') {
      break;
    }
  }
  return digits && stated == sum;
}

Sniffed name_other(std::string_view head) {
  const std::string_view text = head.starts_with("\xEF\xBB\xBF") ? head.substr(3) : head;
  if (text.starts_with(kTimelineNames)) return {Kind::other, kTimelineName};
  if (text.starts_with("<?xml") || text.starts_with("<Event")) return {Kind::other, "XML"};
  if (text.starts_with("#separator")) return {Kind::other, "Zeek log (tab-separated)"};
  const std::size_t lower = std::min<std::size_t>(text.size(), 15);
  if (text.substr(0, lower).starts_with("<!DOCTYPE html") || text.starts_with("<html"))
    return {Kind::other, "HTML"};
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && byte != '\t' && byte != '\r' && byte != '\n' && byte != '\f' && byte != 0x1B;
  });
  if (!control && !text.empty()) return {Kind::other, kTextName};
  const bool zeros = std::all_of(head.begin(), head.end(), [](char c) { return c == '\0'; });
  return {Kind::other, zeros ? "nothing but zeros at its front" : "unknown binary data"};
}

}  // namespace

Sniffed sniff(std::string_view head, bool complete) {
  if (head.empty()) return complete ? Sniffed{Kind::empty, "empty"} : Sniffed{};
  bool open = false;
  for (const Magic& magic : kMagics) {
    const std::string_view there = head.substr(std::min(magic.offset, head.size()), magic.bytes.size());
    if (there == magic.bytes) return {magic.kind, magic.name};
    // Text must not wait for a tar's magic: standard input is answered as it comes.
    if (magic.offset == 0 && magic.bytes.starts_with(there)) open = true;
  }
  if (open && !complete) return {};
  if (const auto utf16 = sniff_utf16(head, complete)) return *utf16;
  const std::string_view text = head.starts_with("\xEF\xBB\xBF") ? head.substr(3) : head;
  const bool enough = complete || head.size() >= kSniffBytes;
  if ("\xEF\xBB\xBF"sv.starts_with(head) && !complete) return {};
  if (const Verdict own = begins_timeline(text, enough); own != Verdict::no)
    return own == Verdict::yes ? Sniffed{Kind::other, kTimelineName} : Sniffed{};
  const Verdict verdict = begins_json(text, enough);
  if (verdict == Verdict::yes) return {Kind::json, "JSON"};
  if (verdict == Verdict::open) return {};
  if (second_line_is_json(text)) return {Kind::json, "JSON"};
  const Verdict events = begins_events_xml(text, enough);
  if (events == Verdict::yes) return {Kind::xml, "XML"};
  if (!enough && (events == Verdict::open || !is_settled(text))) return {};
  // A line of a log may have separators enough for a table, and Windows events in XML may stand in such
  // lines.
  const text::LogKind log = text::recognise_log(text, enough);
  if (log != text::LogKind::none && log != text::LogKind::open) {
    if (holds_event_xml(text)) return {Kind::xml, "XML"};
    return {log == text::LogKind::macos_log ? Kind::macos_text_log : Kind::text_log, "text log"};
  }
  if (!enough && !begins_table(text)) return {};
  if (!text.starts_with(kTimelineNames) && begins_table(text)) return {Kind::csv, "CSV"};
  if (holds_event_xml(text)) return {Kind::xml, "XML"};
  if (head.size() >= kSniffBytes && head.substr(4096, 8) == "ElfChnk\0"sv) {
    return {Kind::evtx_no_header, "Windows event log"};
  }
  if (is_old_tar(head)) return {Kind::archive, "tar archive"};
  return name_other(head);
}

}  // namespace landwarden::decode
