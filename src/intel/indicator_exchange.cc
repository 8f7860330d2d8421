// STIX bundles and MISP events.

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/text.h"
#include "intel/indicator_formats.h"
#include "intel/stix_pattern.h"
#include "intel/tree.h"

namespace landwarden::intel {
namespace {

using Kind = yaml::Node::Kind;

const std::vector<yaml::Node>& items_at(const yaml::Node& map, std::string_view key) {
  static const std::vector<yaml::Node> none;
  const yaml::Node* node = map.find(key);
  return node == nullptr ? none : node->items;
}

Time time_at(const yaml::Node& map, std::string_view key) {
  return parse_time(text_at(map, key)).value_or(Time::unknown());
}

bool flag_at(const yaml::Node& map, std::string_view key, bool otherwise) {
  const yaml::Node* node = map.find(key);
  return node != nullptr && node->kind == Kind::boolean ? node->flag : otherwise;
}

/// The markings that STIX 2.1 and FIRST define, by the ids that everybody uses.
Tlp tlp_of_id(std::string_view id) {
  constexpr std::string_view kPrefix = "marking-definition--";
  static constexpr std::array<std::pair<std::string_view, Tlp>, 9> kIds = {{
      {"613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp::clear},
      {"34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp::green},
      {"f88d31f6-486f-44da-b317-01333bde0b82", Tlp::amber},
      {"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp::red},
      {"94868c89-83c2-464b-929b-a1a8aa3c8487", Tlp::clear},
      {"bab4a63c-aed9-4cf5-a766-dfca5abac2bb", Tlp::green},
      {"55d920b0-5e8b-4f79-9ee9-91f868d9b421", Tlp::amber},
      {"939a9414-2ddd-4d32-a0cd-375ea402b003", Tlp::amber_strict},
      {"e828b379-4e03-4974-9ac4-e53a884c97c1", Tlp::red},
  }};
  if (!id.starts_with(kPrefix)) return Tlp::unknown;
  id.remove_prefix(kPrefix.size());
  const auto at = std::ranges::find(kIds, id, [](const auto& entry) { return entry.first; });
  return at == kIds.end() ? Tlp::unknown : at->second;
}

/// What a bundle says besides its indicators.
struct BundleNames {
  std::map<std::string, std::string, std::less<>> identities;
  std::map<std::string, Tlp, std::less<>> markings;
};

BundleNames names_of(const yaml::Node& bundle) {
  BundleNames out;
  for (const yaml::Node& object : items_at(bundle, "objects")) {
    const std::string id(text_at(object, "id"));
    if (text_at(object, "type") == "identity") out.identities.emplace(id, text_at(object, "name"));
    if (text_at(object, "type") != "marking-definition") continue;
    const yaml::Node* definition = object.find("definition");
    Tlp tlp = definition != nullptr ? tlp_named(text_at(*definition, "tlp")) : Tlp::unknown;
    if (tlp == Tlp::unknown) tlp = tlp_named(text_at(object, "name"));
    if (tlp != Tlp::unknown) out.markings.emplace(id, tlp);
  }
  return out;
}

/// The strictest of the markings.
Tlp tlp_of(const yaml::Node& object, const BundleNames& names) {
  Tlp out = Tlp::unknown;
  for (const std::string& id : texts_at(object, "object_marking_refs")) {
    const auto known = names.markings.find(id);
    const Tlp tlp = known != names.markings.end() ? known->second : tlp_of_id(id);
    if (tlp != Tlp::unknown && (out == Tlp::unknown || tlp > out)) out = tlp;
  }
  return out;
}

/// "2026-03-01" or seconds since 1970, as MISP writes them.
Time misp_time(const yaml::Node& map, std::string_view key) {
  const std::string_view text = text_at(map, key);
  const bool digits =
      !text.empty() && text.size() <= 11 && text.find_first_not_of("0123456789") == std::string_view::npos;
  if (digits) return from_unix(std::stoll(std::string(text)));
  return time_at(map, key);
}

/// MISP's types whose value, or whose parts around '|', are of kinds of ours.
std::vector<IndicatorKind> kinds_of_misp(std::string_view type) {
  using enum IndicatorKind;
  static const std::map<std::string_view, std::vector<IndicatorKind>> kTypes = {
      {"md5", {md5}},
      {"sha1", {sha1}},
      {"sha256", {sha256}},
      {"imphash", {imphash}},
      {"filename", {file_name}},
      {"filename|md5", {file_name, md5}},
      {"filename|sha1", {file_name, sha1}},
      {"filename|sha256", {file_name, sha256}},
      {"malware-sample", {file_name, md5}},
      {"ip-src", {ip}},
      {"ip-dst", {ip}},
      {"ip-src|port", {ip}},
      {"ip-dst|port", {ip}},
      {"domain", {domain}},
      {"hostname", {domain}},
      {"domain|ip", {domain, ip}},
      {"hostname|port", {domain}},
      {"url", {url}},
      {"user-agent", {user_agent}},
      {"x509-fingerprint-sha256", {certificate}},
      {"x509-fingerprint-sha1", {certificate}},
      {"x509-fingerprint-md5", {certificate}},
      {"regkey", {registry}},
      {"regkey|value", {registry}},
  };
  const auto at = kTypes.find(type);
  return at == kTypes.end() ? std::vector<IndicatorKind>() : at->second;
}

/// The parts of "name|hash": each is one indicator, as MISP means it.
Alternatives misp_value(std::string_view type, std::string_view value) {
  const auto kinds = kinds_of_misp(type);
  if (kinds.empty()) return not_understood("the type '" + std::string(type) + "'");
  Alternatives out;
  for (const IndicatorKind kind : kinds) {
    const std::size_t end = std::min(value.find('|'), value.size());
    std::string_view part = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    // A file's name with its folder is a path.
    if (kind == IndicatorKind::file_name && kinds.size() > 1) continue;
    const bool path = kind == IndicatorKind::file_name && part.find_first_of("/\\") != std::string_view::npos;
    add(out, one_of(path ? IndicatorKind::path : kind, part));
  }
  return out;
}

Tlp misp_tlp(const yaml::Node& map) {
  Tlp out = Tlp::unknown;
  for (const yaml::Node& tag : items_at(map, "Tag")) {
    const Tlp tlp = tlp_named(text_at(tag, "name"));
    if (tlp != Tlp::unknown && (out == Tlp::unknown || tlp > out)) out = tlp;
  }
  return out;
}

class MispEvent {
 public:
  MispEvent(const yaml::Node& event, const std::string& file, IndicatorImport& to)
      : event_(event), file_(file), to_(to), common_(to.provenance(file)) {}

  void read() {
    if (const yaml::Node* organisation = event_.find("Orgc"); organisation != nullptr) {
      if (const auto name = text_at(*organisation, "name"); !name.empty()) common_.source = name;
    }
    common_.about = text_at(event_, "info");
    if (const Time date = misp_time(event_, "date"); date.known()) common_.seen = date;
    common_.tlp = misp_tlp(event_);
    attributes(event_);
    for (const yaml::Node& object : items_at(event_, "Object")) attributes(object);
  }

 private:
  void attributes(const yaml::Node& of) {
    for (const yaml::Node& attribute : items_at(of, "Attribute")) {
      if (!flag_at(attribute, "to_ids", false) || flag_at(attribute, "deleted", false)) {
        to_.withdraw();
        continue;
      }
      Provenance says = common_;
      if (const auto comment = text_at(attribute, "comment"); !comment.empty()) says.about = comment;
      if (const Time time = misp_time(attribute, "last_seen"); time.known()) says.seen = time;
      if (const Tlp tlp = misp_tlp(attribute); tlp != Tlp::unknown) says.tlp = tlp;
      to_.put(misp_value(text_at(attribute, "type"), text_at(attribute, "value")), says, file_,
              "attribute " + std::string(text_at(attribute, "uuid")));
    }
  }

  const yaml::Node& event_;
  const std::string& file_;
  IndicatorImport& to_;
  Provenance common_;
};

/// The events in a document: one, or lists of them.
template <class Take>
void each_event(const yaml::Node& document, const Take& take) {
  if (const yaml::Node* event = document.find("Event"); event != nullptr) return take(*event);
  for (const yaml::Node& item : document.items) each_event(item, take);
  for (const yaml::Node& item : items_at(document, "response")) each_event(item, take);
}

}  // namespace

void read_stix(const yaml::Node& bundle, const std::string& file, IndicatorImport& to) {
  const BundleNames names = names_of(bundle);
  for (const yaml::Node& object : items_at(bundle, "objects")) {
    if (text_at(object, "type") != "indicator") continue;
    if (flag_at(object, "revoked", false)) {
      to.withdraw();
      continue;
    }
    Provenance says = to.provenance(file);
    const auto author = names.identities.find(text_at(object, "created_by_ref"));
    if (author != names.identities.end() && !author->second.empty()) says.source = author->second;
    says.about = text_at(object, "name");
    if (says.about.empty()) says.about = text_at(object, "description").substr(0, 200);
    const Time from = time_at(object, "valid_from");
    if (const Time time = from.known() ? from : time_at(object, "created"); time.known()) says.seen = time;
    says.valid_until = time_at(object, "valid_until");
    says.confidence = confidence_named(text_at(object, "confidence"));
    says.tlp = tlp_of(object, names);
    const std::string_view type = text_at(object, "pattern_type");
    to.put(type.empty() || type == "stix"
               ? read_stix_pattern(text_at(object, "pattern"))
               : not_understood("a pattern of the type '" + std::string(type) + "'"),
           says, file, std::string(text_at(object, "id")));
  }
}

bool is_misp(const yaml::Node& document) {
  bool found = false;
  each_event(document, [&](const yaml::Node&) { found = true; });
  return found;
}

void read_misp(const yaml::Node& document, const std::string& file, IndicatorImport& to) {
  each_event(document, [&](const yaml::Node& event) { MispEvent(event, file, to).read(); });
}

}  // namespace landwarden::intel
