#include "intel/alternatives.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace landwarden::intel {

Alternatives one_of(IndicatorKind kind, std::string_view value) {
  auto form = normal_form(kind, value);
  // What changes when it is read again is no form, and nothing that anybody writes.
  if (!form || normal_form(kind, *form) != form)
    return not_understood("'" + std::string(value.substr(0, 100)) + "' is no " + std::string(to_text(kind)));
  Alternatives out;
  out.sets.push_back({{kind, std::move(*form)}});
  return out;
}

Alternatives not_understood(std::string why) {
  Alternatives out;
  out.not_understood.push_back(std::move(why));
  return out;
}

void add(Alternatives& to, Alternatives more) {
  std::ranges::move(more.sets, std::back_inserter(to.sets));
  std::ranges::move(more.not_understood, std::back_inserter(to.not_understood));
}

void require(Alternatives& to, const Alternatives& also) {
  std::ranges::copy(also.not_understood, std::back_inserter(to.not_understood));
  if (to.sets.size() * also.sets.size() > kAlternatives) {
    to.sets.clear();
    to.not_understood.push_back("more combinations of OR and AND than are multiplied out");
    return;
  }
  std::vector<std::vector<Term>> sets;
  for (const auto& left : to.sets) {
    for (const auto& right : also.sets) {
      std::vector<Term> both;
      std::ranges::set_union(left, right, std::back_inserter(both));
      sets.push_back(std::move(both));
    }
  }
  to.sets = std::move(sets);
}

}  // namespace landwarden::intel
