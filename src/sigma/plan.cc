#include "sigma/plan.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/sorted.h"
#include "sigma/field_order.h"

namespace landwarden::sigma {
namespace {

/// In a plan's key, what is no log source.
constexpr std::uint32_t kVirtual = 0x8000'0000;

class Planner {
 public:
  Planner(const RuleSet::Compiled& compiled, HitSets& hit_sets, Plan& plan)
      : compiled_(compiled), hit_sets_(hit_sets), plan_(plan) {}

  void run(const event::Shape& shape) {
    shape_ = &shape;
    for (std::uint32_t s = 0; s < compiled_.sources.size(); ++s) {
      if (compiled_.sources[s].source.covers(shape)) add_source(s);
    }
    plan_.tested_slots = plan_.slots.size();
    for (const Entry& entry : plan_.entries) {
      for (const std::uint32_t field : compiled_.programs[entry.rule].carried)
        name_field(entry.naming, field);
    }
    plan_.empty = plan_.entries.empty();
    for (const Naming& names : plan_.namings) {
      std::vector<std::uint32_t>& bases = plan_.bases.emplace_back();
      for (const std::uint32_t slot : names) bases.push_back(slot == kNone ? kNone : plan_.slots[slot].base);
    }
    index_witnesses();
    want_fields();
  }

 private:
  std::uint32_t slot(std::uint32_t field_set, const view::View* view) {
    FieldSet& set = compiled_.fields[field_set];
    if (set.name.empty()) return keyword_slot(field_set);
    const view::FieldSource source = source_of(set.name, view);
    const auto key = std::make_pair(field_set, source);
    if (const auto found = slots_.find(key); found != slots_.end()) return found->second;
    if (!source.parts.empty()) return slots_[key] = joined_slot(field_set, source);
    // A full catalogue leaves the field to the extras, which are looked up by name.
    const auto id = compiled_.catalogue->field(source.field);
    if (!id) return kNone;
    Slot slot{.field_set = field_set,
              .field = *id,
              .system = {},
              .name = source.field,
              .transform = source.transform};
    slot.system = compiled_.catalogue->field(std::string(kSystemPrefix) + source.field);
    return slots_[key] = finish_slot(std::move(slot));
  }

  /// Where the field is found: as the view says, or else as a field that all records of the kind have.
  view::FieldSource source_of(const std::string& name, const view::View* view) const {
    if (view != nullptr) {
      if (const auto found = view->fields.find(name); found != view->fields.end()) return found->second;
    }
    if (virtual_fields_ != nullptr) {
      for (const view::VirtualFields& fields : *virtual_fields_) {
        if (!fields.covers(*shape_)) continue;
        if (const auto found = fields.view.fields.find(name); found != fields.view.fields.end())
          return found->second;
      }
    }
    return {.field = name, .transform = {}, .parts = {}, .separator = {}};
  }

  std::uint32_t joined_slot(std::uint32_t field_set, const view::FieldSource& source) {
    Slot slot{.field_set = field_set, .field = {}, .system = {}, .name = compiled_.fields[field_set].name};
    slot.transform = source.transform;
    slot.separator = source.separator;
    for (const view::JoinedPart& part : source.parts) {
      const auto id = compiled_.catalogue->field(part.field);
      if (!id) return kNone;
      slot.parts.push_back({*id, part});
    }
    return finish_slot(std::move(slot));
  }

  std::uint32_t keyword_slot(std::uint32_t field_set) {
    if (!plan_.keywords)
      plan_.keywords = finish_slot({.field_set = field_set, .field = {}, .system = {}, .name = {}});
    return *plan_.keywords;
  }

  std::uint32_t finish_slot(Slot slot) {
    const FieldPredicates& predicates = compiled_.prepared(slot.field_set);
    slot.base = plan_.bits;
    slot.absent_hits = hit_sets_.intern(predicates.absent_hits());
    slot.null_hits = hit_sets_.intern(predicates.null_hits());
    plan_.bits += predicates.size();
    plan_.slots.push_back(std::move(slot));
    return static_cast<std::uint32_t>(plan_.slots.size() - 1);
  }

  std::uint32_t naming(const view::View* view) {
    for (std::uint32_t i = 0; i < views_.size(); ++i) {
      if (views_[i] == view) return i;
    }
    views_.push_back(view);
    plan_.namings.emplace_back(compiled_.fields.size(), kNone);
    return static_cast<std::uint32_t>(views_.size() - 1);
  }

  void name_field(std::uint32_t naming, std::uint32_t field_set) {
    std::uint32_t& at = plan_.namings[naming][field_set];
    if (at == kNone) at = slot(field_set, views_[naming]);
  }

  void add_source(std::uint32_t index) {
    const SourceRules& source = compiled_.sources[index];
    const std::uint32_t names = naming(source.source.view);
    virtual_fields_ = source.source.virtual_fields;
    for (const DemandRef& demand : source.demands) name_field(names, demand.field);
    for (const std::uint32_t rule : source.rules) {
      for (const TestRef& test : compiled_.programs[rule].tests) {
        if (test.predicate != kNone || test.other_field != kNone) name_field(names, test.field);
        if (test.other_field != kNone) name_field(names, test.other_field);
      }
      plan_.entries.push_back({rule, index, names});
    }
  }

  void index_witnesses() {
    std::sort(plan_.entries.begin(), plan_.entries.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.rule, a.source) < std::tie(b.rule, b.source);
    });
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;  // bit, entry
    for (std::uint32_t e = 0; e < plan_.entries.size(); ++e) {
      const Entry& entry = plan_.entries[e];
      // What only tells what a fuller view added is asked once that has matched.
      if (!compiled_.sources[entry.source].source.fuller && !compiled_.options.strict_sources) continue;
      const Program& program = compiled_.programs[entry.rule];
      if (program.always) plan_.always.push_back(e);
      for (const std::uint32_t test : program.witnesses) {
        const TestRef& ref = program.tests[test];
        const std::uint32_t base = plan_.bases[entry.naming][ref.field];
        if (base != kNone) pairs.emplace_back(base + ref.predicate, e);
      }
    }
    sort_and_unite(pairs);
    plan_.by_bit_begin.assign(plan_.bits + 1, 0);
    for (const auto& [bit, entry] : pairs) ++plan_.by_bit_begin[bit + 1];
    for (std::size_t i = 1; i < plan_.by_bit_begin.size(); ++i)
      plan_.by_bit_begin[i] += plan_.by_bit_begin[i - 1];
    for (const auto& [bit, entry] : pairs) plan_.by_bit.push_back(entry);
  }

  void want_fields() {
    plan_.wanted.drop = plan_.empty;
    plan_.wanted.all = !plan_.empty && (compiled_.options.all_fields || plan_.keywords.has_value());
    plan_.wanted.all_by_text = plan_.wanted.all && !compiled_.options.all_fields &&
                               std::ranges::none_of(plan_.entries, [this](const Entry& entry) {
                                 return compiled_.programs[entry.rule].keywords == Program::Keywords::always;
                               });
    plan_.wanted.texts = 0;
    for (const Entry& entry : plan_.entries) plan_.wanted.texts |= compiled_.programs[entry.rule].texts;
    for (const Slot& slot : plan_.slots) {
      if (slot.name.empty()) continue;
      for (const SlotPart& part : slot.parts) plan_.wanted.fields.push_back(part.field);
      if (!slot.parts.empty()) continue;
      plan_.wanted.fields.push_back(slot.field);
      if (slot.system) plan_.wanted.fields.push_back(*slot.system);
    }
    sort_and_unite(plan_.wanted.fields);
  }

  const RuleSet::Compiled& compiled_;
  HitSets& hit_sets_;
  Plan& plan_;
  std::vector<const view::View*> views_;
  const std::vector<view::VirtualFields>* virtual_fields_ = nullptr;
  const event::Shape* shape_ = nullptr;
  std::map<std::pair<std::uint32_t, view::FieldSource>, std::uint32_t> slots_;
};

}  // namespace

std::vector<std::uint32_t> plan_key(const RuleSet::Compiled& compiled, const event::Shape& shape) {
  std::vector<std::uint32_t> key;
  const std::vector<view::VirtualFields>* last = nullptr;
  for (std::uint32_t s = 0; s < compiled.sources.size(); ++s) {
    const view::Source& source = compiled.sources[s].source;
    if (!source.covers(shape)) continue;
    key.push_back(s);
    if (source.virtual_fields == nullptr || source.virtual_fields == last) continue;
    last = source.virtual_fields;
    for (std::uint32_t v = 0; v < last->size(); ++v) {
      if ((*last)[v].covers(shape)) key.push_back(kVirtual | v);
    }
  }
  return key;
}

std::unique_ptr<Plan> make_plan(const RuleSet::Compiled& compiled, const event::Shape& shape,
                                HitSets& hit_sets) {
  auto plan = std::make_unique<Plan>();
  Planner(compiled, hit_sets, *plan).run(shape);
  return plan;
}

std::uint32_t& Outcomes::number_of(std::span<const std::uint32_t> combination) {
  if ((known_.size() + 1) * 2 > slots_.size()) grow();
  const std::uint64_t hash = hash_bytes(combination.data(), combination.size_bytes());
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const std::uint32_t index = slots_[slot] - 1;
    const auto key = std::span(keys_).subspan(index * combination.size(), combination.size());
    if (known_[index].hash == hash && std::ranges::equal(key, combination)) return known_[index].outcome;
  }
  known_.push_back({hash, kNew});
  keys_.insert(keys_.end(), combination.begin(), combination.end());
  slots_[slot] = static_cast<std::uint32_t>(known_.size());
  return known_.back().outcome;
}

std::uint32_t Outcomes::keep(Outcome outcome) {
  if (outcome.nothing()) return kNothing;
  outcomes_.push_back(std::move(outcome));
  return static_cast<std::uint32_t>(outcomes_.size() - 1);
}

void Outcomes::grow() {
  slots_.assign(std::max<std::size_t>(16, slots_.size() * 2), 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t i = 0; i < known_.size(); ++i) {
    std::size_t slot = known_[i].hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = i + 1;
  }
}

void Outcomes::clear() {
  known_.clear();
  keys_.clear();
  slots_.clear();
  outcomes_.resize(1);
}

}  // namespace landwarden::sigma
