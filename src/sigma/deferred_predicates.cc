#include "sigma/deferred_predicates.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include "base/assert.h"
#include "base/text.h"
#include "sigma/pattern.h"
#include "sigma/regex.h"

namespace landwarden::sigma {
namespace {

/// Shorter literals occur nearly everywhere.
constexpr std::size_t kShortLiteral = 4;

/// Whether what meets() will unpack can be: nobody could say so then.
bool is_sound(Unpacker& in) {
  if (in.number<std::uint8_t>() != 0) {
    Regex::pass(in);
    (void)in.number<std::uint8_t>();
    for (std::size_t literals = in.count(); literals > 0 && !in.failed(); --literals) (void)in.text();
    return !in.failed();
  }
  (void)in.number<std::uint8_t>();
  for (std::size_t parts = in.count(2); parts > 0 && !in.failed(); --parts) {
    if (in.number<Pattern::Kind>() > Pattern::Kind::dash) in.fail();
    (void)in.text();
  }
  return !in.failed();
}

}  // namespace

struct DeferredPredicates::Question {
  std::once_flag once;
  std::unique_ptr<const CompiledPattern> pattern;
  std::unique_ptr<const Regex> regex;
  std::vector<std::string>
      gate;          ///< of the expression: literals, folded, each of which must be there; or one,
  bool all = false;  ///< if not `all`

  [[nodiscard]] bool may_be_found(std::string_view folded) const {
    const auto is_there = [&](const std::string& literal) { return folded.find(literal) != folded.npos; };
    if (gate.empty()) return true;
    return all ? std::ranges::all_of(gate, is_there) : std::ranges::any_of(gate, is_there);
  }
};

DeferredPredicates::DeferredPredicates() = default;
DeferredPredicates::~DeferredPredicates() = default;

void put_pattern(Packer& out, const Pattern& pattern) {
  out.put(pattern.cased);
  out.put_size(pattern.parts.size());
  for (const Pattern::Part& part : pattern.parts) {
    out.put(part.kind);
    out.put(part.text);
  }
}

Pattern get_pattern(Unpacker& in) {
  Pattern pattern;
  in.get(pattern.cased);
  pattern.parts.resize(in.count(2));
  for (Pattern::Part& part : pattern.parts) {
    in.get(part.kind);
    if (part.kind > Pattern::Kind::dash) in.fail();
    in.get(part.text);
  }
  return pattern;
}

bool DeferredPredicates::worth(const Predicate& predicate) {
  if (predicate.kind == Predicate::Kind::regex) return true;
  if (predicate.kind != Predicate::Kind::pattern) return false;
  const CompiledPattern pattern(predicate.pattern);
  if (pattern.shape() == CompiledPattern::Shape::exact) return false;
  return pattern.shape() == CompiledPattern::Shape::general ||
         pattern.longest_literal().size() < kShortLiteral;
}

void DeferredPredicates::add(std::uint32_t id, const Predicate& predicate) {
  LW_ASSERT(worth(predicate));
  own_.begin.push_back(static_cast<std::uint32_t>(own_.packed.bytes().size()));
  if (own_.number.size() <= id) own_.number.resize(id + 1, 0);
  own_.number[id] = static_cast<std::uint32_t>(own_.begin.size());
  number_ = own_.number;
  const bool is_regex = predicate.kind == Predicate::Kind::regex;
  own_.packed.put(is_regex);
  if (is_regex) {
    const RegexFlags flags{predicate.regex_ignore_case, predicate.regex_multiline, predicate.regex_dotall};
    const RegexGate gate = gate_of(predicate.text, flags);
    Regex(predicate.text, flags, gate.linear).save(own_.packed);
    std::vector<std::string> literals;
    for (const std::string& literal : gate.literals) literals.push_back(text::folded(literal));
    own_.packed.put(gate.all);
    own_.packed.put(literals);
  } else {
    put_pattern(own_.packed, predicate.pattern);
  }
}

void DeferredPredicates::build() {
  begin_ = own_.begin;
  packed_ = own_.packed.bytes();
  questions_ = std::make_unique<Question[]>(begin_.size());
}

bool DeferredPredicates::meets(std::uint32_t id, std::string_view value, std::string_view folded) const {
  const std::size_t index = number_[id] - 1;
  Question& question = questions_[index];
  std::call_once(question.once, [&] {
    Unpacker in(packed_.subspan(begin_[index]));
    if (in.number<std::uint8_t>() != 0) {
      question.regex = std::make_unique<const Regex>(Regex::load(in));
      in.get(question.all);
      in.get(question.gate);
    } else {
      question.pattern = std::make_unique<const CompiledPattern>(get_pattern(in));
    }
  });
  if (question.regex) return question.may_be_found(folded) && question.regex->found_in(value);
  return question.pattern->matches(value, folded);
}

void DeferredPredicates::save(Packer& out) const {
  out.put_array(number_);
  out.put_array(begin_);
  out.put_array(packed_);
}

bool DeferredPredicates::load(Unpacker& in, std::size_t ids) {
  number_ = in.array<std::uint32_t>();
  begin_ = in.array<std::uint32_t>();
  packed_ = in.array<std::byte>();
  if (in.failed() || number_.size() > ids) return false;
  const auto is_question = [this](std::uint32_t number) { return number <= begin_.size(); };
  if (!std::ranges::all_of(number_, is_question)) return false;
  questions_ = std::make_unique<Question[]>(begin_.size());
  return std::ranges::all_of(begin_, [this](std::uint32_t at) {
    if (at >= packed_.size()) return false;
    Unpacker one(packed_.subspan(at));
    return is_sound(one);
  });
}

}  // namespace landwarden::sigma
