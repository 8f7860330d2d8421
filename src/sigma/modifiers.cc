#include "sigma/modifiers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/ip.h"
#include "base/limits.h"
#include "sigma/spelling.h"

namespace landwarden::sigma {
namespace {

using NodeKind = yaml::Node::Kind;

/// What a value is after the modifiers so far; decides which may follow.
enum class State : std::uint8_t { plain, string, regex, cidr, compare, exists, field, time };

struct ModifierName {
  std::string_view name;
  Modifier modifier;
};

constexpr auto kModifiers = std::to_array<ModifierName>({
    {"all", Modifier::all},
    {"neq", Modifier::neq},
    {"contains", Modifier::contains},
    {"startswith", Modifier::startswith},
    {"endswith", Modifier::endswith},
    {"cased", Modifier::cased},
    {"windash", Modifier::windash},
    {"wide", Modifier::wide},
    {"utf16le", Modifier::wide},
    {"utf16be", Modifier::utf16be},
    {"utf16", Modifier::utf16},
    {"base64", Modifier::base64},
    {"base64offset", Modifier::base64offset},
    {"re", Modifier::re},
    {"i", Modifier::ignore_case},
    {"ignorecase", Modifier::ignore_case},
    {"m", Modifier::multiline},
    {"multiline", Modifier::multiline},
    {"s", Modifier::dotall},
    {"dotall", Modifier::dotall},
    {"cidr", Modifier::cidr},
    {"lt", Modifier::lt},
    {"lte", Modifier::lte},
    {"gt", Modifier::gt},
    {"gte", Modifier::gte},
    {"minute", Modifier::minute},
    {"hour", Modifier::hour},
    {"day", Modifier::day},
    {"week", Modifier::week},
    {"month", Modifier::month},
    {"year", Modifier::year},
    {"exists", Modifier::exists},
    {"fieldref", Modifier::fieldref},
    {"expand", Modifier::expand},
});

bool is_time(Modifier m) {
  return m >= Modifier::minute && m <= Modifier::year;
}
bool is_compare(Modifier m) {
  return m >= Modifier::lt && m <= Modifier::gte;
}
bool is_flag(Modifier m) {
  return m >= Modifier::ignore_case && m <= Modifier::dotall;
}
bool is_affix(Modifier m) {
  return m >= Modifier::contains && m <= Modifier::endswith;
}
bool is_encoding(Modifier m) {
  return m >= Modifier::wide && m <= Modifier::utf16;
}

/// Why a modifier cannot stand behind what came before; empty if it can. Moves the state on.
std::string_view advance(State& state, Modifier m) {
  const bool text = state == State::plain || state == State::string;
  if (m == Modifier::all || m == Modifier::neq) return {};
  if (is_flag(m))
    return state == State::regex ? std::string_view() : "is a flag of 're' and must stand behind it";
  if (m == Modifier::expand) {
    if (!text && state != State::regex) return "works on text only";
    if (text) state = State::string;
    return {};
  }
  if (is_affix(m) || m == Modifier::cased) {
    if (state == State::regex)
      return "cannot be used with 're': a regular expression is searched anywhere, '^' and '$' bind it";
    if (state == State::field) return {};
    if (!text) return "works on text only";
    state = State::string;
    return {};
  }
  if (m == Modifier::windash || is_encoding(m) || m == Modifier::base64 || m == Modifier::base64offset) {
    if (!text) return "works on text only";
    state = State::string;
    return {};
  }
  if (is_compare(m)) {
    if (state != State::plain && state != State::time)
      return "compares a number and allows no other modifier but a time part before it";
    state = State::compare;
    return {};
  }
  if (state != State::plain) return "must be the first modifier";
  state = m == Modifier::re         ? State::regex
          : m == Modifier::cidr     ? State::cidr
          : m == Modifier::exists   ? State::exists
          : m == Modifier::fieldref ? State::field
                                    : State::time;
  return {};
}

bool needs_field(Modifier m) {
  return m == Modifier::cidr || m == Modifier::exists || m == Modifier::fieldref || is_compare(m) ||
         is_time(m);
}

Place place_in_key(const yaml::Node& key, std::size_t offset, const RuleReport& report) {
  Place place = report.place(key);
  place.column += static_cast<std::uint32_t>(offset + (key.quoted ? 1 : 0));
  return place;
}

std::string modifier_hint(std::string_view name) {
  std::array<std::string_view, kModifiers.size()> names;
  std::ranges::transform(kModifiers, names.begin(), &ModifierName::name);
  const std::string_view near = name.size() > 1 ? nearest_name(name, names) : std::string_view();
  if (!near.empty()) return "did you mean '" + std::string(near) + "'?";
  return "the modifiers are those of the Sigma specification 2.1";
}

/// A number as people write it in decimal.
std::string decimal_text(const yaml::Node& value) {
  if (value.kind == NodeKind::integer) return std::to_string(value.integer);
  std::string digits;
  for (const char c : value.text) {
    if (c != '_' && c != '+') digits += c;
  }
  const bool simple = digits.find_first_not_of("0123456789.-") == std::string::npos;
  return simple ? digits : fmt::format("{}", value.real);
}

bool is_number(const yaml::Node& value) {
  return value.kind == NodeKind::integer || value.kind == NodeKind::real;
}

/// Turns one value of an item into predicates of which one must be met.
class ValueReader {
 public:
  ValueReader(const FieldKey& key, const yaml::Node& value, const PlaceholderValues& placeholders,
              RuleReport& report)
      : key_(key), value_(value), placeholders_(placeholders), report_(report) {}

  /// Empty if the value cannot be read; the report says why.
  std::vector<Predicate> read();

 private:
  using Kind = Predicate::Kind;

  std::vector<Predicate> plain();
  std::vector<Predicate> string();
  std::vector<Predicate> regex();
  std::vector<Predicate> cidr();
  std::vector<Predicate> exists();
  std::vector<Predicate> number(bool time);
  std::vector<Predicate> field();
  bool apply(Modifier modifier);
  bool apply_base64(bool offsets);
  Predicate of_pattern(Pattern pattern) const;
  std::vector<Predicate> reject(std::string message, std::string hint = {},
                                ErrorCode code = ErrorCode::invalid) {
    report_.error(value_, std::move(message), std::move(hint), code);
    return {};
  }

  const FieldKey& key_;
  const yaml::Node& value_;
  const PlaceholderValues& placeholders_;
  RuleReport& report_;
  std::vector<Pattern> patterns_;
  Encoding encoding_ = Encoding::utf8;
};

std::vector<Predicate> ValueReader::read() {
  if (value_.kind == NodeKind::date) {
    return reject("the date " + value_.text + " is not a value that a field can have",
                  "put it in quotes to compare text");
  }
  if (value_.kind == NodeKind::real && !std::isfinite(value_.real)) {
    return reject("'" + value_.text + "' is not a number that a field can have",
                  "put it in quotes to compare text");
  }
  if (key_.modifiers.empty()) return plain();
  if (key_.has(Modifier::expand) && !has_placeholder(value_.text)) {
    report_.warning(value_, "'expand' finds no placeholder in '" + value_.text + "'",
                    "placeholders are written %name%; \\% is a percent sign");
  }
  const Modifier first = key_.modifiers.front();
  if (first == Modifier::re) return regex();
  if (first == Modifier::cidr) return cidr();
  if (first == Modifier::exists) return exists();
  if (first == Modifier::fieldref) return field();
  if (is_compare(first) || is_time(first)) return number(is_time(first));
  return string();
}

Predicate ValueReader::of_pattern(Pattern pattern) const {
  Predicate out;
  out.kind = Kind::pattern;
  const bool anchored = key_.has(Modifier::startswith) || key_.has(Modifier::endswith);
  if (key_.field.empty() && (!anchored || key_.has(Modifier::contains))) {
    out.kind = Kind::contains;
    strip_any_runs(pattern);
  }
  out.pattern = std::move(pattern);
  return out;
}

std::vector<Predicate> ValueReader::plain() {
  Predicate out;
  switch (value_.kind) {
    case NodeKind::null:
      if (key_.field.empty()) return reject("null is not a keyword", "name the field that must be absent");
      out.kind = Kind::null;
      return {out};
    case NodeKind::boolean:
      if (key_.field.empty()) return {of_pattern(literal_pattern(value_.text))};
      out.kind = Kind::boolean;
      out.flag = value_.flag;
      return {out};
    case NodeKind::integer:
    case NodeKind::real:
      if (key_.field.empty()) return {of_pattern(literal_pattern(decimal_text(value_)))};
      out.kind = Kind::number;
      out.number = value_.real;
      out.number_text = decimal_text(value_);
      return {out};
    default:
      return {of_pattern(parse_pattern(value_.text))};
  }
}

std::vector<Predicate> ValueReader::string() {
  if (value_.kind == NodeKind::null)
    return reject("null has no text for the modifiers of '" + key_.text + "'");
  if (value_.kind == NodeKind::text) {
    patterns_.push_back(parse_pattern(value_.text));
  } else {
    const FindingCode code(report_, "typed-value");
    const std::string text = is_number(value_) ? decimal_text(value_) : value_.text;
    if (text != value_.text) {
      report_.warning(value_, "'" + value_.text + "' is the number " + text + " in YAML",
                      "put it in quotes if text is meant");
    } else if (value_.kind == NodeKind::boolean) {
      report_.warning(value_, "'" + value_.text + "' is a truth value in YAML; its text is used",
                      "put it in quotes");
    }
    patterns_.push_back(literal_pattern(text));
  }
  for (const Modifier modifier : key_.modifiers) {
    if (!apply(modifier)) return {};
  }
  std::vector<Predicate> out;
  if (encoding_ != Encoding::utf8) {
    report_.warning(value_, "UTF-16 bytes never occur in decoded text: this value matches nothing",
                    "put 'base64' or 'base64offset' behind it");
    out.emplace_back().kind = Kind::never;
    return out;
  }
  for (Pattern& pattern : patterns_) out.push_back(of_pattern(std::move(pattern)));
  return out;
}

bool ValueReader::apply(Modifier modifier) {
  switch (modifier) {
    case Modifier::contains:
    case Modifier::startswith:
    case Modifier::endswith:
      for (Pattern& pattern : patterns_) {
        if (modifier != Modifier::startswith) prepend_any_run(pattern);
        if (modifier != Modifier::endswith) append_any_run(pattern);
      }
      return true;
    case Modifier::cased:
      for (Pattern& pattern : patterns_) pattern.cased = true;
      return true;
    case Modifier::windash:
      for (Pattern& pattern : patterns_) pattern = with_dash_classes(pattern);
      return true;
    case Modifier::wide:
    case Modifier::utf16be:
    case Modifier::utf16:
      if (encoding_ != Encoding::utf8) {
        reject("encoded twice", "use one of 'wide', 'utf16be' and 'utf16'");
        return false;
      }
      encoding_ = modifier == Modifier::wide      ? Encoding::utf16le
                  : modifier == Modifier::utf16be ? Encoding::utf16be
                                                  : Encoding::utf16;
      return true;
    case Modifier::base64:
    case Modifier::base64offset:
      return apply_base64(modifier == Modifier::base64offset);
    case Modifier::expand: {
      std::vector<Pattern> expanded;
      for (const Pattern& pattern : patterns_) {
        auto made = expand_placeholders(pattern, placeholders_);
        if (!made) {
          reject(made.error().message, made.error().hint, made.error().code);
          return false;
        }
        expanded.insert(expanded.end(), made->begin(), made->end());
      }
      patterns_ = std::move(expanded);
      return true;
    }
    default:
      return true;
  }
}

bool ValueReader::apply_base64(bool offsets) {
  std::vector<Pattern> encoded;
  for (const Pattern& pattern : patterns_) {
    if (!is_literal(pattern)) {
      reject("a value with wildcards cannot be encoded in base64",
             "put 'base64' before 'contains'; write \\* for a star that is meant");
      return false;
    }
    const std::string bytes = encode(literal_text(pattern), encoding_);
    if (bytes.size() < (offsets ? 2u : 1u)) {
      reject(offsets ? "too short for base64offset: some offsets leave nothing to look for"
                     : "nothing to encode in base64");
      return false;
    }
    for (const std::string& text : offsets ? base64_at_offsets(bytes) : std::vector{base64(bytes)}) {
      encoded.push_back(literal_pattern(text));
      encoded.back().cased = pattern.cased;
    }
  }
  patterns_ = std::move(encoded);
  encoding_ = Encoding::utf8;
  return true;
}

std::vector<Predicate> ValueReader::regex() {
  if (value_.kind == NodeKind::null) return reject("null is not a regular expression");
  Predicate out;
  out.kind = Kind::regex;
  out.text = value_.text;
  out.regex_ignore_case = key_.has(Modifier::ignore_case);
  out.regex_multiline = key_.has(Modifier::multiline);
  out.regex_dotall = key_.has(Modifier::dotall);
  if (!key_.has(Modifier::expand)) return {out};
  auto expanded = expand_regex(value_.text, placeholders_);
  if (!expanded) return reject(expanded.error().message, expanded.error().hint, expanded.error().code);
  std::vector<Predicate> all;
  for (std::string& text : *expanded) {
    out.text = std::move(text);
    all.push_back(out);
  }
  return all;
}

std::vector<Predicate> ValueReader::cidr() {
  const auto network = value_.kind == NodeKind::text ? parse_network(value_.text) : std::nullopt;
  if (!network) {
    return reject("'" + value_.text + "' is not a network", "write one such as 10.0.0.0/8 or fe80::/10");
  }
  if (network->has_host_bits()) {
    return reject("the network " + value_.text + " has bits set behind its prefix",
                  "write the network's own address, or /32 (IPv6: /128) for one address");
  }
  Predicate out;
  out.kind = Kind::cidr;
  out.text = value_.text;
  return {out};
}

std::vector<Predicate> ValueReader::exists() {
  if (value_.kind != NodeKind::boolean) {
    return reject("'exists' takes true or false, not '" + value_.text + "'",
                  value_.quoted ? "write it without quotes" : "");
  }
  Predicate out;
  out.kind = Kind::exists;
  out.flag = value_.flag;
  return {out};
}

std::vector<Predicate> ValueReader::number(bool time) {
  if (!is_number(value_)) {
    return reject("'" + value_.text + "' is not a number",
                  value_.quoted ? "write the number without quotes" : "");
  }
  if (time && value_.kind != NodeKind::integer) return reject("a part of a date is a whole number");
  Predicate out;
  out.kind = time ? Kind::time_part : Kind::compare;
  out.number = value_.real;
  out.number_text = decimal_text(value_);
  out.comparison = Predicate::Comparison::eq;
  for (const Modifier modifier : key_.modifiers) {
    const auto index = static_cast<int>(modifier);
    if (is_time(modifier)) {
      out.part = static_cast<Predicate::TimePart>(index - static_cast<int>(Modifier::minute));
    } else {
      out.comparison = static_cast<Predicate::Comparison>(index - static_cast<int>(Modifier::lt) + 1);
    }
  }
  return {out};
}

std::vector<Predicate> ValueReader::field() {
  if (value_.kind != NodeKind::text || value_.text.empty()) {
    return reject("'fieldref' takes the name of a field, not '" + value_.text + "'");
  }
  const Pattern name = parse_pattern(value_.text);
  if (!is_literal(name)) return reject("the name of a field has no wildcards");
  Predicate out;
  out.kind = Kind::field;
  out.text = literal_text(name);
  out.pattern.cased = key_.has(Modifier::cased);
  const bool starts = key_.has(Modifier::startswith);
  const bool ends = key_.has(Modifier::endswith);
  if (key_.has(Modifier::contains) || (starts && ends)) {
    out.field_relation = Predicate::FieldRelation::contains;
  } else if (starts || ends) {
    out.field_relation = starts ? Predicate::FieldRelation::startswith : Predicate::FieldRelation::endswith;
  }
  return {out};
}

std::string source_text(const FieldKey& key, const yaml::Node& value) {
  std::string out = key.field.empty() ? "keyword" + key.text : key.text;
  out += ": ";
  std::string_view text = value.kind == NodeKind::null ? "null" : std::string_view(value.text);
  if (text.size() > limits::kSigmaSourceBytes) {
    std::size_t end = limits::kSigmaSourceBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return out.append(text.substr(0, end)).append("…");
  }
  const bool blank_ends = text.starts_with(' ') || text.ends_with(' ') || text.empty();
  if (!blank_ends || value.kind != NodeKind::text) return out.append(text);
  return out.append("\"").append(text).append("\"");
}

bool collect_values(const yaml::Node& value, std::vector<const yaml::Node*>& out, RuleReport& report) {
  if (value.kind == NodeKind::map) {
    report.error(value, "a map is no value of a field",
                 "write nested fields as one name with dots: 'outer.inner'");
    return false;
  }
  if (value.kind != NodeKind::list) {
    out.push_back(&value);
    return true;
  }
  bool good = true;
  for (const yaml::Node& item : value.items) good = collect_values(item, out, report) && good;
  return good;
}

Expression test_expression(std::size_t index) {
  Expression out;
  out.kind = Expression::Kind::test;
  out.test = static_cast<std::uint32_t>(index);
  return out;
}

Expression group(Expression::Kind kind, std::vector<Expression> children) {
  if (children.size() == 1) return std::move(children.front());
  Expression out;
  out.kind = kind;
  out.children = std::move(children);
  return out;
}

}  // namespace

bool FieldKey::has(Modifier modifier) const {
  return std::ranges::find(modifiers, modifier) != modifiers.end();
}

std::optional<FieldKey> parse_field_key(const yaml::Node& node, RuleReport& report) {
  const FindingCode code(report, "modifier");
  FieldKey key;
  key.text = node.kind == NodeKind::null ? std::string() : node.text;
  const std::string_view text = key.text;
  std::size_t at = text.find('|');
  key.field = text.substr(0, at);
  State state = State::plain;
  bool good = true;
  while (at != std::string_view::npos) {
    const std::size_t begin = at + 1;
    at = text.find('|', begin);
    const std::string_view name = text.substr(begin, at == std::string_view::npos ? at : at - begin);
    const auto found = std::ranges::find(kModifiers, name, &ModifierName::name);
    if (found == kModifiers.end()) {
      const std::string hint = name.empty() ? "remove the '|'" : modifier_hint(name);
      report.error_at(place_in_key(node, begin, report),
                      "unknown modifier '" + std::string(name) + "' in '" + key.text + "'", hint);
      good = false;
      continue;
    }
    if (const std::string_view why = advance(state, found->modifier); !why.empty()) {
      report.error_at(place_in_key(node, begin, report),
                      "modifier '" + std::string(name) + "' " + std::string(why) + " ('" + key.text + "')");
      good = false;
    } else if (key.field.empty() && needs_field(found->modifier)) {
      report.error_at(place_in_key(node, begin, report), "modifier '" + std::string(name) + "' needs a field",
                      "write the name of the field before it");
      good = false;
    }
    if (found->modifier == Modifier::all) {
      key.all = true;
    } else if (found->modifier == Modifier::neq) {
      key.negate = true;
    } else {
      key.modifiers.push_back(found->modifier);
    }
  }
  if (!good) return std::nullopt;
  return key;
}

std::optional<Expression> parse_item(const FieldKey& key, const yaml::Node& value,
                                     const PlaceholderValues& placeholders, RuleReport& report,
                                     std::vector<Test>& tests) {
  const FindingCode code(report, "value");
  std::vector<const yaml::Node*> values;
  if (!collect_values(value, values, report)) return std::nullopt;
  if (values.empty()) {
    report.error(value, "'" + key.text + "' has no value",
                 "write null if the field must be absent, '' if it must be empty");
    return std::nullopt;
  }
  std::vector<Expression> choices;
  bool good = true;
  for (const yaml::Node* one : values) {
    std::vector<Predicate> predicates = ValueReader(key, *one, placeholders, report).read();
    if (predicates.empty() || tests.size() + predicates.size() > limits::kSigmaNodes) {
      if (!predicates.empty())
        report.error(*one, "the rule has too many values", "split it", ErrorCode::limit);
      good = false;
      continue;
    }
    std::vector<Expression> alternatives;
    for (Predicate& predicate : predicates) {
      alternatives.push_back(test_expression(tests.size()));
      tests.push_back({key.field, std::move(predicate), report.place(*one), source_text(key, *one)});
    }
    choices.push_back(group(Expression::Kind::any, std::move(alternatives)));
  }
  if (!good) return std::nullopt;
  if (key.all && values.size() == 1 && value.kind != NodeKind::list) {
    const FindingCode idle(report, "redundant-modifier");
    report.warning(value, "'all' has no meaning for one value");
  }
  Expression out = group(key.all ? Expression::Kind::all : Expression::Kind::any, std::move(choices));
  if (!key.negate) return out;
  Expression negated;
  negated.kind = Expression::Kind::negate;
  negated.children.push_back(std::move(out));
  return negated;
}

}  // namespace landwarden::sigma
