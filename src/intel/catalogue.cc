#include "intel/catalogue.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "base/content.h"
#include "base/text.h"
#include "intel/own_text.h"

namespace landwarden::intel {
namespace {

constexpr std::string_view kFolder = "catalogues/";
constexpr std::string_view kHint = "docs/catalogues.md has the format";
constexpr std::array<std::string_view, 6> kKinds = {"binary", "script",        "library",
                                                    "driver", "remote-access", "site"};
constexpr std::array<std::string_view, 4> kVerdicts = {"undecided", "allowed", "watch", "block"};

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto at = std::ranges::find(names, text);
  if (at == names.end()) return std::nullopt;
  return static_cast<Enum>(at - names.begin());
}

/// Says in `reader` what is wrong with a decision or a use.
Decision read_decision(MapReader& reader, const yaml::Node& node, const std::string& file) {
  MapReader inner(node, file, "a decision", kHint, {"verdict", "reason"});
  Decision out;
  const std::string said = inner.text("verdict", true);
  out.reason = inner.words("reason", true);
  out.place = node.place(file);
  if (const auto verdict = verdict_named(said)) {
    out.verdict = *verdict;
  } else if (!said.empty()) {
    inner.wrong(*node.find("verdict"), "a verdict is allowed, watch or block, not '" + said + "'");
  }
  if (inner.error()) reader.wrong(node, inner.error()->message);
  return out;
}

bool is_technique(std::string_view text) {
  const auto digits = [](std::string_view part) {
    return std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
  };
  if (text.size() != 5 && text.size() != 9) return false;
  return text[0] == 'T' && digits(text.substr(1, 4)) &&
         (text.size() == 5 || (text[5] == '.' && digits(text.substr(6))));
}

Use read_use(MapReader& reader, const yaml::Node& node, const std::string& file) {
  MapReader inner(node, file, "a use", kHint, {"what", "techniques"});
  Use out{inner.words("what", true), inner.texts("techniques")};
  for (const std::string& id : out.techniques) {
    if (!is_technique(id)) inner.wrong(*node.find("techniques"), "'" + id + "' is no ATT&CK technique");
  }
  if (inner.error()) reader.wrong(node, inner.error()->message);
  return out;
}

Result<Thing> read_thing(const yaml::Node& node, const std::string& file, const std::string& catalogue) {
  MapReader reader(node, file, "an entry of a catalogue", kHint,
                   {"name", "kind", "aliases", "platforms", "paths", "hashes", "domains", "title", "normal",
                    "uses", "named_by", "decision"});
  Thing out;
  out.name = reader.text("name", true);
  const std::string kind = reader.text("kind", true);
  out.aliases = reader.texts("aliases");
  out.platforms = reader.texts("platforms");
  out.paths = reader.texts("paths");
  out.hashes = reader.texts("hashes");
  out.domains = reader.texts("domains");
  out.title = reader.words("title");
  out.normal = reader.words("normal");
  out.named_by = reader.texts("named_by");
  for (const yaml::Node& use : reader.list("uses")) out.uses.push_back(read_use(reader, use, file));
  if (const yaml::Node* decision = reader.find("decision"))
    out.decision = read_decision(reader, *decision, file);
  if (const auto known = thing_kind_named(kind)) {
    out.kind = *known;
  } else if (!kind.empty()) {
    reader.wrong(*node.find("kind"),
                 "unknown kind '" + kind + "': binary, script, library, driver, remote-access or site");
  }
  out.catalogue = catalogue;
  out.place = node.place(file);
  if (reader.error()) return std::unexpected(*reader.error());
  return out;
}

std::string words_text(const Words& words) {
  const std::string japanese = calm_text(words.ja);
  if (japanese.empty()) return quoted_text(words.en);
  return "{en: " + quoted_text(words.en) + ", ja: " + quoted_value(japanese) + "}";
}

std::string list_text(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    const std::string calm = calm_text(text);
    if (!calm.empty()) out += (out.empty() ? "" : ", ") + quoted_value(calm);
  }
  return "[" + out + "]";
}

void append_thing(std::string& out, const Thing& thing) {
  out += "  - name: " + quoted_text(thing.name) + "\n    kind: " + std::string(to_text(thing.kind)) + "\n";
  const auto list = [&](const char* key, const std::vector<std::string>& texts) {
    if (!texts.empty()) out += std::string("    ") + key + ": " + list_text(texts) + "\n";
  };
  const auto words = [&](const char* key, const Words& said) {
    if (!calm_text(said.en).empty()) out += std::string("    ") + key + ": " + words_text(said) + "\n";
  };
  list("aliases", thing.aliases);
  list("platforms", thing.platforms);
  words("title", thing.title);
  if (!thing.uses.empty()) out += "    uses:\n";
  for (const Use& use : thing.uses) {
    if (calm_text(use.what.en).empty()) continue;
    out += "      - {what: " + words_text(use.what);
    if (!use.techniques.empty()) out += ", techniques: " + list_text(use.techniques);
    out += "}\n";
  }
  words("normal", thing.normal);
  list("paths", thing.paths);
  list("domains", thing.domains);
  list("hashes", thing.hashes);
  list("named_by", thing.named_by);
  if (thing.decision.verdict != Verdict::undecided) {
    out += "    decision: {verdict: " + std::string(to_text(thing.decision.verdict)) +
           ", reason: " + words_text(thing.decision.reason) + "}\n";
  }
}

}  // namespace

std::string_view to_text(ThingKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}
std::string_view to_text(Verdict verdict) {
  return kVerdicts[static_cast<std::size_t>(verdict)];
}
std::optional<ThingKind> thing_kind_named(std::string_view text) {
  return named<ThingKind>(kKinds, text);
}

std::optional<Verdict> verdict_named(std::string_view text) {
  const auto out = named<Verdict>(kVerdicts, text);
  return out == Verdict::undecided ? std::nullopt : out;
}

Result<Catalogue> read_catalogue(std::string_view text, const std::string& file) {
  auto documents = yaml::parse(text, file);
  if (!documents) return std::unexpected(std::move(documents.error()));
  if (documents->size() != 1)
    return fail(ErrorCode::invalid, "a catalogue is one YAML document", {file, 0, 0, {}}, std::string(kHint));
  MapReader reader(documents->front(), file, "a catalogue", kHint,
                   {"catalogue", "source", "date", "entries"});
  Catalogue out;
  out.name = reader.text("catalogue", true);
  out.source = reader.text("source", true);
  out.date = reader.date("date", true);
  for (const yaml::Node& node : reader.list("entries", true)) {
    auto thing = read_thing(node, file, out.name);
    if (!thing) return std::unexpected(std::move(thing.error()));
    out.things.push_back(std::move(*thing));
  }
  if (reader.error()) return std::unexpected(*reader.error());
  return out;
}

const std::vector<Catalogue>& built_in_catalogues() {
  static const std::vector<Catalogue> all = [] {
    std::vector<Catalogue> out;
    for (const content::BuiltIn& file : content::built_in()) {
      const std::string_view name = file.name;
      if (!name.starts_with(kFolder)) continue;
      auto catalogue = read_catalogue(file.bytes(), "content/" + std::string(name));
      LW_ASSERT(catalogue.has_value());  // the room's tests read them all
      out.push_back(std::move(*catalogue));
    }
    return out;
  }();
  return all;
}

std::string catalogue_text(const Catalogue& catalogue) {
  std::string out = "catalogue: " + quoted_text(catalogue.name) +
                    "\nsource: " + quoted_text(catalogue.source) + "\ndate: '" +
                    to_rfc3339(catalogue.date).substr(0, 10) + "'\nentries:";
  if (catalogue.things.empty()) return out + " []\n";
  out += "\n";
  for (const Thing& thing : catalogue.things) append_thing(out, thing);
  return out;
}

std::string name_key(std::string_view name) {
  std::string out = text::folded(name.substr(name.find_last_of("/\\") + 1));
  if (out.size() > 4 && out.ends_with(".exe")) out.resize(out.size() - 4);
  return out;
}

}  // namespace landwarden::intel
