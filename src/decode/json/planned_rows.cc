#include "decode/json/planned_rows.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/limits.h"

namespace landwarden::decode::json {

using event::Code;
using event::ValueType;

namespace {

/// Values longer than this hardly ever stand at their place twice in a row.
constexpr std::size_t kKeptBytes = 104;
/// Slots for sequences of paths that were met once.
constexpr std::size_t kMetOnce = 1 << 12;
/// Bits in a mask: plans with more steps that decide something are not made.
constexpr std::size_t kDecidingSteps = 64;
constexpr std::uint8_t kNoSystem = 0xFF;
constexpr std::uint32_t kNoPriority = ~std::uint32_t{0};
constexpr std::int32_t kPlain = -1;

std::uint64_t hash_of(std::span<PathEntry* const> entries) {
  std::uint64_t hash = entries.size();
  for (const PathEntry* entry : entries) {
    hash = (hash ^ reinterpret_cast<std::uintptr_t>(entry)) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 29;
  }
  return hash;
}

}  // namespace

/// A value that stood in a step's place, as it was written.
struct PlannedRows::Kept {
  std::uint32_t raw_size = 0;  ///< 0: nothing is kept
  Code code = event::kAbsent;  ///< in `table`, if its generation is this
  event::ValueTable* table = nullptr;
  std::uint32_t generation = 0;
  ValueType type = ValueType::text;
  bool null = false;
  bool by_rule = false;  ///< the code is of the value rewritten
  char raw[kKeptBytes + kTokenSlack];

  [[nodiscard]] bool is(std::string_view token) const {
    return token.size() == raw_size && same_bytes(token.data(), raw, raw_size);
  }
  void keep(std::string_view token, const Meaning& meaning) {
    type = meaning.type;
    null = meaning.null;
    table = nullptr;
    raw_size = token.size() <= kKeptBytes ? static_cast<std::uint32_t>(token.size()) : 0;
    std::memcpy(raw, token.data(), raw_size);
  }
};

/// A value's place, and the two values that stood there last.
struct PlannedRows::Step {
  std::int32_t deciding = kPlain;  ///< index of its DecidingStep, which uses the first of `kept` only
  NullAs null_as = NullAs::null;
  std::uint8_t last = 0;
  Kept kept[2];

  /// The one that is the token, else null.
  [[nodiscard]] Kept* find(std::string_view token) {
    if (kept[last].is(token)) return &kept[last];
    if (!kept[1 - last].is(token)) return nullptr;
    last = 1 - last;
    return &kept[last];
  }
  /// The one to be replaced.
  [[nodiscard]] Kept& oldest() {
    last = 1 - last;
    kept[last].raw_size = 0;
    return kept[last];
  }
};

/// A step that others depend on: part of the System part, of a rule, or of the time zone.
struct PlannedRows::DecidingStep {
  std::size_t step = 0;
  const Mapping* mapping = nullptr;
  std::string text, rewritten;
  std::uint64_t stamp = 0;  ///< another one with each new value
  bool counts = false;      ///< there, and a value that its rule knows
  bool rewritable = false;  ///< its rule's rewriting gives something: `rewritten`
  ValueType rewritten_type = ValueType::text;
};

/// Where a step's codes go.
struct PlannedRows::Cell {
  event::ValueTable* table = nullptr;
  std::uint32_t column = 0;
  bool known = false;  ///< the rest is; it is asked for when there is a value
  bool put = false;    ///< else nothing is
  bool rule = false;   ///< by its rule: rewritten, and absent if null
};

/// The columns of one shape.
struct PlannedRows::Placement {
  LayoutRows::Shape* shape = nullptr;
  std::vector<Cell> cells;  ///< by step
  bool extras = false;      ///< some fields have no column: left to LayoutRows
};

/// What follows from which deciding values are there.
struct PlannedRows::Decision {
  std::uint64_t nulls = 0, counting = 0, rewritable = 0;  ///< a bit each deciding step
  std::vector<std::uint32_t> targets;                     ///< by step
  std::vector<bool> by_rule;                              ///< by step
  std::array<std::int32_t, 7> system{};   ///< the deciding steps that the System part comes from, or -1
  std::array<std::uint64_t, 4> stamps{};  ///< of what the last placement's shape was made of
  Placement* last = nullptr;
  std::vector<std::unique_ptr<Placement>> placements;
};

/// What becomes of a sequence of paths in one layout.
struct PlannedRows::Plan {
  std::span<PathEntry* const> entries;
  std::size_t layout = 0;
  bool usable = false;
  std::vector<Step> steps;
  std::vector<DecidingStep> deciding;
  std::int32_t zone_local = -1, zone_utc = -1;  ///< deciding steps
  std::size_t last = 0;                         ///< decision
  std::vector<Decision> decisions;
};

/// A sequence of paths. Some layouts are recognised by values, too.
struct PlannedRows::Sequence {
  struct Asked {
    std::size_t value = 0;
    bool fronts = false;  ///< the front of the token says all that is asked
    std::string token;    ///< the last one, or its front
    std::uint64_t meets = 0;
  };
  std::int32_t number = Skeletons::kUnknown;
  std::vector<PathEntry*> entries;
  std::uint64_t meets = 0, last_meets = 0;
  std::vector<Asked> asked;
  Plan* last = nullptr;
  std::vector<std::unique_ptr<Plan>> plans;  ///< one a layout
};

PlannedRows::PlannedRows(event::BatchBuilder& builder, std::span<const Layout> layouts, Paths& paths,
                         LayoutRows& rows)
    : builder_(builder), layouts_(layouts), paths_(paths), rows_(rows), met_once_(kMetOnce) {}
PlannedRows::~PlannedRows() = default;

void PlannedRows::forget() {
  skeletons_.forget();
  by_number_.clear();
  sequences_.clear();
  cells_ = 0;
  epoch_ = rows_.shapes_epoch_;
}

/// Null where the sequence was not met before, or is too long.
PlannedRows::Sequence* PlannedRows::sequence_of(std::span<PathEntry* const> entries) {
  const std::uint64_t hash = hash_of(entries);
  if (const auto found = sequences_.find(hash); found != sequences_.end()) {
    const auto& known = found->second->entries;
    const bool same = std::equal(known.begin(), known.end(), entries.begin(), entries.end());
    return same ? found->second.get() : nullptr;
  }
  std::uint64_t& met = met_once_[hash % kMetOnce];
  if (std::exchange(met, hash) != hash || entries.empty() || entries.size() > limits::kShapeColumns)
    return nullptr;
  auto sequence = std::make_unique<Sequence>();
  sequence->entries.assign(entries.begin(), entries.end());
  std::uint64_t at_most = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    sequence->meets |= entries[i]->meets;
    if (!entries[i]->asked) continue;
    const Paths::Asking asking = paths_.asking(*entries[i]);
    at_most |= asking.needs;
    sequence->asked.push_back({.value = i, .fronts = asking.fronts, .token = {}});
  }
  // Values need not be looked at where no answer would make another layout of it.
  at_most |= sequence->meets;
  if (paths_.recognise({}, at_most) == paths_.recognise({}, sequence->meets)) sequence->asked.clear();
  cells_ += entries.size();
  return sequences_.emplace(hash, std::move(sequence)).first->second.get();
}

PlannedRows::Plan* PlannedRows::plan_of(Sequence& sequence, std::span<const std::string_view> tokens) {
  std::uint64_t meets = sequence.meets;
  for (Sequence::Asked& asked : sequence.asked) {
    std::string_view token = tokens[asked.value];
    const bool front = asked.fronts && token.size() > Paths::kFrontBytes + 1 && token.front() == '"' &&
                       !token.substr(0, Paths::kFrontBytes + 1).contains('\\');
    if (front) token = token.substr(0, Paths::kFrontBytes + 1);
    if (asked.token != token) {
      Meaning meaning{.text = token.substr(1)};
      asked.token.clear();
      if (!front && read_token(token, arena_, meaning) != nullptr) return nullptr;
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
    if (found == plans.end()) found = plans.insert(found, make(sequence.entries, layout));
    sequence.last = found->get();
    sequence.last_meets = meets;
  }
  return sequence.last->usable ? sequence.last : nullptr;
}

/// Whether what a record of this layout becomes can be said value by value, but for rules and the zone.
bool PlannedRows::is_plain(std::span<PathEntry* const> entries, std::size_t layout) const {
  if (layout == layouts_.size()) return true;
  const Layout& table = layouts_[layout];
  return table.cases.empty() && table.made.empty() && table.positions.empty() && !table.escaped &&
         std::none_of(entries.begin(), entries.end(), [&](PathEntry* entry) {
           return paths_.mapping(*entry, layout).mark == Mapping::embedded;
         });
}

std::unique_ptr<PlannedRows::Plan> PlannedRows::make(std::span<PathEntry* const> entries,
                                                     std::size_t layout) {
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
    plan->deciding.push_back({.step = i, .mapping = &mapping, .text = {}, .rewritten = {}});
    plan->steps[i].deciding = number;
    if (mapping.mark == Mapping::zone_local) plan->zone_local = number;
    if (mapping.mark == Mapping::zone_utc) plan->zone_utc = number;
  }
  plan->usable = plan->deciding.size() <= kDecidingSteps;
  return plan;
}

bool PlannedRows::put(LayoutRows::Seen& seen, std::span<PathEntry* const> entries,
                      std::span<const std::string_view> tokens, std::string_view original,
                      std::uint64_t offset) {
  if (epoch_ != rows_.shapes_epoch_ || cells_ > limits::kJsonPlanCells) forget();
  Sequence* sequence = sequence_of(entries);
  if (sequence == nullptr || !put(seen, *sequence, tokens, original, offset)) return false;
  if (sequence->number == Skeletons::kUnknown) {
    sequence->number = static_cast<std::int32_t>(by_number_.size());
    by_number_.push_back(sequence);
  }
  skeletons_.learn(original, tokens, sequence->number);
  return true;
}

std::size_t PlannedRows::put_known(LayoutRows::Seen& seen, std::string_view text, std::size_t readable,
                                   std::uint64_t offset) {
  if (epoch_ != rows_.shapes_epoch_ || cells_ > limits::kJsonPlanCells) forget();
  const std::int32_t number = skeletons_.find(text, readable);
  if (number == Skeletons::kUnknown) return 0;
  const std::size_t size = skeletons_.size();
  Sequence& sequence = *by_number_[static_cast<std::size_t>(number)];
  return put(seen, sequence, skeletons_.tokens(), text.substr(0, size), offset) ? size : 0;
}

bool PlannedRows::put(LayoutRows::Seen& seen, Sequence& sequence, std::span<const std::string_view> tokens,
                      std::string_view original, std::uint64_t offset) {
  arena_.reset(2 * original.size());  // some values are read twice
  Plan* plan = plan_of(sequence, tokens);
  if (plan == nullptr) return false;
  if (!read_deciding(*plan, tokens)) return false;
  Decision& decision = decision_of(*plan);
  const LayoutRows::System system = system_of(*plan, decision);
  Placement& placement = placement_of(*plan, decision, system);
  if (!read_codes(*plan, decision, placement, tokens) || placement.extras) return false;

  seen.layouts[plan->layout] = true;
  event::ShapeWriter& writer = *placement.shape->writer;
  if (writer.wanted().drop) return true;
  const auto text_of = [&](std::int32_t step) {
    return step < 0 ? std::string_view{}
                    : std::string_view(plan->deciding[static_cast<std::size_t>(step)].text);
  };
  rows_.zone_local_ = text_of(plan->zone_local);
  rows_.zone_utc_ = text_of(plan->zone_utc);
  event::RowMeta meta;
  meta.time = rows_.time_of(seen, system.time, plan->layout);
  const auto [end, error] = std::from_chars(
      system.record_id.data(), system.record_id.data() + system.record_id.size(), meta.record_id);
  if (error != std::errc{} || end != system.record_id.data() + system.record_id.size())
    meta.record_id = event::kNoRecordId;
  meta.offset = offset;
  meta.original = original;
  if (!system.computer.empty()) meta.host = host_code(system.computer);
  writer.begin_row(meta);
  for (std::size_t i = 0; i < codes_.size(); ++i) {
    if (codes_[i] != event::kAbsent) writer.put(placement.cells[i].column, codes_[i]);
  }
  writer.end_row();
  return true;
}

Code PlannedRows::host_code(std::string_view computer) {
  event::ValueTable& hosts = builder_.hosts();
  if (host_ == computer && host_generation_ == hosts.generation()) return host_code_;
  host_ = computer;
  host_code_ = hosts.intern(ValueType::text, computer);
  host_generation_ = hosts.generation();
  return host_code_;
}

bool PlannedRows::read_deciding(Plan& plan, std::span<const std::string_view> tokens) {
  for (DecidingStep& step : plan.deciding) {
    const std::string_view token = tokens[step.step];
    if (!plan.steps[step.step].kept[0].is(token) && !read_deciding(plan, step, token)) return false;
  }
  return true;
}

bool PlannedRows::read_deciding(Plan& plan, DecidingStep& step, std::string_view token) {
  Meaning meaning;
  Kept& value = plan.steps[step.step].kept[0];
  value.raw_size = 0;
  if (read_token(token, arena_, meaning) != nullptr) return false;
  step.text = meaning.text;
  step.stamp = ++stamps_;
  step.counts = step.rewritable = false;
  step.rewritten_type = meaning.type;
  value.keep(token, meaning);
  if (step.mapping->rule < 0 || meaning.null) return true;
  const FieldRule& rule = layouts_[plan.layout].fields[static_cast<std::size_t>(step.mapping->rule)];
  const auto& values = rule.rewrite.values;
  step.counts = values.empty() || std::any_of(values.begin(), values.end(),
                                              [&](const auto& pair) { return pair.first == step.text; });
  if (rule.rewrite.nothing()) {
    step.rewritable = true;
    step.rewritten = step.text;
    return true;
  }
  const auto rewritten = rule.rewrite.apply(step.text, buffer_);
  step.rewritable = rewritten.has_value();
  if (!rewritten) return true;
  if (rewritten->data() == buffer_.data() && rule.rewrite.as == Rewrite::As::hex64)
    step.rewritten_type = ValueType::hex;
  step.rewritten = *rewritten;
  return true;
}

PlannedRows::Decision& PlannedRows::decision_of(Plan& plan) {
  std::uint64_t nulls = 0, counting = 0, rewritable = 0;
  for (std::size_t i = 0; i < plan.deciding.size(); ++i) {
    const DecidingStep& step = plan.deciding[i];
    nulls |= std::uint64_t{plan.steps[step.step].kept[0].null} << i;
    counting |= std::uint64_t{step.counts} << i;
    rewritable |= std::uint64_t{step.rewritable} << i;
  }
  const auto is_it = [&](const Decision& decision) {
    return decision.nulls == nulls && decision.counting == counting && decision.rewritable == rewritable;
  };
  if (plan.last < plan.decisions.size() && is_it(plan.decisions[plan.last])) return plan.decisions[plan.last];
  auto found = std::find_if(plan.decisions.begin(), plan.decisions.end(), is_it);
  if (found == plan.decisions.end()) {
    plan.decisions.push_back(decide(plan, nulls, counting, rewritable));
    cells_ += plan.steps.size();
    found = plan.decisions.end() - 1;
  }
  plan.last = static_cast<std::size_t>(found - plan.decisions.begin());
  return *found;
}

/// As LayoutRows::choose_rules, place and system_part.
PlannedRows::Decision PlannedRows::decide(const Plan& plan, std::uint64_t nulls, std::uint64_t counting,
                                          std::uint64_t rewritable) const {
  const auto is_set = [](std::uint64_t mask, std::size_t i) { return (mask >> i & 1) != 0; };
  Decision out{.nulls = nulls, .counting = counting, .rewritable = rewritable, .targets = {}, .by_rule = {}};
  out.system.fill(-1);
  for (PathEntry* entry : plan.entries) out.targets.push_back(paths_.mapping(*entry, plan.layout).own);
  out.by_rule.assign(plan.steps.size(), false);
  if (plan.layout == layouts_.size()) return out;
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
  return out;
}

LayoutRows::System PlannedRows::system_of(const Plan& plan, const Decision& decision) const {
  std::string_view values[7];
  for (std::size_t i = 0; i < std::size(values); ++i) {
    if (decision.system[i] < 0) continue;
    const DecidingStep& step = plan.deciding[static_cast<std::size_t>(decision.system[i])];
    values[i] = decision.by_rule[step.step] ? step.rewritten : step.text;
  }
  return {values[0], values[1], values[2], values[3], values[4], values[5], values[6]};
}

PlannedRows::Placement& PlannedRows::placement_of(Plan& plan, Decision& decision,
                                                  const LayoutRows::System& system) {
  std::array<std::uint64_t, 4> stamps{};
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    if (decision.system[i] >= 0)
      stamps[i] = plan.deciding[static_cast<std::size_t>(decision.system[i])].stamp;
  }
  if (decision.last != nullptr && stamps == decision.stamps) return *decision.last;
  decision.stamps = stamps;
  LayoutRows::Shape& shape = rows_.shape_of(system, plan.layout);
  for (const auto& placement : decision.placements) {
    if (placement->shape == &shape) return *(decision.last = placement.get());
  }
  auto placement = std::make_unique<Placement>();
  placement->shape = &shape;
  cells_ += plan.steps.size();
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    Cell& cell = placement->cells.emplace_back();
    cell.rule = decision.by_rule[i];
    cell.known = decision.targets[i] == kNoTarget || shape.writer->wanted().drop;
  }
  decision.placements.push_back(std::move(placement));
  return *(decision.last = decision.placements.back().get());
}

void PlannedRows::find_column(Placement& placement, Cell& cell, std::uint32_t target) {
  cell.known = true;
  const std::int32_t column = rows_.column_of(*placement.shape, target);
  if (column == LayoutRows::kExtraColumn) placement.extras = true;
  if (column < 0) return;
  cell.put = true;
  cell.column = static_cast<std::uint32_t>(column);
  cell.table = &placement.shape->writer->table(cell.column);
}

/// Makes the record's codes. False if a token is refused.
bool PlannedRows::read_codes(Plan& plan, const Decision& decision, Placement& placement,
                             std::span<const std::string_view> tokens) {
  const bool windows = plan.layout < layouts_.size();
  codes_.assign(plan.steps.size(), event::kAbsent);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    Step& step = plan.steps[i];
    Cell& cell = placement.cells[i];
    Kept* value = step.deciding >= 0 ? &step.kept[0] : step.find(tokens[i]);
    if (value != nullptr) {
      if (cell.put && value->table == cell.table && value->generation == cell.table->generation() &&
          value->by_rule == cell.rule) {
        codes_[i] = value->code;
        continue;
      }
      if (cell.known && !cell.put) continue;
    }
    Meaning meaning;
    if (step.deciding < 0) {
      if (read_token(tokens[i], arena_, meaning) != nullptr) return false;
      if (value == nullptr) value = &step.oldest();
      value->keep(tokens[i], meaning);
    } else {
      const DecidingStep& deciding = plan.deciding[static_cast<std::size_t>(step.deciding)];
      meaning = {cell.rule ? deciding.rewritten_type : value->type, value->null,
                 cell.rule ? deciding.rewritten : deciding.text};
    }
    const NullAs null_as = windows ? step.null_as : NullAs::null;
    if (meaning.null && null_as == NullAs::absent) continue;
    if (!cell.known) find_column(placement, cell, decision.targets[i]);
    if (!cell.put) continue;
    if (meaning.null && null_as == NullAs::null) {
      codes_[i] = event::kNull;
      continue;
    }
    value->code = codes_[i] = cell.table->intern(meaning.type, meaning.text);
    value->table = cell.table;
    value->generation = cell.table->generation();
    value->by_rule = cell.rule;
  }
  return true;
}

}  // namespace landwarden::decode::json
