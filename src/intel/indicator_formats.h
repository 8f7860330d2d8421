// The formats of indicators, each read into an import. What is wrong is said to the import.

#pragma once

#include <string>
#include <string_view>

#include "base/yaml.h"
#include "intel/indicator_import.h"

namespace landwarden::intel {

void read_own(const yaml::Node& document, const std::string& file, IndicatorImport& to);
void read_stix(const yaml::Node& bundle, const std::string& file, IndicatorImport& to);
void read_misp(const yaml::Node& document, const std::string& file, IndicatorImport& to);
[[nodiscard]] bool is_misp(const yaml::Node& document);
void read_openioc(std::string_view xml, const std::string& file, IndicatorImport& to);
/// Whether a first row names a column of values.
[[nodiscard]] bool is_indicator_table(std::string_view first_line);
void read_table(std::string_view csv, const std::string& file, IndicatorImport& to);
void read_list(std::string_view text, const std::string& file, IndicatorImport& to);

/// A number from 0 to 100, or one of "low", "medium", "high".
[[nodiscard]] std::optional<unsigned> confidence_named(std::string_view text);

}  // namespace landwarden::intel
