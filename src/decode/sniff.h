// Says what a stream of bytes is by its first bytes; names and suffixes are not asked.

#pragma once

#include <string_view>

namespace landwarden::decode {

enum class Kind {
  undecided,  ///< too few bytes yet
  empty,
  evtx,            ///< file header "ElfFile"
  evtx_chunks,     ///< begins with a chunk: a part of a file, or one whose header was cut off
  evtx_no_header,  ///< chunks stand at their place, the file header is destroyed
  json,
  json_utf16le,
  json_utf16be,
  xml,  ///< Windows events written as XML, also inside lines of syslog
  xml_utf16le,
  xml_utf16be,
  csv,  ///< a row of names and rows of values; whether they are Windows events is not said
  csv_utf16le,
  csv_utf16be,
  text_log,  ///< audit records or lines of syslog, of Linux
  macos_text_log,
  gzip,
  zstd,
  archive,  ///< zip, tar, 7z, rar, cab, xz, bzip2 …: libarchive knows them
  other,    ///< not evidence
};

struct Sniffed {
  Kind kind = Kind::undecided;
  std::string_view name;  ///< for people: "zip archive", "PDF document", "text"
};

/// `complete`: nothing follows `head`. Never undecided with kSniffBytes or more, or when complete.
[[nodiscard]] Sniffed sniff(std::string_view head, bool complete);

/// The name of what hunts write: their own lines are no evidence when they lie among it.
inline constexpr std::string_view kTimelineName = "a timeline that Landwarden wrote";

/// The name of text that is nothing known.
inline constexpr std::string_view kTextName = "text";

/// Longest look: file header block and first magic of an EVTX file whose header is destroyed.
inline constexpr std::size_t kSniffBytes = 4096 + 8;

}  // namespace landwarden::decode
