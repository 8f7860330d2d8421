// What the text logs' tables say (content/textlogs): types and keys of audit records, names of system calls,
// which program writes to which log, what messages mean, names of shells' histories.
//
// Built in and read once a process; immutable; any thread.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "decode/text/message_pattern.h"

namespace landwarden::decode::text {

using TextSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;
template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

struct AuditTable {
  TextMap<std::uint32_t> types;                          ///< name → number
  std::unordered_map<std::uint32_t, std::string> names;  ///< number → name
  TextSet encoded, lists;
  std::vector<std::string> shared;
  TextMap<std::unordered_map<std::uint32_t, std::string>> syscalls;  ///< arch → number → name
};

/// One `says` with what follows from it.
struct MessageRule {
  MessagePattern says;
  std::vector<std::pair<std::string, std::string>> set;
  std::string pairs_of;             ///< field that is taken apart; empty: none
  std::string between, last, rest;  ///< `rest`: field for parts that are no pair
  std::string program_of,
      program;  ///< the field whose first word is a program's path, and what that is called
};

struct SyslogTable {
  std::vector<std::pair<std::string, std::string>> channels;  ///< folded name with wildcards, channel
  TextMap<std::string> by_name;                               ///< those without wildcards
  std::unordered_map<std::uint32_t, std::string> facilities;
  TextMap<std::vector<MessageRule>> messages;  ///< by channel
};

struct HistoryTable {
  struct Folder {
    std::string path, product, user;
  };
  std::vector<std::pair<std::string, std::string>> names;  ///< folded name with wildcards, form
  std::vector<Folder> users;
};

struct Tables {
  AuditTable audit;
  SyslogTable syslog;
  HistoryTable history;

  /// The built-in ones; a test holds that they can be read.
  [[nodiscard]] static const Tables& built_in();
  [[nodiscard]] static Result<Tables> read();
};

/// The channel of a program's messages; `facility` decides where no table names the program.
[[nodiscard]] std::string_view channel_of(const SyslogTable& table, std::string_view program,
                                          std::optional<std::uint32_t> facility);

}  // namespace landwarden::decode::text
