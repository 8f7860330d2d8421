#include "cli/rule_choice.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>
#include <unordered_set>

#include <unistd.h>

#include "base/glob.h"
#include "base/text.h"
#include "sigma/correlation_plan.h"

namespace landwarden::cli {
namespace {

constexpr std::size_t kIdFileBytes = 16 << 20;  // a list of every rule there is has 150 kB

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n'\"";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::string normalised_tag(std::string_view tag) {
  std::string out = text::folded(tag);
  std::ranges::replace(out, '_', '-');
  return out;
}

/// "t1003", "attack.t1003" and "credential_access" are all ways to say it.
bool has_tag(const sigma::Rule& rule, const std::string& wanted) {
  const std::string want = normalised_tag(wanted);
  return std::ranges::any_of(rule.tags, [&](const std::string& tag) {
    std::string_view have = tag;
    const std::string normal = normalised_tag(tag);
    have = normal;
    if (have.starts_with("attack.") && !want.starts_with("attack.")) have.remove_prefix(7);
    return have == want || (have.starts_with(want) && have[want.size()] == '.');
  });
}

bool is_wanted(const sigma::Rule& rule, const RuleChoice& choice) {
  if (choice.min_level && rule.level.value_or(sigma::Level::informational) < *choice.min_level) return false;
  const auto same_status = [&](const std::string& status) { return text::equal_folded(status, rule.status); };
  if (!choice.status.empty() && std::ranges::none_of(choice.status, same_status)) return false;
  const auto tagged = [&](const std::string& tag) { return has_tag(rule, tag); };
  if (!choice.tags.empty() && std::ranges::none_of(choice.tags, tagged)) return false;
  const auto named = [&](const std::string& name) {
    return text::equal_folded(name, rule.id) || matches_wildcard(rule.title, name);
  };
  return choice.only.empty() || std::ranges::any_of(choice.only, named);
}

Result<std::unordered_set<std::string>> excluded_ids(const std::vector<std::string>& exclude) {
  std::unordered_set<std::string> out;
  for (const std::string& item : exclude) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(item, error)) {
      out.insert(text::folded(item));
      continue;
    }
    const auto ids = read_rule_ids(item);
    if (!ids) return std::unexpected(ids.error());
    for (const std::string& id : *ids) out.insert(text::folded(id));
  }
  return out;
}

bool is_guid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::ranges::equal(text, kForm, [](char c, char form) {
    return form == 'x' ? std::isxdigit(static_cast<unsigned char>(c)) != 0 : c == form;
  });
}

/// A slip in the name of a file must not pass for the id of a rule that happens not to be here.
const std::string* neither_id_nor_file(const std::vector<std::string>& exclude,
                                       const std::vector<sigma::Rule>& rules) {
  for (const std::string& item : exclude) {
    std::error_code error;
    if (is_guid(item) || std::filesystem::is_regular_file(item, error)) continue;
    const auto has_id = [&](const sigma::Rule& rule) { return text::folded(rule.id) == text::folded(item); };
    if (std::ranges::none_of(rules, has_id)) return &item;
  }
  return nullptr;
}

}  // namespace

bool matches_wildcard(std::string_view text, std::string_view pattern) {
  return glob(text::folded(pattern), text::folded(text));
}

Result<std::vector<std::string>> read_rule_ids(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::unexpected(io_error("cannot open", file));
  std::vector<std::string> out;
  std::string line;
  std::size_t read = 0;
  while (std::getline(stream, line)) {
    read += line.size();
    if (read > kIdFileBytes)
      return fail(ErrorCode::limit, "too long for a list of rule ids", {file, 0, 0, {}});
    std::string_view text = trimmed(std::string_view(line).substr(0, line.find('#')));
    if (text.starts_with("id:")) text = trimmed(text.substr(3));
    if (!text.empty() && text.find_first_of(" \t:") == std::string_view::npos) out.emplace_back(text);
  }
  if (out.empty()) {
    return fail(ErrorCode::invalid, "no rule ids in it", {file, 0, 0, {}},
                "write one rule id a line; # begins a remark");
  }
  return out;
}

std::optional<std::vector<std::string>> words_of(const RuleChoice& choice) {
  std::vector<std::string> out;
  const auto add = [&](const char* option, const std::vector<std::string>& words) {
    for (const std::string& word : words) out.push_back(std::string(option) + word);
  };
  for (const std::string& item : choice.exclude) {
    std::error_code error;
    const bool file = std::filesystem::is_regular_file(item, error);
    out.push_back((file ? "exclude file " : "exclude ") + item);
    if (!file) continue;
    const auto ids = read_rule_ids(item);
    if (!ids) return std::nullopt;
    add("listed ", *ids);
  }
  add("only ", choice.only);
  add("tag ", choice.tags);
  add("status ", choice.status);
  if (choice.min_level) out.push_back(std::string("level ") + sigma::to_text(*choice.min_level));
  return out;
}

Result<ChosenRules> choose_rules(const RuleChoice& choice, sigma::LoadOptions how) {
  const auto excluded = excluded_ids(choice.exclude);
  if (!excluded) return std::unexpected(excluded.error());
  for (const std::string& path : choice.paths) {
    if (::access(path.c_str(), R_OK) != 0) {
      return std::unexpected(
          io_error("cannot read rules", path, "--rules takes a file, a folder or a zip of Sigma rules"));
    }
  }
  how.threads = std::max(1U, std::thread::hardware_concurrency());
  sigma::LoadedRules loaded =
      choice.paths.empty() ? sigma::load_built_in_rules(how) : sigma::load_rules(choice.paths, how);
  if (const std::string* item = neither_id_nor_file(choice.exclude, loaded.rules)) {
    return fail(ErrorCode::invalid, "--exclude-rule: neither the id of a rule nor a file: " + *item, {},
                "name a rule's id, or a file with one id a line");
  }
  ChosenRules out{.rules = {}, .diagnostics = std::move(loaded.diagnostics), .left_out = 0};
  std::vector<bool> wanted(loaded.rules.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const sigma::Rule& rule = loaded.rules[i];
    // A filter takes away what its author does not want to see, whatever is chosen.
    wanted[i] = (rule.kind == sigma::RuleKind::filter || is_wanted(rule, choice)) &&
                !excluded->contains(text::folded(rule.id));
  }
  const std::vector<bool> needed = sigma::needed_by_correlations(loaded.rules, wanted);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    sigma::Rule& rule = loaded.rules[i];
    out.left_out += wanted[i] ? 0 : 1;
    if (!wanted[i] && !needed[i]) continue;
    rule.muted = rule.muted || !wanted[i];
    out.rules.push_back(std::move(rule));
  }
  return out;
}

}  // namespace landwarden::cli
