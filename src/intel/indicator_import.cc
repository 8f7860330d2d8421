#include "intel/indicator_import.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/assert.h"
#include "base/content.h"
#include "intel/files.h"
#include "intel/indicator_formats.h"
#include "intel/limits.h"
#include "intel/own_text.h"
#include "intel/tree.h"

namespace landwarden::intel {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"Landwarden", "STIX", "MISP", "OpenIOC", "CSV", "list"};
constexpr std::string_view kFolder = "indicators/";
constexpr std::string_view kFields = "indicators/fields.yaml";

std::string_view without_mark(std::string_view bytes) {
  return bytes.starts_with("\xEF\xBB\xBF") ? bytes.substr(3) : bytes;
}

/// Which of two sayings of one source is kept: the one that says later.
bool is_newer(const Indicator& left, const Indicator& right) {
  return left.says.seen > right.says.seen;
}

std::string date_of(Time time) {
  return time.known() ? to_rfc3339(time).substr(0, 10) : std::string();
}

void append_indicator(std::string& out, const Indicator& indicator) {
  out += "  - {";
  if (indicator.terms.size() == 1) {
    out += "kind: " + std::string(to_text(indicator.terms[0].kind)) +
           ", value: " + quoted_value(indicator.terms[0].value);
  } else {
    out += "all: [";
    for (std::size_t i = 0; i < indicator.terms.size(); ++i) {
      out += std::string(i > 0 ? ", " : "") + "{kind: " + std::string(to_text(indicator.terms[i].kind)) +
             ", value: " + quoted_value(indicator.terms[i].value) + "}";
    }
    out += "]";
  }
  const Provenance& says = indicator.says;
  const std::string source = calm_text(says.source), about = calm_text(says.about);
  if (!source.empty()) out += ", source: " + quoted_value(source);
  if (!about.empty()) out += ", about: " + quoted_value(about);
  if (says.seen.known()) out += ", date: '" + date_of(says.seen) + "'";
  if (says.valid_until.known()) out += ", valid_until: '" + date_of(says.valid_until) + "'";
  if (says.confidence) out += ", confidence: " + std::to_string(*says.confidence);
  if (says.tlp != Tlp::unknown) out += ", tlp: " + std::string(to_text(says.tlp));
  out += "}\n";
}

}  // namespace

std::string_view to_text(IndicatorFormat format) {
  return kNames[static_cast<std::size_t>(format)];
}

void IndicatorImport::met(IndicatorFormat format) {
  if (std::ranges::find(out_.formats, format) == out_.formats.end()) out_.formats.push_back(format);
}

void IndicatorImport::fail_file(Error error) {
  out_.unreadable = true;
  out_.errors.push_back(std::move(error));
}

Provenance IndicatorImport::provenance(const std::string& file) const {
  Provenance out;
  out.source = defaults_.source.empty() ? file.substr(file.find_last_of('/') + 1) : defaults_.source;
  out.seen = defaults_.seen;
  return out;
}

void IndicatorImport::put(Alternatives alternatives, const Provenance& says, const std::string& file,
                          const std::string& where) {
  for (std::vector<Term>& terms : alternatives.sets) {
    if (out_.indicators.size() == limits::kIndicators) {
      fail_file(
          {ErrorCode::limit, "more indicators than are held at once", {file, 0, 0, {}}, "give fewer files"});
      return;
    }
    if (out_.indicators.size() > limits::kIndicators) return;
    out_.indicators.push_back({std::move(terms), says, where.empty() ? file : file + " " + where});
  }
  out_.not_understood += alternatives.not_understood.size();
  for (std::string& why : alternatives.not_understood) {
    if (named_of_file_++ >= limits::kImportListed) continue;
    out_.errors.push_back({ErrorCode::unsupported,
                           "not understood: " + std::move(why) + (where.empty() ? "" : " (" + where + ")"),
                           {file, 0, 0, {}},
                           {}});
  }
}

void IndicatorImport::read_json(std::string_view bytes, const std::string& file) {
  const auto root = parse_json(bytes, file);
  if (!root) return fail_file(root.error());
  if (text_at(*root, "type") == "bundle") {
    met(IndicatorFormat::stix);
    read_stix(*root, file, *this);
  } else if (is_misp(*root)) {
    met(IndicatorFormat::misp);
    read_misp(*root, file, *this);
  } else {
    fail_file({ErrorCode::unsupported,
               "JSON that is neither a STIX 2 bundle nor a MISP event",
               {file, 0, 0, {}},
               {}});
  }
}

void IndicatorImport::add(std::string_view given, const std::string& file) {
  ++out_.files;
  named_of_file_ = 0;
  const std::string_view bytes = without_mark(given);
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    return fail_file({ErrorCode::damaged, "nothing in it", {file, 0, 0, {}}, {}});
  const std::string_view line = bytes.substr(first, bytes.find('\n', first) - first);
  if (bytes[first] == '{' || (bytes[first] == '[' && !kind_of_value(line)))
    return read_json(bytes.substr(first), file);
  if (bytes[first] == '<') {
    met(IndicatorFormat::openioc);
    return read_openioc(bytes, file, *this);
  }
  if (is_indicator_table(line)) {
    met(IndicatorFormat::table);
    return read_table(bytes.substr(first), file, *this);
  }
  if (bytes.find("\nentries:") != std::string_view::npos ||
      bytes.find("\nentries :") != std::string_view::npos) {
    const auto documents = yaml::parse(bytes, file);
    if (!documents) return fail_file(documents.error());
    met(IndicatorFormat::own);
    for (const yaml::Node& document : *documents) read_own(document, file, *this);
    return;
  }
  met(IndicatorFormat::list);
  read_list(bytes, file, *this);
}

Result<void> IndicatorImport::add_path(const std::string& path) {
  const auto files = files_at(path);
  if (!files) return std::unexpected(files.error());
  for (const std::string& file : *files) {
    const auto bytes = read_whole(file, limits::kIntelBytes);
    if (bytes) {
      add(*bytes, file);
    } else {
      ++out_.files;
      fail_file(bytes.error());
    }
  }
  return {};
}

ImportedIndicators IndicatorImport::take() {
  ImportedIndicators out = std::exchange(out_, {});
  std::ranges::stable_sort(out.indicators, [](const Indicator& left, const Indicator& right) {
    if (const auto order = left.terms <=> right.terms; order != 0) return order < 0;
    if (const auto order = left.says.source <=> right.says.source; order != 0) return order < 0;
    return is_newer(left, right);
  });
  const auto same = [](const Indicator& left, const Indicator& right) {
    return left.terms == right.terms && left.says.source == right.says.source;
  };
  const auto doubles = std::ranges::unique(out.indicators, same);
  out.indicators.erase(doubles.begin(), doubles.end());
  std::ranges::sort(out.formats);
  return out;
}

const std::vector<Indicator>& built_in_indicators() {
  static const std::vector<Indicator> all = [] {
    IndicatorImport import;
    for (const content::BuiltIn& file : content::built_in()) {
      const std::string_view name = file.name;
      if (name.starts_with(kFolder) && name != kFields)
        import.add(file.bytes(), "content/" + std::string(name));
    }
    auto read = import.take();
    LW_ASSERT(read.errors.empty());  // the room's tests read them
    return std::move(read.indicators);
  }();
  return all;
}

std::string indicators_text(const std::string& name, const std::vector<Indicator>& indicators) {
  std::string out = "indicators: " + quoted_text(name) + "\nentries:";
  if (indicators.empty()) return out + " []\n";
  out += "\n";
  for (const Indicator& indicator : indicators) append_indicator(out, indicator);
  return out;
}

}  // namespace landwarden::intel
