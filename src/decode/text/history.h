// Entries of shells' histories: the command and, where it was kept, when it was given.
//
// Forms: bash (also sh, ksh, ash; "#1700000000" above an entry), zsh (": 1700000000:0;command", bytes as zsh
// writes them), fish ("- cmd: …", "  when: …"), PowerShell's (PSReadLine; a line that goes on ends with "`").
// Which form a file has, its name says: content/textlogs/history.yaml. Any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "decode/text/tables.h"
#include "decode/unit.h"

namespace landwarden::decode::text {

struct HistoryEntry {
  Time time = Time::unknown();
  std::string command;  ///< lines joined by line feeds; bytes as they stand
};

/// Nothing: the entry has no command (a time alone). `text` is as EntryLines cut it, without the last line
/// feed.
[[nodiscard]] std::optional<HistoryEntry> read_history_entry(const std::string& form, std::string_view text);

/// What a file of that name is, by the last part of its path; nothing: no history. `name` as in a receipt
/// ("a.zip!/root/.bash_history").
[[nodiscard]] std::optional<TextSource> history_of(const HistoryTable& table, std::string_view name);

}  // namespace landwarden::decode::text
