#include "decode/json/planned_rows.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "base/same_bytes.h"

namespace landwarden::decode::json {

using event::Code;
using event::ValueType;

namespace {

/// Values longer than this are looked up in the dictionary.
constexpr std::size_t kKeptBytes = 56;
/// Values kept of one field.
constexpr std::size_t kSlots = 16;
/// So many values must not be found before none are looked for.
constexpr std::uint32_t kPatience = 256;
/// Channel, provider, event id and version together, as they are written.
constexpr std::size_t kUsedBytes = 256;
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

/// Whether `size` bytes are the same, at most kKeptBytes of them; kTokenSlack bytes behind `token` and 16
/// from the front of `kept` on may be read.
inline bool same_token(const char* token, const char* kept, std::size_t size) {
  const auto differ = [&](std::size_t at) {
    const __m128i left = _mm_loadu_si128(reinterpret_cast<const __m128i*>(token + at));
    const __m128i right = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kept + at));
    return 0xFFFFU & ~static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(left, right)));
  };
  if (size <= 16) return (differ(0) & ((1U << size) - 1)) == 0;
  unsigned different = differ(0) | differ(size - 16);
  if (size > 32) different |= differ(16);
  if (size > 48) different |= differ(32);
  return different == 0;
}

/// The slot in which a value is kept: of its first and last bytes. kTokenSlack bytes behind it may be read.
inline std::size_t slot_number(std::string_view token) {
  std::uint64_t first = 0, last = 0;
  std::memcpy(&first, token.data(), sizeof first);
  if (token.size() >= 8) {
    std::memcpy(&last, token.data() + token.size() - 8, sizeof last);
  } else {
    first &= (std::uint64_t{1} << (8 * token.size())) - 1;
  }
  const std::uint64_t mixed = (first ^ std::rotl(last, 23)) * 0x9E3779B97F4A7C15ULL;
  return static_cast<std::size_t>(mixed >> 60);
}
static_assert(kSlots == 16);

}  // namespace

/// The values that stood in a field lately, as they were written, and their codes. Without a table: nowhere.
struct PlannedRows::Lately {
  struct alignas(64) Slot {
    std::uint32_t size = 0;  ///< 0: nothing is kept
    Code code = event::kAbsent;
    char raw[kKeptBytes];

    [[nodiscard]] bool is(std::string_view token) const {
      return token.size() == size && same_token(token.data(), raw, size);
    }
  };
  event::ValueTable* table = nullptr;
  std::uint32_t generation = 0;        ///< of the table
  std::uint32_t longest = kKeptBytes;  ///< longer values are not kept
  std::uint32_t hits = 0, misses = 0;
  Slot slots[kSlots];

  void begin() {
    for (Slot& slot : slots) slot.size = 0;
    generation = table->generation();
    longest = kKeptBytes;
    hits = misses = 0;
  }
  /// Keeps no values of a field where they hardly repeat.
  void miss() {
    if (++misses < kPatience) return;
    if (hits < misses / 4) longest = 0;
    hits = misses = 0;
  }
};

/// A value's place.
struct PlannedRows::Step {
  std::int32_t deciding = kPlain;  ///< index of its DecidingStep
  NullAs null_as = NullAs::null;
};

/// A step that others depend on: part of the System part, of a rule, or of the time zone.
struct PlannedRows::DecidingStep {
  std::size_t step = 0;
  const Mapping* mapping = nullptr;
  const Rewrite* rewrite = nullptr;  ///< its rule's, if that changes anything
  // The rest is of the last value, and only where the rule changes something.
  std::string token;
  bool counts = false;      ///< there, and a value that its rule knows
  bool rewritable = false;  ///< its rule's rewriting gives something: `rewritten`
  ValueType rewritten_type = ValueType::text;
  std::string rewritten;
};

/// Where a step's codes go.
struct PlannedRows::Cell {
  Lately* lately = nullptr;  ///< null: not known yet; it is asked for when there is a value
  bool rule = false;         ///< by its rule: rewritten, and absent if null
};

/// The columns of one shape.
struct PlannedRows::Placement {
  LayoutRows::Shape* shape = nullptr;
  std::vector<Cell> cells;             ///< by step
  std::vector<std::uint32_t> columns;  ///< the same
  bool extras = false;                 ///< some fields have no column: left to LayoutRows
};

/// What follows from which deciding values are there.
struct PlannedRows::Decision {
  std::uint64_t nulls = 0, counting = 0, rewritable = 0;  ///< a bit each deciding step
  std::vector<std::uint32_t> targets;                     ///< by step
  std::vector<bool> by_rule;                              ///< by step
  std::array<std::int32_t, 7> system{};  ///< the deciding steps that the System part comes from, or -1
  std::vector<std::unique_ptr<Placement>> placements;
  /// The placements used lately, by the tokens that make a shape: the first four of the System part.
  struct Used {
    std::array<std::uint32_t, 4> sizes{};
    std::string tokens;
    Placement* placement = nullptr;
  };
  std::array<Used, 8> used;
};

/// What becomes of a sequence of paths in one layout.
struct PlannedRows::Plan {
  std::span<PathEntry* const> entries;
  std::size_t layout = 0;
  bool usable = false;
  std::vector<Step> steps;
  std::vector<DecidingStep> deciding;
  std::vector<std::uint32_t> deciding_steps;    ///< their steps
  std::vector<std::uint32_t> rewriting;         ///< those of them whose rule changes something
  std::uint64_t by_rules = 0;                   ///< a bit each that has a rule which does not
  std::int32_t zone_local = -1, zone_utc = -1;  ///< deciding steps
  std::size_t last = 0;                         ///< decision
  std::vector<std::unique_ptr<Decision>> decisions;
};

/// A sequence of paths. Some layouts are recognised by values, too.
struct PlannedRows::Sequence {
  struct Asked {
    std::size_t value = 0;
    Paths::Asking asking;
    std::string token;  ///< the last one, or its front
    Needs meets = 0;
  };
  std::int32_t number = Skeletons::kUnknown;
  std::vector<PathEntry*> entries;
  Needs meets = 0, last_meets = 0;
  std::vector<Asked> asked;
  Plan* last = nullptr;
  std::vector<std::unique_ptr<Plan>> plans;  ///< one a layout
};

PlannedRows::PlannedRows(event::BatchBuilder& builder, std::span<const Layout> layouts, Paths& paths,
                         LayoutRows& rows)
    : builder_(builder),
      layouts_(layouts),
      paths_(paths),
      rows_(rows),
      met_once_(kMetOnce),
      nowhere_(std::make_unique<Lately>()) {
  nowhere_->longest = 0;
}
PlannedRows::~PlannedRows() = default;

void PlannedRows::forget() {
  skeletons_.forget();
  by_number_.clear();
  sequences_.clear();
  lately_.clear();
  cells_ = 0;
  epoch_ = rows_.shapes_epoch_;
}

/// Forgets what has grown too large, and what dictionaries have forgotten.
void PlannedRows::make_room() {
  if (epoch_ != rows_.shapes_epoch_ || cells_ > limits::kJsonPlanCells || skeletons_.full()) forget();
  if (dictionary_epoch_ == builder_.dictionary_epoch()) return;
  dictionary_epoch_ = builder_.dictionary_epoch();
  for (const auto& [key, lately] : lately_) {
    if (lately->generation != lately->table->generation()) lately->begin();
  }
}

/// The needs that a string meets by how it begins, and whether that is all; its raw inside, which ends with a
/// quote.
std::pair<bool, Needs> PlannedRows::met_by_front(const Paths::Asking& asking, std::string_view inside) {
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

PlannedRows::Plan* PlannedRows::plan_of(Sequence& sequence, Tokens tokens) {
  Needs meets = sequence.meets;
  for (Sequence::Asked& asked : sequence.asked) {
    const std::string_view token = tokens[asked.value];
    if (asked.asking.fronts && token.front() == '"') {
      const auto [certain, needs] = met_by_front(asked.asking, token.substr(1));
      meets |= needs;
      if (certain) continue;
    }
    if (asked.token != token) {
      Meaning meaning;
      asked.token.clear();
      if (read_token(token, arena_, meaning) != nullptr) return nullptr;
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
  return plan;
}

bool PlannedRows::put(LayoutRows::Seen& seen, std::span<PathEntry* const> entries,
                      std::span<const std::string_view> tokens, std::string_view original,
                      std::uint64_t offset) {
  make_room();
  Sequence* sequence = sequence_of(entries);
  if (sequence == nullptr) return false;
  tokens_.clear();
  for (const std::string_view token : tokens)
    tokens_.push_back({token.data(), static_cast<std::uint32_t>(token.size()), Token::kUnread});
  if (!put(seen, *sequence, {tokens_.data(), nullptr, nullptr}, original, offset)) return false;
  if (sequence->number == Skeletons::kUnknown) {
    sequence->number = static_cast<std::int32_t>(by_number_.size());
    by_number_.push_back(sequence);
  }
  skeletons_.learn(original, tokens_, sequence->number);
  return true;
}

std::size_t PlannedRows::put_known(LayoutRows::Seen& seen, std::string_view text, std::size_t readable,
                                   std::uint64_t offset) {
  make_room();
  const std::int32_t number = skeletons_.find(text, readable);
  if (number == Skeletons::kUnknown) return 0;
  const std::size_t size = skeletons_.size();
  Sequence& sequence = *by_number_[static_cast<std::size_t>(number)];
  const Tokens tokens{skeletons_.tokens().data(), skeletons_.texts().data(), skeletons_.memos()};
  return put(seen, sequence, tokens, text.substr(0, size), offset) ? size : 0;
}

bool PlannedRows::put(LayoutRows::Seen& seen, Sequence& sequence, Tokens tokens, std::string_view original,
                      std::uint64_t offset) {
  arena_.reset(2 * original.size());  // some values are read twice
  Plan* plan = plan_of(sequence, tokens);
  if (plan == nullptr) return false;
  Decision* decision = decision_of(*plan, tokens);
  if (decision == nullptr) return false;
  Placement* placement = placement_of(*plan, *decision, tokens);
  if (placement == nullptr || !read_codes(*plan, *decision, *placement, tokens) || placement->extras)
    return false;

  seen.layouts[plan->layout] = true;
  event::ShapeWriter& writer = *placement->shape->writer;
  if (writer.wanted().drop) return true;
  event::RowMeta meta;
  if (!read_meta(seen, *plan, *decision, tokens, meta)) return false;
  meta.offset = offset;
  meta.original = original;
  writer.begin_row(meta);
  writer.put_row(placement->columns.data(), codes_.data(), codes_.size());
  writer.end_row();
  return true;
}

/// What a value says. False if its token is refused.
inline bool PlannedRows::read(Tokens tokens, std::size_t number, Meaning& meaning) {
  const Token& token = tokens.tokens[number];
  if (token.text == Token::kUnread) return read_token(token.raw(), arena_, meaning) == nullptr;
  meaning = {ValueType::text, false,
             token.text == Token::kInside ? std::string_view(token.data + 1, token.size - 2)
                                          : tokens.texts[token.text]};
  return true;
}

/// What a deciding value is as a field: rewritten by its rule, or itself. False if its token is refused.
bool PlannedRows::read_system(const Plan& plan, const Decision& decision, std::size_t place, Tokens tokens,
                              std::string_view& text) {
  if (decision.system[place] < 0) return true;
  const DecidingStep& step = plan.deciding[static_cast<std::size_t>(decision.system[place])];
  if (step.rewrite != nullptr && decision.by_rule[step.step]) {
    text = step.rewritten;
    return true;
  }
  Meaning meaning;
  if (!read(tokens, step.step, meaning)) return false;
  text = meaning.text;
  return true;
}

/// Time, host and record number of the row.
bool PlannedRows::read_meta(LayoutRows::Seen& seen, const Plan& plan, const Decision& decision, Tokens tokens,
                            event::RowMeta& meta) {
  std::string_view record_id, time;
  if (!read_system(plan, decision, 5, tokens, record_id)) return false;
  if (!read_system(plan, decision, 6, tokens, time)) return false;
  const char* const end = record_id.data() + record_id.size();
  const auto [stop, error] = std::from_chars(record_id.data(), end, meta.record_id);
  if (error != std::errc{} || stop != end) meta.record_id = event::kNoRecordId;
  for (const auto& [step, text] :
       {std::pair{plan.zone_local, &rows_.zone_local_}, std::pair{plan.zone_utc, &rows_.zone_utc_}}) {
    *text = {};
    Meaning meaning;
    if (step < 0) continue;
    if (!read(tokens, plan.deciding[static_cast<std::size_t>(step)].step, meaning)) return false;
    *text = meaning.text;
  }
  meta.time = rows_.time_of(seen, time, plan.layout);
  return read_host(plan, decision, tokens, meta.host);
}

bool PlannedRows::read_host(const Plan& plan, const Decision& decision, Tokens tokens, Code& code) {
  if (decision.system[4] < 0) return true;
  event::ValueTable& hosts = builder_.hosts();
  const DecidingStep& step = plan.deciding[static_cast<std::size_t>(decision.system[4])];
  const std::string_view token = tokens[step.step];
  const bool rewritten = step.rewrite != nullptr && decision.by_rule[step.step];
  if (!rewritten && host_ == token && host_generation_ == hosts.generation()) {
    code = host_code_;
    return true;
  }
  std::string_view computer;
  if (!read_system(plan, decision, 4, tokens, computer)) return false;
  code = computer.empty() ? event::kAbsent : hosts.intern(ValueType::text, computer);
  if (rewritten) return true;
  host_ = token;
  host_code_ = code;
  host_generation_ = hosts.generation();
  return true;
}

/// Reads a value whose rule changes what it says.
bool PlannedRows::read_rewritten(DecidingStep& step, Tokens tokens) {
  step.token.clear();
  Meaning meaning;
  if (!read(tokens, step.step, meaning)) return false;
  step.counts = step.rewritable = false;
  step.rewritten_type = meaning.type;
  if (!meaning.null) {
    const auto& values = step.rewrite->values;
    step.counts = values.empty() || std::any_of(values.begin(), values.end(),
                                                [&](const auto& pair) { return pair.first == meaning.text; });
    const auto rewritten = step.rewrite->apply(meaning.text, buffer_);
    step.rewritable = rewritten.has_value();
    if (rewritten) {
      if (rewritten->data() == buffer_.data() && step.rewrite->as == Rewrite::As::hex64)
        step.rewritten_type = ValueType::hex;
      step.rewritten = *rewritten;
    }
  }
  step.token = tokens[step.step];
  return true;
}

/// Null if a token is refused.
PlannedRows::Decision* PlannedRows::decision_of(Plan& plan, Tokens tokens) {
  std::uint64_t nulls = 0, bit = 1;
  for (const std::uint32_t number : plan.deciding_steps) {
    if (tokens.tokens[number].data[0] == 'n') [[unlikely]] {
      if (tokens[number] != "null") return nullptr;
      nulls |= bit;
    }
    bit <<= 1;
  }
  std::uint64_t counting = plan.by_rules & ~nulls, rewritable = counting;
  for (const std::uint32_t number : plan.rewriting) {
    DecidingStep& step = plan.deciding[number];
    if (step.token != tokens[step.step] && !read_rewritten(step, tokens)) return nullptr;
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

/// As LayoutRows::choose_rules, place and system_part.
std::unique_ptr<PlannedRows::Decision> PlannedRows::decide(const Plan& plan, std::uint64_t nulls,
                                                           std::uint64_t counting,
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
  return made;
}

/// Null if a token is refused.
PlannedRows::Placement* PlannedRows::placement_of(const Plan& plan, Decision& decision, Tokens tokens) {
  std::array<std::string_view, 4> of_shape;
  std::size_t hash = 0;
  for (std::size_t i = 0; i < of_shape.size(); ++i) {
    if (decision.system[i] < 0) continue;
    of_shape[i] = tokens[plan.deciding[static_cast<std::size_t>(decision.system[i])].step];
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
    if (!read_system(plan, decision, i, tokens, texts[i])) return nullptr;
  }
  const LayoutRows::System system{texts[0], texts[1], texts[2], texts[3], {}, {}, {}};
  Placement& placement = placement_of(plan, decision, rows_.shape_of(system, plan.layout));
  used.placement = nullptr;
  used.tokens.clear();
  for (std::size_t i = 0; i < of_shape.size(); ++i) {
    used.sizes[i] = static_cast<std::uint32_t>(of_shape[i].size());
    used.tokens += of_shape[i];
  }
  if (used.tokens.size() <= kUsedBytes) used.placement = &placement;
  return &placement;
}

PlannedRows::Placement& PlannedRows::placement_of(const Plan& plan, Decision& decision,
                                                  LayoutRows::Shape& shape) {
  for (const auto& placement : decision.placements) {
    if (placement->shape == &shape) return *placement;
  }
  auto placement = std::make_unique<Placement>();
  placement->shape = &shape;
  placement->columns.resize(plan.steps.size());
  cells_ += plan.steps.size();
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    Cell& cell = placement->cells.emplace_back();
    cell.rule = decision.by_rule[i];
    if (decision.targets[i] == kNoTarget || shape.writer->wanted().drop) cell.lately = nowhere_.get();
  }
  return *decision.placements.emplace_back(std::move(placement));
}

void PlannedRows::find_column(Placement& placement, std::size_t number, std::uint32_t target,
                              std::uintptr_t meaning) {
  Cell& cell = placement.cells[number];
  cell.lately = nowhere_.get();
  const std::int32_t column = rows_.column_of(*placement.shape, target);
  if (column == LayoutRows::kExtraColumn) placement.extras = true;
  if (column < 0) return;
  placement.columns[number] = static_cast<std::uint32_t>(column);
  event::ValueTable& table = placement.shape->writer->table(placement.columns[number]);
  auto& lately = lately_[{&table, meaning}];
  if (!lately) {
    lately = std::make_unique<Lately>();
    lately->table = &table;
    lately->begin();
    cells_ += kSlots;
  }
  cell.lately = lately.get();
}

/// Makes the record's codes. False if a token is refused.
bool PlannedRows::read_codes(Plan& plan, const Decision& decision, Placement& placement, Tokens tokens) {
  const std::size_t size = plan.steps.size();
  codes_.assign(size, event::kAbsent);
  Code* const codes = codes_.data();
  const auto epoch = static_cast<std::uint32_t>(dictionary_epoch_) | 1U << 31;  // never 0
  const Cell* const cells = placement.cells.data();
  for (std::size_t i = 0; i < size; ++i) {
    Skeletons::Memo* const memo = tokens.memos == nullptr ? nullptr : tokens.memos[i];
    // The value that stood there before, and went the same way?
    if (memo != nullptr && memo->epoch == epoch && memo->where == cells[i].lately) {
      codes[i] = memo->code;
      continue;
    }
    if (!find_code(plan, decision, placement, i, tokens)) return false;
    if (memo != nullptr && cells[i].lately != nullptr) *memo = {cells[i].lately, epoch, codes[i]};
  }
  return true;
}

/// Makes one code: that of a value that stood in the field lately, or a new one. False if the token is
/// refused.
inline bool PlannedRows::find_code(Plan& plan, const Decision& decision, Placement& placement,
                                   std::size_t number, Tokens tokens) {
  Lately* const lately = placement.cells[number].lately;
  const std::string_view token = tokens[number];
  if (lately == nullptr || token.size() > lately->longest)
    return read_code(plan, decision, placement, number, tokens);
  Lately::Slot& slot = lately->slots[slot_number(token)];
  if (slot.is(token)) {
    codes_[number] = slot.code;
    ++lately->hits;
    return true;
  }
  if (!read_code(plan, decision, placement, number, tokens)) return false;
  lately->miss();
  slot.size = static_cast<std::uint32_t>(token.size());
  slot.code = codes_[number];
  std::memcpy(slot.raw, token.data(), token.size());
  return true;
}

/// Makes one code. False if the token is refused.
bool PlannedRows::read_code(Plan& plan, const Decision& decision, Placement& placement, std::size_t number,
                            Tokens tokens) {
  const Step& step = plan.steps[number];
  Cell& cell = placement.cells[number];
  const DecidingStep* rewritten =
      step.deciding >= 0 && cell.rule ? &plan.deciding[static_cast<std::size_t>(step.deciding)] : nullptr;
  if (rewritten != nullptr && rewritten->rewrite == nullptr) rewritten = nullptr;
  Meaning meaning;
  if (rewritten != nullptr) {
    meaning = {rewritten->rewritten_type, false, rewritten->rewritten};
  } else if (!read(tokens, number, meaning)) {
    return false;
  }
  const NullAs null_as = plan.layout < layouts_.size() ? step.null_as : NullAs::null;
  if (meaning.null && null_as == NullAs::absent) return true;
  if (cell.lately == nullptr) {
    const auto how = rewritten != nullptr ? reinterpret_cast<std::uintptr_t>(rewritten->rewrite)
                                          : static_cast<std::uintptr_t>(null_as);
    find_column(placement, number, decision.targets[number], how);
  }
  if (cell.lately->table == nullptr) return true;
  codes_[number] = meaning.null && null_as == NullAs::null
                       ? event::kNull
                       : cell.lately->table->intern(meaning.type, meaning.text);
  return true;
}

}  // namespace landwarden::decode::json
