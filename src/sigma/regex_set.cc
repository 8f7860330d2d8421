#include "sigma/regex_set.h"

#include <algorithm>
#include <deque>
#include <map>

#include "base/sorted.h"
#include "base/text.h"
#include "sigma/regex.h"

namespace landwarden::sigma {

struct RegexSet::Impl {
  struct Expression {
    Regex regex;
    std::uint32_t id = 0;
    std::vector<int> literals = {};  ///< its gate's, as indexes, rising
    bool all = false;

    [[nodiscard]] bool may_be_found(const std::vector<int>& seen) const {
      const auto is_seen = [&](int literal) { return std::binary_search(seen.begin(), seen.end(), literal); };
      return !all || std::ranges::all_of(literals, is_seen);
    }
  };
  struct Added {
    std::string text;
    RegexFlags flags;
    std::uint32_t id;
  };
  std::vector<Added> added;  ///< until build()
  std::deque<Expression> expressions;
  std::vector<std::uint32_t> always;  ///< those without a gate
  /// By literal: those that it is a reason to look at.
  std::vector<std::vector<std::uint32_t>> by_literal;

  /// Once all expressions and their gates are there.
  void index(std::size_t literals) {
    by_literal.resize(literals);
    for (std::uint32_t i = 0; i < expressions.size(); ++i) {
      const Expression& expression = expressions[i];
      if (expression.literals.empty()) always.push_back(i);
      for (const int literal : expression.literals) {
        by_literal[static_cast<std::size_t>(literal)].push_back(i);
        if (expression.all) break;  // without this one there is no need to look
      }
    }
  }
};

RegexSet::RegexSet() : impl_(std::make_unique<Impl>()) {}
RegexSet::~RegexSet() = default;
RegexSet::RegexSet(RegexSet&&) noexcept = default;
RegexSet& RegexSet::operator=(RegexSet&&) noexcept = default;

void RegexSet::add(const std::string& expression, RegexFlags flags, std::uint32_t id) {
  impl_->added.push_back({expression, flags, id});
}

std::vector<std::string> RegexSet::build() {
  std::map<std::string, int> numbers;
  std::vector<std::string> literals;
  for (Impl::Added& added : impl_->added) {
    const RegexGate gate = gate_of(added.text, added.flags);
    Impl::Expression& expression =
        impl_->expressions.emplace_back(Regex(std::move(added.text), added.flags, gate.linear), added.id);
    expression.all = gate.all;
    for (const std::string& literal : gate.literals) {
      const auto [at, fresh] = numbers.try_emplace(text::folded(literal), std::ssize(literals));
      if (fresh) literals.push_back(at->first);
      expression.literals.push_back(at->second);
    }
    std::ranges::sort(expression.literals);
  }
  impl_->added.clear();
  impl_->index(literals.size());
  return literals;
}

bool RegexSet::empty() const {
  return impl_->expressions.empty() && impl_->added.empty();
}

std::size_t RegexSet::literals() const {
  return impl_->by_literal.size();
}

void RegexSet::scan(std::string_view value, const std::vector<int>& seen,
                    std::vector<std::uint32_t>& hits) const {
  const auto look_at = [&](std::uint32_t index) {
    const Impl::Expression& expression = impl_->expressions[index];
    if (expression.may_be_found(seen) && expression.regex.found_in(value)) hits.push_back(expression.id);
  };
  for (const std::uint32_t index : impl_->always) look_at(index);
  std::vector<std::uint32_t> candidates;
  for (const int literal : seen) {
    const auto& with_it = impl_->by_literal[static_cast<std::size_t>(literal)];
    candidates.insert(candidates.end(), with_it.begin(), with_it.end());
  }
  sort_and_unite(candidates);
  for (const std::uint32_t index : candidates) look_at(index);
}

void RegexSet::save(Packer& out) const {
  out.put_size(impl_->by_literal.size());
  out.put_size(impl_->expressions.size());
  for (const Impl::Expression& expression : impl_->expressions) {
    expression.regex.save(out);
    out.put(expression.id);
    out.put(expression.all);
    out.put_array(expression.literals);
  }
}

bool RegexSet::load(Unpacker& in, std::size_t ids) {
  const std::size_t literals = in.count();
  bool sound = true;
  for (std::size_t n = in.count(11); n > 0 && !in.failed(); --n) {
    Impl::Expression& expression = impl_->expressions.emplace_back(Regex::load(in));
    in.get(expression.id);
    in.get(expression.all);
    const auto gate = in.array<int>();
    expression.literals.assign(gate.begin(), gate.end());
    sound =
        sound && expression.id < ids &&
        std::ranges::all_of(
            gate, [&](int literal) { return literal >= 0 && static_cast<std::size_t>(literal) < literals; });
  }
  if (in.failed() || !sound) return false;
  impl_->index(literals);
  return true;
}

}  // namespace landwarden::sigma
