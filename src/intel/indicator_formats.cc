// Our own form, tables and lists.

#include "intel/indicator_formats.h"

#include <charconv>
#include <initializer_list>
#include <utility>

#include "base/text.h"
#include "decode/csv/row.h"
#include "intel/limits.h"
#include "intel/tree.h"

namespace landwarden::intel {
namespace {

using decode::csv::Row;
constexpr std::string_view kHint = "docs/indicators.md has the format";

/// What a map of ours says of its indicators, over what is said already.
void read_provenance(MapReader& reader, const yaml::Node& node, Provenance& says) {
  if (std::string source = reader.text("source"); !source.empty()) says.source = std::move(source);
  if (std::string about = reader.text("about"); !about.empty()) says.about = std::move(about);
  if (const Time date = reader.date("date"); date.known()) says.seen = date;
  if (const Time end = reader.date("valid_until"); end.known()) says.valid_until = end;
  if (const std::string tlp = reader.text("tlp"); !tlp.empty()) {
    says.tlp = tlp_named(tlp);
    if (says.tlp == Tlp::unknown)
      reader.wrong(*node.find("tlp"), "tlp is clear, green, amber, amber+strict or red");
  }
  if (const std::string confidence = reader.text("confidence"); !confidence.empty()) {
    says.confidence = confidence_named(confidence);
    if (!says.confidence) reader.wrong(*node.find("confidence"), "confidence is a number from 0 to 100");
  }
}

Alternatives read_term(MapReader& reader, const yaml::Node& node) {
  const std::string kind = reader.text("kind", true), value = reader.text("value", true);
  const auto known = indicator_kind_named(kind);
  if (!known && !kind.empty()) reader.wrong(*node.find("kind"), "unknown kind '" + kind + "'");
  if (!known || value.empty()) return {};
  Alternatives out = one_of(*known, value);
  if (!out.not_understood.empty()) reader.wrong(*node.find("value"), out.not_understood.front());
  return out;
}

Alternatives read_terms(MapReader& reader, const yaml::Node& node, const std::string& file) {
  const yaml::Node* all = reader.find("all");
  if (all == nullptr) return read_term(reader, node);
  Alternatives out;
  for (const yaml::Node& item : reader.list("all")) {
    MapReader inner(item, file, "a value", kHint, {"kind", "value"});
    Alternatives one = read_term(inner, item);
    if (inner.error()) reader.wrong(item, inner.error()->message);
    if (&item == &all->items.front()) {
      out = std::move(one);
    } else {
      require(out, one);
    }
  }
  return out;
}

/// The columns of a table, by the names that people give them; -1: there is none.
struct Columns {
  int value = -1, kind = -1, source = -1, about = -1, seen = -1, until = -1, confidence = -1, tlp = -1;
};

int column_of(const std::vector<std::string_view>& names, std::initializer_list<std::string_view> wanted) {
  for (const std::string_view name : wanted) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (text::equal_folded(names[i], name)) return static_cast<int>(i);
    }
  }
  return -1;
}

Columns columns_of(const std::vector<std::string_view>& names) {
  return {
      .value = column_of(names, {"value", "indicator", "ioc", "indicator_value", "ioc_value", "observable"}),
      .kind = column_of(names, {"kind", "type", "indicator_type", "ioc_type"}),
      .source = column_of(names, {"source", "reporter", "feed"}),
      .about =
          column_of(names, {"about", "description", "comment", "malware", "malware_printable", "threat"}),
      .seen =
          column_of(names, {"date", "last_seen", "last_seen_utc", "first_seen", "first_seen_utc", "created"}),
      .until = column_of(names, {"valid_until", "expires", "expiration", "expiry"}),
      .confidence = column_of(names, {"confidence", "confidence_level"}),
      .tlp = column_of(names, {"tlp"})};
}

std::string_view cell(const Row& row, int column) {
  return column < 0 ? std::string_view() : row.values()[static_cast<std::size_t>(column)];
}

/// A row's value, of the kind that it says or that it looks like.
Alternatives value_of(std::string_view value, std::string_view kind) {
  if (value.empty()) return not_understood("a row without a value");
  const auto known = kind.empty() ? kind_of_value(value) : indicator_kind_named(kind);
  if (known) return one_of(*known, value);
  if (kind.empty()) return not_understood("'" + std::string(value.substr(0, 100)) + "' could be anything");
  const auto looks = kind_of_value(value);
  if (looks) return one_of(*looks, value);
  return not_understood("the kind '" + std::string(kind.substr(0, 40)) + "'");
}

std::string valid_text(std::string_view bytes) {
  std::string out;
  text::append_valid_utf8(out, bytes.substr(0, limits::kIndicatorBytes));
  return out;
}

}  // namespace

std::optional<unsigned> confidence_named(std::string_view text) {
  const std::string folded = text::folded(text);
  if (folded == "low") return 30;
  if (folded == "medium" || folded == "moderate") return 60;
  if (folded == "high") return 90;
  unsigned out = 0;
  const auto [end, error] = std::from_chars(folded.data(), folded.data() + folded.size(), out);
  if (error != std::errc() || end != folded.data() + folded.size() || out > 100) return std::nullopt;
  return out;
}

void read_own(const yaml::Node& document, const std::string& file, IndicatorImport& to) {
  MapReader reader(document, file, "a file of indicators", kHint,
                   {"indicators", "source", "about", "date", "valid_until", "confidence", "tlp", "entries"});
  (void)reader.text("indicators", true);
  Provenance common = to.provenance(file);
  read_provenance(reader, document, common);
  for (const yaml::Node& node : reader.list("entries", true)) {
    MapReader entry(node, file, "an indicator", kHint,
                    {"kind", "value", "all", "source", "about", "date", "valid_until", "confidence", "tlp"});
    Provenance says = common;
    read_provenance(entry, node, says);
    Alternatives terms = read_terms(entry, node, file);
    if (entry.error()) {
      to.fail_file(*entry.error());
      continue;
    }
    to.put(std::move(terms), says, file, "line " + std::to_string(node.line));
  }
  if (reader.error()) to.fail_file(*reader.error());
}

bool is_indicator_table(std::string_view first_line) {
  const char separator = decode::csv::separator_of(first_line);
  Row row;
  std::size_t at = 0;
  if (separator == 0 || row.read(first_line, at, separator) != Row::What::whole) return false;
  return columns_of(row.values()).value >= 0;
}

void read_table(std::string_view csv, const std::string& file, IndicatorImport& to) {
  const char separator = decode::csv::separator_of(csv.substr(0, csv.find('\n')));
  Row row;
  std::size_t at = 0;
  if (row.read(csv, at, separator) != Row::What::whole) return;
  const std::size_t width = row.values().size();
  const Columns columns = columns_of(row.values());
  for (std::size_t number = 2; at < csv.size(); ++number) {
    const auto what = row.read(csv, at, separator);
    const std::string where = "row " + std::to_string(number);
    Provenance says = to.provenance(file);
    if (what != Row::What::whole || row.values().size() != width) {
      to.put(not_understood("a row that has not as many values as names"), says, file, where);
      if (what == Row::What::open) return;
      continue;
    }
    if (const auto source = cell(row, columns.source); !source.empty()) says.source = valid_text(source);
    says.about = valid_text(cell(row, columns.about));
    says.seen = parse_time(cell(row, columns.seen)).value_or(says.seen);
    says.valid_until = parse_time(cell(row, columns.until)).value_or(Time::unknown());
    says.confidence = confidence_named(cell(row, columns.confidence));
    says.tlp = tlp_named(cell(row, columns.tlp));
    to.put(value_of(valid_text(cell(row, columns.value)), valid_text(cell(row, columns.kind))), says, file,
           where);
  }
}

void read_list(std::string_view text, const std::string& file, IndicatorImport& to) {
  const Provenance says = to.provenance(file);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (const std::size_t comment = line.find(" #"); comment != std::string_view::npos)
      line = line.substr(0, comment);
    const std::string value = refanged(valid_text(line));
    if (value.empty() || value.starts_with('#') || value.starts_with(';')) continue;
    to.put(value_of(value, {}), says, file, "line " + std::to_string(number));
  }
}

}  // namespace landwarden::intel
