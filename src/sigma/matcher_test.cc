#include "sigma/matcher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/limits.h"
#include "event/builder.h"

namespace landwarden::sigma {
namespace {

using Fields = std::vector<std::pair<std::string, std::vector<std::string>>>;

// Rules and records in few words; every rule's id is its title.
struct MatcherTest : testing::Test {
  event::Catalogue catalogue;
  view::LogSources sources = view::LogSources::built_in().value();
  std::vector<Rule> rules;
  std::vector<Diagnostic> diagnostics;
  CompileOptions options;

  static sigma::Test contains(std::string field, std::string literal) {
    sigma::Test test{.field = field, .source = field + "|contains: " + literal};
    test.predicate.kind = field.empty() ? Predicate::Kind::contains : Predicate::Kind::pattern;
    test.predicate.pattern.parts = {{Pattern::Kind::literal, literal}};
    if (!field.empty()) {
      test.predicate.pattern.parts.insert(test.predicate.pattern.parts.begin(), {Pattern::Kind::any_run, ""});
      test.predicate.pattern.parts.push_back({Pattern::Kind::any_run, ""});
    }
    return test;
  }
  static sigma::Test equals(std::string field, std::string literal) {
    sigma::Test test{.field = field, .source = field + ": " + literal};
    test.predicate.kind = Predicate::Kind::pattern;
    test.predicate.pattern.parts = {{Pattern::Kind::literal, literal}};
    return test;
  }

  // All tests must hold.
  Rule& rule(std::string id, LogSource source, std::vector<sigma::Test> tests) {
    Rule& rule = rules.emplace_back(Rule{.id = id, .title = id, .logsource = std::move(source)});
    rule.tests = std::move(tests);
    rule.condition.kind = Expression::Kind::all;
    for (std::uint32_t i = 0; i < rule.tests.size(); ++i) {
      rule.condition.children.push_back({.kind = Expression::Kind::test, .test = i});
    }
    return rule;
  }

  struct Sink : event::BatchSink {
    explicit Sink(Matcher& m) : matcher(m) {}
    event::Wanted wanted(event::ShapeId shape) override { return matcher.wanted(shape); }
    void consume(const event::EventBatch& batch) override { matcher.match(batch, matches); }
    Matcher& matcher;
    std::vector<Match> matches;
  };

  // Matches of one record.
  std::vector<Match> run(std::string channel, std::uint32_t event_id, const Fields& fields) {
    return run_all(channel, event_id, {fields});
  }
  // Of records that one matcher sees one after the other, numbered from 7.
  std::vector<Match> run_all(std::string channel, std::uint32_t event_id,
                             const std::vector<Fields>& records) {
    diagnostics.clear();
    set.emplace(RuleSet::compile(rules, sources, catalogue, diagnostics, options));
    Matcher matcher(*set);
    Sink sink(matcher);
    event::BatchBuilder builder(catalogue, sink);
    const auto shape =
        *catalogue.shape({.product = "windows", .channel = channel, .provider = "P", .event_id = event_id});
    event::ShapeWriter& writer = builder.open(shape);
    builder.begin_unit({});
    for (std::size_t n = 0; n < records.size(); ++n) {
      writer.begin_row({.time = from_unix(1),
                        .record_id = 7 + n,
                        .offset = 512,
                        .host = builder.hosts().intern(event::ValueType::text, "HOST")});
      for (const auto& [name, values] : records[n]) {
        for (const std::string& value : values) {
          const auto column = *writer.column(*catalogue.field(name));
          writer.put(column, writer.table(column).intern(event::ValueType::text, value));
        }
      }
      writer.end_row();
    }
    builder.end_unit();
    return sink.matches;
  }
  std::vector<std::string> ids(const std::vector<Match>& matches) const {
    std::vector<std::string> out;
    for (const Match& match : matches) out.push_back(set->rules()[match.rule].id);
    return out;
  }
  std::optional<RuleSet> set;
  const std::string sysmon = "Microsoft-Windows-Sysmon/Operational";
};

TEST_F(MatcherTest, SaysWhatMatchedWhereAndWhy) {
  rule("r", {.category = "process_creation", .product = "windows"},
       {contains("CommandLine", "ifm"), contains("Image", "ntdsutil")});
  const auto matches =
      run(sysmon, 1, {{"Image", {"C:\\ntdsutil.exe"}}, {"CommandLine", {"ntdsutil IFM"}}, {"User", {"x"}}});
  ASSERT_EQ(matches.size(), 1U);
  const Match& match = matches[0];
  EXPECT_EQ(match.host, "HOST");
  EXPECT_EQ(match.channel, sysmon);
  EXPECT_EQ(match.provider, "P");
  EXPECT_EQ(match.event_id, 1U);
  EXPECT_EQ(match.record_id, 7U);
  EXPECT_EQ(match.offset, 512U);
  EXPECT_EQ(match.time, from_unix(1));
  ASSERT_EQ(match.matched.size(), 2U);
  EXPECT_EQ(match.matched[0].field, "CommandLine");
  EXPECT_EQ(match.matched[0].values, std::vector<std::string>{"ntdsutil IFM"});
  EXPECT_EQ(match.matched[1].field, "Image");
  EXPECT_EQ(match.why, "CommandLine|contains: ifm; Image|contains: ntdsutil");
  EXPECT_TRUE(match.event.empty());
}

TEST_F(MatcherTest, SeesSecurity4688ThroughItsView) {
  rule("r", {.category = "process_creation", .product = "windows"},
       {contains("Image", "net.exe"), equals("ProcessId", "420")});
  rule("s", {.product = "windows", .service = "security"}, {equals("NewProcessId", "0x1a4")});
  const auto matches =
      run("Security", 4688,
          {{"NewProcessName", {"C:\\net.exe"}}, {"NewProcessId", {"0x1a4"}}, {"ProcessId", {"0x10"}}});
  EXPECT_EQ(ids(matches), (std::vector<std::string>{"r", "s"}));
  EXPECT_EQ(matches[0].matched[1].values, std::vector<std::string>{"420"});
}

TEST_F(MatcherTest, DispatchesByRecord) {
  rule("r", {.category = "process_creation", .product = "windows"}, {contains("Image", "net")});
  EXPECT_TRUE(run("System", 1, {{"Image", {"net"}}}).empty());
  EXPECT_TRUE(run(sysmon, 5, {{"Image", {"net"}}}).empty());
  EXPECT_EQ(run("MICROSOFT-windows-sysmon/operational", 1, {{"Image", {"net"}}}).size(), 1U);
}

TEST_F(MatcherTest, HoldsLogSourcesToTheirDemands) {
  rule("add", {.category = "registry_add", .product = "windows"}, {contains("TargetObject", "Run")});
  rule("delete", {.category = "registry_delete", .product = "windows"}, {contains("TargetObject", "Run")});
  EXPECT_EQ(ids(run(sysmon, 12, {{"TargetObject", {"Run"}}, {"EventType", {"CreateKey"}}})),
            std::vector<std::string>{"add"});
  EXPECT_EQ(ids(run(sysmon, 12, {{"TargetObject", {"Run"}}, {"EventType", {"DeleteValue"}}})),
            std::vector<std::string>{"delete"});
  EXPECT_TRUE(run(sysmon, 12, {{"TargetObject", {"Run"}}}).empty());
}

TEST_F(MatcherTest, TheEventsOwnFieldHidesTheSystemPart) {
  rule("r", {.product = "windows", .service = "system"}, {equals("Level", "own")});
  rule("s", {.product = "windows", .service = "system"}, {equals("Task", "12")});
  EXPECT_EQ(ids(run("System", 1, {{"System.Level", {"4"}}, {"Level", {"own"}}, {"System.Task", {"12"}}})),
            (std::vector<std::string>{"r", "s"}));
  EXPECT_TRUE(ids(run("System", 1, {{"System.Level", {"own"}}, {"Level", {"4"}}})).empty());
}

TEST_F(MatcherTest, KeywordsLookAtValuesNotNames) {
  rule("r", {.product = "windows", .service = "system"}, {contains("", "secret")});
  const auto matches = run("System", 1, {{"A", {"x"}}, {"B", {"a SECRET thing", "y"}}});
  ASSERT_EQ(matches.size(), 1U);
  ASSERT_EQ(matches[0].matched.size(), 1U);
  EXPECT_EQ(matches[0].matched[0].field, "B");
  EXPECT_EQ(matches[0].matched[0].values, std::vector<std::string>{"a SECRET thing"});
  EXPECT_TRUE(run("System", 1, {{"secret", {"x"}}}).empty());
}

TEST_F(MatcherTest, OfAListOnlyTheElementsThatHitAreShown) {
  rule("r", {.product = "windows", .service = "system"}, {contains("Data", "b")});
  const auto matches = run("System", 1, {{"Data", {"abc", "xyz", "b"}}});
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].matched[0].values, (std::vector<std::string>{"abc", "b"}));
}

TEST_F(MatcherTest, GivesTheWholeRecordOnlyWhenAsked) {
  rule("r", {.product = "windows", .service = "system"}, {contains("A", "b")});
  options.all_fields = true;
  const auto matches =
      run("System", 1, {{"A", {"b"}}, {"System.Level", {"4"}}, {"Level", {"5"}}, {"System.Task", {"1"}}});
  ASSERT_EQ(matches.size(), 1U);
  std::vector<std::string> names;
  for (const FieldValues& values : matches[0].event) names.push_back(values.field);
  EXPECT_EQ(names, (std::vector<std::string>{"System.Level", "Task", "A", "Level"}));
}

TEST_F(MatcherTest, ShowsFieldsInTheSameOrderWhateverCameFirst) {
  rule("r", {.product = "windows", .service = "system"}, {contains("", "b")});
  options.all_fields = true;
  const auto one =
      run("System", 1, {{"Z", {"b"}}, {"A", {"b"}}, {"System.Task", {"b1"}}, {"System.Level", {"4"}}});
  const auto other =
      run("System", 1, {{"A", {"b"}}, {"System.Level", {"4"}}, {"System.Task", {"b1"}}, {"Z", {"b"}}});
  ASSERT_EQ(one.size(), 1U);
  ASSERT_EQ(other.size(), 1U);
  const auto names = [](const std::vector<FieldValues>& fields) {
    std::vector<std::string> out;
    for (const FieldValues& values : fields) out.push_back(values.field);
    return out;
  };
  EXPECT_EQ(names(one[0].event), (std::vector<std::string>{"Level", "Task", "A", "Z"}));
  EXPECT_EQ(names(one[0].event), names(other[0].event));
  EXPECT_EQ(names(one[0].matched), (std::vector<std::string>{"Task", "A", "Z"}));
  EXPECT_EQ(names(one[0].matched), names(other[0].matched));
}

TEST_F(MatcherTest, RulesWithoutEvidenceOfTheirKindAreNamed) {
  Rule& odd = rule("odd", {.category = "no_such", .product = "windows"}, {contains("A", "b")});
  odd.file = "odd.yml";
  odd.place = {.file = "odd.yml", .line = 3};
  (void)run("System", 1, {});
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].rule_id, "odd");
  EXPECT_EQ(diagnostics[0].error.place.line, 3U);
  EXPECT_EQ(diagnostics[0].error.code, ErrorCode::unsupported);
}

TEST_F(MatcherTest, BadRegularExpressionsAreNamed) {
  sigma::Test test{.field = "A"};
  test.predicate.kind = Predicate::Kind::regex;
  test.predicate.text = "a(";
  rule("r", {.product = "windows", .service = "system"}, {test});
  (void)run("System", 1, {});
  ASSERT_EQ(diagnostics.size(), 1U);
}

TEST_F(MatcherTest, LookAroundRunsThoughRe2CannotTakeIt) {
  sigma::Test test{.field = "A"};
  test.predicate.kind = Predicate::Kind::regex;
  test.predicate.text = "a(?!b)";
  rule("r", {.product = "windows", .service = "system"}, {test});
  EXPECT_EQ(run("System", 1, {{"A", {"ac"}}}).size(), 1U);
  EXPECT_TRUE(run("System", 1, {{"A", {"ab"}}}).empty());
}

TEST_F(MatcherTest, CountedDotsAreARunOnOneLine) {
  for (const char* expression : {".{5,}", ".{5}", "(?:.){5}"}) {  // the last one is RE2's
    rules.clear();
    sigma::Test test{.field = "A"};
    test.predicate.kind = Predicate::Kind::regex;
    test.predicate.text = expression;
    rule("r", {.product = "windows", .service = "system"}, {test});
    for (const char* value : {"12345", "1234\n12345", "\u6c34\u6c34\u6c34\u6c34\u6c34"}) {
      EXPECT_EQ(run("System", 1, {{"A", {value}}}).size(), 1U) << expression << " " << value;
    }
    for (const char* value : {"1234", "1234\n1234", "\u6c34\u6c34"}) {
      EXPECT_TRUE(run("System", 1, {{"A", {value}}}).empty()) << expression << " " << value;
    }
  }
}

TEST_F(MatcherTest, CatastrophicRegularExpressionsEnd) {
  sigma::Test test{.field = "A"};
  test.predicate.kind = Predicate::Kind::regex;
  test.predicate.text = "^(a+)+$(?!b)";
  rule("r", {.product = "windows", .service = "system"}, {test});
  EXPECT_TRUE(run("System", 1, {{"A", {std::string(5000, 'a') + "!"}}}).empty());
}

TEST_F(MatcherTest, WantsOnlyTheFieldsThatRulesAskFor) {
  rule("r", {.category = "process_creation", .product = "windows"}, {contains("Image", "net")});
  set.emplace(RuleSet::compile(rules, sources, catalogue, diagnostics, options));
  Matcher matcher(*set);
  const auto covered =
      matcher.wanted(*catalogue.shape({.product = "windows", .channel = sysmon, .event_id = 1}));
  EXPECT_FALSE(covered.drop);
  EXPECT_FALSE(covered.all);
  EXPECT_TRUE(covered.wants(*catalogue.field("Image")));
  EXPECT_FALSE(covered.wants(*catalogue.field("CommandLine")));
  EXPECT_TRUE(
      matcher.wanted(*catalogue.shape({.product = "windows", .channel = "Other", .event_id = 1})).drop);
}

TEST_F(MatcherTest, RuleOrderChangesNothing) {
  for (int i = 0; i < 20; ++i)
    rule("r" + std::to_string(i % 7), {.product = "windows", .service = "system"}, {contains("A", "b")});
  const auto forward = ids(run("System", 1, {{"A", {"b"}}}));
  std::reverse(rules.begin(), rules.end());
  EXPECT_EQ(ids(run("System", 1, {{"A", {"b"}}})), forward);
}

// Short literals and regular expressions are asked of the rows where a rule may match; everything else is
// remembered of values and of their combinations. Rows that are alike in what is remembered must not be taken
// for each other.
TEST_F(MatcherTest, WhatWasLearntFromOtherRecordsChangesNothing) {
  const LogSource source{.category = "process_creation", .product = "windows"};
  const auto regex = [](std::string field, std::string text) {
    sigma::Test test{.field = field, .source = field + "|re: " + text};
    test.predicate.kind = Predicate::Kind::regex;
    test.predicate.text = text;
    return test;
  };
  rule("short", source, {contains("Image", "shell"), contains("CommandLine", "-e")});
  rule("regex", source, {contains("Image", "shell"), regex("CommandLine", "[0-9]{3}")});
  Rule& either = rule("either", source,
                      {contains("Image", "shell"), contains("CommandLine", "-e"),
                       contains("CommandLine", "hidden"), regex("ParentImage", "^C:")});
  auto& children = either.condition.children;
  Expression any{.kind = Expression::Kind::any, .children = {children[1], children[2], children[3]}};
  children = {children[0], std::move(any)};
  Rule& excluded = rule("excluded", source, {contains("Image", "shell"), contains("CommandLine", "-e")});
  auto& filtered = excluded.condition.children;
  filtered = {filtered[0], Expression{.kind = Expression::Kind::negate, .children = {filtered[1]}}};

  const std::vector<std::string> images = {"powershell", "cmd"};
  const std::vector<std::string> lines = {"a -E b", "123", "hidden", "a -E 123", "nothing"};
  const std::vector<std::string> parents = {"C:\\x", "D:\\x"};
  std::vector<Fields> records;
  for (const std::string& image : images) {
    for (const std::string& line : lines) {
      for (const std::string& parent : parents) {
        records.push_back({{"Image", {image}}, {"CommandLine", {line}}, {"ParentImage", {parent}}});
        records.push_back({{"Image", {image}}, {"CommandLine", {"nothing", line}}});
      }
    }
  }
  for (std::size_t n = 0; n < records.size(); n += 3) records.push_back(records[n]);
  const auto told = [this](const Match& match, std::uint64_t record) {
    std::string out = std::to_string(record) + " " + set->rules()[match.rule].id + ": " + match.why;
    for (const FieldValues& field : match.matched) {
      for (const std::string& value : field.values) out += "; " + field.field + "=" + value;
    }
    return out;
  };
  std::vector<std::string> alone, together;
  for (std::size_t n = 0; n < records.size(); ++n) {
    for (const Match& match : run(sysmon, 1, records[n])) alone.push_back(told(match, 7 + n));
  }
  for (const Match& match : run_all(sysmon, 1, records)) together.push_back(told(match, match.record_id));
  EXPECT_EQ(together, alone);
  EXPECT_TRUE(std::ranges::any_of(alone, [](const std::string& line) {
    return line.ends_with(
        "either: Image|contains: shell; CommandLine|contains: -e; ParentImage|re: ^C:"
        "; Image=powershell; CommandLine=a -E 123; ParentImage=C:\\x");
  })) << testing::PrintToString(alone);
}

TEST_F(MatcherTest, TimePartsAndComparisons) {
  const auto test = [](Predicate::TimePart part, Predicate::Comparison comparison, double number) {
    sigma::Test out{.field = "T"};
    out.predicate.kind = Predicate::Kind::time_part;
    out.predicate.part = part, out.predicate.comparison = comparison, out.predicate.number = number;
    return out;
  };
  using Part = Predicate::TimePart;
  using Comparison = Predicate::Comparison;
  rule("hour", {.product = "windows", .service = "system"}, {test(Part::hour, Comparison::gte, 22)});
  rule("week", {.product = "windows", .service = "system"}, {test(Part::week, Comparison::eq, 53)});
  EXPECT_EQ(ids(run("System", 1, {{"T", {"2021-01-03T22:00:00Z"}}})),
            (std::vector<std::string>{"hour", "week"}));
  EXPECT_TRUE(run("System", 1, {{"T", {"2021-01-04T21:59:59Z"}}}).empty());
  EXPECT_TRUE(run("System", 1, {{"T", {"22"}}}).empty());
  // The date as written, whatever its zone.
  EXPECT_EQ(ids(run("System", 1, {{"T", {"2022-01-04T22:30:00.5+09:00"}}})),
            std::vector<std::string>{"hour"});
}

}  // namespace
}  // namespace landwarden::sigma
