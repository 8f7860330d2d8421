#include "intel/catalogue_entries.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "base/content.h"
#include "base/text.h"
#include "intel/limits.h"
#include "intel/own_text.h"

namespace landwarden::intel {
namespace {

using Kind = yaml::Node::Kind;

/// Adds a text once.
void add_once(std::vector<std::string>& to, std::string text) {
  if (!text.empty() && std::ranges::find(to, text) == to.end()) to.push_back(std::move(text));
}

void add_use(Thing& thing, Words what, const std::vector<std::string>& techniques) {
  if (what.en.empty()) return;
  auto use = std::ranges::find(thing.uses, what.en, [](const Use& one) { return one.what.en; });
  if (use == thing.uses.end()) {
    thing.uses.push_back({std::move(what), {}});
    use = std::prev(thing.uses.end());
  }
  for (const std::string& id : techniques) add_once(use->techniques, id);
}

/// The ATT&CK ids in a text: "T1105", "T1218.011: Rundll32".
std::vector<std::string> techniques_in(std::string_view text) {
  const auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  const auto digits = [&](std::size_t begin, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if (!digit(begin + i)) return false;
    }
    return !digit(begin + count);
  };
  std::vector<std::string> out;
  for (std::size_t at = text.find('T'); at != std::string_view::npos; at = text.find('T', at + 1)) {
    if (!digits(at + 1, 4)) continue;
    const bool sub = at + 5 < text.size() && text[at + 5] == '.' && digits(at + 6, 3);
    add_once(out, std::string(text.substr(at, sub ? 9 : 5)));
  }
  return out;
}

/// One line, cut at limits::kCatalogueTitleBytes between characters.
std::string heading(std::string_view text) {
  std::string out = calm_text(text.substr(0, 4 * limits::kCatalogueTitleBytes));
  if (out.size() <= limits::kCatalogueTitleBytes) return out;
  std::size_t end = limits::kCatalogueTitleBytes;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
  return out.substr(0, end) + "…";
}

/// "Windows vista, Windows 10", "Mac" … as our names of platforms.
void add_platforms(Thing& thing, std::string_view said) {
  const std::string text = text::folded(said);
  if (text.find("windows") != std::string::npos) add_once(thing.platforms, "windows");
  if (text.find("linux") != std::string::npos) add_once(thing.platforms, "linux");
  if (text.find("mac") != std::string::npos) add_once(thing.platforms, "macos");
}

ThingKind kind_of_file(std::string_view name) {
  const std::string folded = text::folded(name);
  for (const char* ending : {".ps1", ".vbs", ".bat", ".cmd", ".wsf", ".js"}) {
    if (folded.ends_with(ending)) return ThingKind::script;
  }
  for (const char* ending : {".dll", ".cpl", ".ocx"}) {
    if (folded.ends_with(ending)) return ThingKind::library;
  }
  return ThingKind::binary;
}

/// Values that stand in one cell or text, separated by commas or line ends.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(",\n"), text.size());
    std::string_view one = text.substr(0, end);
    while (!one.empty() && (one.front() == ' ' || one.front() == '\r')) one.remove_prefix(1);
    while (!one.empty() && (one.back() == ' ' || one.back() == '\r')) one.remove_suffix(1);
    add_once(out, std::string(one));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

const std::vector<yaml::Node>& items_at(const yaml::Node& map, std::string_view key) {
  static const std::vector<yaml::Node> none;
  const yaml::Node* node = map.find(key);
  return node == nullptr ? none : node->items;
}

Thing lolbas(const yaml::Node& entry) {
  Thing out;
  out.name = text_at(entry, "Name");
  out.kind = kind_of_file(out.name);
  out.platforms = {"windows"};
  out.title.en = heading(text_at(entry, "Description"));
  for (const yaml::Node& command : items_at(entry, "Commands"))
    add_use(out, {text::folded(text_at(command, "Category")), {}},
            techniques_in(text_at(command, "MitreID")));
  for (const yaml::Node& path : items_at(entry, "Full_Path"))
    add_once(out.paths, std::string(text_at(path, "Path")));
  return out;
}

const yaml::Node& gtfobins_terms() {
  static const yaml::Node terms = [] {
    auto documents = yaml::parse(content::find("catalogue_terms/gtfobins.yaml").value_or(""),
                                 "catalogue_terms/gtfobins.yaml");
    LW_ASSERT(documents.has_value() && documents->size() == 1);
    return std::move(documents->front());
  }();
  return terms;
}

Thing gtfobins(const yaml::Node& entry, std::string_view name) {
  Thing out;
  out.name = name;
  out.platforms = {"linux"};
  const yaml::Node* terms = gtfobins_terms().find("functions");
  const yaml::Node* functions = entry.find("functions");
  if (functions == nullptr || terms == nullptr) return out;
  for (const auto& [function, examples] : functions->entries) {
    const yaml::Node* term = terms->find(function.text);
    const yaml::Node* what = term != nullptr ? term->find("what") : nullptr;
    if (what == nullptr) {
      add_use(out, {function.text, {}}, {});
    } else {
      add_use(out, {std::string(text_at(*what, "en")), std::string(text_at(*what, "ja"))},
              texts_at(*term, "techniques"));
    }
  }
  return out;
}

Thing loobins(const yaml::Node& entry) {
  Thing out;
  out.name = text_at(entry, "name");
  out.platforms = {"macos"};
  out.title.en = heading(text_at(entry, "short_description"));
  for (const yaml::Node& example : items_at(entry, "example_use_cases"))
    add_use(out, {heading(text_at(example, "name")), {}}, {});
  for (std::string& path : texts_at(entry, "paths")) add_once(out.paths, std::move(path));
  return out;
}

Thing lolrmm(const yaml::Node& entry) {
  Thing out;
  out.name = text_at(entry, "Name");
  out.kind = ThingKind::remote_access;
  out.title.en = heading(text_at(entry, "Description"));
  add_use(out, {"remote control", {}}, {"T1219"});
  if (const yaml::Node* details = entry.find("Details")) {
    for (const std::string& system : texts_at(*details, "SupportedOS")) add_platforms(out, system);
    for (std::string& path : texts_at(*details, "InstallationPaths")) add_once(out.paths, std::move(path));
    for (const yaml::Node& file : items_at(*details, "PEMetadata")) {
      for (const char* key : {"Filename", "OriginalFileName"})
        add_once(out.aliases, text::folded(text_at(file, key)));
    }
  }
  if (const yaml::Node* artifacts = entry.find("Artifacts")) {
    for (const yaml::Node& network : items_at(*artifacts, "Network")) {
      for (std::string& domain : texts_at(network, "Domains")) add_once(out.domains, std::move(domain));
    }
  }
  return out;
}

/// "driver.sys" of the samples when the entry's tag says nothing.
Thing loldrivers(const yaml::Node& entry) {
  Thing out;
  out.kind = ThingKind::driver;
  out.platforms = {"windows"};
  const auto tags = texts_at(entry, "Tags");
  if (!tags.empty()) out.name = tags.front();
  for (const yaml::Node& sample : items_at(entry, "KnownVulnerableSamples")) {
    for (const char* key : {"Filename", "OriginalFilename"}) {
      const std::string file = text::folded(text_at(sample, key));
      if (out.name.empty()) out.name = file;
      if (file != text::folded(out.name)) add_once(out.aliases, file);
    }
    std::string hash = text::folded(text_at(sample, "SHA256"));
    if (hash.empty()) hash = text::folded(text_at(sample, "SHA1"));
    if (hash.empty()) hash = text::folded(text_at(sample, "MD5"));
    if (hash.find_first_not_of("0123456789abcdef") == std::string::npos)
      add_once(out.hashes, std::move(hash));
  }
  out.title.en = heading(text_at(entry, "Category"));
  const yaml::Node* command = entry.find("Commands");
  const std::string usecase = command != nullptr ? heading(text_at(*command, "Usecase")) : std::string();
  add_use(out, {usecase.empty() ? "load a driver with a known weakness" : text::folded(usecase), {}},
          techniques_in(text_at(entry, "MitreID")));
  return out;
}

/// Which of several spellings of a column a table has.
std::string_view cell(const yaml::Node& row, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    for (const auto& [key, value] : row.entries) {
      if (text::equal_folded(key.text, name)) return value.text;
    }
  }
  return {};
}

bool has_columns(const yaml::Node& row, std::initializer_list<std::string_view> names) {
  return std::ranges::all_of(names, [&](std::string_view name) {
    return std::ranges::any_of(
        row.entries, [&](const yaml::Entry& entry) { return text::equal_folded(entry.first.text, name); });
  });
}

std::string_view site_of(const yaml::Node& row) {
  return cell(row, {"Website", "Site", "Domain", "URL"});
}

Thing lots(const yaml::Node& row) {
  Thing out;
  out.name = text::folded(site_of(row));
  if (const auto scheme = out.name.find("://"); scheme != std::string::npos) out.name.erase(0, scheme + 3);
  while (out.name.ends_with('/')) out.name.pop_back();
  out.kind = ThingKind::site;
  out.title.en = heading(cell(row, {"Service Provider", "Provider", "Service"}));
  if (!out.name.empty()) out.domains = {out.name.substr(0, out.name.find('/'))};
  for (std::string& tag : split(cell(row, {"Tags", "Tag"}))) {
    const std::string folded = text::folded(tag);
    std::vector<std::string> techniques;
    if (folded.find("phish") != std::string::npos) techniques = {"T1566.002"};
    if (folded.find("download") != std::string::npos) techniques = {"T1105"};
    if (folded.find("exfil") != std::string::npos) techniques = {"T1567"};
    if (folded.find("c&c") != std::string::npos || folded == "c2") techniques = {"T1102"};
    add_use(out, {folded, {}}, techniques);
  }
  return out;
}

Thing lolbas_row(const yaml::Node& row) {
  Thing out;
  out.name = cell(row, {"Filename"});
  out.kind = kind_of_file(out.name);
  out.platforms = {"windows"};
  out.title.en = heading(cell(row, {"Description"}));
  add_use(out, {text::folded(cell(row, {"Command Category"})), {}},
          techniques_in(cell(row, {"MITRE ATT&CK technique"})));
  out.paths = split(cell(row, {"Paths"}));
  return out;
}

Thing lolrmm_row(const yaml::Node& row) {
  Thing out;
  out.name = cell(row, {"Name"});
  out.kind = ThingKind::remote_access;
  out.title.en = heading(cell(row, {"Description"}));
  add_use(out, {"remote control", {}}, {"T1219"});
  for (const std::string& system : split(cell(row, {"SupportedOS"}))) add_platforms(out, system);
  out.paths = split(cell(row, {"InstallationPaths"}));
  for (const char* column : {"Filename", "OriginalFileName"})
    for (const std::string& file : split(cell(row, {column}))) add_once(out.aliases, text::folded(file));
  return out;
}

Thing loldrivers_row(const yaml::Node& row) {
  Thing out;
  const auto tags = split(cell(row, {"Tags"}));
  if (!tags.empty()) out.name = tags.front();
  out.kind = ThingKind::driver;
  out.platforms = {"windows"};
  out.title.en = heading(cell(row, {"Category"}));
  add_use(out, {text::folded(cell(row, {"Usecase"})), {}}, techniques_in(cell(row, {"MitreID"})));
  for (const std::string& hash : split(cell(row, {"KnownVulnerableSamples_SHA256"})))
    add_once(out.hashes, text::folded(hash));
  return out;
}

std::optional<Thing> if_named(Thing thing) {
  thing.name = calm_text(thing.name);
  if (thing.name.empty() || thing.name.size() > limits::kCatalogueTitleBytes) return std::nullopt;
  std::erase(thing.aliases, text::folded(thing.name));
  return thing;
}

}  // namespace

std::optional<CatalogueFormat> format_of_entry(const yaml::Node& entry) {
  using enum CatalogueFormat;
  const auto has = [&](const char* key) { return entry.find(key) != nullptr; };
  if (has("KnownVulnerableSamples")) return loldrivers;
  if (has("Name") && has("Commands")) return lolbas;
  if (has("Name") && (has("Artifacts") || has("Details"))) return lolrmm;
  if (has("name") && has("example_use_cases")) return loobins;
  if (has("functions")) return gtfobins;
  return std::nullopt;
}

std::optional<CatalogueFormat> format_of_row(const yaml::Node& row) {
  using enum CatalogueFormat;
  if (has_columns(row, {"Filename", "Command Category"})) return lolbas;
  if (has_columns(row, {"KnownVulnerableSamples_SHA256"})) return loldrivers;
  if (has_columns(row, {"Name", "InstallationPaths"})) return lolrmm;
  for (const char* site : {"Website", "Site", "Domain", "URL"}) {
    if (has_columns(row, {"Tags", site})) return lots;
  }
  return std::nullopt;
}

std::optional<Thing> thing_of_entry(CatalogueFormat format, const yaml::Node& entry, std::string_view name) {
  using enum CatalogueFormat;
  switch (format) {
    case lolbas:
      return if_named(intel::lolbas(entry));
    case gtfobins:
      return if_named(intel::gtfobins(entry, name));
    case loobins:
      return if_named(intel::loobins(entry));
    case lolrmm:
      return if_named(intel::lolrmm(entry));
    case loldrivers:
      return if_named(intel::loldrivers(entry));
    case lots:
      return if_named(intel::lots(entry));
  }
  return std::nullopt;
}

std::optional<Thing> thing_of_row(CatalogueFormat format, const yaml::Node& row) {
  using enum CatalogueFormat;
  switch (format) {
    case lolbas:
      return if_named(lolbas_row(row));
    case lolrmm:
      return if_named(lolrmm_row(row));
    case loldrivers:
      return if_named(loldrivers_row(row));
    case lots:
      return if_named(intel::lots(row));
    default:
      return std::nullopt;
  }
}

void join(Thing& to, Thing from) {
  if (to.title.en.empty()) to.title = std::move(from.title);
  for (Use& use : from.uses) add_use(to, std::move(use.what), use.techniques);
  using List = std::vector<std::string> Thing::*;
  for (const List list : {&Thing::aliases, &Thing::platforms, &Thing::paths, &Thing::hashes, &Thing::domains})
    for (std::string& text : from.*list) add_once(to.*list, std::move(text));
}

}  // namespace landwarden::intel
