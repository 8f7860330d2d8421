// One record of the Linux audit system as keys and values: as auditd writes it to audit.log, as `ausearch`
// gives it (raw or interpreted), as it stands in a line of syslog or of the kernel's log.
//
// Values lose their quotes; what the kernel wrote in hexadecimal because of blanks, quotes or control
// characters is text again (content/textlogs/auditd.yaml names the keys); bytes that are not UTF-8 become
// U+FFFD. What an enriched record adds behind 0x1D follows with its keys in capitals. Inner keys of msg='…'
// stand among the others. Not thread-safe.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "decode/text/tables.h"

namespace landwarden::decode::text {

/// The front of a record: what belongs to one event has the same node and stamp.
struct AuditHead {
  std::string_view node, type;
  std::string_view stamp;    ///< "1700000000.123:45"
  std::string_view body;     ///< behind "): "
  bool interpreted = false;  ///< written for people: no quotes, names for numbers
};

/// Nothing: the text is no record. It may begin at the record, or with what the kernel puts before it
/// ("[ 12.3] audit: type=1400 audit(…): …").
[[nodiscard]] std::optional<AuditHead> read_audit_head(std::string_view text);

/// "1700000000.123:45"; unknown if it is none. Interpreted stamps have a date as the locale writes it: read
/// are 11/14/2023 and 11/14/23 (month first) and 2023-11-14.
struct AuditStamp {
  Time time;
  std::string_view serial;
  bool local = false;  ///< without a time zone
};
[[nodiscard]] AuditStamp read_audit_stamp(std::string_view stamp);

/// The name of a type that is a number ("1309", "UNKNOWN[1309]"), else the type itself; and its number.
struct AuditType {
  std::string_view name;
  std::optional<std::uint32_t> number;
};
[[nodiscard]] AuditType audit_type(const AuditTable& table, std::string_view type);

class AuditFields {
 public:
  struct Field {
    std::string_view name, value;
  };
  explicit AuditFields(const AuditTable& table) : table_(table) {}

  /// Reads a record's body; `type` is its name. The views are valid until clear(), those into `head` as long
  /// as that.
  void read(const AuditHead& head, std::string_view type);
  /// More of the same record: the arguments that a further EXECVE record of the same event holds.
  void read_more(const AuditHead& head, std::string_view type) { read(head, type); }
  /// Call when all was read: puts arguments together that were cut into pieces, and adds what follows from
  /// other values: SYSCALL from arch and syscall, addresses from saddr.
  void finish(std::string_view type);
  void clear();

  [[nodiscard]] const std::vector<Field>& all() const { return fields_; }
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// The arguments a0, a1 … in their order, as many as there are without a gap.
  [[nodiscard]] std::vector<std::string_view> arguments() const;
  /// Fields beyond limits::kTextFields were left out.
  [[nodiscard]] bool cut() const { return cut_; }
  /// Some bytes were not UTF-8.
  [[nodiscard]] bool mended() const { return mended_; }

 private:
  /// `depth`: in how many quotes or braces the text stands; bounds what opens more of them.
  void read_pairs(std::string_view text, std::string_view type, int depth);
  void read_interpreted(std::string_view text, std::string_view type, int depth);
  void add(std::string_view name, std::string_view raw, bool quoted, std::string_view type);
  void put(std::string_view name, std::string_view value);
  void add_decoded(std::string_view name, std::string bytes);
  [[nodiscard]] bool add_piece(std::string_view name, std::string_view raw, bool quoted);
  void add_socket_address();
  void add_syscall_name();

  struct Piece {
    std::uint32_t argument = 0, number = 0;
    std::string bytes;
  };
  const AuditTable& table_;
  std::vector<Field> fields_;
  std::vector<Piece> pieces_;
  std::deque<std::string> texts_;
  std::string words_;
  bool cut_ = false, mended_ = false;
};

/// Arguments as one line for a shell of Unix: those that need quotes have them.
void append_shell_words(std::string& out, const std::vector<std::string_view>& arguments);

}  // namespace landwarden::decode::text
