// Random rules as YAML on random records: parser and engine against a slow, obvious evaluator of the same
// rule's words (slow_evaluator.h) that shares no code with either.
//
// The rules use every modifier and chain, every form of condition, keywords, wildcards and escapes; the
// records have several values, nulls, empty texts, numbers, dates, addresses and what base64 makes of the
// rules' texts.

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

#include "event/builder.h"
#include "sigma/matcher.h"
#include "sigma/parser.h"
#include "sigma/slow_evaluator.h"

namespace landwarden::sigma {
namespace {

using slow::Item;
using slow::Value;

constexpr unsigned kRules = 20, kRecords = 50;
using Words = std::vector<std::string>;

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  unsigned below(std::size_t n) { return static_cast<unsigned>(random_() % n); }
  bool chance(unsigned one_in) { return below(one_in) == 0; }
  const std::string& one_of(const Words& words) { return words[below(words.size())]; }

  slow::Record record();
  slow::Rule rule();

 private:
  std::string text(unsigned most);
  std::string rule_text();
  std::string field() { return std::string(1, "ABCD"[below(4)]); }
  Item item();
  Item text_item();
  slow::Search search();
  slow::Condition condition(unsigned depth);

  std::mt19937 random_;
  Words names_;
};

std::string Maker::text(unsigned most) {
  static const Words kPieces = {"net",    ".exe",     "\\", " -x", " /y",    "x",      "Ab",
                                "aB",     "7",        "12", "\n",  "\u00C4", "\u00E4", "\u03A3",
                                "\u03C2", " \u2014z", "-",  "*",   "?",      "%one%",  "b_"};
  std::string out;
  for (unsigned i = below(most + 1); i > 0; --i) out += one_of(kPieces);
  return out;
}

slow::Record Maker::record() {
  static const Words kSpecial = {"10.1.2.3",
                                 "192.168.1.5",
                                 "::ffff:10.9.9.9",
                                 "2001:db8::7",
                                 "fe80::1%12",
                                 "-",
                                 "2024-12-30T23:59:07Z",
                                 "2021-01-03T00:07:59.5+02:00",
                                 "bmV0",
                                 "AGI=",
                                 "x bmV0 eG5ldA==",
                                 "bgBlAHQA",
                                 "true",
                                 "False",
                                 "7",
                                 "7.0",
                                 "007",
                                 "-5",
                                 "12.5",
                                 "0x7",
                                 "",
                                 "net",
                                 "eG5ldHg=",
                                 "netx7"};
  slow::Record out;
  for (const char* name : {"A", "B", "C", "D"}) {
    const unsigned what = below(8);
    if (what == 0) continue;
    auto& values = out[name];
    for (unsigned i = what == 1 ? 3 : 1; i > 0; --i) {
      if (chance(12)) {
        values.emplace_back(std::nullopt);
      } else {
        values.emplace_back(chance(3) ? one_of(kSpecial) : text(5));
      }
    }
  }
  return out;
}

/// A value of a rule, with escapes and wildcards.
std::string Maker::rule_text() {
  static const Words kPieces = {"net", ".exe", "\\", "\\\\",   "\\*",    "\\?",   "*",        "?",
                                "x",   "Ab",   "aB", "7",      " -x",    " /y",   " \u2013z", "-",
                                "\n",  "a-b",  "12", "\u00E4", "\u03C3", "%two%", "b_",       "\\\\\\*"};
  std::string out;
  for (unsigned i = below(4); i > 0; --i) out += one_of(kPieces);
  return out;
}

/// Text modifiers in an order that is legal, and values for them.
Item Maker::text_item() {
  Item out{.field = chance(6) ? "" : field()};
  bool encoded = false;
  const bool expand = chance(6), windash = chance(4);
  if (!expand && !windash && chance(6)) {
    if (chance(2)) out.modifiers.push_back(one_of({"wide", "utf16le", "utf16be", "utf16"}));
    encoded = !chance(6);
    if (encoded) out.modifiers.push_back(one_of({"base64", "base64offset"}));
  }
  // The others may stand in any order, but behind what encodes.
  const auto encoders = static_cast<std::ptrdiff_t>(out.modifiers.size());
  if (expand) out.modifiers.emplace_back("expand");
  if (windash) out.modifiers.emplace_back("windash");
  if (!chance(3)) out.modifiers.push_back(one_of({"contains", "startswith", "endswith"}));
  if (chance(5)) out.modifiers.emplace_back("cased");
  std::shuffle(out.modifiers.begin() + encoders, out.modifiers.end(), random_);
  for (unsigned i = 1 + below(3); i > 0; --i) {
    if (encoded) {
      out.values.push_back({Value::Kind::text, one_of({"net", "xne", "net\u00E4x", "Ab7x"})});
    } else if (expand) {
      out.values.push_back(
          {Value::Kind::text, one_of({"%one%", "%two%", "x%one%", " -%two%%one%", "7\\%", "*\\%%two%"})});
    } else if (chance(6)) {
      out.values.push_back({Value::Kind::number, one_of({"7", "12", "-5"})});
    } else if (chance(12)) {
      out.values.push_back({Value::Kind::boolean, one_of({"true", "false"})});
    } else if (out.modifiers.empty() && !out.field.empty() && chance(4)) {
      out.values.push_back(chance(2) ? Value{Value::Kind::null, "null"}
                                     : Value{Value::Kind::boolean, one_of({"true", "false"})});
    } else {
      out.values.push_back({Value::Kind::text, rule_text()});
    }
  }
  return out;
}

Item Maker::item() {
  Item out = text_item();
  const unsigned what = below(16);
  const auto single = [&](Words modifiers, Value::Kind kind, const std::string& value) {
    out = {.field = field(), .modifiers = std::move(modifiers), .values = {{kind, value}}};
  };
  if (what == 0) {
    static const Words kRegexes = {"net", "^n.t",   "[0-9]+x",  "(Ab|aB).*e", "7|12",
                                   "x$",  "^(7|-)", "n(e|x)+t", "^.x?.$",     "Ab.?x"};
    single({"re"}, Value::Kind::text, one_of(kRegexes));
    if (chance(4)) out.field.clear();
    if (chance(6)) {
      out.modifiers.emplace_back("expand");
      out.values[0].text = one_of({"^%two%", "%one%[0-9]?x", "(%two%|%one%)$"});
    }
    for (const char* flag : {"i", "m", "s"}) {
      if (chance(3)) out.modifiers.emplace_back(flag);
    }
    if (chance(3)) out.values.push_back({Value::Kind::text, one_of(kRegexes)});
  } else if (what == 1) {
    static const Words kNetworks = {"10.0.0.0/8",  "192.168.1.4/31", "0.0.0.0/0",
                                    "10.1.2.3/32", "2001:db8::/32",  "fe80::/10"};
    single({"cidr"}, Value::Kind::text, one_of(kNetworks));
    if (chance(2)) out.values.push_back({Value::Kind::text, one_of(kNetworks)});
  } else if (what == 2) {
    single({one_of({"lt", "lte", "gt", "gte"})}, Value::Kind::number, one_of({"7", "12", "12.5", "-5", "0"}));
  } else if (what == 3) {
    static const Words kParts = {"minute", "hour", "day", "week", "month", "year"};
    single({one_of(kParts)}, Value::Kind::number,
           one_of({"7", "59", "23", "3", "53", "1", "12", "2021", "30"}));
    if (chance(2)) out.modifiers.push_back(one_of({"lt", "lte", "gt", "gte"}));
  } else if (what == 4) {
    single({"exists"}, Value::Kind::boolean, one_of({"true", "false"}));
  } else if (what == 5) {
    single({"fieldref"}, Value::Kind::text, field());
    if (chance(2)) out.modifiers.push_back(one_of({"contains", "startswith", "endswith"}));
    if (chance(3)) out.modifiers.emplace_back("cased");
  }
  for (const char* anywhere : {"all", "neq"}) {
    if (!chance(anywhere[0] == 'a' ? 4 : 8)) continue;
    const auto at = static_cast<std::ptrdiff_t>(below(out.modifiers.size() + 1));
    out.modifiers.insert(out.modifiers.begin() + at, anywhere);
  }
  return out;
}

slow::Search Maker::search() {
  slow::Search out;
  for (unsigned i = 1 + below(5) / 4; i > 0; --i) {
    auto& map = out.emplace_back();
    for (unsigned k = 1 + below(3); k > 0; --k) map.push_back(item());
  }
  return out;
}

slow::Condition Maker::condition(unsigned depth) {
  const unsigned what = depth == 0 ? below(2) : below(8);
  if (what == 0) return {.kind = "name", .name = one_of(names_)};
  if (what == 1) {
    static const Words kPatterns = {"them", "sel_*", "*_a", "s*_*b", "_*", "none_*", "notable"};
    return {.kind = chance(2) ? "1 of" : "all of", .name = one_of(kPatterns)};
  }
  slow::Condition out{.kind = what < 4 ? "not" : what < 6 ? "and" : "or"};
  for (unsigned i = what < 4 ? 1 : 2 + below(2); i > 0; --i) out.children.push_back(condition(depth - 1));
  return out;
}

slow::Rule Maker::rule() {
  static const Words kNames = {"sel_a", "sel_b", "filter-a", "_hidden", "notable", "or1", "s_x_b"};
  slow::Rule out;
  names_.clear();
  for (unsigned i = 2 + below(3); i > 0; --i) {
    const std::string& name = one_of(kNames);
    if (out.searches.emplace(name, search()).second) names_.push_back(name);
  }
  for (unsigned i = 1 + below(6) / 5; i > 0; --i) out.conditions.push_back(condition(3));
  return out;
}

// --- the rule as YAML ---

std::string in_quotes(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out + '"';
}

std::string yaml_of(const Item& item) {
  std::string key = item.field, values;
  for (const std::string& modifier : item.modifiers) key += "|" + modifier;
  for (const Value& value : item.values) {
    values +=
        (values.empty() ? "" : ", ") + (value.kind == Value::Kind::text ? in_quotes(value.text) : value.text);
  }
  if (key.empty()) return "[" + values + "]";
  return in_quotes(key) + ": " + (item.values.size() == 1 ? values : "[" + values + "]");
}

/// Items of one map need keys of their own; keywords without modifiers stand alone.
std::string yaml_of(const std::vector<Item>& map) {
  if (map.size() == 1 && map[0].field.empty() && map[0].modifiers.empty()) return yaml_of(map[0]);
  std::string out;
  for (const Item& item : map) out += (out.empty() ? "{" : ", ") + yaml_of(item);
  return out + "}";
}

bool can_be_written(const std::vector<Item>& map) {
  std::set<std::string> keys;
  for (const Item& item : map) {
    std::string key = item.field;
    for (const std::string& modifier : item.modifiers) key += "|" + modifier;
    if (!keys.insert(key).second || (key.empty() && map.size() > 1)) return false;
  }
  return true;
}

std::string words_of(const slow::Condition& condition, Maker& maker) {
  const auto word = [&](std::string text) {
    if (maker.chance(6))
      std::ranges::transform(text, text.begin(), [](char c) { return c == ' ' ? c : std::toupper(c); });
    return text;
  };
  const auto bracketed = [&](const slow::Condition& child) {
    const bool simple = child.kind == "name" || child.kind.ends_with(" of") || child.kind == "not";
    const std::string text = words_of(child, maker);
    return simple && !maker.chance(4) ? text : "(" + text + ")";
  };
  if (condition.kind == "name") return condition.name;
  if (condition.kind.ends_with(" of")) {
    const bool any = condition.kind == "1 of" && maker.chance(3);
    return word(any ? "any of" : condition.kind) + (maker.chance(4) ? "\n" : " ") + condition.name;
  }
  if (condition.kind == "not") return word("not ") + bracketed(condition.children[0]);
  std::string out;
  for (const slow::Condition& child : condition.children) {
    if (!out.empty()) out += " " + word(condition.kind) + " ";
    // "and" binds tighter: under "or" it needs no brackets.
    const bool bare = condition.kind == "or" && child.kind == "and" && maker.chance(2);
    out += bare ? words_of(child, maker) : bracketed(child);
  }
  return out;
}

std::string yaml_of(const slow::Rule& rule, const std::string& id, Maker& maker) {
  std::string out = "title: random\nid: " + id + "\nlogsource: {product: windows}\ndetection:\n";
  for (const auto& [name, search] : rule.searches) {
    std::string maps;
    for (const auto& map : search) maps += (maps.empty() ? "" : ", ") + yaml_of(map);
    out += "  " + name + ": " + (search.size() == 1 ? maps : "[" + maps + "]") + "\n";
  }
  out += "  condition: [";
  for (const slow::Condition& condition : rule.conditions) {
    out += (out.ends_with('[') ? "" : ", ") + in_quotes(words_of(condition, maker));
  }
  return out + "]\n";
}

// --- the comparison ---

/// A type that a field's value may well have: what is compared is its text, whatever the type.
event::ValueType type_of(const std::string& text, Maker& maker) {
  const bool digits = text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
  if (text == "true" && maker.chance(2)) return event::ValueType::boolean;
  if (!digits || text.empty() || (text[0] == '0' && text.size() > 1)) return event::ValueType::text;
  return maker.chance(2) ? event::ValueType::integer : event::ValueType::text;
}

struct CollectingSink : event::BatchSink {
  explicit CollectingSink(Matcher& m) : matcher(m) {}
  event::Wanted wanted(event::ShapeId shape) override { return matcher.wanted(shape); }
  void consume(const event::EventBatch& batch) override { matcher.match(batch, matches); }
  Matcher& matcher;
  std::vector<Match> matches;
};

std::set<std::pair<std::uint64_t, std::string>> by_engine(const RuleSet& set, event::Catalogue& catalogue,
                                                          const std::vector<slow::Record>& records,
                                                          Maker& maker) {
  Matcher matcher(set);
  CollectingSink sink(matcher);
  event::BatchBuilder builder(catalogue, sink);
  const auto shape = *catalogue.shape({.product = "windows", .channel = "Random", .event_id = 1});
  for (std::size_t i = 0; i < records.size(); ++i) {
    builder.begin_unit({});
    event::ShapeWriter& writer = builder.open(shape);
    writer.begin_row({.record_id = i});
    for (const auto& [name, values] : records[i]) {
      const auto column = *writer.column(*catalogue.field(name));
      for (const auto& value : values) {
        writer.put(column,
                   value ? writer.table(column).intern(type_of(*value, maker), *value) : event::kNull);
      }
    }
    writer.end_row();
    if (maker.chance(3)) builder.end_unit();
  }
  builder.end_unit();
  std::set<std::pair<std::uint64_t, std::string>> out;
  for (const Match& match : sink.matches) out.emplace(match.record_id, set.rules()[match.rule].id);
  return out;
}

struct Compared {
  std::size_t pairs = 0, matches = 0, rejected = 0;
};

Compared compare_once(unsigned seed, const view::LogSources& sources) {
  Maker maker(seed);
  std::vector<slow::Record> records;
  for (unsigned i = 0; i < kRecords; ++i) records.push_back(maker.record());
  ParseOptions options;
  options.placeholders = [](std::string_view name) {
    const auto found = slow::placeholders().find(std::string(name));
    return found == slow::placeholders().end() ? nullptr : &found->second;
  };
  std::vector<Rule> parsed;
  std::vector<Diagnostic> diagnostics;
  std::map<std::string, std::string> yaml;
  std::set<std::pair<std::uint64_t, std::string>> expected;
  Compared out;
  for (unsigned i = 0; i < kRules; ++i) {
    slow::Rule rule = maker.rule();
    for (auto& [name, search] : rule.searches) {
      for (auto& map : search) {
        while (!can_be_written(map)) map.pop_back();
      }
    }
    const std::string id = "rule " + std::to_string(100 + i);
    yaml[id] = yaml_of(rule, id, maker);
    const std::size_t before = parsed.size();
    parse_rules(yaml[id], "random.yml", options, parsed, diagnostics);
    const bool nothing_left = !slow::Evaluator(records[0]).matches(rule);
    EXPECT_EQ(parsed.size() == before, nothing_left)
        << "seed " << seed << "\n"
        << yaml[id] << (diagnostics.empty() ? "" : diagnostics.back().error.to_string());
    if (nothing_left) {
      ++out.rejected;
      continue;
    }
    for (std::size_t k = 0; k < records.size(); ++k) {
      if (slow::Evaluator(records[k]).matches(rule).value()) expected.emplace(k, id);
    }
    out.pairs += records.size();
  }
  event::Catalogue catalogue;
  const RuleSet set = RuleSet::compile(std::move(parsed), sources, catalogue, diagnostics);
  const auto got = by_engine(set, catalogue, records, maker);
  for (const auto& side : {got, expected}) {
    for (const auto& [record, id] : side) {
      if (got.contains({record, id}) == expected.contains({record, id})) continue;
      ADD_FAILURE() << "seed " << seed << ", record " << record << ": the engine says "
                    << got.contains({record, id}) << "\n"
                    << yaml[id] << ::testing::PrintToString(records[record]);
      return out;
    }
  }
  out.matches = expected.size();
  return out;
}

TEST(RuleDifferential, AgreesWithTheObviousEvaluatorOfItsWords) {
  // LW_DIFFERENTIAL_SEEDS=1200 makes a million pairs; LW_DIFFERENTIAL_FIRST is where to begin.
  const char* more = std::getenv("LW_DIFFERENTIAL_SEEDS");
  const char* from = std::getenv("LW_DIFFERENTIAL_FIRST");
  const unsigned seeds = more != nullptr ? static_cast<unsigned>(std::atoi(more)) : 50;
  const unsigned first = from != nullptr ? static_cast<unsigned>(std::atoi(from)) : 1;
  const view::LogSources sources = view::LogSources::built_in().value();
  Compared total;
  for (unsigned seed = first; seed < first + seeds && !HasFailure(); ++seed) {
    const Compared one = compare_once(seed, sources);
    total.pairs += one.pairs;
    total.matches += one.matches;
    total.rejected += one.rejected;
  }
  std::cout << "seeds " << first << " to " << first + seeds - 1 << ": " << total.pairs << " pairs, "
            << total.matches << " matches, " << total.rejected << " rules of which nothing is left\n";
  EXPECT_GT(total.matches, total.pairs / 20);  // rules that always or never match would compare nothing
  EXPECT_LT(total.matches, total.pairs * 19 / 20);
}

}  // namespace
}  // namespace landwarden::sigma
