// Any bytes as a regular expression of a rule, and values: what the set finds (RE2 behind its filter of
// literals, PCRE2 for what RE2 cannot take) is what PCRE2 alone finds, and the estimate of its cost ends.
//
// Input: a byte of flags, the expression up to a NUL, the value.

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/text.h"
#include "sigma/regex_cost.h"
#include "sigma/regex_set.h"

namespace {

using namespace landwarden;

constexpr std::size_t kLongestValue = 4096;
constexpr std::size_t kLongestExpression = 256;

bool found_by_set(const std::string& expression, sigma::RegexFlags flags, std::string_view value) {
  sigma::RegexSet set;
  set.add("an expression that is never found \\d{9}", {}, 6);
  set.add(expression, flags, 7);
  const std::vector<std::string> literals = set.build();
  const std::string folded = text::folded(value);
  std::vector<int> seen;
  for (std::size_t i = 0; i < literals.size(); ++i) {
    if (folded.find(literals[i]) != std::string::npos) seen.push_back(static_cast<int>(i));
  }
  std::vector<std::uint32_t> hits;
  set.scan(value, seen, hits);
  LW_ASSERT(hits.size() <= 1 && (hits.empty() || hits.front() == 7));
  return !hits.empty();
}

/// 1 found, 0 not found, -1 no answer.
int found_by_pcre(const std::string& expression, sigma::RegexFlags flags, std::string_view value) {
  std::uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX;
  if (flags.ignore_case) options |= PCRE2_CASELESS;
  if (flags.multiline) options |= PCRE2_MULTILINE;
  if (flags.dotall) options |= PCRE2_DOTALL;
  int error = 0;
  PCRE2_SIZE offset = 0;
  const std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> code(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(), options, &error,
                    &offset, nullptr),
      pcre2_code_free);
  if (!code) return -1;
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
      pcre2_match_data_create_from_pattern(code.get(), nullptr), pcre2_match_data_free);
  const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context(
      pcre2_match_context_create(nullptr), pcre2_match_context_free);
  pcre2_set_match_limit(context.get(), 100'000);
  const int result = pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(value.data()), value.size(), 0, 0,
                                 data.get(), context.get());
  if (result >= 0) return 1;
  return result == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

/// Escapes that the two read differently: PCRE2's \s has the vertical tab, \v is a class there, \z and \Z
/// differ; and what RE2 has of its own (\pN of other versions of Unicode, \C, \Q) or reads by other rules
/// (case beyond ASCII).
bool is_read_alike(std::string_view expression) {
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const auto byte = static_cast<unsigned char>(expression[i]);
    if (byte >= 0x80) return false;
    if (byte == '\\' && ++i < expression.size() &&
        std::string_view("sSvVhHzZpPCQExX0123456789").contains(expression[i])) {
      return false;
    }
    if (byte == '(' && expression.substr(i).starts_with("(?")) return false;
    if (byte == '[') return false;  // classes in classes, "[[:word:]]"
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const sigma::RegexFlags flags = {
      .ignore_case = (data[0] & 1) != 0, .multiline = (data[0] & 2) != 0, .dotall = (data[0] & 4) != 0};
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t end = std::min(rest.find('\0'), rest.size());
  const std::string expression(rest.substr(0, end));
  std::string_view value = end < rest.size() ? rest.substr(end + 1) : std::string_view();
  if (expression.size() > kLongestExpression || value.size() > kLongestValue) return 0;
  (void)sigma::backtracks_exponentially(expression, flags.ignore_case);
  if (!sigma::check_regex(expression, flags)) return 0;
  if (!text::is_utf8(value) || !text::is_utf8(expression)) return 0;
  const bool found = found_by_set(expression, flags, value);
  if (!is_read_alike(expression)) return 0;
  const int expected = found_by_pcre(expression, flags, value);
  LW_ASSERT(expected < 0 || (expected == 1) == found);
  return 0;
}
