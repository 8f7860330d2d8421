// Random rules on random records: the engine against a slow, obvious evaluator that shares no code with it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <regex>
#include <set>

#include "event/builder.h"
#include "sigma/matcher.h"

namespace landwarden::sigma {
namespace {

using Record = std::map<std::string, std::vector<std::optional<std::string>>>;  // nothing = null

// --- the obvious evaluator ---

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool glob(const std::vector<Pattern::Part>& parts, std::size_t part, const std::string& value, std::size_t at,
          bool cased) {
  if (part == parts.size()) return at == value.size();
  const Pattern::Part& p = parts[part];
  switch (p.kind) {
    case Pattern::Kind::any_run:
      for (std::size_t i = at; i <= value.size(); ++i) {
        if (glob(parts, part + 1, value, i, cased)) return true;
      }
      return false;
    case Pattern::Kind::any_one:
      return at < value.size() && glob(parts, part + 1, value, at + 1, cased);
    case Pattern::Kind::dash:
      return at < value.size() && (value[at] == '-' || value[at] == '/') &&
             glob(parts, part + 1, value, at + 1, cased);
    case Pattern::Kind::literal: {
      std::string have = value.substr(at, p.text.size()), want = p.text;
      if (!cased) have = lower(have), want = lower(want);
      return have == want && glob(parts, part + 1, value, at + p.text.size(), cased);
    }
  }
  return false;
}

std::optional<double> as_number(const std::string& text) {
  static const std::regex kNumber("-?[0-9]+(\\.[0-9]+)?");
  if (!std::regex_match(text, kNumber)) return std::nullopt;
  return std::strtod(text.c_str(), nullptr);
}

bool value_meets(const Predicate& p, const std::string& value) {
  switch (p.kind) {
    case Predicate::Kind::pattern:
      return glob(p.pattern.parts, 0, value, 0, p.pattern.cased);
    case Predicate::Kind::contains: {
      for (std::size_t i = 0; i <= value.size(); ++i) {
        std::vector<Pattern::Part> parts = p.pattern.parts;
        parts.push_back({Pattern::Kind::any_run, ""});
        if (glob(parts, 0, value, i, p.pattern.cased)) return true;
      }
      return false;
    }
    case Predicate::Kind::number: {
      const auto n = as_number(value);
      return n && *n == p.number;
    }
    case Predicate::Kind::boolean:
      return lower(value) == (p.flag ? "true" : "false");
    case Predicate::Kind::exists:
      return p.flag;
    case Predicate::Kind::regex:
      return std::regex_search(
          value, std::regex(p.text, p.regex_ignore_case ? std::regex::icase | std::regex::ECMAScript
                                                        : std::regex::ECMAScript));
    case Predicate::Kind::compare: {
      const auto n = as_number(value);
      if (!n) return false;
      switch (p.comparison) {
        case Predicate::Comparison::eq:
          return *n == p.number;
        case Predicate::Comparison::lt:
          return *n < p.number;
        case Predicate::Comparison::lte:
          return *n <= p.number;
        case Predicate::Comparison::gt:
          return *n > p.number;
        case Predicate::Comparison::gte:
          return *n >= p.number;
      }
      return false;
    }
    default:
      return false;
  }
}

bool test_meets(const Test& test, const Record& record) {
  const Predicate& p = test.predicate;
  if (p.kind == Predicate::Kind::never) return false;
  if (test.field.empty()) {
    for (const auto& [name, values] : record) {
      for (const auto& value : values) {
        if (value && value_meets(p, *value)) return true;
      }
    }
    return false;
  }
  const auto found = record.find(test.field);
  if (found == record.end()) {
    return p.kind == Predicate::Kind::null || (p.kind == Predicate::Kind::exists && !p.flag);
  }
  if (p.kind == Predicate::Kind::field) {
    const auto other = record.find(p.text);
    if (other == record.end()) return false;
    for (const auto& a : found->second) {
      for (const auto& b : other->second) {
        if (!a || !b) continue;
        const std::string x = p.pattern.cased ? *a : lower(*a), y = p.pattern.cased ? *b : lower(*b);
        const bool is = p.field_relation == Predicate::FieldRelation::equals ? x == y
                        : p.field_relation == Predicate::FieldRelation::contains
                            ? x.find(y) != std::string::npos
                        : p.field_relation == Predicate::FieldRelation::endswith ? x.ends_with(y)
                                                                                 : x.starts_with(y);
        if (is) return true;
      }
    }
    return false;
  }
  return std::ranges::any_of(found->second, [&](const auto& value) {
    if (!value) return p.kind == Predicate::Kind::null || (p.kind == Predicate::Kind::exists && p.flag);
    return value_meets(p, *value);
  });
}

bool meets(const Rule& rule, const Expression& e, const Record& record) {
  switch (e.kind) {
    case Expression::Kind::test:
      return test_meets(rule.tests[e.test], record);
    case Expression::Kind::negate:
      return !meets(rule, e.children[0], record);
    case Expression::Kind::all:
      return std::ranges::all_of(e.children, [&](const Expression& c) { return meets(rule, c, record); });
    case Expression::Kind::any:
      return std::ranges::any_of(e.children, [&](const Expression& c) { return meets(rule, c, record); });
  }
  return false;
}

// --- random rules and records ---

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  unsigned below(unsigned n) { return static_cast<unsigned>(random_()) % n; }
  std::string field() { return std::string(1, "ABCD"[below(4)]); }
  std::string text(unsigned most) {
    static const std::vector<std::string> kPieces = {"net", ".exe", "\\", " -", " /", "x",
                                                     "Ab",  "aB",   "7",  "12", "\n", "ntdsutil"};
    std::string out;
    for (unsigned i = below(most); i > 0; --i) out += kPieces[below(static_cast<unsigned>(kPieces.size()))];
    return out;
  }
  std::string value() {
    switch (below(5)) {
      case 0:
        return std::to_string(below(30));
      case 1:
        return below(2) == 0 ? "true" : "False";
      case 2:
        return "";
      default:
        return text(6);
    }
  }

  Pattern pattern() {
    Pattern out{.cased = below(5) == 0};
    const auto push = [&](Pattern::Kind kind, std::string piece) {
      if (!out.parts.empty() && out.parts.back().kind == kind &&
          (kind == Pattern::Kind::literal || kind == Pattern::Kind::any_run)) {
        out.parts.back().text += piece;
      } else {
        out.parts.push_back({kind, std::move(piece)});
      }
    };
    if (below(2) == 0) push(Pattern::Kind::any_run, "");
    for (unsigned i = below(3); i > 0; --i) {
      const unsigned what = below(8);
      if (what == 0) push(Pattern::Kind::any_one, "");
      if (what == 1) push(Pattern::Kind::dash, "");
      if (what == 2) push(Pattern::Kind::any_run, "");
      if (std::string piece = text(3); what > 2 && !piece.empty()) push(Pattern::Kind::literal, piece);
    }
    if (below(2) == 0) push(Pattern::Kind::any_run, "");
    return out;
  }

  Test test() {
    Test out{.field = below(12) == 0 ? "" : field()};
    Predicate& p = out.predicate;
    const unsigned what = below(16);
    if (out.field.empty()) {
      p.kind = Predicate::Kind::contains;
      p.pattern.parts = {{Pattern::Kind::literal, text(3) + "e"}};
    } else if (what < 8) {
      p.kind = Predicate::Kind::pattern;
      p.pattern = pattern();
    } else if (what == 8) {
      p.kind = Predicate::Kind::number, p.number = below(30),
      p.number_text = std::to_string(static_cast<int>(p.number));
    } else if (what == 9) {
      p.kind = Predicate::Kind::boolean, p.flag = below(2) == 0;
    } else if (what == 10) {
      p.kind = Predicate::Kind::null;
    } else if (what == 11) {
      p.kind = Predicate::Kind::exists, p.flag = below(2) == 0;
    } else if (what == 12) {
      static const std::vector<std::string> kExpressions = {"net",          "n.t",  "[0-9]+x",
                                                            "(Ab|aB).*exe", "7|12", "\\\\x"};
      p.kind = Predicate::Kind::regex, p.text = kExpressions[below(6)], p.regex_ignore_case = below(2) == 0;
    } else if (what == 13) {
      p.kind = Predicate::Kind::compare, p.comparison = static_cast<Predicate::Comparison>(1 + below(4));
      p.number = below(30), p.number_text = std::to_string(static_cast<int>(p.number));
    } else if (what == 14) {
      p.kind = Predicate::Kind::field, p.text = field();
      p.field_relation = static_cast<Predicate::FieldRelation>(below(4)), p.pattern.cased = below(3) == 0;
    } else {
      p.kind = Predicate::Kind::never;
    }
    return out;
  }

  Expression expression(Rule& rule, unsigned depth) {
    const unsigned what = depth == 0 ? 0 : below(5);
    Expression out;
    if (what < 2) {
      out.kind = Expression::Kind::test, out.test = static_cast<std::uint32_t>(rule.tests.size());
      rule.tests.push_back(test());
      return out;
    }
    out.kind = what == 2   ? Expression::Kind::negate
               : what == 3 ? Expression::Kind::all
                           : Expression::Kind::any;
    const unsigned children = what == 2 ? 1 : below(4);
    for (unsigned i = 0; i < children; ++i) out.children.push_back(expression(rule, depth - 1));
    return out;
  }

  Rule rule(unsigned number) {
    Rule out{.id = "rule " + std::to_string(100 + number), .title = "random"};
    out.logsource = {.category = below(4) == 0 ? "" : "process_creation", .product = "windows"};
    out.condition = expression(out, 3);
    return out;
  }

  Record record() {
    Record out;
    for (const char* name : {"A", "B", "C", "D"}) {
      const unsigned what = below(8);
      if (what == 0) continue;
      auto& values = out[name];
      for (unsigned i = what == 1 ? 3 : 1; i > 0; --i) {
        values.push_back(below(12) == 0 ? std::nullopt : std::optional(value()));
      }
    }
    return out;
  }

 private:
  std::mt19937 random_;
};

class CollectingSink : public event::BatchSink {
 public:
  explicit CollectingSink(Matcher& matcher) : matcher_(matcher) {}
  event::Wanted wanted(event::ShapeId shape) override { return matcher_.wanted(shape); }
  void consume(const event::EventBatch& batch) override { matcher_.match(batch, matches); }
  std::vector<Match> matches;

 private:
  Matcher& matcher_;
};

void put_record(event::ShapeWriter& writer, event::Catalogue& catalogue, const Record& record,
                std::uint64_t id) {
  writer.begin_row({.record_id = id});
  for (const auto& [name, values] : record) {
    const auto column = *writer.column(*catalogue.field(name));
    for (const auto& value : values) {
      writer.put(column, value ? writer.table(column).intern(event::ValueType::text, *value) : event::kNull);
    }
  }
  writer.end_row();
}

struct Compared {
  std::size_t pairs = 0, matches = 0;
};
Compared compare_once(unsigned seed, const view::LogSources& sources) {
  Maker maker(seed);
  std::vector<Rule> rules;
  for (unsigned i = 0; i < 25; ++i) rules.push_back(maker.rule(i));
  std::vector<Record> records;
  for (unsigned i = 0; i < 60; ++i) records.push_back(maker.record());

  event::Catalogue catalogue;
  std::vector<Diagnostic> diagnostics;
  const RuleSet set = RuleSet::compile(rules, sources, catalogue, diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  Matcher matcher(set);
  CollectingSink sink(matcher);
  event::BatchBuilder builder(catalogue, sink);
  const auto shape = *catalogue.shape(
      {.product = "windows", .channel = "Microsoft-Windows-Sysmon/Operational", .event_id = 1});
  for (std::size_t i = 0; i < records.size(); ++i) {
    builder.begin_unit({});
    put_record(builder.open(shape), catalogue, records[i], i);
    if (maker.below(3) == 0) builder.end_unit();
  }
  builder.end_unit();

  std::set<std::pair<std::uint64_t, std::string>> got, expected;
  for (const Match& match : sink.matches) {
    EXPECT_TRUE(got.emplace(match.record_id, set.rules()[match.rule].id).second) << "twice the same match";
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    for (const Rule& rule : rules) {
      if (meets(rule, rule.condition, records[i])) expected.emplace(i, rule.id);
    }
  }
  EXPECT_EQ(got, expected) << "seed " << seed;
  return {rules.size() * records.size(), expected.size()};
}

TEST(MatcherDifferential, AgreesWithTheObviousEvaluator) {
  // LW_DIFFERENTIAL_SEEDS=700 makes a million pairs.
  const char* more = std::getenv("LW_DIFFERENTIAL_SEEDS");
  const unsigned seeds = more != nullptr ? static_cast<unsigned>(std::atoi(more)) : 60;
  const view::LogSources sources = view::LogSources::built_in().value();
  Compared total;
  for (unsigned seed = 1; seed <= seeds && !HasFailure(); ++seed) {
    const Compared one = compare_once(seed, sources);
    total.pairs += one.pairs;
    total.matches += one.matches;
  }
  // Rules that always or never match would compare nothing.
  EXPECT_GT(total.matches, total.pairs / 10);
  EXPECT_LT(total.matches, total.pairs * 9 / 10);
}

}  // namespace
}  // namespace landwarden::sigma
