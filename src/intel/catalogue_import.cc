#include "intel/catalogue_import.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/text.h"
#include "decode/csv/row.h"
#include "intel/catalogue_entries.h"
#include "intel/files.h"
#include "intel/limits.h"

namespace landwarden::intel {
namespace {

using Kind = yaml::Node::Kind;
using decode::csv::Row;

constexpr std::array<std::string_view, 6> kNames = {"LOLBAS", "GTFOBins",   "LOOBins",
                                                    "LOLRMM", "LOLDrivers", "LOTS"};

/// "folder/name.ext" → "name" and ".ext".
std::string_view file_name(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}
std::string_view ending(std::string_view path) {
  const std::string_view name = file_name(path);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot);
}

/// What lies beside entries in a checkout.
bool is_beside(std::string_view path) {
  constexpr std::array<std::string_view, 8> kEndings = {".md", ".png", ".svg", ".html",
                                                        ".py", ".css", ".js",  ".txt"};
  const std::string name = text::folded(file_name(path));
  return name.starts_with("license") || name.starts_with("readme") ||
         std::ranges::find(kEndings, ending(name)) != kEndings.end();
}

yaml::Node text_node(std::string_view text) {
  yaml::Node out;
  out.kind = Kind::text;
  out.text = text;
  return out;
}

/// Rows as maps with the names of their columns.
class Table {
 public:
  explicit Table(std::string_view bytes) : bytes_(bytes) {
    if (bytes_.starts_with("\xEF\xBB\xBF")) bytes_.remove_prefix(3);
    separator_ = decode::csv::separator_of(bytes_.substr(0, bytes_.find('\n')));
    Row row;
    if (separator_ == 0 || row.read(bytes_, at_, separator_) != Row::What::whole) return;
    for (const std::string_view name : row.values()) {
      std::string valid;
      text::append_valid_utf8(valid, name);
      header_.entries.push_back({text_node(valid), text_node("")});
    }
    header_.kind = Kind::map;
  }
  [[nodiscard]] const yaml::Node& header() const { return header_; }
  [[nodiscard]] bool at_end() const { return at_ >= bytes_.size(); }
  /// The next row; nothing if its values are not as many as the names.
  [[nodiscard]] std::optional<yaml::Node> next() {
    if (row_.read(bytes_, at_, separator_) != Row::What::whole ||
        row_.values().size() != header_.entries.size()) {
      return std::nullopt;
    }
    yaml::Node out = header_;
    for (std::size_t i = 0; i < out.entries.size(); ++i) {
      std::string valid;
      text::append_valid_utf8(valid, row_.values()[i]);
      out.entries[i].second = text_node(valid);
    }
    return out;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  char separator_ = 0;
  Row row_;
  yaml::Node header_;
};

}  // namespace

std::string_view to_text(CatalogueFormat format) {
  return kNames[static_cast<std::size_t>(format)];
}

void CatalogueImport::put(Thing thing, CatalogueFormat format) {
  if (std::ranges::find(out_.formats, format) == out_.formats.end()) out_.formats.push_back(format);
  out_.things.push_back(std::move(thing));
}

void CatalogueImport::put_or_name(std::optional<Thing> thing, CatalogueFormat format, const std::string& path,
                                  const yaml::Node& at) {
  if (thing) return put(std::move(*thing), format);
  out_.unread.push_back({ErrorCode::damaged,
                         "an entry of " + std::string(to_text(format)) + " without a name",
                         at.place(path),
                         {}});
}

void CatalogueImport::add_document(const yaml::Node& document, const std::string& path,
                                   std::string_view name) {
  if (document.kind == Kind::list) {
    for (const yaml::Node& item : document.items) add_document(item, path, {});
    return;
  }
  if (const auto other = text_at(document, "alias"); !other.empty() && document.entries.size() == 1) {
    same_.push_back({std::string(name), std::string(other), path});
    return;
  }
  if (const auto format = format_of_entry(document)) {
    // The site of GTFOBins tells what functions are, under the same key as an entry its own.
    const yaml::Node* executables = document.find("executables");
    if (executables == nullptr)
      return put_or_name(thing_of_entry(*format, document, name), *format, path, document);
  }
  if (const auto format = format_of_row(document))
    return put_or_name(thing_of_row(*format, document), *format, path, document);
  // GTFOBins' own JSON: name → entry.
  const yaml::Node* named = document.find("executables");
  if (named == nullptr) named = &document;
  const std::size_t before = out_.things.size();
  for (const auto& [key, value] : named->entries) {
    if (const auto other = text_at(value, "alias"); !other.empty())
      same_.push_back({key.text, std::string(other), path});
    if (value.kind == Kind::map && format_of_entry(value) == CatalogueFormat::gtfobins)
      put_or_name(thing_of_entry(CatalogueFormat::gtfobins, value, key.text), CatalogueFormat::gtfobins, path,
                  key);
  }
  if (out_.things.size() > before) return;
  out_.unread.push_back({ErrorCode::unsupported, "no entry of a catalogue that is known here",
                         document.place(path), "LOLBAS, GTFOBins, LOOBins, LOLRMM, LOLDrivers and LOTS are"});
}

void CatalogueImport::add_table(std::string_view bytes, const std::string& path) {
  Table table(bytes);
  const auto format = format_of_row(table.header());
  if (!format) {
    out_.unread.push_back(
        {ErrorCode::unsupported, "no table of a catalogue that is known here", {path, 1, 0, {}}, {}});
    return;
  }
  for (std::uint32_t number = 2; !table.at_end(); ++number) {
    const auto row = table.next();
    const auto thing = row ? thing_of_row(*format, *row) : std::nullopt;
    if (thing) {
      put(*thing, *format);
    } else {
      out_.unread.push_back({ErrorCode::damaged,
                             "row " + std::to_string(number) + " has no name, or not as many values as names",
                             {path, 0, 0, {}},
                             {}});
    }
  }
}

void CatalogueImport::add(std::string_view bytes, const std::string& path) {
  ++out_.files;
  if (text::folded(ending(path)) == ".csv") return add_table(bytes, path);
  auto documents = parse_tree(bytes, path);
  if (!documents) {
    out_.unread.push_back(std::move(documents.error()));
    return;
  }
  if (documents->empty()) out_.unread.push_back({ErrorCode::damaged, "nothing in it", {path, 0, 0, {}}, {}});
  for (const yaml::Node& document : *documents) add_document(document, path, file_name(path));
}

Result<void> CatalogueImport::add_path(const std::string& path) {
  const auto files = files_at(path);
  if (!files) return std::unexpected(files.error());
  for (const std::string& file : *files) {
    if (file != path && is_beside(file)) {
      ++out_.passed_over;
      continue;
    }
    const auto bytes = read_whole(file, limits::kIntelBytes);
    if (bytes) {
      add(*bytes, file);
    } else {
      ++out_.files;
      out_.unread.push_back(bytes.error());
    }
  }
  return {};
}

ImportedCatalogue CatalogueImport::take() {
  std::map<std::pair<std::string, ThingKind>, Thing> joined;
  for (Thing& thing : out_.things) {
    const std::pair key(text::folded(thing.name), thing.kind);
    const auto found = joined.find(key);
    if (found == joined.end()) {
      joined.emplace(key, std::move(thing));
    } else {
      join(found->second, std::move(thing));
    }
  }
  ImportedCatalogue out = std::exchange(out_, {});
  // One may be another that is a third: as long as there is progress.
  std::vector<SameAs> waiting = std::exchange(same_, {});
  for (std::size_t before = 0; before != waiting.size() && !waiting.empty();) {
    before = waiting.size();
    std::erase_if(waiting, [&](const SameAs& same) {
      const auto other = joined.find({text::folded(same.other), ThingKind::binary});
      if (other == joined.end()) return false;
      Thing copy = other->second;
      copy.name = same.name;
      joined.try_emplace({text::folded(same.name), ThingKind::binary}, std::move(copy));
      return true;
    });
  }
  for (const SameAs& same : waiting) {
    out.unread.push_back({ErrorCode::damaged,
                          "'" + same.name + "' is said to be '" + same.other + "', which is not there",
                          {same.path, 0, 0, {}},
                          {}});
  }
  out.things.clear();
  for (auto& [key, thing] : joined) out.things.push_back(std::move(thing));
  std::ranges::sort(out.formats);
  return out;
}

}  // namespace landwarden::intel
