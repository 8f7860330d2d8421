#define PCRE2_CODE_UNIT_WIDTH 8
#include "sigma/regex.h"

#include <pcre2.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <charconv>
#include <mutex>
#include <optional>

#include "sigma/regex_relax.h"
#include "sigma/regex_run.h"

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

/// In code points, of any text that the expression is found in; 0 where that cannot be told.
std::uint32_t least_length(const std::string& expression, RegexFlags flags) {
  std::uint32_t least = 0;
  const auto code = compile_pcre(expression, flags);
  if (!code || pcre2_pattern_info(code->get(), PCRE2_INFO_MINLENGTH, &least) != 0) return 0;
  return least;
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

/// Of literals of at least `least` characters.
RegexGate gate_of(const std::string& expression, RegexFlags flags, int least) {
  re2::FilteredRE2 filter(least);
  int index = 0;
  if (filter.Add(re2_text(expression, flags), re2_options(flags), &index) != RE2::NoError) return {};
  RegexGate gate{.literals = {}, .all = false, .linear = true};
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
  RegexGate needed{.literals = {}, .all = true, .linear = true};
  for (std::ptrdiff_t i = 0; i < std::ssize(gate.literals); ++i) {
    if (!found_with(i)) needed.literals.push_back(gate.literals[static_cast<std::size_t>(i)]);
  }
  return needed.literals.empty() ? gate : needed;
}

}  // namespace

/// What runs is made when it is first needed. `run` and `relaxed` are found in every value that `re2` is
/// found in, and looked for first.
struct Regex::Impl {
  std::once_flag once = {}, exact = {};
  std::optional<CharacterRun> run = std::nullopt;
  std::unique_ptr<RE2> relaxed = nullptr, re2 = nullptr;
  PcreCode pcre = nullptr;
};

Regex::Regex(std::string expression, RegexFlags flags, bool linear)
    : text_(std::move(expression)),
      flags_(flags),
      linear_(linear),
      least_(least_length(text_, flags)),
      dots_(counted_dots(text_)),
      impl_(std::make_unique<Impl>()) {}
Regex::Regex() : impl_(std::make_unique<Impl>()) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

void Regex::save(Packer& out) const {
  out.put(text_);
  out.put(flags_.ignore_case);
  out.put(flags_.multiline);
  out.put(flags_.dotall);
  out.put(linear_);
  out.put(least_);
}

Regex Regex::load(Unpacker& in) {
  Regex out;
  in.get(out.text_);
  in.get(out.flags_.ignore_case);
  in.get(out.flags_.multiline);
  in.get(out.flags_.dotall);
  in.get(out.linear_);
  in.get(out.least_);
  out.dots_ = counted_dots(out.text_);
  return out;
}

void Regex::pass(Unpacker& in) {
  (void)in.text();
  (void)in.number<std::uint32_t>();  // flags and linear_
  (void)in.number<std::uint32_t>();
}

bool Regex::found_in(std::string_view value) const {
  if (value.size() < least_) return false;
  if (dots_) return has_run(value, *dots_, flags_.dotall);
  const re2::StringPiece piece(value.data(), value.size());
  std::call_once(impl_->once, [this] { relax(); });
  if (impl_->run && !impl_->run->found_in(value)) return false;
  if (impl_->relaxed && !RE2::PartialMatch(piece, *impl_->relaxed)) return false;
  std::call_once(impl_->exact, [this] { compile(); });
  if (impl_->re2) return RE2::PartialMatch(piece, *impl_->re2);
  return impl_->pcre && pcre_found(impl_->pcre.get(), value);
}

void Regex::relax() const {
  if (linear_) impl_->run = needed_run(text_);
  const auto loose = linear_ ? relaxed_regex(text_) : std::nullopt;
  if (!loose) return;
  impl_->relaxed = std::make_unique<RE2>(re2_text(*loose, flags_), re2_options(flags_));
  if (!impl_->relaxed->ok()) impl_->relaxed.reset();
}

void Regex::compile() const {
  impl_->re2 = std::make_unique<RE2>(re2_text(text_, flags_), re2_options(flags_));
  if (impl_->re2->ok()) return;
  impl_->re2.reset();
  if (auto code = compile_pcre(text_, flags_)) impl_->pcre = std::move(*code);
}

RegexGate gate_of(const std::string& expression, RegexFlags flags) {
  RegexGate gate = gate_of(expression, flags, kFilterLiteral);
  for (int least = kFilterLiteral - 1; gate.linear && least > 0 && gate.literals.empty(); --least)
    gate = gate_of(expression, flags, least);
  return gate;
}

Result<void> check_regex(const std::string& expression, RegexFlags flags) {
  if (RE2(re2_text(expression, flags), re2_options(flags)).ok()) return {};
  if (const auto code = compile_pcre(expression, flags); !code) return std::unexpected(code.error());
  return {};
}

}  // namespace landwarden::sigma
