// What the database engine of Windows (ESENT, "Extensible Storage Engine") writes into the Application log,
// read into its parts: which program, which instance, which database, and how long it took.
//
// The events have no names for their values, only an order: message texts of Windows Server 2008 to 2022.
// Active Directory's NTDS.dit is such a database: each copy of it by ntdsutil, or by anything that uses the
// engine, leaves these events, whatever the command looked like. Pure functions; any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace landwarden::triage {

enum class EsentKind : std::uint8_t {
  starting,  ///< 102: an instance of the engine begins
  stopped,   ///< 103
  started,   ///< 105
  moved,     ///< 216: the database is found under another path: `path`, then `moved_to`
  created,   ///< 325: a new database
  attached,  ///< 326: opened
  detached,  ///< 327: closed
  held,      ///< 330: opened, and kept at an older format
};
[[nodiscard]] std::string_view to_text(EsentKind kind);

struct EsentEvent {
  EsentKind kind = EsentKind::created;
  std::string program;  ///< that uses the engine: "ntdsutil"; the directory itself is "NTDS" or "lsass"
  std::uint32_t process_id = 0;   ///< 0: not said
  std::string instance;           ///< what the program calls it; often empty
  std::string path, moved_to;     ///< of the database; empty for 102, 103 and 105
  std::optional<double> seconds;  ///< what the engine says it took
};

/// The provider's name, and the ids that read_esent() knows.
inline constexpr std::string_view kEsent = "ESENT";
[[nodiscard]] bool is_esent(std::string_view provider, std::uint32_t event_id);

/// `values`: the event's data, in order, or all of it joined by ", " as one text. Nothing if the id is
/// another, or too few values are there.
[[nodiscard]] std::optional<EsentEvent> read_esent(std::uint32_t event_id,
                                                   std::span<const std::string> values);

/// Whether a program is one that copies or repairs databases: its instances of the engine frame a copy in
/// time.
[[nodiscard]] bool is_database_tool(std::string_view program);

/// A path inside a shadow copy, as the volume itself has it.
struct ShadowPath {
  std::string copy;  ///< the shadow copy: "\\?\GLOBALROOT\…\HarddiskVolumeShadowCopy3", or ntdsutil's mount
  std::string path;  ///< without it; with a drive where the mount names one
};
/// Nothing if `path` is not inside a shadow copy.
[[nodiscard]] std::optional<ShadowPath> in_shadow_copy(std::string_view path);

}  // namespace landwarden::triage
