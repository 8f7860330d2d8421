// Indicators of compromise: values that were seen with an intrusion, each with who says so, when, how sure,
// with whom it may be shared, and until when it is worth anything.
//
// Values are kept in one form a kind, so that equal things are equal texts: hashes in lower case,
// fingerprints of certificates without colons, addresses as base/ip reads them, domains without a last dot,
// paths folded and without drive-letter spellings of devices, registry keys with short roots and
// CurrentControlSet. "[.]" and "hxxp" are undone. An indicator is a lead, never a proof: it does not
// attribute, and most of them are old.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace landwarden::intel {

enum class IndicatorKind : std::uint8_t {
  md5,
  sha1,
  sha256,
  imphash,
  ip,      ///< an address or a network
  domain,  ///< itself and everything below it
  url,
  path,  ///< a file; a folder and everything below it if it ends with a slash
  file_name,
  registry,  ///< a key or value, and everything below it
  user_agent,
  certificate,  ///< of X.509, by its fingerprint: SHA-256, SHA-1 or MD5
};
inline constexpr std::size_t kIndicatorKinds = 12;
[[nodiscard]] std::string_view to_text(IndicatorKind kind);
[[nodiscard]] std::optional<IndicatorKind> indicator_kind_named(std::string_view text);

/// Traffic Light Protocol 2.0: with whom it may be shared.
enum class Tlp : std::uint8_t { clear, green, amber, amber_strict, red, unknown };
[[nodiscard]] std::string_view to_text(Tlp tlp);
/// "TLP:AMBER+STRICT", "amber", TLP 1's "white".
[[nodiscard]] Tlp tlp_named(std::string_view text);

/// One value that has to be met.
struct Term {
  IndicatorKind kind = IndicatorKind::file_name;
  std::string value;  ///< in the form of its kind
  auto operator<=>(const Term&) const = default;
};

/// What is said about an indicator. Unknown times and nothing mean "not said".
struct Provenance {
  std::string source, about;
  Time seen;                           ///< when it was published or last seen by the source
  Time valid_until;                    ///< the source's own end
  std::optional<unsigned> confidence;  ///< 0 to 100
  Tlp tlp = Tlp::unknown;
};

struct Indicator {
  std::vector<Term> terms;  ///< all of them on one record; nearly always one
  Provenance says;
  std::string place;  ///< file, and what names it there
};

/// The value in its kind's form; nothing if it is none of that kind (a hash of another length, a port beyond
/// 65535 …).
[[nodiscard]] std::optional<std::string> normal_form(IndicatorKind kind, std::string_view value);
/// "[.]", "(dot)", "hxxp" undone; blanks around it gone.
[[nodiscard]] std::string refanged(std::string_view value);
/// What a bare value is, as lists without kinds have them; nothing if that cannot be told.
[[nodiscard]] std::optional<IndicatorKind> kind_of_value(std::string_view value);

/// "sha256 1234…" or "path c:\x AND file-name y".
[[nodiscard]] std::string to_text(const std::vector<Term>& terms);

}  // namespace landwarden::intel
