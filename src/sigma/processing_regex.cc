#include "sigma/processing_regex.h"

#include <cctype>
#include <utility>
#include <vector>

#include <re2/re2.h>

namespace landwarden::sigma {
namespace {

RE2::Options options() {
  RE2::Options out;
  out.set_log_errors(false);
  return out;
}

/// "\g<1>" as RE2 writes it.
std::string rewrite_of(const std::string& replacement) {
  std::string out;
  for (std::size_t at = 0; at < replacement.size(); ++at) {
    const std::string_view rest = std::string_view(replacement).substr(at);
    if (rest.starts_with("\\g<") && rest.size() > 4 && rest[4] == '>') {
      out += '\\';
      out += rest[3];
      at += 4;
    } else if (rest.starts_with("\\") && rest.size() > 1 &&
               std::isdigit(static_cast<unsigned char>(rest[1])) == 0) {
      out += rest[1] == '\\' ? "\\\\" : std::string("\\\\") + rest[1];
      ++at;
    } else {
      out += rest[0];
    }
  }
  return out;
}

}  // namespace

struct ProcessingRegex::State {
  explicit State(const std::string& pattern) : regex(pattern, options()) {}
  RE2 regex;
};

Result<ProcessingRegex> ProcessingRegex::make(const std::string& pattern, const Place& place) {
  ProcessingRegex out;
  auto state = std::make_shared<State>(pattern);
  if (!state->regex.ok()) {
    return fail(ErrorCode::invalid, "the regular expression cannot be used: " + state->regex.error(), place,
                "write it without look-around and back references");
  }
  out.state_ = std::move(state);
  return out;
}

Result<void> ProcessingRegex::check_replacement(const std::string& replacement, const Place& place) const {
  std::string why;
  if (state_->regex.CheckRewriteString(rewrite_of(replacement), &why)) return {};
  return fail(ErrorCode::invalid, "the replacement cannot be used: " + why, place,
              "\\1 to \\9 are the groups of the expression");
}

bool ProcessingRegex::matches_front(std::string_view text) const {
  return state_->regex.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::ANCHOR_START,
                             nullptr, 0);
}

void ProcessingRegex::replace_each(
    std::string_view text, const std::string& replacement,
    const std::function<void(std::size_t, std::size_t, std::string)>& each) const {
  const RE2& regex = state_->regex;
  const re2::StringPiece all(text.data(), text.size());
  const std::string rewrite = rewrite_of(replacement);
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(regex.NumberOfCapturingGroups()) + 1);
  for (std::size_t at = 0; at <= text.size();) {
    if (!regex.Match(all, at, text.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size())))
      return;
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    const std::size_t end = begin + groups[0].size();
    std::string made;
    if (!regex.Rewrite(&made, rewrite, groups.data(), static_cast<int>(groups.size()))) return;
    each(begin, end, std::move(made));
    at = end > begin ? end : end + 1;
  }
}

}  // namespace landwarden::sigma
