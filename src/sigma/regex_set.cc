#define PCRE2_CODE_UNIT_WIDTH 8
#include "sigma/regex_set.h"

#include <pcre2.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

#include "base/text.h"
#include "sigma/regex_relax.h"

namespace landwarden::sigma {
namespace {

// Shorter literals occur nearly everywhere; they are asked for where an expression has no longer ones
// ("`.*`.*`").
constexpr int kFilterLiteral = 3;
// RE2's budget for one expression's automaton; it is only used as states are met. `.{1000,}` (SigmaHQ has it)
// needs some 20 MB; with less RE2 falls back to its slow engine and takes a hundred times as long.
constexpr std::int64_t kRegexMemory = 64 << 20;
// PCRE2's bound on backtracking for one value: about 50 ms, after which the expression counts as not found.
constexpr std::uint32_t kPcreMatchLimit = 1'000'000;

RE2::Options re2_options(RegexFlags flags) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!flags.ignore_case);
  options.set_dot_nl(flags.dotall);
  options.set_max_mem(kRegexMemory);
  return options;
}

// RE2 knows multi-line only as an inline flag.
std::string re2_text(const std::string& expression, RegexFlags flags) {
  return flags.multiline ? "(?m)" + expression : expression;
}

struct PcreFree {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
using PcreCode = std::unique_ptr<pcre2_code, PcreFree>;

Result<PcreCode> compile_pcre(const std::string& expression, RegexFlags flags) {
  // As RE2 has it: '$' is the very end, not also what stands before a last line break, and with `m` '^' also
  // stands behind a last line break.
  std::uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX;
  if (flags.ignore_case) options |= PCRE2_CASELESS;
  if (flags.multiline) options |= PCRE2_MULTILINE;
  if (flags.dotall) options |= PCRE2_DOTALL;
  int error = 0;
  PCRE2_SIZE offset = 0;
  PcreCode code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(), options,
                              &error, &offset, nullptr));
  if (code) return code;
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(error, text, sizeof text);
  return fail(ErrorCode::invalid,
              "regular expression cannot be used: " + std::string(reinterpret_cast<char*>(text)) +
                  " at character " + std::to_string(offset + 1));
}

// `.{1000,}` and the like ask for a run of that many code points on one line: counted here, since RE2 would
// make a thousand states of it first. Nothing for any other expression.
std::optional<std::size_t> counted_dots(std::string_view expression) {
  if (!expression.starts_with(".{") || !expression.ends_with("}")) return std::nullopt;
  std::string_view digits = expression.substr(2, expression.size() - 3);
  if (digits.ends_with(',')) digits.remove_suffix(1);
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return count;
}

bool has_run(std::string_view value, std::size_t count, bool over_lines) {
  std::size_t run = 0;
  for (const char c : value) {
    if (c == '\n' && !over_lines) {
      run = 0;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++run;  // the first byte of a code point
    }
    if (run >= count) return true;
  }
  return count == 0;
}

bool pcre_found(const pcre2_code* code, std::string_view value) {
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
      pcre2_match_data_create_from_pattern(code, nullptr), pcre2_match_data_free);
  const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context(
      pcre2_match_context_create(nullptr), pcre2_match_context_free);
  if (!data || !context) return false;
  pcre2_set_match_limit(context.get(), kPcreMatchLimit);
  return pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(value.data()), value.size(), 0, 0, data.get(),
                     context.get()) >= 0;
}

/// Literals without which an expression is not found: each of them if `all`, else one of them. None: it may
/// be found in any value.
struct Gate {
  std::vector<std::string> literals;
  bool all = false;
  bool linear = false;  ///< RE2 takes the expression
};

/// Of literals of at least `least` characters.
Gate gate_of(const std::string& expression, RegexFlags flags, int least) {
  re2::FilteredRE2 filter(least);
  int index = 0;
  if (filter.Add(re2_text(expression, flags), re2_options(flags), &index) != RE2::NoError) return {};
  Gate gate{.literals = {}, .all = false, .linear = true};
  filter.Compile(&gate.literals);
  const auto found_with = [&](std::ptrdiff_t without) {
    std::vector<int> seen, found;
    for (int i = 0; i < std::ssize(gate.literals); ++i) {
      if (without >= 0 && i != without) seen.push_back(i);
    }
    filter.AllPotentials(seen, &found);
    return !found.empty();
  };
  if (found_with(-1)) return {.literals = {}, .all = false, .linear = true};
  // FilteredRE2 knows more than this, and-s of or-s; but these two can be written down.
  Gate needed{.literals = {}, .all = true, .linear = true};
  for (std::ptrdiff_t i = 0; i < std::ssize(gate.literals); ++i) {
    if (!found_with(i)) needed.literals.push_back(gate.literals[static_cast<std::size_t>(i)]);
  }
  return needed.literals.empty() ? gate : needed;
}

Gate gate_of(const std::string& expression, RegexFlags flags) {
  Gate gate;
  for (int least = kFilterLiteral; least > 0 && gate.literals.empty(); --least)
    gate = gate_of(expression, flags, least);
  return gate;
}

}  // namespace

struct RegexSet::Impl {
  /// What RE2 or PCRE2 runs; compiled when it is first needed. `relaxed`: found in every value that `re2` is
  /// found in, and looked for first.
  struct Expression {
    std::string text;
    RegexFlags flags;
    std::uint32_t id = 0;
    std::vector<int> literals;  ///< its gate's, as indexes, rising
    bool all = false;
    bool linear = false;  ///< RE2 takes it: what PCRE2 means by it may not be what RE2 would find
    std::once_flag once = {}, exact = {};
    std::unique_ptr<RE2> relaxed = nullptr, re2 = nullptr;
    PcreCode pcre = nullptr;

    [[nodiscard]] bool may_be_found(const std::vector<int>& seen) const {
      const auto is_seen = [&](int literal) { return std::binary_search(seen.begin(), seen.end(), literal); };
      return !all || std::ranges::all_of(literals, is_seen);
    }
    void relax() {
      const auto loose = linear ? relaxed_regex(text) : std::nullopt;
      if (!loose) return;
      relaxed = std::make_unique<RE2>(re2_text(*loose, flags), re2_options(flags));
      if (!relaxed->ok()) relaxed.reset();
    }
    void compile() {
      re2 = std::make_unique<RE2>(re2_text(text, flags), re2_options(flags));
      if (re2->ok()) return;
      re2.reset();
      if (auto code = compile_pcre(text, flags)) pcre = std::move(*code);
    }
    [[nodiscard]] bool found_in(std::string_view value) {
      const re2::StringPiece piece(value.data(), value.size());
      std::call_once(once, [this] { relax(); });
      if (relaxed && !RE2::PartialMatch(piece, *relaxed)) return false;
      std::call_once(exact, [this] { compile(); });
      if (re2) return RE2::PartialMatch(piece, *re2);
      return pcre && pcre_found(pcre.get(), value);
    }
  };
  std::deque<Expression> expressions;
  std::vector<std::uint32_t> always;  ///< those without a gate
  /// By literal: those that it is a reason to look at.
  std::vector<std::vector<std::uint32_t>> by_literal;
  struct Run {
    std::size_t count;
    bool over_lines;
    std::uint32_t id;
  };
  std::vector<Run> runs;

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

Result<void> check_regex(const std::string& expression, RegexFlags flags) {
  const RE2 re2(re2_text(expression, flags), re2_options(flags));
  if (re2.ok()) return {};
  if (const auto code = compile_pcre(expression, flags); !code) return std::unexpected(code.error());
  return {};
}

void RegexSet::add(const std::string& expression, RegexFlags flags, std::uint32_t id) {
  if (const auto count = counted_dots(expression)) {
    impl_->runs.push_back({*count, flags.dotall, id});
    return;
  }
  Impl::Expression& added = impl_->expressions.emplace_back();
  added.text = expression;
  added.flags = flags;
  added.id = id;
}

std::vector<std::string> RegexSet::build() {
  std::map<std::string, int> numbers;
  std::vector<std::string> literals;
  for (Impl::Expression& expression : impl_->expressions) {
    const Gate gate = gate_of(expression.text, expression.flags);
    expression.all = gate.all;
    expression.linear = gate.linear;
    for (const std::string& literal : gate.literals) {
      const auto [at, fresh] = numbers.try_emplace(text::folded(literal), std::ssize(literals));
      if (fresh) literals.push_back(at->first);
      expression.literals.push_back(at->second);
    }
    std::ranges::sort(expression.literals);
  }
  impl_->index(literals.size());
  return literals;
}

bool RegexSet::empty() const {
  return impl_->expressions.empty() && impl_->runs.empty();
}

std::size_t RegexSet::literals() const {
  return impl_->by_literal.size();
}

void RegexSet::scan(std::string_view value, const std::vector<int>& seen,
                    std::vector<std::uint32_t>& hits) const {
  const auto look_at = [&](std::uint32_t index) {
    Impl::Expression& expression = impl_->expressions[index];
    if (expression.may_be_found(seen) && expression.found_in(value)) hits.push_back(expression.id);
  };
  for (const std::uint32_t index : impl_->always) look_at(index);
  std::vector<std::uint32_t> candidates;
  for (const int literal : seen) {
    const auto& with_it = impl_->by_literal[static_cast<std::size_t>(literal)];
    candidates.insert(candidates.end(), with_it.begin(), with_it.end());
  }
  std::ranges::sort(candidates);
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  for (const std::uint32_t index : candidates) look_at(index);
  for (const auto& [count, over_lines, id] : impl_->runs) {
    if (has_run(value, count, over_lines)) hits.push_back(id);
  }
}

void RegexSet::save(Packer& out) const {
  out.put_size(impl_->by_literal.size());
  out.put_size(impl_->expressions.size());
  for (const Impl::Expression& expression : impl_->expressions) {
    out.put(expression.text);
    out.put(expression.flags.ignore_case);
    out.put(expression.flags.multiline);
    out.put(expression.flags.dotall);
    out.put(expression.id);
    out.put(expression.all);
    out.put(expression.linear);
    out.put_array(expression.literals);
  }
  out.put_size(impl_->runs.size());
  for (const Impl::Run& run : impl_->runs) {
    out.put(static_cast<std::uint64_t>(run.count));
    out.put(run.over_lines);
    out.put(run.id);
  }
}

bool RegexSet::load(Unpacker& in, std::size_t ids) {
  const std::size_t literals = in.count();
  bool sound = true;
  for (std::size_t n = in.count(11); n > 0 && !in.failed(); --n) {
    Impl::Expression& expression = impl_->expressions.emplace_back();
    in.get(expression.text);
    in.get(expression.flags.ignore_case);
    in.get(expression.flags.multiline);
    in.get(expression.flags.dotall);
    in.get(expression.id);
    in.get(expression.all);
    in.get(expression.linear);
    const auto gate = in.array<int>();
    expression.literals.assign(gate.begin(), gate.end());
    sound =
        sound && expression.id < ids &&
        std::ranges::all_of(
            gate, [&](int literal) { return literal >= 0 && static_cast<std::size_t>(literal) < literals; });
  }
  for (std::size_t n = in.count(13); n > 0 && !in.failed(); --n) {
    Impl::Run& run = impl_->runs.emplace_back();
    run.count = static_cast<std::size_t>(in.number<std::uint64_t>());
    in.get(run.over_lines);
    in.get(run.id);
    sound = sound && run.id < ids;
  }
  if (in.failed() || !sound) return false;
  impl_->index(literals);
  return true;
}

}  // namespace landwarden::sigma
