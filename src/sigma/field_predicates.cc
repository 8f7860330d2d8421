#include "sigma/field_predicates.h"

#include <algorithm>
#include <charconv>

#include "base/assert.h"
#include "base/sorted.h"
#include "base/text.h"
#include "base/time.h"

namespace landwarden::sigma {
namespace {

// Text that is the same for predicates that mean the same.
std::string key_of(const Predicate& p) {
  std::string key(1, static_cast<char>('a' + static_cast<int>(p.kind)));
  const auto number = [&](int value) { key += static_cast<char>('0' + value); };
  switch (p.kind) {
    case Predicate::Kind::pattern:
    case Predicate::Kind::contains:
      number(p.pattern.cased);
      for (const Pattern::Part& part : p.pattern.parts) {
        number(static_cast<int>(part.kind));
        key += p.pattern.cased ? part.text : text::folded(part.text);
        key += '\0';
      }
      break;
    case Predicate::Kind::regex:
      number(p.regex_ignore_case + 2 * p.regex_multiline + 4 * p.regex_dotall);
      key += p.text;
      break;
    case Predicate::Kind::boolean:
    case Predicate::Kind::exists:
      number(p.flag);
      break;
    case Predicate::Kind::cidr:
      key += p.text;
      break;
    default:
      number(static_cast<int>(p.comparison));
      number(static_cast<int>(p.part));
      key += p.number_text;
  }
  return key;
}

bool compare(double value, Predicate::Comparison comparison, double with) {
  switch (comparison) {
    case Predicate::Comparison::eq:
      return value == with;
    case Predicate::Comparison::lt:
      return value < with;
    case Predicate::Comparison::lte:
      return value <= with;
    case Predicate::Comparison::gt:
      return value > with;
    case Predicate::Comparison::gte:
      return value >= with;
  }
  return false;
}

std::optional<double> number_of(const event::Value& value) {
  if (value.type == event::ValueType::hex && value.text.starts_with("0x")) {
    std::uint64_t number = 0;
    const char* end = value.text.data() + value.text.size();
    const auto [stop, error] = std::from_chars(value.text.data() + 2, end, number, 16);
    if (error == std::errc() && stop == end) return static_cast<double>(number);
  }
  return decimal_number(value.text);
}

// ISO 8601 week of the year.
int iso_week(const Civil& c) {
  const Time start_of_year = from_civil({c.year, 1, 1, 0, 0, 0, 0});
  const Time today = from_civil({c.year, c.month, c.day, 0, 0, 0, 0});
  constexpr std::int64_t kDay = 86'400 * kTicksPerSecond;
  const auto weekday = [](std::int64_t days) {
    return static_cast<int>((days % 7 + 7) % 7);
  };  // 1601-01-01 was a Monday
  const int day_of_year = static_cast<int>((today.ticks - start_of_year.ticks) / kDay);
  const int week = (day_of_year - weekday(today.ticks / kDay) + 10) / 7;
  const auto weeks_in = [&](int year) {
    const int first = weekday(from_civil({year, 1, 1, 0, 0, 0, 0}).ticks / kDay);
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return first == 3 || (leap && first == 2) ? 53 : 52;
  };
  if (week < 1) return weeks_in(c.year - 1);
  return week > weeks_in(c.year) ? 1 : week;
}

// The date as it is written: a zone behind it would move the hour.
std::string_view without_zone(std::string_view text) {
  constexpr std::size_t kBehindDate = sizeof "2026-03-02" - 1;
  const auto zone = text.find_first_of("Zz+-", kBehindDate);
  return text.substr(0, zone);
}

bool meets_time_part(const Predicate& p, std::string_view text) {
  const auto time = parse_time(without_zone(text));
  if (!time) return false;
  const Civil c = to_civil(*time);
  const auto part = [&]() -> int {
    switch (p.part) {
      case Predicate::TimePart::minute:
        return c.minute;
      case Predicate::TimePart::hour:
        return c.hour;
      case Predicate::TimePart::day:
        return c.day;
      case Predicate::TimePart::week:
        return iso_week(c);
      case Predicate::TimePart::month:
        return c.month;
      case Predicate::TimePart::year:
        return c.year;
    }
    return 0;
  };
  return compare(part(), p.comparison, p.number);
}

}  // namespace

std::optional<double> decimal_number(std::string_view text) {
  if (text.empty() || text.size() > 40) return std::nullopt;
  const char first = text.front();
  const bool digit = first >= '0' && first <= '9';
  if (!digit && first != '-' && first != '+' && first != '.') return std::nullopt;
  if (first == '+') text.remove_prefix(1);
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::uint32_t FieldPredicates::add(const Predicate& predicate) {
  LW_ASSERT(predicate.kind != Predicate::Kind::field && predicate.kind != Predicate::Kind::never);
  const auto [at, fresh] = by_key_.try_emplace(key_of(predicate), size());
  if (fresh) {
    predicates_.push_back(predicate);
    ++size_;
  }
  return at->second;
}

void FieldPredicates::add_spelled_out(std::uint32_t id, const Pattern& source) {
  CompiledPattern pattern(source);
  const std::string& literal = pattern.longest_literal();
  if (pattern.shape() == CompiledPattern::Shape::exact) {
    equal_.add(literal, id);
    return;
  }
  const bool verify = pattern.shape() == CompiledPattern::Shape::general;
  const Target target{id, verify ? static_cast<std::int32_t>(patterns_.size()) : -1};
  const auto anchor = pattern.shape() == CompiledPattern::Shape::prefix   ? LiteralIndex::Anchor::start
                      : pattern.shape() == CompiledPattern::Shape::suffix ? LiteralIndex::Anchor::end
                                                                          : LiteralIndex::Anchor::anywhere;
  if (literal.empty()) {
    always_.push_back(target);
  } else {
    literals_.add(literal, anchor, static_cast<std::uint32_t>(targets_.size()));
    targets_.push_back(target);
  }
  if (!verify) return;
  patterns_.push_back(std::move(pattern));
  sources_.push_back(source);
}

// A dash class or two are spelled out, so that "-enc", "/enc" … are literals like any other; more of them
// stay classes, found by the literals between them.
void FieldPredicates::add_pattern(std::uint32_t id, const Pattern& pattern) {
  constexpr std::ptrdiff_t kMostSpelledOut = 2;
  const auto is_dash = [](const Pattern::Part& part) { return part.kind == Pattern::Kind::dash; };
  const auto dashes = std::ranges::count_if(pattern.parts, is_dash);
  if (dashes == 0 || dashes > kMostSpelledOut) {
    add_spelled_out(id, pattern);
    return;
  }
  const auto at = std::ranges::find_if(pattern.parts, is_dash) - pattern.parts.begin();
  for (const std::string_view dash : kDashes) {
    Pattern spelled{.parts = {}, .cased = pattern.cased};
    for (std::ptrdiff_t i = 0; i < std::ssize(pattern.parts); ++i) {
      Pattern::Part part = pattern.parts[static_cast<std::size_t>(i)];
      if (i == at) part = {Pattern::Kind::literal, std::string(dash)};
      const bool joins = part.kind == Pattern::Kind::literal && !spelled.parts.empty() &&
                         spelled.parts.back().kind == Pattern::Kind::literal;
      if (joins) {
        spelled.parts.back().text += part.text;
      } else {
        spelled.parts.push_back(std::move(part));
      }
    }
    add_pattern(id, spelled);
  }
}

void FieldPredicates::file_predicate(std::uint32_t id) {
  const Predicate& p = predicates_[id];
  switch (p.kind) {
    case Predicate::Kind::pattern:
      add_pattern(id, p.pattern);
      break;
    case Predicate::Kind::contains: {
      Pattern anywhere{.parts = {{Pattern::Kind::any_run, {}}}, .cased = p.pattern.cased};
      anywhere.parts.insert(anywhere.parts.end(), p.pattern.parts.begin(), p.pattern.parts.end());
      anywhere.parts.push_back({Pattern::Kind::any_run, {}});
      add_pattern(id, anywhere);
      break;
    }
    case Predicate::Kind::number:
      numbers_[p.number].push_back({id, p.number_text});
      break;
    case Predicate::Kind::boolean:
      equal_.add(p.flag ? "true" : "false", id);
      break;
    case Predicate::Kind::null:
      absent_.push_back(id);
      null_.push_back(id);
      break;
    case Predicate::Kind::exists:
      if (p.flag) {
        present_.push_back(id);
        null_.push_back(id);
      } else {
        absent_.push_back(id);
      }
      break;
    case Predicate::Kind::regex:
      regexes_.add(p.text, {p.regex_ignore_case, p.regex_multiline, p.regex_dotall}, id);
      break;
    case Predicate::Kind::cidr:
      if (const auto network = parse_network(p.text)) {
        networks_.emplace_back(*network, id);
        network_texts_.emplace_back(p.text, id);
      }
      break;
    case Predicate::Kind::compare:
    case Predicate::Kind::time_part:
      others_.emplace_back(id, p);
      break;
    case Predicate::Kind::field:
    case Predicate::Kind::never:
      break;
  }
}

void FieldPredicates::defer(std::uint32_t id) {
  if (DeferredPredicates::worth(predicates_[id])) deferred_.add(id, predicates_[id]);
}

void FieldPredicates::prepare() {
  deferred_.build();
  for (std::uint32_t id = 0; id < predicates_.size(); ++id) {
    if (!deferred_.has(id)) file_predicate(id);
  }
  const auto atoms = regexes_.build();
  for (std::uint32_t i = 0; i < atoms.size(); ++i) {
    literals_.add(atoms[i], LiteralIndex::Anchor::anywhere, static_cast<std::uint32_t>(targets_.size()) + i);
  }
  literals_.build();
  equal_.build();
}

void FieldPredicates::save(Packer& out) const {
  out.put(size_);
  equal_.save(out);
  out.put_size(sources_.size());
  for (const Pattern& pattern : sources_) put_pattern(out, pattern);
  out.put_array(targets_);
  out.put_array(always_);
  regexes_.save(out);
  literals_.save(out);
  std::vector<std::pair<double, const Number*>> numbers;
  for (const auto& [number, filed] : numbers_) {
    for (const Number& one : filed) numbers.emplace_back(number, &one);
  }
  std::ranges::sort(numbers, {}, [](const auto& one) { return one.second->predicate; });
  out.put_size(numbers.size());
  for (const auto& [number, one] : numbers) {
    out.put(number);
    out.put(one->predicate);
    out.put(one->text);
  }
  out.put_size(others_.size());
  for (const auto& [id, predicate] : others_) {
    out.put(id);
    out.put(predicate.kind);
    out.put(predicate.comparison);
    out.put(predicate.part);
    out.put(predicate.number);
  }
  out.put_size(network_texts_.size());
  for (const auto& [text, id] : network_texts_) {
    out.put(text);
    out.put(id);
  }
  for (const auto* ids : {&present_, &absent_, &null_}) out.put_array(*ids);
  deferred_.save(out);
}

bool FieldPredicates::load(Unpacker& in) {
  in.get(size_);
  if (size_ > in.left()) return false;  // each predicate takes more than a byte of what follows
  if (!equal_.load(in, size_)) return false;
  const std::size_t patterns = in.count(2);
  patterns_.reserve(patterns);
  for (std::size_t n = 0; n < patterns && !in.failed(); ++n) patterns_.emplace_back(get_pattern(in));
  const auto is_sound = [this](const Target& target) {
    return target.predicate < size_ && target.pattern >= -1 && target.pattern < std::ssize(patterns_);
  };
  const auto targets = in.array<Target>(), always = in.array<Target>();
  targets_.assign(targets.begin(), targets.end());
  always_.assign(always.begin(), always.end());
  const auto has_pattern = [](const Target& target) { return target.pattern >= 0; };
  if (!std::ranges::all_of(targets_, is_sound) || !std::ranges::all_of(always_, is_sound) ||
      !std::ranges::all_of(always_, has_pattern)) {
    return false;
  }
  return regexes_.load(in, size_) && literals_.load(in, targets_.size() + regexes_.literals()) &&
         load_others(in) && deferred_.load(in, size_);
}

bool FieldPredicates::load_others(Unpacker& in) {
  bool sound = true;
  const auto id_of = [&] {
    const auto id = in.number<std::uint32_t>();
    sound = sound && id < size_;
    return id;
  };
  for (std::size_t n = in.count(13); n > 0; --n) {
    const auto number = in.number<double>();
    const std::uint32_t id = id_of();
    numbers_[number].push_back({id, std::string(in.text())});
  }
  for (std::size_t n = in.count(15); n > 0; --n) {
    auto& [id, predicate] = others_.emplace_back();
    id = id_of();
    in.get(predicate.kind);
    in.get(predicate.comparison);
    in.get(predicate.part);
    in.get(predicate.number);
  }
  for (std::size_t n = in.count(5); n > 0; --n) {
    const auto network = parse_network(std::string(in.text()));
    const std::uint32_t id = id_of();
    if (network) networks_.emplace_back(*network, id);
  }
  for (auto* ids : {&present_, &absent_, &null_}) {
    const auto from = in.array<std::uint32_t>();
    ids->assign(from.begin(), from.end());
    sound = sound && std::ranges::all_of(*ids, [this](std::uint32_t id) { return id < size_; });
  }
  return sound && !in.failed();
}

void FieldPredicates::test_numbers(const event::Value& value, std::vector<std::uint32_t>& hits) const {
  if (const auto number = decimal_number(value.text)) {
    if (const auto found = numbers_.find(*number); found != numbers_.end()) {
      // Beyond 2^53 doubles run together: there the digits decide.
      constexpr double kExact = 9007199254740992.0;
      for (const Number& one : found->second) {
        if ((*number < kExact && *number > -kExact) || one.text == value.text) hits.push_back(one.predicate);
      }
    }
  }
}

void FieldPredicates::test_literals(std::string_view value, Scratch& scratch,
                                    std::vector<std::uint32_t>& hits) const {
  if (scratch.stamps.size() < targets_.size()) scratch.stamps.resize(targets_.size(), 0);
  const std::uint32_t stamp = ++scratch.stamp;
  if (stamp == 0) std::fill(scratch.stamps.begin(), scratch.stamps.end(), 0), scratch.stamp = 1;
  const auto known = [&](std::uint32_t id) {
    return id < targets_.size() && scratch.stamps[id] == scratch.stamp;
  };
  literals_.scan(scratch.folded, known, [&](std::uint32_t id) {
    if (id >= targets_.size()) {
      scratch.atoms.push_back(static_cast<int>(id - targets_.size()));
      return;
    }
    scratch.stamps[id] = scratch.stamp;
    const Target& target = targets_[id];
    if (target.pattern < 0 ||
        patterns_[static_cast<std::size_t>(target.pattern)].matches(value, scratch.folded)) {
      hits.push_back(target.predicate);
    }
  });
}

void FieldPredicates::test_others(const event::Value& value, std::vector<std::uint32_t>& hits) const {
  if (!networks_.empty()) {
    if (const auto address = parse_ip(value.text)) {
      for (const auto& [network, id] : networks_) {
        if (network.contains(*address)) hits.push_back(id);
      }
    }
  }
  if (others_.empty()) return;
  const auto number = number_of(value);
  for (const auto& [id, p] : others_) {
    const bool met = p.kind == Predicate::Kind::compare ? number && compare(*number, p.comparison, p.number)
                                                        : meets_time_part(p, value.text);
    if (met) hits.push_back(id);
  }
}

void FieldPredicates::test(const event::Value& value, Scratch& scratch,
                           std::vector<std::uint32_t>& hits) const {
  hits.assign(present_.begin(), present_.end());
  scratch.fold(value.text);
  if (!equal_.empty()) {
    const auto found = equal_.find(scratch.folded);
    hits.insert(hits.end(), found.begin(), found.end());
  }
  scratch.atoms.clear();
  if (!literals_.empty()) test_literals(value.text, scratch, hits);
  for (const Target& target : always_) {
    if (patterns_[static_cast<std::size_t>(target.pattern)].matches(value.text, scratch.folded))
      hits.push_back(target.predicate);
  }
  if (!regexes_.empty()) {
    sort_and_unite(scratch.atoms);
    regexes_.scan(value.text, scratch.atoms, hits);
  }
  if (!numbers_.empty()) test_numbers(value, hits);
  test_others(value, hits);
  sort_and_unite(hits);
}

}  // namespace landwarden::sigma
