#include "decode/sniff.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/text.h"

namespace landwarden::decode {
namespace {

using namespace std::string_view_literals;

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

std::optional<Sniffed> sniff_utf16(std::string_view head, bool complete) {
  const bool little =
      head.starts_with("\xFF\xFE"sv) || head.starts_with("{\0\""sv) || head.starts_with("{\0\r\0"sv);
  const bool big = head.starts_with("\xFE\xFF"sv) || head.starts_with("\0{\0"sv);
  if (!little && !big) return std::nullopt;
  std::string ascii;
  for (std::size_t i = little ? 0 : 1; i < head.size(); i += 2) ascii += head[i];
  std::string_view text = ascii;
  if (text.starts_with('\xFF') || text.starts_with('\xFE')) text.remove_prefix(1);
  switch (begins_json(text, complete)) {
    case Verdict::yes:
      return Sniffed{little ? Kind::json_utf16le : Kind::json_utf16be, "JSON in UTF-16"};
    case Verdict::open:
      if (head.size() < kSniffBytes && !complete) return Sniffed{};
      break;
    case Verdict::no:
      break;
  }
  return Sniffed{Kind::other, text.starts_with('<') ? "XML in UTF-16" : "text in UTF-16"};
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
  if (text.starts_with("time,level,title,rule_id,")) return {Kind::other, kTimelineName};
  if (text.starts_with("<?xml") || text.starts_with("<Event")) return {Kind::other, "XML"};
  if (text.starts_with("#separator")) return {Kind::other, "Zeek log (tab-separated)"};
  const std::size_t lower = std::min<std::size_t>(text.size(), 15);
  if (text.substr(0, lower).starts_with("<!DOCTYPE html") || text.starts_with("<html"))
    return {Kind::other, "HTML"};
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && byte != '\t' && byte != '\r' && byte != '\n' && byte != '\f' && byte != 0x1B;
  });
  if (!control && !text.empty()) return {Kind::other, "text"};
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
  if (!enough) return {};
  if (head.size() >= kSniffBytes && head.substr(4096, 8) == "ElfChnk\0"sv) {
    return {Kind::evtx_no_header, "Windows event log"};
  }
  if (is_old_tar(head)) return {Kind::archive, "tar archive"};
  return name_other(head);
}

}  // namespace landwarden::decode
