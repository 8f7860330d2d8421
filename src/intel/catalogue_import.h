// Reads the public catalogues as their projects publish them, and makes catalogues of ours out of their
// facts: names, kinds, platforms, what for with which ATT&CK techniques, paths, hashes and domains.
//
//   LOLBAS, LOOBins, LOLRMM, LOLDrivers   a checkout (one YAML file an entry), or the JSON or CSV of their
//   site GTFOBins                              a checkout (files without an ending), or the JSON of its site
//   LOTS                                  a table (CSV, or JSON rows) with a column of sites and one of tags
//
// Which of them a file is, is told by its keys. Nothing in it is trusted: what could not be read is named and
// counted, and the rest goes on.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "intel/catalogue.h"

namespace landwarden::intel {

enum class CatalogueFormat : std::uint8_t { lolbas, gtfobins, loobins, lolrmm, loldrivers, lots };
[[nodiscard]] std::string_view to_text(CatalogueFormat format);

struct ImportedCatalogue {
  std::vector<Thing> things;             ///< sorted by name; entries of one name and kind are joined
  std::vector<CatalogueFormat> formats;  ///< met, each once
  std::uint64_t files = 0;               ///< looked at
  std::uint64_t passed_over = 0;         ///< no catalogue by their names: README, licence, pictures …
  std::vector<Error> unread;             ///< files and entries that could not be read
};

class CatalogueImport {
 public:
  /// One file's bytes. `path` tells the name of a GTFOBins entry, and places.
  void add(std::string_view bytes, const std::string& path);
  /// A file, or all below a folder.
  [[nodiscard]] Result<void> add_path(const std::string& path);
  /// Everything so far, sorted.
  [[nodiscard]] ImportedCatalogue take();

 private:
  void add_document(const yaml::Node& document, const std::string& path, std::string_view name);
  void add_table(std::string_view bytes, const std::string& path);
  void put(Thing thing, CatalogueFormat format);
  void put_or_name(std::optional<Thing> thing, CatalogueFormat format, const std::string& path,
                   const yaml::Node& at);

  /// GTFOBins says of some programs only that they are another one.
  struct SameAs {
    std::string name, other, path;
  };

  ImportedCatalogue out_;
  std::vector<SameAs> same_;
};

}  // namespace landwarden::intel
