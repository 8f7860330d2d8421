#include "intel/indicator.h"

#include <algorithm>
#include <array>

#include "base/ip.h"
#include "base/text.h"
#include "intel/limits.h"
#include "intel/own_text.h"

namespace landwarden::intel {
namespace {

constexpr std::array<std::string_view, kIndicatorKinds> kNames = {
    "md5", "sha1", "sha256",    "imphash",  "ip",         "domain",
    "url", "path", "file-name", "registry", "user-agent", "certificate"};
constexpr std::array<std::string_view, 6> kTlps = {"clear",        "green", "amber",
                                                   "amber+strict", "red",   "unknown"};

void replace_all(std::string& in, std::string_view what, std::string_view with) {
  for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at))
    in.replace(at, what.size(), with);
}

bool all_of(std::string_view text, bool (*is)(unsigned char)) {
  return std::ranges::all_of(text, [&](char c) { return is(static_cast<unsigned char>(c)); });
}
bool is_hex(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}
bool is_host_sign(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.' || c >= 0x80;
}

/// Anything that a file of ours could not hold.
bool has_unprintable(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size();) {
    if (is_unprintable(text::next_code_point(utf8, at))) return true;
  }
  return false;
}

std::optional<std::string> hash_form(std::string folded, std::size_t digits) {
  if (folded.size() != digits || !all_of(folded, is_hex)) return std::nullopt;
  return folded;
}

/// "AB:CD:…" or "abcd…", of any of the hashes that fingerprints are made with.
std::optional<std::string> fingerprint_form(std::string folded) {
  std::erase_if(folded, [](char c) { return c == ':' || c == ' '; });
  for (const std::size_t digits : {64, 40, 32}) {
    if (folded.size() == digits) return hash_form(std::move(folded), digits);
  }
  return std::nullopt;
}

std::optional<std::string> domain_form(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  while (name.ends_with('.')) name.remove_suffix(1);
  if (name.size() > 253 || name.find('.') == std::string_view::npos || name.starts_with('.'))
    return std::nullopt;
  if (name.find("..") != std::string_view::npos || !all_of(name, is_host_sign)) return std::nullopt;
  const std::string_view last = name.substr(name.rfind('.') + 1);
  if (std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  return std::string(name);
}

/// The scheme and the host do not mind case, the rest does; without a fragment.
std::optional<std::string> url_form(const std::string& value) {
  const std::size_t scheme = value.find("://");
  if (scheme == std::string::npos || scheme == 0) return std::nullopt;
  const std::size_t host = scheme + 3, end = std::min(value.find_first_of("/?#", host), value.size());
  if (end == host) return std::nullopt;
  std::string out = text::folded(value.substr(0, end));
  if (!all_of(std::string_view(out).substr(0, scheme),
              [](unsigned char c) { return (c >= 'a' && c <= 'z') || c == '+' || c == '.' || c == '-'; })) {
    return std::nullopt;
  }
  const std::string_view rest = std::string_view(value).substr(end);
  const std::string_view kept = rest.substr(0, rest.find('#'));
  out += kept.empty() || kept.front() != '/' ? "/" : "";
  return out + std::string(kept);
}

/// Without the spellings of one drive: "\??\", "\\?\", "\Device\HarddiskVolume3".
std::optional<std::string> path_form(std::string folded) {
  if (folded.find('\\') != std::string::npos) {
    std::ranges::replace(folded, '/', '\\');
    for (const std::string_view prefix : {R"(\\?\)", R"(\\.\)", R"(\??\)"}) {
      if (folded.starts_with(prefix)) folded.erase(0, prefix.size());
    }
    constexpr std::string_view kVolume = R"(\device\harddiskvolume)";
    if (folded.starts_with(kVolume)) {
      const std::size_t end = folded.find('\\', kVolume.size());
      if (end == std::string::npos) return std::nullopt;
      folded.erase(0, end);
    }
  } else if (!folded.starts_with('/') && !folded.starts_with('~')) {
    return std::nullopt;
  }
  if (folded.size() < 3 || folded.find_first_of("*?\"<>|") != std::string::npos) return std::nullopt;
  return folded;
}

std::optional<std::string> registry_form(std::string folded) {
  std::ranges::replace(folded, '/', '\\');
  if (folded.starts_with(R"(\registry\machine\)")) folded.replace(0, 18, R"(hklm\)");
  if (folded.starts_with(R"(\registry\user\)")) folded.replace(0, 15, R"(hku\)");
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kRoots = {{
      {"hkey_local_machine\\", "hklm\\"},
      {"hkey_current_user\\", "hkcu\\"},
      {"hkey_users\\", "hku\\"},
      {"hkey_classes_root\\", "hkcr\\"},
      {"hkey_current_config\\", "hkcc\\"},
  }};
  for (const auto& [name, root] : kRoots) {
    if (folded.starts_with(name)) folded.replace(0, name.size(), root);
  }
  if (!folded.starts_with("hk")) return std::nullopt;
  for (const std::string_view set : {R"(hklm\system\controlset001\)", R"(hklm\system\controlset002\)"}) {
    if (folded.starts_with(set)) folded.replace(0, set.size(), R"(hklm\system\currentcontrolset\)");
  }
  while (folded.ends_with('\\')) folded.pop_back();
  if (folded.find('\\') == std::string::npos) return std::nullopt;
  return folded;
}

/// "10.0.0.1", "10.0.0.0/8", "[fe80::1]". An address with a prefix of its whole length is the address.
std::optional<std::string> ip_form(std::string folded) {
  if (folded.starts_with('[') && folded.ends_with(']')) folded = folded.substr(1, folded.size() - 2);
  const auto network = parse_network(folded);
  if (!network) return std::nullopt;
  const std::size_t slash = folded.find('/');
  if (slash != std::string::npos && network->prefix_bits == 128) folded.resize(slash);
  return folded;
}

/// Endings that people give to programs and scripts and nobody to domains.
bool has_file_ending(std::string_view folded) {
  constexpr std::array<std::string_view, 22> kEndings = {
      ".exe", ".dll",  ".sys", ".bat",  ".ps1", ".psm1", ".vbs", ".vbe", ".js",  ".jse", ".hta",
      ".jsp", ".jspx", ".asp", ".aspx", ".php", ".lnk",  ".dat", ".tmp", ".txt", ".log", ".dmp"};
  return std::ranges::any_of(kEndings, [&](std::string_view ending) {
    return folded.size() > ending.size() && folded.ends_with(ending);
  });
}

}  // namespace

std::string_view to_text(IndicatorKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}
std::optional<IndicatorKind> indicator_kind_named(std::string_view text) {
  std::string folded = text::folded(text);
  std::ranges::replace(folded, '_', '-');
  std::erase(folded, ' ');
  if (folded == "sha-1") folded = "sha1";
  if (folded == "sha-256") folded = "sha256";
  if (folded == "filename") folded = "file-name";
  if (folded == "useragent") folded = "user-agent";
  if (folded == "ipv4" || folded == "ipv6" || folded == "ip-address" || folded == "network") folded = "ip";
  if (folded == "hostname") folded = "domain";
  if (folded == "x509" || folded == "fingerprint" || folded.starts_with("x509-fingerprint"))
    folded = "certificate";
  if (folded == "registry-key" || folded == "regkey") folded = "registry";
  const auto at = std::ranges::find(kNames, folded);
  if (at == kNames.end()) return std::nullopt;
  return static_cast<IndicatorKind>(at - kNames.begin());
}

std::string_view to_text(Tlp tlp) {
  return kTlps[static_cast<std::size_t>(tlp)];
}
Tlp tlp_named(std::string_view text) {
  std::string folded = text::folded(text);
  if (folded.starts_with("tlp:")) folded.erase(0, 4);
  if (folded == "white") folded = "clear";
  const auto at = std::ranges::find(kTlps, folded);
  return at == kTlps.end() ? Tlp::unknown : static_cast<Tlp>(at - kTlps.begin());
}

std::string refanged(std::string_view value) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = value.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  std::string out(value.substr(begin, value.find_last_not_of(kBlank) - begin + 1));
  for (const std::string_view dot : {"[.]", "(.)", "{.}", "[dot]", "(dot)"}) replace_all(out, dot, ".");
  replace_all(out, "[:]", ":");
  replace_all(out, "[://]", "://");
  const std::string head = text::folded(out.substr(0, 5));
  if (head.starts_with("hxxp")) out.replace(0, 4, "http");
  return out;
}

std::optional<std::string> normal_form(IndicatorKind kind, std::string_view given) {
  if (given.size() > limits::kIndicatorBytes || !text::is_utf8(given)) return std::nullopt;
  const std::string value = refanged(given);
  if (value.empty() || has_unprintable(value)) return std::nullopt;
  std::string folded = text::folded(value);
  switch (kind) {
    case IndicatorKind::md5:
    case IndicatorKind::imphash:
      return hash_form(std::move(folded), 32);
    case IndicatorKind::sha1:
      return hash_form(std::move(folded), 40);
    case IndicatorKind::sha256:
      return hash_form(std::move(folded), 64);
    case IndicatorKind::ip:
      return ip_form(std::move(folded));
    case IndicatorKind::domain:
      return domain_form(folded);
    case IndicatorKind::url:
      return url_form(value);
    case IndicatorKind::path:
      return path_form(std::move(folded));
    case IndicatorKind::file_name:
      if (folded.find_first_of("/\\*?\"<>|") != std::string::npos) return std::nullopt;
      return folded;
    case IndicatorKind::registry:
      return registry_form(std::move(folded));
    case IndicatorKind::user_agent:
      return folded;
    case IndicatorKind::certificate:
      return fingerprint_form(std::move(folded));
  }
  return std::nullopt;
}

std::optional<IndicatorKind> kind_of_value(std::string_view given) {
  using enum IndicatorKind;
  const std::string value = text::folded(refanged(given));
  const auto is = [&](IndicatorKind kind) { return normal_form(kind, value).has_value(); };
  for (const IndicatorKind hash : {md5, sha1, sha256}) {
    if (is(hash)) return hash;
  }
  if (is(ip)) return ip;
  if (is(url)) return url;
  if (value.starts_with("hk") && is(registry)) return registry;
  if (value.starts_with(R"(\registry\)") && is(registry)) return registry;
  const bool drive = value.size() > 3 && value[1] == ':' && value[2] == '\\';
  if ((drive || value.starts_with('\\') || value.starts_with('/')) && is(path)) return path;
  if (value.starts_with("mozilla/")) return user_agent;
  if (has_file_ending(value) && is(file_name)) return file_name;
  if (is(domain)) return domain;
  return std::nullopt;
}

std::string to_text(const std::vector<Term>& terms) {
  std::string out;
  for (const Term& term : terms) {
    out += (out.empty() ? "" : " AND ") + std::string(to_text(term.kind)) + " " + term.value;
  }
  return out;
}

}  // namespace landwarden::intel
