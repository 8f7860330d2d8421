#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/text.h"
#include "sigma/compiled.h"
#include "sigma/keyword_texts.h"

namespace landwarden::sigma {
namespace {

// How often a predicate is met in real evidence, as far as a rule set can tell: what many rules ask for, and
// short literals, are met often; the System part is the same for every record of a log source, and some
// fields have but a few values.
double test_cost(const Rule& rule, const TestRef& ref,
                 const std::vector<std::vector<std::uint32_t>>& popularity, std::uint32_t test) {
  const Test& source = rule.tests[test];
  double cost = 1 + popularity[ref.field][ref.predicate];
  static constexpr std::string_view kConstant[] = {"EventID", "Channel", "Provider_Name",
                                                   "Level",   "Task",    "Opcode"};
  static constexpr std::string_view kFewValues[] = {"IntegrityLevel", "LogonType", "ParentUser", "User"};
  const auto is_among = [&source](auto& names) {
    return std::ranges::find(names, source.field) != std::end(names);
  };
  if (is_among(kConstant)) cost += 10'000;
  if (is_among(kFewValues)) cost += 1'000;
  switch (source.predicate.kind) {
    case Predicate::Kind::null:
    case Predicate::Kind::exists:
      return cost + 5'000;
    case Predicate::Kind::pattern:
    case Predicate::Kind::contains: {
      std::size_t literal = 0;
      for (const Pattern::Part& part : source.predicate.pattern.parts)
        literal = std::max(literal, part.text.size());
      return cost + (literal == 0 ? 5'000.0 : 200.0 / static_cast<double>(literal * literal));
    }
    case Predicate::Kind::regex:
      return cost + 500;  // it would be looked for in every value
    default:
      return cost + 20;
  }
}

struct WitnessChoice {
  double cost = 0;
  bool none = false;  ///< nothing must be met for the expression to hold
  std::vector<std::uint32_t> tests;
};

/// A program while it is made.
struct Parts {
  std::vector<TestRef> tests;
  std::vector<Node> nodes;
  std::vector<std::uint32_t> children, witnesses, carried;
  bool always = false;
};

using Popularity = std::vector<std::vector<std::uint32_t>>;

WitnessChoice choose_witness(const Rule& rule, const Parts& program, const Expression& e,
                             const Popularity& popularity) {
  const WitnessChoice nothing{.cost = 0, .none = true, .tests = {}};
  switch (e.kind) {
    case Expression::Kind::negate:
      return nothing;
    case Expression::Kind::test: {
      if (rule.tests[e.test].predicate.kind == Predicate::Kind::never) return {};
      const TestRef& ref = program.tests[e.test];
      if (ref.predicate == kNone) return nothing;
      return {.cost = test_cost(rule, ref, popularity, e.test), .none = false, .tests = {e.test}};
    }
    case Expression::Kind::any: {
      WitnessChoice all;
      for (const Expression& child : e.children) {
        WitnessChoice choice = choose_witness(rule, program, child, popularity);
        if (choice.none) return nothing;
        all.cost += choice.cost;
        all.tests.insert(all.tests.end(), choice.tests.begin(), choice.tests.end());
      }
      return all;
    }
    case Expression::Kind::all: {
      WitnessChoice best = nothing;
      for (const Expression& child : e.children) {
        WitnessChoice choice = choose_witness(rule, program, child, popularity);
        if (!choice.none && (best.none || choice.cost < best.cost)) best = std::move(choice);
      }
      return best;
    }
  }
  return nothing;
}

// Appends the nodes of `e`, children first; returns the index of its own node.
std::uint32_t flatten(const Expression& e, Parts& program) {
  Node node{.kind = e.kind, .unused = {}, .first = e.test, .count = 0};
  if (e.kind != Expression::Kind::test) {
    std::vector<std::uint32_t> children;
    for (const Expression& child : e.children) children.push_back(flatten(child, program));
    node.first = static_cast<std::uint32_t>(program.children.size());
    node.count = static_cast<std::uint32_t>(children.size());
    program.children.insert(program.children.end(), children.begin(), children.end());
  }
  program.nodes.push_back(node);
  return static_cast<std::uint32_t>(program.nodes.size() - 1);
}

class Compiler {
 public:
  Compiler(RuleSet::Compiled& out, const view::LogSources& sources, std::vector<Diagnostic>& diagnostics)
      : out_(out), sources_(sources), diagnostics_(diagnostics) {}

  void run(std::vector<Rule> rules) {
    std::stable_sort(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) {
      return std::tie(a.id, a.file, a.place.line, a.implied) <
             std::tie(b.id, b.file, b.place.line, b.implied);
    });
    apply_filters(rules, diagnostics_);
    std::vector<bool> runs(rules.size());
    std::vector<view::Resolution> resolutions(rules.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].kind != RuleKind::detection) continue;
      resolutions[i] = resolve_source(rules[i].logsource, sources_, out_.options);
      runs[i] = usable_regexes(rules[i]) && has_sources(rules[i], resolutions[i]);
    }
    ResolvedCorrelations correlations = resolve_correlations(rules, runs, diagnostics_);
    leave_out_idle(rules, runs, correlations);
    std::vector<std::uint32_t> index(rules.size(), kNone);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (!runs[i]) continue;
      index[i] = static_cast<std::uint32_t>(out_.rules.size());
      add(std::move(rules[i]), std::move(resolutions[i]), correlations.carried[i]);
    }
    for (CorrelationPlan& plan : correlations.plans) {
      plan.rule = index[plan.rule];
      for (CorrelationPlan::Member& member : plan.members) member.rule = index[member.rule];
    }
    out_.correlations = std::move(correlations.plans);
    for (std::uint32_t i = 0; i < out_.rules.size(); ++i) finish(i);
    defer();
    seal();
    find_keyword_texts(out_);
  }

 private:
  void refuse(const Rule& rule, Error error) {
    const std::string_view code = error.code == ErrorCode::unsupported ? "not-run" : "value";
    diagnostics_.push_back({.severity = Diagnostic::Severity::error,
                            .error = std::move(error),
                            .rule_id = rule.id,
                            .title = rule.title,
                            .code = std::string(code)});
  }

  bool usable_regexes(const Rule& rule) {
    for (const Test& test : rule.tests) {
      const Predicate& p = test.predicate;
      if (p.kind != Predicate::Kind::regex) continue;
      if (auto ok = check_regex(p.text, {p.regex_ignore_case, p.regex_multiline, p.regex_dotall}); !ok) {
        Error error = ok.error();
        error.place = test.place;
        error.hint = "write it in the common subset of PCRE and RE2";
        refuse(rule, std::move(error));
        return false;
      }
    }
    return true;
  }

  std::uint32_t field_set(const std::string& name) {
    const auto [at, fresh] = field_index_.try_emplace(name, static_cast<std::uint32_t>(out_.fields.size()));
    if (fresh) {
      out_.fields.emplace_back().name = name;
      popularity_.emplace_back();
    }
    return at->second;
  }

  std::uint32_t predicate(std::uint32_t field, const Predicate& p) {
    const std::uint32_t id = out_.fields[field].predicates.add(p);
    if (popularity_[field].size() <= id) popularity_[field].resize(id + 1, 0);
    ++popularity_[field][id];
    return id;
  }

  bool has_sources(const Rule& rule, const view::Resolution& resolution) {
    if (!resolution.sources.empty()) return true;
    refuse(rule, {ErrorCode::unsupported, resolution.reason, rule.place,
                  "map the log source in a table of your own; see content/logsources"});
    return false;
  }

  /// Rules that give no match of their own and whose correlation cannot run.
  static void leave_out_idle(const std::vector<Rule>& rules, std::vector<bool>& runs,
                             const ResolvedCorrelations& correlations) {
    std::vector<bool> used(rules.size());
    for (const CorrelationPlan& plan : correlations.plans) {
      for (const CorrelationPlan::Member& member : plan.members) used[member.rule] = true;
    }
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].muted && !used[i]) runs[i] = false;
    }
  }

  void add(Rule rule, view::Resolution resolution, const std::vector<std::string>& carried) {
    const auto index = static_cast<std::uint32_t>(out_.rules.size());
    Parts program;
    for (const Test& test : rule.tests) {
      TestRef ref{.field = field_set(test.field)};
      if (test.predicate.kind == Predicate::Kind::field) {
        ref.other_field = field_set(test.predicate.text);
      } else if (test.predicate.kind != Predicate::Kind::never) {
        ref.predicate = predicate(ref.field, test.predicate);
      }
      program.tests.push_back(ref);
    }
    flatten(rule.condition, program);
    if (rule.kind == RuleKind::detection) {
      for (const std::string& name : carried) program.carried.push_back(field_set(name));
    }
    for (std::uint32_t nth = 0; nth < resolution.sources.size(); ++nth)
      bind(std::move(resolution.sources[nth]), index, rule.logsource, nth);
    parts_.push_back(std::move(program));
    out_.rules.add(std::move(rule));
  }

  void bind(view::Source source, std::uint32_t rule, const LogSource& named, std::uint32_t nth) {
    std::string key = fmt::format("{}|{}|{}|{}", source.product, fmt::join(source.channels, ","),
                                  fmt::join(source.event_ids, ","), fmt::ptr(source.view));
    for (const view::Demand& demand : source.where)
      key += fmt::format("|{}={}", demand.field, fmt::join(demand.values, ","));
    const auto [at, fresh] = source_index_.try_emplace(std::move(key), out_.sources.size());
    if (fresh) {
      SourceRules& entry = out_.sources.emplace_back();
      for (const view::Demand& demand : source.where) {
        DemandRef ref{.field = field_set(demand.field), .predicates = {}};
        for (const std::string& value : demand.values) {
          Predicate p{.kind = Predicate::Kind::pattern};
          p.pattern.parts.push_back({Pattern::Kind::literal, value});
          ref.predicates.push_back(predicate(ref.field, p));
        }
        entry.demands.push_back(std::move(ref));
      }
      entry.source = std::move(source);
      entry.named = named;
      entry.nth = nth;
    }
    std::vector<std::uint32_t>& rules = out_.sources[at->second].rules;
    if (rules.empty() || rules.back() != rule) rules.push_back(rule);
  }

  void finish(std::uint32_t rule) {
    Parts& program = parts_[rule];
    WitnessChoice choice = choose_witness(out_.rules[rule], program, out_.rules[rule].condition, popularity_);
    program.always = choice.none;
    program.witnesses = std::move(choice.tests);
  }

  /// Leaves what makes no rule a candidate to be asked of candidates.
  void defer() {
    std::vector<std::vector<bool>> needed;
    for (const FieldSet& field : out_.fields) needed.emplace_back(field.predicates.size());
    for (const SourceRules& source : out_.sources) {
      for (const DemandRef& demand : source.demands) {
        for (const std::uint32_t predicate : demand.predicates) needed[demand.field][predicate] = true;
      }
    }
    const auto need = [&](const TestRef& test) {
      if (test.predicate != kNone) needed[test.field][test.predicate] = true;
    };
    for (const Parts& parts : parts_) {
      for (const std::uint32_t test : parts.witnesses) need(parts.tests[test]);
      // Where every record is a candidate, every value would be asked.
      if (parts.always) std::ranges::for_each(parts.tests, need);
    }
    for (std::size_t field = 0; field < out_.fields.size(); ++field) {
      if (out_.fields[field].name.empty()) continue;  // keywords look at every value of a record
      for (std::uint32_t id = 0; id < needed[field].size(); ++id) {
        if (!needed[field][id]) out_.fields[field].predicates.defer(id);
      }
    }
    for (Parts& parts : parts_) {
      for (TestRef& test : parts.tests) {
        test.deferred =
            test.predicate != kNone && out_.fields[test.field].predicates.is_deferred(test.predicate);
      }
      ask_last(parts);
    }
  }

  /// Children that the row must be asked for behind those that are known: mostly the others decide.
  static void ask_last(Parts& parts) {
    std::vector<bool> asks;  // by node
    for (const Node& node : parts.nodes) {
      if (node.kind == Expression::Kind::test) {
        const TestRef& test = parts.tests[node.first];
        asks.push_back(test.deferred != 0 || test.other_field != kNone);
        continue;
      }
      const auto children = std::span(parts.children).subspan(node.first, node.count);
      const auto last =
          std::ranges::stable_partition(children, [&](std::uint32_t child) { return !asks[child]; });
      asks.push_back(!last.empty());
    }
  }

  /// Puts the programs where they stay, one behind the other.
  void seal() {
    RuleSet::Compiled::Pool& pool = out_.pool;
    for (const Parts& parts : parts_) {
      pool.tests.insert(pool.tests.end(), parts.tests.begin(), parts.tests.end());
      pool.nodes.insert(pool.nodes.end(), parts.nodes.begin(), parts.nodes.end());
      for (const auto* numbers : {&parts.children, &parts.witnesses, &parts.carried})
        pool.numbers.insert(pool.numbers.end(), numbers->begin(), numbers->end());
    }
    std::size_t tests = 0, nodes = 0, numbers = 0;
    const auto next = [](const auto& from, std::size_t& at, std::size_t count) {
      return std::span(from).subspan(std::exchange(at, at + count), count);
    };
    for (const Parts& parts : parts_) {
      out_.programs.push_back({.tests = next(pool.tests, tests, parts.tests.size()),
                               .nodes = next(pool.nodes, nodes, parts.nodes.size()),
                               .children = next(pool.numbers, numbers, parts.children.size()),
                               .witnesses = next(pool.numbers, numbers, parts.witnesses.size()),
                               .always = parts.always,
                               .carried = next(pool.numbers, numbers, parts.carried.size())});
    }
  }

  RuleSet::Compiled& out_;
  std::vector<Parts> parts_;
  const view::LogSources& sources_;
  std::vector<Diagnostic>& diagnostics_;
  std::unordered_map<std::string, std::uint32_t> field_index_;
  std::map<std::string, std::size_t> source_index_;
  Popularity popularity_;
};

}  // namespace

view::Resolution resolve_source(const LogSource& named, const view::LogSources& sources,
                                const CompileOptions& options) {
  view::Resolution out = sources.resolve(named.category, named.product, named.service);
  if (options.strict_sources) std::erase_if(out.sources, [](const view::Source& s) { return !s.strict; });
  return out;
}

RuleSet::RuleSet(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&&) noexcept = default;
RuleSet::~RuleSet() = default;

RuleSet RuleSet::compile(std::vector<Rule> rules, const view::LogSources& sources,
                         event::Catalogue& catalogue, std::vector<Diagnostic>& diagnostics,
                         CompileOptions options) {
  auto compiled = std::make_unique<Compiled>();
  compiled->catalogue = &catalogue;
  compiled->options = options;
  Compiler(*compiled, sources, diagnostics).run(std::move(rules));
  return RuleSet(std::move(compiled));
}

const RuleTable& RuleSet::rules() const {
  return compiled_->rules;
}

const std::vector<std::string>& RuleSet::keyword_texts() const {
  return compiled_->keyword_texts;
}

std::uint64_t RuleSet::bodies_lost() const {
  return compiled_->bodies_lost;
}

bool RuleSet::damaged() const {
  return compiled_->damaged;
}

bool RuleSet::has_correlations() const {
  return !compiled_->correlations.empty();
}

}  // namespace landwarden::sigma
