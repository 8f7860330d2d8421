// RuleSet::save and RuleSet::load: what was compiled, so that it need not be compiled again.
//
// The flat parts (programs, literals, tables of texts) are used where they stand. Everything that is an index
// is checked once, here; after that matching goes through them as through its own.

#include <algorithm>
#include <memory>

#include "base/assert.h"
#include "sigma/limits.h"
#include "sigma/plan.h"
#include "sigma/rule_packing.h"

namespace landwarden::sigma {
namespace {

/// Floors of a rule's tree. The parser makes some 200 at most.
constexpr std::uint32_t kTreeDepth = 4096;

struct ProgramHead {
  std::uint32_t tests, nodes, children, witnesses, carried;
  std::uint8_t always, keywords, unused[2];
  std::uint64_t texts;
};

/// Every node but the root, which is the last, is the child of exactly one that comes later. `depth` is
/// working memory.
bool is_tree(const Program& program, std::vector<std::uint32_t>& depth) {
  constexpr std::uint32_t kHasParent = 1U << 31;
  depth.assign(program.nodes.size(), 0);
  std::size_t children = 0;
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    const Node& node = program.nodes[i];
    if (node.kind > Expression::Kind::test) return false;
    if (node.kind == Expression::Kind::test) {
      if (node.first >= program.tests.size() || node.count != 0) return false;
      continue;
    }
    if (node.first > program.children.size() || node.count > program.children.size() - node.first)
      return false;
    if (node.kind == Expression::Kind::negate && node.count != 1) return false;
    for (const std::uint32_t child : program.children.subspan(node.first, node.count)) {
      if (child >= i || depth[child] >= kHasParent) return false;
      depth[i] = std::max(depth[i], depth[child] + 1);
      depth[child] |= kHasParent;
      ++children;
    }
    if (depth[i] > kTreeDepth) return false;
  }
  return children + 1 == program.nodes.size();
}

class Loading {
 public:
  Loading(RuleSet::Compiled& out, Unpacker& in, const view::LogSources& sources)
      : out_(out), in_(in), sources_(sources) {}

  bool run() {
    in_.get(out_.options.all_fields);
    in_.get(out_.options.strict_sources);
    in_.get(out_.keyword_texts);
    return load_rules() && load_fields() && load_programs() && load_sources() && load_correlations() &&
           !in_.failed();
  }

 private:
  /// Heads are made when somebody asks for them.
  bool load_rules() {
    if (!get_place(out_.heads_at)) return false;
    out_.head_at = in_.array<std::uint64_t>();
    out_.body_at = in_.array<BlockPlace>();
    if (in_.failed() || out_.body_at.size() != out_.head_at.size()) return false;
    out_.rules =
        RuleTable(static_cast<std::uint32_t>(out_.head_at.size()),
                  [this_set = &out_](std::uint32_t rule, Rule& into) { this_set->load_head(rule, into); });
    return true;
  }

  bool load_fields() {
    for (std::size_t n = in_.count(16); n > 0; --n) {
      FieldSet& field = out_.fields.emplace_back();
      in_.get(field.name);
      in_.get(field.saved.size);
      field.saved.deferred = in_.array<std::uint64_t>();
      if (!get_place(field.saved.place) || field.saved.size > field.saved.deferred.size() * 64) return false;
    }
    return true;
  }

  bool get_place(BlockPlace& place) {
    const auto places = in_.array<BlockPlace>();
    if (in_.failed() || places.size() != 1) return false;
    place = places.front();
    return true;
  }

  bool load_programs() {
    const auto heads = in_.array<ProgramHead>();
    auto tests = in_.array<TestRef>();
    auto nodes = in_.array<Node>();
    auto numbers = in_.array<std::uint32_t>();
    if (in_.failed() || heads.size() != out_.rules.size()) return false;
    out_.programs.reserve(heads.size());
    bool room = true;
    const auto next = [&room](auto& from, std::size_t count) {
      room = room && count <= from.size();
      const auto out = from.first(room ? count : 0);
      from = from.subspan(out.size());
      return out;
    };
    for (const ProgramHead& head : heads) {
      Program& program = out_.programs.emplace_back();
      program.tests = next(tests, head.tests);
      program.nodes = next(nodes, head.nodes);
      program.children = next(numbers, head.children);
      program.witnesses = next(numbers, head.witnesses);
      program.carried = next(numbers, head.carried);
      program.always = head.always != 0;
      program.keywords = static_cast<Program::Keywords>(head.keywords);
      program.texts = head.texts;
      if (!room || head.keywords > 2 || !is_sound(program)) return false;
    }
    return true;
  }

  bool is_predicate(std::uint32_t field, std::uint32_t predicate) const {
    return field < out_.fields.size() && predicate < out_.fields[field].saved.size;
  }

  bool is_sound(const Program& program) {
    const auto is_field = [this](std::uint32_t field) { return field < out_.fields.size(); };
    const auto sound = [&](const TestRef& test) {
      if (!is_field(test.field)) return false;
      if (test.predicate != kNone) {
        return test.other_field == kNone && is_predicate(test.field, test.predicate) &&
               (test.deferred != 0) == out_.fields[test.field].saved.is_deferred(test.predicate);
      }
      return test.other_field == kNone || is_field(test.other_field);
    };
    return std::ranges::all_of(program.tests, sound) && is_tree(program, depth_) &&
           std::ranges::all_of(program.carried, is_field) &&
           std::ranges::all_of(program.witnesses, [&](std::uint32_t test) {
             return test < program.tests.size() && program.tests[test].predicate != kNone;
           });
  }

  bool load_sources() {
    bool sound = true;
    for (std::size_t n = in_.count(8); n > 0 && sound && !in_.failed(); --n) {
      SourceRules& source = out_.sources.emplace_back();
      in_.get(source.named.category);
      in_.get(source.named.product);
      in_.get(source.named.service);
      in_.get(source.nth);
      for (std::size_t demands = in_.count(5); demands > 0 && !in_.failed(); --demands) {
        DemandRef& demand = source.demands.emplace_back();
        in_.get(demand.field);
        const auto predicates = in_.array<std::uint32_t>();
        demand.predicates.assign(predicates.begin(), predicates.end());
        sound =
            sound && demand.field < out_.fields.size() &&
            std::ranges::all_of(predicates, [&](std::uint32_t id) { return is_predicate(demand.field, id); });
      }
      const auto rules = in_.array<std::uint32_t>();
      source.rules.assign(rules.begin(), rules.end());
      sound = sound &&
              std::ranges::all_of(rules,
                                  [this](std::uint32_t rule) {
                                    return rule < out_.rules.size() && !out_.programs[rule].nodes.empty();
                                  }) &&
              find_source(source);
    }
    return sound;
  }

  bool find_source(SourceRules& source) const {
    view::Resolution resolution = resolve_source(source.named, sources_, out_.options);
    if (source.nth >= resolution.sources.size()) return false;
    source.source = std::move(resolution.sources[source.nth]);
    return source.demands.size() == source.source.where.size();
  }

  bool load_correlations() {
    for (std::size_t n = in_.count(16); n > 0 && !in_.failed(); --n) {
      auto correlation = std::make_shared<Correlation>();
      load_correlation(in_, *correlation);
      CorrelationPlan& plan = out_.correlations.emplace_back();
      load_plan(in_, plan);
      if (in_.failed() || plan.rule >= out_.rules.size()) return false;
      plan.what = correlation.get();
      out_.rules.changeable(plan.rule).correlation = std::move(correlation);
      if (!is_sound(plan)) return false;
    }
    return true;
  }

  /// How many fields the matches of a rule carry.
  std::size_t carried_by(std::uint32_t rule) const {
    const Rule& it = out_.rules[rule];
    return it.kind == RuleKind::correlation && it.correlation ? it.correlation->group_by.size()
                                                              : out_.programs[rule].carried.size();
  }

  bool is_sound(const CorrelationPlan& plan) const {
    const Correlation& what = *plan.what;
    const auto is_member = [&](std::uint32_t member) { return member < plan.members.size(); };
    const auto sound = [&](const CorrelationPlan::Member& member) {
      if (member.rule >= out_.rules.size() || member.slot >= plan.slots) return false;
      const auto is_place = [&](std::uint32_t at) {
        return at == CorrelationPlan::kAbsent || at < carried_by(member.rule);
      };
      return member.group.size() == what.group_by.size() && member.values.size() == what.fields.size() &&
             std::ranges::all_of(member.group, is_place) && std::ranges::all_of(member.values, is_place);
    };
    return what.type <= Correlation::Type::value_median && std::ranges::all_of(plan.members, sound) &&
           (!what.condition || is_sound(*what.condition, is_member)) &&
           std::ranges::all_of(plan.orders,
                               [&](const auto& order) { return std::ranges::all_of(order, is_member); });
  }

  template <class IsMember>
  static bool is_sound(const Expression& e, const IsMember& is_member) {
    if (e.kind == Expression::Kind::test) return is_member(e.test);
    if (e.kind > Expression::Kind::test || (e.kind == Expression::Kind::negate && e.children.size() != 1))
      return false;
    return std::ranges::all_of(e.children,
                               [&](const Expression& child) { return is_sound(child, is_member); });
  }

  RuleSet::Compiled& out_;
  Unpacker& in_;
  const view::LogSources& sources_;
  std::vector<std::uint32_t> depth_;  ///< of is_tree()
};

std::span<const std::byte> bytes_of(const Block& block, const BlockPlace& place) {
  return std::as_bytes(std::span(block.get(), place.size / 8 + 1)).first(place.size);
}

}  // namespace

const Rule& RuleSet::Compiled::whole(std::uint32_t rule) const {
  if (!body_loaded) return rules[rule];
  std::call_once(body_loaded[rule], [&] {
    if (!load_whole(rule)) ++bodies_lost;
    // Whatever is wrong with it: tests are looked up by number.
    rules.changeable(rule).tests.resize(programs[rule].tests.size());
  });
  return rules[rule];
}

void RuleSet::Compiled::load_head(std::uint32_t rule, Rule& into) const {
  std::call_once(heads_read, [&] {
    heads = read(heads_at);
    if (!heads) damaged = true;
  });
  if (!heads) return;
  Unpacker in(bytes_of(heads, heads_at).subspan(std::min(head_at[rule], heads_at.size)));
  sigma::load_head(in, into);
  if (!in.failed()) return;
  into = Rule();
  damaged = true;
}

Block RuleSet::Compiled::read(const BlockPlace& place) const {
  if (place.size > limits::kRuleCacheFileBytes) return nullptr;
  auto block = std::make_unique_for_overwrite<std::uint64_t[]>(static_cast<std::size_t>(place.size / 8 + 1));
  const std::span bytes =
      std::as_writable_bytes(std::span(block.get(), place.size / 8 + 1)).first(place.size);
  return blocks->read(place.at, bytes) && digest_of(bytes) == place.digest ? std::move(block) : nullptr;
}

const FieldPredicates& RuleSet::Compiled::prepared(std::uint32_t number) const {
  FieldSet& field = fields[number];
  std::call_once(field.prepared, [&] {
    if (owner) {
      load_field(field);
    } else {
      field.predicates.prepare();
    }
  });
  return field.predicates;
}

void RuleSet::Compiled::load_field(FieldSet& field) const {
  FieldSet::Saved& saved = field.saved;
  saved.block = read(saved.place);
  if (saved.block) {
    Unpacker in(bytes_of(saved.block, saved.place));
    bool sound = field.predicates.load(in) && !in.failed() && field.predicates.size() == saved.size;
    for (std::uint32_t id = 0; id < saved.size && sound; ++id)
      sound = field.predicates.is_deferred(id) == saved.is_deferred(id);
    if (sound) return;
  }
  // Whatever was loaded of it goes.
  std::destroy_at(&field.predicates);
  std::construct_at(&field.predicates)->lose(saved.size);
  damaged = true;
}

bool RuleSet::Compiled::load_whole(std::uint32_t rule) const {
  const Block body = read(body_at[rule]);
  if (!body) return false;
  Unpacker in(bytes_of(body, body_at[rule]));
  load_body(in, rules.changeable(rule));  // nothing that the head has: others may be reading that
  return !in.failed();
}

namespace {

/// Puts something behind the others that can be read without them.
template <class Save>
BlockPlace put_block(Packer& blocks, const Save& save) {
  Packer block;
  save(block);
  BlockPlace place{
      .at = blocks.bytes().size(), .size = block.bytes().size(), .digest = digest_of(block.bytes())};
  blocks.put_bytes(block.bytes());
  return place;
}

void save_programs(Packer& out, const std::vector<Program>& programs) {
  std::vector<ProgramHead> heads;
  RuleSet::Compiled::Pool pool;
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
    return static_cast<std::uint32_t>(from.size());
  };
  for (const Program& program : programs) {
    ProgramHead& head = heads.emplace_back();
    head.tests = append(pool.tests, program.tests);
    head.nodes = append(pool.nodes, program.nodes);
    head.children = append(pool.numbers, program.children);
    head.witnesses = append(pool.numbers, program.witnesses);
    head.carried = append(pool.numbers, program.carried);
    head.always = program.always ? 1 : 0;
    head.keywords = static_cast<std::uint8_t>(program.keywords);
    head.texts = program.texts;
  }
  out.put_array(heads);
  out.put_array(pool.tests);
  out.put_array(pool.nodes);
  out.put_array(pool.numbers);
}

void save_sources(Packer& out, const std::vector<SourceRules>& sources) {
  out.put_size(sources.size());
  for (const SourceRules& source : sources) {
    out.put(source.named.category);
    out.put(source.named.product);
    out.put(source.named.service);
    out.put(source.nth);
    out.put_size(source.demands.size());
    for (const DemandRef& demand : source.demands) {
      out.put(demand.field);
      out.put_array(demand.predicates);
    }
    out.put_array(source.rules);
  }
}

}  // namespace

void RuleSet::save(Packer& out, Packer& blocks) const {
  const Compiled& c = *compiled_;
  LW_ASSERT(!c.owner);
  Packer head;
  head.put(c.options.all_fields);
  head.put(c.options.strict_sources);
  head.put(c.keyword_texts);
  Packer heads;
  std::vector<std::uint64_t> head_at;
  std::vector<BlockPlace> body_at;
  for (std::uint32_t i = 0; i < c.rules.size(); ++i) {
    head_at.push_back(heads.bytes().size());
    save_head(heads, c.rules[i]);
    body_at.push_back(put_block(blocks, [&](Packer& body) { save_body(body, c.whole(i)); }));
  }
  const auto put_place = [&head](const BlockPlace& place) { head.put_array(std::span(&place, 1)); };
  put_place(put_block(blocks, [&](Packer& block) { block.put_bytes(heads.bytes()); }));
  head.put_array(head_at);
  head.put_array(body_at);
  head.put_size(c.fields.size());
  for (std::uint32_t field = 0; field < c.fields.size(); ++field) {
    const FieldPredicates& predicates = c.prepared(field);
    std::vector<std::uint64_t> deferred(predicates.size() / 64 + 1);
    for (std::uint32_t id = 0; id < predicates.size(); ++id)
      deferred[id >> 6] |= std::uint64_t{predicates.is_deferred(id)} << (id & 63);
    head.put(c.fields[field].name);
    head.put(predicates.size());
    head.put_array(deferred);
    put_place(put_block(blocks, [&](Packer& block) { predicates.save(block); }));
  }
  save_programs(head, c.programs);
  save_sources(head, c.sources);
  head.put_size(c.correlations.size());
  for (const CorrelationPlan& plan : c.correlations) {
    save_correlation(head, *plan.what);
    save_plan(head, plan);
  }
  out.put_array(head.bytes());
}

Result<RuleSet> RuleSet::load(Unpacker& in, std::shared_ptr<const void> owner,
                              std::unique_ptr<const RuleBlocks> blocks, const view::LogSources& sources,
                              event::Catalogue& catalogue) {
  auto compiled = std::make_unique<Compiled>();
  compiled->catalogue = &catalogue;
  compiled->owner = std::move(owner);
  Unpacker head(in.array<std::byte>());
  compiled->blocks = std::move(blocks);
  if (in.failed() || !Loading(*compiled, head, sources).run())
    return fail(ErrorCode::damaged, "not a rule set that this program has saved");
  compiled->body_loaded = std::make_unique<std::once_flag[]>(compiled->rules.size());
  return RuleSet(std::move(compiled));
}

}  // namespace landwarden::sigma
