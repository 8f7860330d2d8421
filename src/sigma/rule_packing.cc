#include "sigma/rule_packing.h"

#include <type_traits>

#include "sigma/correlation.h"

namespace landwarden::sigma {
namespace {

// What a thing consists of is said once, in parts_of(); these two go through it in either direction.

struct Saver {
  Packer& out;

  template <class... Ts>
  void operator()(const Ts&... values) {
    (pass(values), ...);
  }

 private:
  template <class T>
  void pass(const T& value) {
    if constexpr (requires { out.put(value); }) {
      out.put(value);
    } else {
      parts_of(*this, value);
    }
  }
  void pass(const Amount& value) {
    out.put(static_cast<std::uint64_t>(value));
    out.put(static_cast<std::int64_t>(value >> 64));
  }
  template <class T>
  void pass(const std::vector<T>& values) {
    out.put_size(values.size());
    for (const T& value : values) pass(value);
  }
  template <class T>
  void pass(const std::optional<T>& value) {
    out.put(value.has_value());
    if (value) pass(*value);
  }
  template <class A, class B>
  void pass(const std::pair<A, B>& value) {
    pass(value.first);
    pass(value.second);
  }
};

struct Loader {
  Unpacker& in;
  unsigned depth = 0;
  /// Trees of ours have some ten floors; what is deeper is not ours.
  static constexpr unsigned kDepth = 512;

  template <class... Ts>
  void operator()(Ts&... values) {
    (pass(values), ...);
  }

 private:
  template <class T>
  void pass(T& value) {
    if constexpr (requires { in.get(value); }) {
      in.get(value);
    } else if (++depth > kDepth) {
      in.fail();
    } else {
      parts_of(*this, value);
      --depth;
    }
  }
  void pass(Amount& value) {
    const auto low = in.number<std::uint64_t>();
    value = static_cast<Amount>(in.number<std::int64_t>()) * (static_cast<Amount>(1) << 64) + low;
  }
  template <class T>
  void pass(std::vector<T>& values) {
    // Not resized at once: what comes after a number that is wrong ends it soon.
    values.clear();
    for (std::size_t n = in.count(); n > 0 && !in.failed(); --n) pass(values.emplace_back());
  }
  template <class T>
  void pass(std::optional<T>& value) {
    bool has = false;
    in.get(has);
    if (has) pass(value.emplace());
  }
  template <class A, class B>
  void pass(std::pair<A, B>& value) {
    pass(value.first);
    pass(value.second);
  }
};

template <class T, class Wanted>
concept Of = std::is_same_v<std::remove_const_t<T>, Wanted>;

template <class Way>
void parts_of(Way& way, Of<Place> auto& x) {
  way(x.file, x.line, x.column, x.offset);
}
template <class Way>
void parts_of(Way& way, Of<Pattern::Part> auto& x) {
  way(x.kind, x.text);
}
template <class Way>
void parts_of(Way& way, Of<Pattern> auto& x) {
  way(x.parts, x.cased);
}
template <class Way>
void parts_of(Way& way, Of<Predicate> auto& x) {
  way(x.kind, x.pattern, x.text, x.number_text, x.number, x.flag, x.regex_ignore_case, x.regex_multiline,
      x.regex_dotall, x.comparison, x.part, x.field_relation);
}
template <class Way>
void parts_of(Way& way, Of<Expression> auto& x) {
  way(x.kind, x.children, x.test, x.name);
}
template <class Way>
void parts_of(Way& way, Of<Example> auto& x) {
  way(x.name, x.match, x.channel, x.provider, x.event_id, x.fields, x.place, x.events, x.rule, x.at_ticks,
      x.every_ticks, x.repeat);
}
template <class Way>
void parts_of(Way& way, Of<Correlation::Bound> auto& x) {
  way(x.comparison, x.value);
}
template <class Way>
void parts_of(Way& way, Of<Correlation::Reference> auto& x) {
  way(x.name, x.place);
}
template <class Way>
void parts_of(Way& way, Of<Correlation::Alias> auto& x) {
  way(x.name, x.fields);
}
template <class Way>
void parts_of(Way& way, Of<Correlation> auto& x) {
  way(x.type, x.rules, x.group_by, x.aliases, x.timespan_ticks, x.timespan, x.bounds, x.condition, x.fields,
      x.percentile, x.generate, x.aggregation, x.place);
}
template <class Way>
void parts_of(Way& way, Of<CorrelationPlan::Member> auto& x) {
  way(x.rule, x.slot, x.group, x.values);
}
template <class Way>
void parts_of(Way& way, Of<CorrelationPlan> auto& x) {
  way(x.rule, x.members, x.slots, x.most, x.orders);
}
template <class Way>
void parts_of(Way& way, Of<Error> auto& x) {
  way(x.code, x.message, x.place, x.hint);
}
template <class Way>
void parts_of(Way& way, Of<Diagnostic> auto& x) {
  way(x.severity, x.error, x.rule_id, x.title, x.code, x.length);
}

template <class Way>
void head_of(Way& way, Of<Rule> auto& x) {
  way(x.id, x.title, x.name, x.status, x.level, x.tags, x.logsource.category, x.logsource.product,
      x.logsource.service, x.file, x.place.line, x.place.column, x.kind, x.muted, x.implied);
}

/// But for its place's file, which is the rule's nearly always.
template <class Way>
void parts_of(Way& way, Of<Test> auto& x) {
  way(x.field, x.predicate, x.place.line, x.place.column, x.source);
}

template <class Way>
void body_of(Way& way, Of<Rule> auto& x) {
  way(x.description, x.author, x.date, x.modified, x.license, x.taxonomy, x.references, x.falsepositives,
      x.fields, x.tests, x.condition, x.examples, x.custom, x.filtered, x.filters_any);
}

}  // namespace

void save_head(Packer& out, const Rule& rule) {
  Saver way{out};
  head_of(way, rule);
}

void load_head(Unpacker& in, Rule& rule) {
  Loader way{in};
  head_of(way, rule);
  rule.place.file = rule.file;
  if (rule.level.value_or(Level::low) > Level::critical || rule.kind > RuleKind::filter) in.fail();
}

void save_body(Packer& out, const Rule& rule) {
  Saver way{out};
  body_of(way, rule);
  std::vector<std::pair<std::uint32_t, std::string>> elsewhere;  // tests that a filter brought
  for (std::uint32_t i = 0; i < rule.tests.size(); ++i) {
    if (rule.tests[i].place.file != rule.file) elsewhere.emplace_back(i, rule.tests[i].place.file);
  }
  way(elsewhere);
}

void load_body(Unpacker& in, Rule& rule) {
  Loader way{in};
  body_of(way, rule);
  for (Test& test : rule.tests) test.place.file = rule.file;
  std::vector<std::pair<std::uint32_t, std::string>> elsewhere;
  way(elsewhere);
  for (auto& [test, file] : elsewhere) {
    if (test < rule.tests.size()) rule.tests[test].place.file = std::move(file);
  }
}

void save_correlation(Packer& out, const Correlation& correlation) {
  Saver way{out};
  way(correlation);
}

void load_correlation(Unpacker& in, Correlation& correlation) {
  Loader way{in};
  way(correlation);
}

void save_plan(Packer& out, const CorrelationPlan& plan) {
  Saver way{out};
  way(plan);
}

void load_plan(Unpacker& in, CorrelationPlan& plan) {
  Loader way{in};
  way(plan);
}

void save_diagnostics(Packer& out, const std::vector<Diagnostic>& diagnostics) {
  Saver way{out};
  way(diagnostics);
}

void load_diagnostics(Unpacker& in, std::vector<Diagnostic>& diagnostics) {
  Loader way{in};
  way(diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity > Diagnostic::Severity::note || diagnostic.error.code > ErrorCode::interrupted)
      in.fail();
  }
}

}  // namespace landwarden::sigma
