// Catalogues of what intruders borrow: programs, scripts, libraries, drivers, remote-access tools and web
// sites, each with what it is abused for, what is normal, and a decision about it.
//
// A catalogue is a YAML file (docs/catalogues.md has the format); ours are built in from content/catalogues.
// That something is listed is a reason to decide about it, never a verdict. Plain data; safe to read from any
// thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "intel/tree.h"

namespace landwarden::intel {

enum class ThingKind : std::uint8_t { binary, script, library, driver, remote_access, site };
[[nodiscard]] std::string_view to_text(ThingKind kind);
[[nodiscard]] std::optional<ThingKind> thing_kind_named(std::string_view text);

enum class Verdict : std::uint8_t {
  undecided,  ///< nobody has said anything yet
  allowed,    ///< sanctioned, for whom it says
  watch,      ///< may run, and each use is looked at against what is normal
  block,      ///< has no business here
};
[[nodiscard]] std::string_view to_text(Verdict verdict);
[[nodiscard]] std::optional<Verdict> verdict_named(std::string_view text);

struct Decision {
  Verdict verdict = Verdict::undecided;
  std::vector<std::string> hosts, accounts;  ///< patterns with * and ?, without case; empty = all
  std::string owner;
  Time expires;  ///< the last day it holds, UTC; unknown = it does not end
  Words reason;
  Place place;  ///< where it was said
};

/// One thing that intruders do with it.
struct Use {
  Words what;
  std::vector<std::string> techniques;  ///< ATT&CK ids, "T1105"
};

struct Thing {
  std::string name;  ///< file name, product, or site
  ThingKind kind = ThingKind::binary;
  std::vector<std::string> aliases;    ///< other names: file names of a product, names after renaming
  std::vector<std::string> platforms;  ///< "windows", "linux", "macos"
  std::vector<std::string> paths, hashes, domains;
  Words title, normal;
  std::vector<Use> uses;
  std::vector<std::string> named_by;  ///< guides and advisories that name it: "aa24-038a"
  Decision decision;
  std::string catalogue;  ///< the catalogue's name
  Place place;
};

struct Catalogue {
  std::string name;
  std::string source;  ///< whose facts they are
  Time date;           ///< of the source
  std::vector<Thing> things;
};

/// Reads one catalogue; the first error if it is not one, with its place.
[[nodiscard]] Result<Catalogue> read_catalogue(std::string_view text, const std::string& file);

/// Those of content/catalogues, in the order of their names. A test holds that they can be read.
[[nodiscard]] const std::vector<Catalogue>& built_in_catalogues();

/// A catalogue as YAML, in the form that read_catalogue() takes. Runs of blanks and control characters in
/// texts become one blank.
[[nodiscard]] std::string catalogue_text(const Catalogue& catalogue);

/// What a name is looked up by: without case, folders and ".exe".
[[nodiscard]] std::string name_key(std::string_view name);

}  // namespace landwarden::intel
