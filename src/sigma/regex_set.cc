#define PCRE2_CODE_UNIT_WIDTH 8
#include "sigma/regex_set.h"

#include <pcre2.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <charconv>
#include <optional>

#include "base/text.h"

namespace landwarden::sigma {
namespace {

// Shorter literals occur everywhere and filter nothing.
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
  // As RE2 has it: '$' is the very end, not also what stands before a last line break, and with `m` '^' also stands
  // behind a last line break.
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

}  // namespace

struct RegexSet::Impl {
  re2::FilteredRE2 filtered{kFilterLiteral};
  std::vector<std::uint32_t> re2_ids;
  struct Pcre {
    PcreCode code;
    std::uint32_t id;
  };
  std::vector<Pcre> pcre;
  struct Run {
    std::size_t count;
    bool over_lines;
    std::uint32_t id;
  };
  std::vector<Run> runs;
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
  int index = 0;
  if (impl_->filtered.Add(re2_text(expression, flags), re2_options(flags), &index) == RE2::NoError) {
    impl_->re2_ids.push_back(id);
    return;
  }
  if (auto code = compile_pcre(expression, flags)) impl_->pcre.push_back({std::move(*code), id});
}

std::vector<std::string> RegexSet::build() {
  std::vector<std::string> atoms;
  if (impl_->re2_ids.empty()) return atoms;
  impl_->filtered.Compile(&atoms);
  for (std::string& atom : atoms) atom = text::folded(atom);
  return atoms;
}

bool RegexSet::empty() const {
  return impl_->re2_ids.empty() && impl_->pcre.empty() && impl_->runs.empty();
}

void RegexSet::scan(std::string_view value, const std::vector<int>& seen,
                    std::vector<std::uint32_t>& hits) const {
  if (!impl_->re2_ids.empty()) {
    std::vector<int> matching;
    impl_->filtered.AllMatches(re2::StringPiece(value.data(), value.size()), seen, &matching);
    for (const int index : matching) hits.push_back(impl_->re2_ids[static_cast<std::size_t>(index)]);
  }
  for (const auto& [count, over_lines, id] : impl_->runs) {
    if (has_run(value, count, over_lines)) hits.push_back(id);
  }
  for (const auto& [code, id] : impl_->pcre) {
    if (pcre_found(code.get(), value)) hits.push_back(id);
  }
}

}  // namespace landwarden::sigma
