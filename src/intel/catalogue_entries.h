// One entry of a public catalogue, as a node with that project's keys, made into a thing of ours. Nothing if
// it lacks what every entry of the project has (a name).

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "intel/catalogue.h"
#include "intel/catalogue_import.h"

namespace landwarden::intel {

/// Which project's entry this is, by its keys.
[[nodiscard]] std::optional<CatalogueFormat> format_of_entry(const yaml::Node& entry);
/// The same for a table, by its row of names (as keys of a map).
[[nodiscard]] std::optional<CatalogueFormat> format_of_row(const yaml::Node& row);

/// `name` is used where the entry does not say its own (GTFOBins: the file's name).
[[nodiscard]] std::optional<Thing> thing_of_entry(CatalogueFormat format, const yaml::Node& entry,
                                                  std::string_view name);
[[nodiscard]] std::optional<Thing> thing_of_row(CatalogueFormat format, const yaml::Node& row);

/// Adds what `from` knows beyond `to`: uses, platforms, paths, hashes, domains, aliases.
void join(Thing& to, Thing from);

}  // namespace landwarden::intel
