#include "intel/indicator_set.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "base/assert.h"
#include "base/content.h"
#include "base/text.h"
#include "intel/limits.h"
#include "intel/tree.h"

namespace landwarden::intel {
namespace {

constexpr std::string_view kHint = "content/indicators/fields.yaml says how such a table is written";

/// A name as it is written, in lower case, and with its first letter the other way: sources of the same
/// events differ in this.
std::array<std::string, 3> spellings_of(const std::string& name) {
  std::string other = name;
  const char first = name.empty() ? '\0' : name.front();
  if (first >= 'a' && first <= 'z') other.front() = static_cast<char>(first - 'a' + 'A');
  if (first >= 'A' && first <= 'Z') other.front() = static_cast<char>(first - 'A' + 'a');
  return {name, text::folded(name), std::move(other)};
}

std::optional<FieldForm> form_named(std::string_view text) {
  if (text == "whole") return FieldForm::whole;
  if (text == "path") return FieldForm::path;
  if (text == "hashes") return FieldForm::hashes;
  if (text == "text") return FieldForm::text;
  return std::nullopt;
}

/// Addresses are looked up by their bytes.
std::string ip_key(const IpAddress& address) {
  return std::string(reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size());
}

/// "10.0.0.1:443", "[::1]:53" without the port; anything else as it is.
std::string_view without_port(std::string_view value) {
  if (value.starts_with('[')) {
    const std::size_t end = value.find(']');
    return end == std::string_view::npos ? value : value.substr(1, end - 1);
  }
  const std::size_t colon = value.find(':');
  if (colon == std::string_view::npos || value.find(':', colon + 1) != std::string_view::npos) return value;
  return value.substr(0, colon);
}

bool is_separator(char c) {
  return std::string_view(" \t\r\n\"'`,;|<>(){}=&^").find(c) != std::string_view::npos;
}

}  // namespace

Result<FieldTable> FieldTable::read(std::string_view text, const std::string& file) {
  auto documents = yaml::parse(text, file);
  if (!documents) return std::unexpected(std::move(documents.error()));
  if (documents->size() != 1) return fail(ErrorCode::invalid, "one document is expected", {file, 0, 0, {}});
  FieldTable out;
  MapReader reader(documents->front(), file, "a table of fields", kHint, {"half_life_days", "fields"});
  if (const yaml::Node* lives = reader.find("half_life_days"); lives != nullptr) {
    for (const auto& [key, value] : lives->entries) {
      const auto kind = indicator_kind_named(key.text);
      if (!kind || value.kind != yaml::Node::Kind::integer || value.integer <= 0 || value.integer > 36'500) {
        reader.wrong(key, "a kind and a number of days are expected");
        break;
      }
      out.half_lives_[static_cast<std::size_t>(*kind)] = static_cast<unsigned>(value.integer);
    }
  }
  std::unordered_set<std::string> known;
  for (const yaml::Node& node : reader.list("fields", true)) {
    MapReader row(node, file, "a row of fields", kHint, {"form", "kinds", "names"});
    FieldUse use;
    const auto form = form_named(row.text("form", true));
    if (!form) row.wrong(node, "form is whole, path, hashes or text");
    use.form = form.value_or(FieldForm::whole);
    for (const std::string& name : row.texts("kinds", true)) {
      const auto kind = indicator_kind_named(name);
      if (!kind) row.wrong(node, "unknown kind '" + name + "'");
      use.kinds |= kind ? bit_of(*kind) : 0;
    }
    for (const std::string& name : row.texts("names", true)) {
      if (!known.insert(text::folded(name)).second)
        row.wrong(node, "the field '" + name + "' is there twice");
      for (const std::string& spelling : spellings_of(name)) out.fields_.emplace(spelling, use);
    }
    if (row.error()) return std::unexpected(*row.error());
  }
  if (reader.error()) return std::unexpected(*reader.error());
  return out;
}

const FieldTable& FieldTable::built_in() {
  static const FieldTable table = [] {
    constexpr const char* kName = "indicators/fields.yaml";
    auto read = FieldTable::read(content::find(kName).value_or(""), std::string("content/") + kName);
    LW_ASSERT(read.has_value());  // the room's tests read it
    return std::move(*read);
  }();
  return table;
}

std::optional<FieldUse> FieldTable::use_of(std::string_view field) const {
  const auto found = fields_.find(field);
  if (found == fields_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> FieldTable::spellings() const {
  std::vector<std::string> out;
  out.reserve(fields_.size());
  for (const auto& [name, use] : fields_) out.push_back(name);
  std::ranges::sort(out);
  return out;
}

unsigned worth(const Indicator& indicator, Time day, const FieldTable& fields) {
  constexpr std::int64_t kDay = 86'400 * kTicksPerSecond;
  constexpr unsigned kNobodySaid = 50;
  const Provenance& says = indicator.says;
  if (says.valid_until.known() && day.known() && day > says.valid_until) return 0;
  double out = says.confidence.value_or(kNobodySaid);
  if (says.seen.known() && day.known() && day > says.seen) {
    const double age = static_cast<double>((day.ticks - says.seen.ticks) / kDay);
    double least = 1;
    for (const Term& term : indicator.terms) {
      if (const auto half = fields.half_life_days(term.kind))
        least = std::min(least, std::exp2(-age / *half));
    }
    out *= least;
  }
  return static_cast<unsigned>(std::lround(out));
}

IndicatorSet::IndicatorSet(std::vector<Indicator> indicators) : indicators_(std::move(indicators)) {
  terms_of_.resize(indicators_.size());
  for (std::uint32_t i = 0; i < indicators_.size(); ++i) {
    for (const Term& term : indicators_[i].terms) {
      Table& table = terms_[static_cast<std::size_t>(term.kind)];
      std::string key = term.value;
      const bool network = term.kind == IndicatorKind::ip && key.find('/') != std::string::npos;
      if (term.kind == IndicatorKind::ip && !network) {
        if (const auto address = parse_ip(key)) key = ip_key(*address);
      }
      const auto [at, added] = table.try_emplace(std::move(key), static_cast<TermId>(users_of_.size()));
      if (added) users_of_.emplace_back();
      if (const auto parsed = parse_network(term.value); added && network && parsed)
        networks_.push_back({*parsed, at->second});
      users_of_[at->second].push_back(i);
      terms_of_[i].push_back(at->second);
    }
    std::ranges::sort(terms_of_[i]);
  }
}

void IndicatorSet::look_up(IndicatorKind kind, std::string_view form, std::vector<TermId>& met) const {
  const Table& table = terms_[static_cast<std::size_t>(kind)];
  if (const auto found = table.find(form); found != table.end()) met.push_back(found->second);
}

void IndicatorSet::test_ip(std::string_view value, std::vector<TermId>& met) const {
  const auto address = parse_ip(without_port(value));
  if (!address) return;
  look_up(IndicatorKind::ip, ip_key(*address), met);
  for (const Network& network : networks_) {
    if (network.network.contains(*address)) met.push_back(network.term);
  }
}

void IndicatorSet::test_domain(std::string_view form, std::vector<TermId>& met) const {
  for (;;) {
    look_up(IndicatorKind::domain, form, met);
    const std::size_t dot = form.find('.');
    if (dot == std::string_view::npos) return;
    form.remove_prefix(dot + 1);
  }
}

void IndicatorSet::test_registry(std::string_view form, std::vector<TermId>& met) const {
  for (;;) {
    look_up(IndicatorKind::registry, form, met);
    const std::size_t slash = form.rfind('\\');
    if (slash == std::string_view::npos) return;
    form = form.substr(0, slash);
  }
}

void IndicatorSet::test_path(std::string_view value, KindMask kinds, std::vector<TermId>& met) const {
  const std::string folded = text::folded(value);
  if ((kinds & bit_of(IndicatorKind::file_name)) != 0)
    look_up(IndicatorKind::file_name, std::string_view(folded).substr(folded.find_last_of("/\\") + 1), met);
  if ((kinds & bit_of(IndicatorKind::path)) == 0) return;
  const auto form = normal_form(IndicatorKind::path, folded);
  if (!form) return;
  // As it is and without the drive: advisories often leave it out.
  const std::string_view whole = *form;
  const bool drive = whole.size() > 2 && whole[1] == ':';
  for (const std::string_view path : {whole, drive ? whole.substr(2) : std::string_view()}) {
    look_up(IndicatorKind::path, path, met);
    for (std::size_t end = path.find_last_of("/\\"); end != std::string_view::npos && end > 0;
         end = path.find_last_of("/\\", end - 1)) {
      if (end + 1 < path.size()) look_up(IndicatorKind::path, path.substr(0, end + 1), met);
    }
  }
}

void IndicatorSet::test_hashes(std::string_view value, KindMask kinds, std::vector<TermId>& met) const {
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of(",; "), value.size());
    const std::string_view pair = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    const std::size_t equals = pair.find('=');
    const std::string hash = text::folded(pair.substr(equals == std::string_view::npos ? 0 : equals + 1));
    const auto named =
        equals == std::string_view::npos ? std::nullopt : indicator_kind_named(pair.substr(0, equals));
    for (const IndicatorKind kind :
         {IndicatorKind::md5, IndicatorKind::sha1, IndicatorKind::sha256, IndicatorKind::imphash}) {
      if ((kinds & bit_of(kind)) != 0 && (!named || *named == kind)) look_up(kind, hash, met);
    }
  }
}

void IndicatorSet::test_kind(IndicatorKind kind, std::string_view value, std::vector<TermId>& met) const {
  using enum IndicatorKind;
  if (terms_[static_cast<std::size_t>(kind)].empty()) return;
  if (kind == ip) return test_ip(value, met);
  const auto form = normal_form(kind, value);
  if (!form) return;
  if (kind == domain) return test_domain(*form, met);
  if (kind == registry) return test_registry(*form, met);
  look_up(kind, *form, met);
}

/// A word of a command line: a URL has a host in it, an option may have a path behind its colon.
void IndicatorSet::test_word(std::string_view word, KindMask kinds, std::vector<TermId>& met) const {
  using enum IndicatorKind;
  while (!word.empty() && std::string_view("./\\:").find(word.back()) != std::string_view::npos &&
         word.size() > 1 && word.back() != '\\' && word.back() != '/') {
    word.remove_suffix(1);
  }
  const auto has = [&](IndicatorKind kind) { return (kinds & bit_of(kind)) != 0; };
  test_path(word, kinds, met);
  for (const IndicatorKind kind : {md5, sha1, sha256, ip, registry}) {
    if (has(kind)) test_kind(kind, word, met);
  }
  const std::size_t scheme = word.find("://");
  if (has(url) && scheme != std::string_view::npos) test_kind(url, word, met);
  std::string_view host = scheme == std::string_view::npos ? word : word.substr(scheme + 3);
  if (const std::size_t at = host.substr(0, host.find('/')).rfind('@'); at != std::string_view::npos)
    host.remove_prefix(at + 1);
  host = host.substr(0, host.find_first_of("/?#"));
  if (scheme != std::string_view::npos && has(ip)) test_kind(ip, host, met);
  if (has(domain)) test_kind(domain, without_port(host), met);
}

void IndicatorSet::test_text(std::string_view value, KindMask kinds, std::vector<TermId>& met) const {
  value = value.substr(0, limits::kIndicatorTextBytes);
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= value.size(); ++at) {
    if (at < value.size() && !is_separator(value[at])) continue;
    if (at - begin > 2) test_word(value.substr(begin, at - begin), kinds, met);
    begin = at + 1;
  }
}

void IndicatorSet::test(std::string_view value, FieldUse use, std::vector<TermId>& met) const {
  switch (use.form) {
    case FieldForm::path:
      return test_path(value, use.kinds, met);
    case FieldForm::hashes:
      return test_hashes(value, use.kinds, met);
    case FieldForm::text:
      return test_text(value, use.kinds, met);
    case FieldForm::whole:
      break;
  }
  for (std::size_t kind = 0; kind < kIndicatorKinds; ++kind) {
    if ((use.kinds & (KindMask{1} << kind)) != 0) test_kind(static_cast<IndicatorKind>(kind), value, met);
  }
}

void IndicatorSet::complete(std::vector<TermId>& met, std::vector<std::uint32_t>& indicators) const {
  std::ranges::sort(met);
  const auto doubles = std::ranges::unique(met);
  met.erase(doubles.begin(), doubles.end());
  indicators.clear();
  for (const TermId term : met) {
    for (const std::uint32_t user : users_of_[term]) {
      if (std::ranges::includes(met, terms_of_[user])) indicators.push_back(user);
    }
  }
  std::ranges::sort(indicators);
  const auto same = std::ranges::unique(indicators);
  indicators.erase(same.begin(), same.end());
}

bool IndicatorSet::has_term(std::uint32_t indicator, TermId term) const {
  return std::ranges::binary_search(terms_of_[indicator], term);
}

}  // namespace landwarden::intel
