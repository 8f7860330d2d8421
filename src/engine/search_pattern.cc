#include "engine/search_pattern.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <set>

#include "base/limits.h"
#include "base/text.h"

namespace landwarden::engine {
namespace {

using decode::RawFilter;

constexpr std::string_view kSystem = "System.";

/// Every byte in ASCII lower case.
constexpr auto kLower = [] {
  std::array<char, 256> lower{};
  for (std::size_t i = 0; i < lower.size(); ++i) lower[i] = text::ascii_lower(static_cast<char>(i));
  return lower;
}();

char lower(char c) {
  return kLower[static_cast<unsigned char>(c)];
}

/// Where `folded` (ASCII, lower case, not empty) begins in `value`, from `from` on; ASCII letters without
/// case.
std::size_t find_caseless(std::string_view value, std::string_view folded, std::size_t from) {
  if (value.size() < folded.size()) return std::string_view::npos;
  const std::size_t last = value.size() - folded.size();
  for (std::size_t i = from; i <= last; ++i) {
    if (lower(value[i]) != folded[0]) continue;
    std::size_t n = 1;
    while (n < folded.size() && lower(value[i + n]) == folded[n]) ++n;
    if (n == folded.size()) return i;
  }
  return std::string_view::npos;
}

re2::RE2::Options options_of(bool case_sensitive) {
  re2::RE2::Options options;
  options.set_case_sensitive(case_sensitive);
  options.set_dot_nl(true);
  options.set_log_errors(false);
  options.set_max_mem(limits::kSearchRegexBytes);
  return options;
}

/// A regular expression for a whole value. A backslash takes the meaning from '*', '?' and '\', and stands
/// for itself before anything else.
std::string regex_of_wildcard(std::string_view wildcard) {
  std::string out = "\\A";
  for (std::size_t i = 0; i < wildcard.size(); ++i) {
    const char c = wildcard[i];
    const bool escapes =
        c == '\\' && i + 1 < wildcard.size() && std::string_view("*?\\").contains(wildcard[i + 1]);
    if (escapes) {
      out += re2::RE2::QuoteMeta(re2::StringPiece(&wildcard[++i], 1));
    } else if (c == '*') {
      out += ".*";
    } else if (c == '?') {
      out += '.';
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      out += c;
    } else {
      out += re2::RE2::QuoteMeta(re2::StringPiece(&wildcard[i], 1));
    }
  }
  return out + "\\z";
}

/// The literal pieces of a whole value with wildcards.
std::vector<std::string> pieces_of_wildcard(std::string_view wildcard) {
  std::vector<std::string> pieces(1);
  for (std::size_t i = 0; i < wildcard.size(); ++i) {
    const char c = wildcard[i];
    if (c == '*' || c == '?') {
      pieces.emplace_back();
    } else {
      if (c == '\\' && i + 1 < wildcard.size() && std::string_view("*?\\").contains(wildcard[i + 1])) ++i;
      pieces.back() += wildcard[i];
    }
  }
  return pieces;
}

/// Literals of which one is in everything that the expression finds, folded; nothing if there are none such.
/// As few and as long ones as will do: "net +user" needs "user" alone.
std::vector<std::string> literals_of(const std::string& regex, const re2::RE2::Options& options) {
  constexpr int kShortest = 3;
  constexpr std::size_t kAtoms = 64;  // the work grows with the square
  re2::FilteredRE2 filtered(kShortest);
  int id = 0;
  if (filtered.Add(regex, options, &id) != re2::RE2::NoError) return {};
  std::vector<std::string> atoms;
  filtered.Compile(&atoms);
  /// Whether the expression may find something in a text that holds no atom of `needed`, and all others.
  const auto may_do_without = [&](const std::set<int>& needed) {
    std::vector<int> present, potential;
    for (int atom = 0; atom < static_cast<int>(atoms.size()); ++atom) {
      if (!needed.contains(atom)) present.push_back(atom);
    }
    filtered.AllPotentials(present, &potential);
    return !potential.empty();
  };
  std::set<int> needed;
  for (int atom = 0; atom < static_cast<int>(atoms.size()); ++atom) needed.insert(atom);
  if (atoms.empty() || atoms.size() > kAtoms || may_do_without(needed)) return {};
  std::vector<int> shortest_first(needed.begin(), needed.end());
  std::ranges::stable_sort(shortest_first, {},
                           [&](int atom) { return atoms[static_cast<std::size_t>(atom)].size(); });
  for (const int atom : shortest_first) {
    needed.erase(atom);
    if (may_do_without(needed)) needed.insert(atom);
  }
  std::vector<std::string> out;
  for (const int atom : needed) out.push_back(atoms[static_cast<std::size_t>(atom)]);
  return out;
}

/// Whether what the expression finds in a part of a text it finds in the whole text as well: it does not ask
/// where a text begins or ends. Unsure: no.
bool looks_at_no_borders(std::string_view regex) {
  for (std::size_t i = 0; i < regex.size(); ++i) {
    if (regex[i] == '^' || regex[i] == '$') return false;
    if (regex[i] == '\\') {
      // \b, \B, \A, \z look at borders; \Q begins a quotation.
      if (++i == regex.size() || std::string_view("bBAzQ").contains(regex[i])) return false;
    } else if (regex[i] == '[') {
      for (i += regex.substr(i + 1).starts_with('^') ? 2 : 1; i < regex.size() && regex[i] != ']'; ++i) {
        // Brackets within brackets are read by those who have to.
        if (regex[i] == '[') return false;
        if (regex[i] == '\\') ++i;
      }
    }
  }
  return true;
}

class FieldNames {
 public:
  explicit FieldNames(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      patterns_.push_back(std::make_unique<re2::RE2>(regex_of_wildcard(name), options_of(false)));
    }
  }
  [[nodiscard]] bool cover(std::string_view name) const {
    if (patterns_.empty()) return true;
    const auto is = [&](std::string_view as) {
      return std::ranges::any_of(patterns_, [&](const auto& pattern) {
        return re2::RE2::PartialMatch(re2::StringPiece(as.data(), as.size()), *pattern);
      });
    };
    return is(name) || (name.starts_with(kSystem) && is(name.substr(kSystem.size())));
  }

 private:
  std::vector<std::unique_ptr<re2::RE2>> patterns_;
};

}  // namespace

struct SearchPattern::Term {
  SearchTerm::Kind kind;
  std::string text;
  bool case_sensitive;
  bool quick = false;  ///< a literal that is compared byte by byte where the value is ASCII
  std::string folded;
  std::unique_ptr<re2::RE2> regex;
  FieldNames fields;

  Term(const SearchTerm& term, bool with_case)
      : kind(term.kind), text(term.text), case_sensitive(with_case), fields(term.fields) {
    re2::RE2::Options options = options_of(case_sensitive);
    options.set_literal(kind == SearchTerm::Kind::literal);
    regex = std::make_unique<re2::RE2>(kind == SearchTerm::Kind::wildcard ? regex_of_wildcard(text) : text,
                                       options);
    folded = text::folded(text);
    quick = kind == SearchTerm::Kind::literal && text::is_ascii(folded) && !folded.empty();
  }

  [[nodiscard]] std::size_t find_quick(std::string_view value, std::size_t from) const {
    return case_sensitive ? value.find(text, from) : find_caseless(value, folded, from);
  }

  /// Case-sensitive literals are the same bytes whatever the value; without case, values beyond ASCII may
  /// have other forms of a letter.
  [[nodiscard]] bool is_quick(std::string_view value) const {
    return quick && (case_sensitive || text::is_ascii(value));
  }

  /// Whether test() says yes to a text if it does so to a part of it.
  [[nodiscard]] bool grows() const {
    return kind == SearchTerm::Kind::literal ||
           (kind == SearchTerm::Kind::regex && looks_at_no_borders(text));
  }

  [[nodiscard]] bool test(std::string_view value) const {
    if (is_quick(value)) return find_quick(value, 0) != std::string_view::npos;
    return re2::RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), *regex);
  }

  void mark(std::string_view value, std::vector<triage::FoundSpan>& spans) const {
    const re2::StringPiece piece(value.data(), value.size());
    const bool by_bytes = is_quick(value);
    for (std::size_t from = 0; from <= value.size() && spans.size() < limits::kSearchSpans;) {
      std::size_t begin = 0, size = 0;
      if (by_bytes) {
        begin = find_quick(value, from);
        if (begin == std::string_view::npos) return;
        size = case_sensitive ? text.size() : folded.size();
      } else {
        re2::StringPiece part;
        if (!regex->Match(piece, from, value.size(), re2::RE2::UNANCHORED, &part, 1)) return;
        begin = static_cast<std::size_t>(part.data() - value.data());
        size = part.size();
      }
      if (size > 0) spans.push_back({begin, begin + size});
      from = size > 0 ? begin + size : begin + 1;
    }
  }
};

SearchPattern::SearchPattern() = default;
SearchPattern::SearchPattern(SearchPattern&&) noexcept = default;
SearchPattern& SearchPattern::operator=(SearchPattern&&) noexcept = default;
SearchPattern::~SearchPattern() = default;

Result<SearchPattern> SearchPattern::compile(const SearchTerms& terms) {
  if (terms.terms.empty()) return fail(ErrorCode::invalid, "there is no pattern to search for");
  if (terms.terms.size() > limits::kSearchTerms) {
    return fail(ErrorCode::limit, "too many patterns: " + std::to_string(terms.terms.size()), {},
                "63 are the most; one regular expression (-r) can hold many: 'one|two|three'");
  }
  SearchPattern pattern;
  pattern.all_ = terms.all;
  for (const SearchTerm& term : terms.terms) {
    if (!text::is_utf8(term.text)) return fail(ErrorCode::invalid, "the pattern is not valid UTF-8");
    if (term.text.empty() && term.kind != SearchTerm::Kind::wildcard) {
      return fail(ErrorCode::invalid, "the pattern is empty, so it is everywhere", {},
                  "--field 'NAME=*' finds the records that have a field");
    }
    auto compiled = std::make_unique<Term>(term, terms.case_sensitive);
    if (!compiled->regex->ok()) {
      return fail(ErrorCode::invalid,
                  "not a regular expression: " + compiled->regex->error() + ": " + term.text, {},
                  "the syntax is RE2's (no look-around, no back-references); without -r the pattern is taken "
                  "as it is");
    }
    pattern.terms_.push_back(std::move(compiled));
  }
  return pattern;
}

SearchPattern::Mask SearchPattern::terms_of(std::string_view field) const {
  Mask mask = 0;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    if (terms_[i]->fields.cover(field)) mask |= Mask{1} << i;
  }
  return mask;
}

SearchPattern::Mask SearchPattern::test(std::string_view value, Mask terms) const {
  Mask met = 0;
  for (Mask rest = terms; rest != 0; rest &= rest - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(rest));
    if (terms_[i]->test(value)) met |= Mask{1} << i;
  }
  return met;
}

bool SearchPattern::found(Mask met) const {
  return all_ ? met == (Mask{1} << terms_.size()) - 1 : met != 0;
}

void SearchPattern::mark(std::string_view value, Mask terms, std::vector<triage::FoundSpan>& spans) const {
  std::vector<triage::FoundSpan> all;
  for (Mask rest = terms; rest != 0; rest &= rest - 1) {
    terms_[static_cast<std::size_t>(std::countr_zero(rest))]->mark(value, all);
  }
  std::ranges::sort(all, {}, &triage::FoundSpan::begin);
  const std::size_t first = spans.size();
  for (const triage::FoundSpan& span : all) {
    if (spans.size() > first && spans.back().end >= span.begin) {
      spans.back().end = std::max(spans.back().end, span.end);
    } else {
      spans.push_back(span);
    }
  }
}

std::optional<RawFilter> SearchPattern::raw_filter() const {
  std::vector<std::string> any;
  for (const auto& term : terms_) {
    std::vector<std::string> literals;
    bool caseless = !term->case_sensitive;
    if (term->kind == SearchTerm::Kind::literal) {
      literals = {term->text};
    } else if (term->kind == SearchTerm::Kind::wildcard) {
      literals = {std::ranges::max(pieces_of_wildcard(term->text), {}, &std::string::size)};
    } else {
      literals = literals_of(term->text, options_of(term->case_sensitive));
      caseless = true;  // they come folded
    }
    auto filter = RawFilter::make(literals, caseless);
    if (all_) {
      // Every term must be met: the first that bytes can tell is enough.
      if (filter && term->kind == SearchTerm::Kind::regex && term->grows())
        filter->confirm_by([term = term.get()](std::string_view text) { return term->test(text); });
      if (filter) return filter;
      continue;
    }
    if (!filter) return std::nullopt;
    any.insert(any.end(), literals.begin(), literals.end());
  }
  if (all_) return std::nullopt;
  const bool caseless = std::ranges::any_of(terms_, [](const auto& term) {
    return !term->case_sensitive || term->kind == SearchTerm::Kind::regex;
  });
  auto filter = RawFilter::make(any, caseless);
  const bool regex =
      std::ranges::any_of(terms_, [](const auto& term) { return term->kind == SearchTerm::Kind::regex; });
  if (filter && regex && std::ranges::all_of(terms_, [](const auto& term) { return term->grows(); })) {
    std::vector<const Term*> all;
    for (const auto& term : terms_) all.push_back(term.get());
    filter->confirm_by([all](std::string_view text) {
      return std::ranges::any_of(all, [&](const Term* term) { return term->test(text); });
    });
  }
  return filter;
}

}  // namespace landwarden::engine
