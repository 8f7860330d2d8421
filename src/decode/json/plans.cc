#include "decode/json/plans.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/same_bytes.h"

namespace landwarden::decode::json {

using event::ValueType;

namespace {

/// Channel, provider, event id and version together, as they are written.
constexpr std::size_t kUsedBytes = 256;
/// Sequences that were met once and have plans; then others wait until they are met again.
constexpr std::size_t kUnproven = 256;
/// Slots for those that wait.
constexpr std::size_t kMetOnce = 1 << 12;
/// Bits in a mask: plans with more steps that decide something are not made.
constexpr std::size_t kDecidingSteps = 64;
constexpr std::uint8_t kNoSystem = 0xFF;
constexpr std::uint32_t kNoPriority = ~std::uint32_t{0};

std::uint64_t hash_of(std::span<PathEntry* const> entries) {
  std::uint64_t hash = entries.size();
  for (const PathEntry* entry : entries) {
    hash = (hash ^ reinterpret_cast<std::uintptr_t>(entry)) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 29;
  }
  return hash;
}

}  // namespace

Plans::Plans(std::span<const Layout> layouts, Paths& paths, LayoutRows& rows)
    : layouts_(layouts),
      paths_(paths),
      rows_(rows),
      met_once_(kMetOnce),
      nowhere_(std::make_unique<Lately>()) {
  nowhere_->longest = 0;
}
Plans::~Plans() = default;

void Plans::forget() {
  sequences_.clear();
  lately_.clear();
  cells_ = 0;
}

bool Plans::full() const {
  return cells_ > limits::kJsonPlanCells;
}

void Plans::forget_values() {
  for (const auto& of_target : lately_) {
    for (const auto& lately : of_target) {
      if (lately->generation != lately->table->generation()) lately->begin();
    }
  }
}

/// The needs that a string meets by how it begins, and whether that is all; its raw inside, which ends with a
/// quote.
std::pair<bool, Needs> Plans::met_by_front(const Paths::Asking& asking, std::string_view inside) {
  Needs needs = 0;
  bool certain = true;
  for (const auto& [need, front] : asking.begins) {
    const auto differ = std::mismatch(front.begin(), front.end(), inside.begin(), inside.end());
    if (differ.first == front.end()) {
      needs |= need;
    } else if (differ.second == inside.end() || *differ.second == '\\') {
      certain = false;
    }
  }
  return {certain, needs};
}

Sequence* Plans::sequence_of(std::span<PathEntry* const> entries) {
  const std::uint64_t hash = hash_of(entries);
  if (const auto found = sequences_.find(hash); found != sequences_.end()) {
    const auto& known = found->second->entries;
    const bool same = std::equal(known.begin(), known.end(), entries.begin(), entries.end());
    if (same) met_again(*found->second);
    return same ? found->second.get() : nullptr;
  }
  if (entries.empty() || entries.size() > limits::kShapeColumns) return nullptr;
  if (not_met_again_ >= kUnproven) {
    std::uint64_t& met = met_once_[hash % kMetOnce];
    if (std::exchange(met, hash) != hash) return nullptr;
  }
  ++not_met_again_;
  auto sequence = std::make_unique<Sequence>();
  sequence->entries.assign(entries.begin(), entries.end());
  Needs at_most = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    sequence->meets |= entries[i]->meets;
    if (!entries[i]->asked) continue;
    Paths::Asking asking = paths_.asking(*entries[i]);
    at_most |= asking.needs;
    sequence->asked.push_back({.value = i, .asking = std::move(asking), .token = {}});
  }
  // Values need not be looked at where no answer would make another layout of it.
  at_most |= sequence->meets;
  if (paths_.recognise({}, at_most) == paths_.recognise({}, sequence->meets)) sequence->asked.clear();
  cells_ += entries.size();
  return sequences_.emplace(hash, std::move(sequence)).first->second.get();
}

Plan* Plans::plan_of(Sequence& sequence, const Values& values) {
  Needs meets = sequence.meets;
  for (Sequence::Asked& asked : sequence.asked) {
    const std::string_view token = values[asked.value];
    if (asked.asking.fronts && token.front() == '"') {
      const auto [certain, needs] = met_by_front(asked.asking, token.substr(1));
      meets |= needs;
      if (certain) continue;
    }
    if (asked.token != token) {
      Meaning meaning;
      asked.token.clear();
      if (read_token(token, *values.arena, meaning) != nullptr) return nullptr;
      const Item item{sequence.entries[asked.value], meaning.type, meaning.null, meaning.text};
      asked.meets = paths_.met_by_values({&item, 1});
      if (token.size() <= kKeptBytes) asked.token = token;
    }
    meets |= asked.meets;
  }
  if (sequence.last == nullptr || sequence.last_meets != meets) {
    const std::size_t layout = paths_.recognise({}, meets);
    auto& plans = sequence.plans;
    auto found =
        std::find_if(plans.begin(), plans.end(), [&](const auto& plan) { return plan->layout == layout; });
    if (found == plans.end()) found = plans.insert(found, make(sequence, layout));
    sequence.last = found->get();
    sequence.last_meets = meets;
  }
  return sequence.last->usable ? sequence.last : nullptr;
}

/// Whether what a record of this layout becomes can be said value by value, but for rules and the zone.
bool Plans::is_plain(std::span<PathEntry* const> entries, std::size_t layout) const {
  if (layout == layouts_.size()) return true;
  const Layout& table = layouts_[layout];
  return table.cases.empty() && table.made.empty() && table.positions.empty() && !table.escaped &&
         std::none_of(entries.begin(), entries.end(), [&](PathEntry* entry) {
           return paths_.mapping(*entry, layout).mark == Mapping::embedded;
         });
}

std::unique_ptr<Plan> Plans::make(const Sequence& sequence, std::size_t layout) {
  const std::span<PathEntry* const> entries = sequence.entries;
  auto plan = std::make_unique<Plan>();
  plan->entries = entries;
  plan->layout = layout;
  if (!is_plain(entries, layout)) return plan;
  cells_ += 2 * entries.size();
  plan->steps.resize(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Mapping& mapping = paths_.mapping(*entries[i], plan->layout);
    plan->steps[i].null_as = mapping.null_as;
    if (plan->layout == layouts_.size()) continue;
    const auto number = static_cast<std::int32_t>(plan->deciding.size());
    const bool system = mapping.own < rows_.system_.size() && rows_.system_[mapping.own] != kNoSystem;
    if (mapping.rule < 0 && mapping.mark == Mapping::none && !system) continue;
    const FieldRule* rule =
        mapping.rule < 0 ? nullptr : &layouts_[layout].fields[static_cast<std::size_t>(mapping.rule)];
    const bool changes = rule != nullptr && !rule->rewrite.nothing();
    plan->deciding.push_back({.step = i,
                              .mapping = &mapping,
                              .rewrite = changes ? &rule->rewrite : nullptr,
                              .token = {},
                              .rewritten = {}});
    plan->steps[i].deciding = number;
    if (mapping.mark == Mapping::zone_local) plan->zone_local = number;
    if (mapping.mark == Mapping::zone_utc) plan->zone_utc = number;
  }
  plan->usable = plan->deciding.size() <= kDecidingSteps;
  for (std::size_t i = 0; plan->usable && i < plan->deciding.size(); ++i) {
    const DecidingStep& step = plan->deciding[i];
    plan->deciding_steps.push_back(static_cast<std::uint32_t>(step.step));
    if (step.rewrite != nullptr) plan->rewriting.push_back(static_cast<std::uint32_t>(i));
    if (step.rewrite == nullptr && step.mapping->rule >= 0) plan->by_rules |= std::uint64_t{1} << i;
  }
  for (const Sequence::Asked& asked : sequence.asked)
    plan->asked.push_back(static_cast<std::uint32_t>(asked.value));
  return plan;
}

/// What a deciding value is as a field: rewritten by its rule, or itself. False if its token is refused.
bool Plans::read_system(const Plan& plan, const Decision& decision, std::size_t place, const Values& values,
                        std::string_view& text) {
  if (decision.system[place] < 0) return true;
  const DecidingStep& step = plan.deciding[static_cast<std::size_t>(decision.system[place])];
  if (step.rewrite != nullptr && decision.by_rule[step.step]) {
    text = step.rewritten;
    return true;
  }
  Meaning meaning;
  if (!values.read(step.step, meaning)) return false;
  text = meaning.text;
  return true;
}

/// Reads a value whose rule changes what it says.
bool Plans::read_rewritten(DecidingStep& step, const Values& values) {
  step.token.clear();
  Meaning meaning;
  if (!values.read(step.step, meaning)) return false;
  step.counts = step.rewritable = false;
  step.rewritten_type = meaning.type;
  if (!meaning.null) {
    const auto& known = step.rewrite->values;
    step.counts = known.empty() || std::any_of(known.begin(), known.end(),
                                               [&](const auto& pair) { return pair.first == meaning.text; });
    const auto rewritten = step.rewrite->apply(meaning.text, buffer_);
    step.rewritable = rewritten.has_value();
    if (rewritten) {
      if (rewritten->data() == buffer_.data() && step.rewrite->as == Rewrite::As::hex64)
        step.rewritten_type = ValueType::hex;
      step.rewritten = *rewritten;
    }
  }
  step.token = values[step.step];
  return true;
}

/// Null if a token is refused.
Decision* Plans::decision_of(Plan& plan, const Values& values) {
  std::uint64_t nulls = 0, bit = 1;
  for (const std::uint32_t number : plan.deciding_steps) {
    if (values[number].front() == 'n') [[unlikely]] {
      if (values[number] != "null") return nullptr;
      nulls |= bit;
    }
    bit <<= 1;
  }
  std::uint64_t counting = plan.by_rules & ~nulls, rewritable = counting;
  for (const std::uint32_t number : plan.rewriting) {
    DecidingStep& step = plan.deciding[number];
    if (step.token != values[step.step] && !read_rewritten(step, values)) return nullptr;
    if (step.counts) counting |= std::uint64_t{1} << number;
    if (step.rewritable) rewritable |= std::uint64_t{1} << number;
  }
  const auto is_it = [&](const Decision& decision) {
    return decision.nulls == nulls && decision.counting == counting && decision.rewritable == rewritable;
  };
  if (plan.last < plan.decisions.size() && is_it(*plan.decisions[plan.last]))
    return plan.decisions[plan.last].get();
  auto found = std::find_if(plan.decisions.begin(), plan.decisions.end(),
                            [&](const auto& decision) { return is_it(*decision); });
  if (found == plan.decisions.end()) {
    plan.decisions.push_back(decide(plan, nulls, counting, rewritable));
    cells_ += plan.steps.size();
    found = plan.decisions.end() - 1;
  }
  plan.last = static_cast<std::size_t>(found - plan.decisions.begin());
  return found->get();
}

/// Says what depends on the deciding steps.
void Plans::watch_deciding(const Plan& plan, Decision& decision) {
  for (std::size_t i = 0; i < plan.deciding.size(); ++i) {
    const DecidingStep& step = plan.deciding[i];
    std::uint8_t& watch = decision.watch[step.step];
    const bool is_null = (decision.nulls >> i & 1) != 0;
    watch |= is_null || step.rewrite != nullptr ? Decision::kAll : Decision::kIfNull;
    const Mapping::Mark mark = step.mapping->mark;
    if (mark == Mapping::zone_local || mark == Mapping::zone_utc) {
      watch |= Decision::kTime;
    } else if (mark != Mapping::none) {
      watch |= Decision::kAll;
    }
  }
  for (std::size_t place = 0; place < decision.system.size(); ++place) {
    if (decision.system[place] < 0) continue;
    std::uint8_t& watch =
        decision.watch[plan.deciding[static_cast<std::size_t>(decision.system[place])].step];
    watch |= place == Decision::kRecordNumber ? Decision::kRecordId
             : place == Decision::kCreated    ? Decision::kTime
             : place == Decision::kComputer   ? Decision::kHost
                                              : Decision::kAll;
  }
}

/// As LayoutRows::choose_rules, place and system_part.
std::unique_ptr<Decision> Plans::decide(const Plan& plan, std::uint64_t nulls, std::uint64_t counting,
                                        std::uint64_t rewritable) const {
  const auto is_set = [](std::uint64_t mask, std::size_t i) { return (mask >> i & 1) != 0; };
  auto made = std::make_unique<Decision>();
  Decision& out = *made;
  out.nulls = nulls;
  out.counting = counting;
  out.rewritable = rewritable;
  out.system.fill(-1);
  for (PathEntry* entry : plan.entries) out.targets.push_back(paths_.mapping(*entry, plan.layout).own);
  out.by_rule.assign(plan.steps.size(), false);
  out.watch.assign(plan.steps.size(), 0);
  for (const std::uint32_t step : plan.asked) out.watch[step] |= Decision::kLayout;
  if (plan.layout == layouts_.size()) return made;
  std::vector<std::uint32_t> best(layouts_[plan.layout].fields.size(), kNoPriority);
  for (std::size_t i = 0; i < plan.deciding.size(); ++i) {
    const Mapping& mapping = *plan.deciding[i].mapping;
    if (mapping.rule < 0 || !is_set(counting, i)) continue;
    std::uint32_t& of_rule = best[static_cast<std::size_t>(mapping.rule)];
    of_rule = std::min(of_rule, mapping.priority);
  }
  for (std::size_t i = 0; i < plan.deciding.size(); ++i) {
    const Mapping& mapping = *plan.deciding[i].mapping;
    std::uint32_t& target = out.targets[plan.deciding[i].step];
    if (mapping.rule >= 0) {
      const std::uint32_t of_rule = best[static_cast<std::size_t>(mapping.rule)];
      const bool is_best = mapping.priority == of_rule;
      if (is_set(nulls, i) && (is_best || of_rule == kNoPriority)) {
        target = kNoTarget;
      } else if (is_best && is_set(rewritable, i)) {
        target = paths_.rule_target(plan.layout, mapping.rule);
        out.by_rule[plan.deciding[i].step] = true;
      }
    }
    if (is_set(nulls, i) || target >= rows_.system_.size() || rows_.system_[target] == kNoSystem) continue;
    std::int32_t& place = out.system[rows_.system_[target]];
    if (place < 0) place = static_cast<std::int32_t>(i);
  }
  watch_deciding(plan, out);
  return made;
}

/// Null if a token is refused.
Placement* Plans::placement_of(const Plan& plan, Decision& decision, const Values& values) {
  std::array<std::string_view, 4> of_shape;
  std::size_t hash = 0;
  for (std::size_t i = 0; i < of_shape.size(); ++i) {
    if (decision.system[i] < 0) continue;
    of_shape[i] = values[plan.deciding[static_cast<std::size_t>(decision.system[i])].step];
    hash = hash * 31 + slot_number(of_shape[i]);
  }
  Decision::Used& used = decision.used[(hash ^ hash >> 5) % decision.used.size()];
  if (used.placement != nullptr) {
    const char* at = used.tokens.data();
    bool same = true;
    for (std::size_t i = 0; i < of_shape.size(); ++i) {
      same = same && used.sizes[i] == of_shape[i].size() &&
             landwarden::same_bytes(at, of_shape[i].data(), of_shape[i].size());
      at += used.sizes[i];
    }
    if (same) return used.placement;
  }
  std::string_view texts[4];
  for (std::size_t i = 0; i < of_shape.size(); ++i) {
    if (!read_system(plan, decision, i, values, texts[i])) return nullptr;
  }
  const LayoutRows::System system{texts[0], texts[1], texts[2], texts[3], {}, {}, {}};
  Placement& placement = placement_in(plan, decision, rows_.shape_of(system, plan.layout));
  used.placement = nullptr;
  used.tokens.clear();
  for (std::size_t i = 0; i < of_shape.size(); ++i) {
    used.sizes[i] = static_cast<std::uint32_t>(of_shape[i].size());
    used.tokens += of_shape[i];
  }
  if (used.tokens.size() <= kUsedBytes) used.placement = &placement;
  return &placement;
}

Placement& Plans::placement_in(const Plan& plan, Decision& decision, LayoutRows::Shape& shape) {
  for (const auto& placement : decision.placements) {
    if (placement->shape == &shape) return *placement;
  }
  auto placement = std::make_unique<Placement>();
  placement->shape = &shape;
  placement->writer = shape.writer;
  placement->columns.resize(plan.steps.size());
  cells_ += plan.steps.size();
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    Cell& cell = placement->cells.emplace_back();
    cell.rule = decision.by_rule[i];
    if (decision.targets[i] == kNoTarget || shape.writer->wanted().drop) cell.lately = nowhere_.get();
  }
  return *decision.placements.emplace_back(std::move(placement));
}

void Plans::find_column(Placement& placement, std::size_t number, std::uint32_t target,
                        std::uintptr_t meaning) {
  Cell& cell = placement.cells[number];
  cell.lately = nowhere_.get();
  const std::int32_t column = rows_.column_of(*placement.shape, target);
  if (column == LayoutRows::kExtraColumn) placement.extras = true;
  if (column < 0) return;
  const auto index = static_cast<std::size_t>(column);
  if (index >= placement.taken.size()) placement.taken.resize(index + 1);
  placement.lists = placement.lists || placement.taken[index];
  placement.taken[index] = true;
  cell.column = true;
  placement.columns[number] = static_cast<std::uint32_t>(column);
  event::ValueTable& table = placement.shape->writer->table(placement.columns[number]);
  if (target >= lately_.size()) lately_.resize(paths_.targets());
  auto& all = lately_[target];
  auto found = std::find_if(all.begin(), all.end(), [&](const auto& lately) {
    return lately->table == &table && lately->how == meaning;
  });
  if (found == all.end()) {
    found = all.insert(found, std::make_unique<Lately>());
    (*found)->table = &table;
    (*found)->how = meaning;
    (*found)->begin();
    cells_ += Lately::kSlots;
  }
  cell.lately = found->get();
}

}  // namespace landwarden::decode::json
