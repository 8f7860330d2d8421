#include "report/next_steps.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/content.h"
#include "base/yaml.h"

namespace landwarden::report {
namespace {

constexpr std::string_view kFile = "texts/next_steps.yaml";
constexpr std::array kAllLevels = {sigma::Level::critical, sigma::Level::high, sigma::Level::medium,
                                   sigma::Level::low, sigma::Level::informational};
constexpr std::size_t kHostsNamed = 3;

std::vector<std::string> texts_of(const yaml::Node& step, std::string_view key) {
  std::vector<std::string> out;
  if (const yaml::Node* list = step.find(key); list != nullptr) {
    for (const yaml::Node& item : list->items) out.push_back(item.text);
  }
  return out;
}

std::string host_list(const std::vector<std::string>& hosts) {
  std::string out;
  const std::size_t named = std::min(hosts.size(), kHostsNamed);
  for (std::size_t i = 0; i < named; ++i) {
    if (i > 0) out += i + 1 == hosts.size() ? " and " : ", ";
    out += hosts[i];
  }
  if (hosts.size() > named) out += fmt::format(" and {} more", hosts.size() - named);
  return out;
}

std::string with_hosts(std::string text, const std::vector<std::string>& hosts) {
  constexpr std::string_view kMark = "{hosts}";
  const std::string list = host_list(hosts);
  for (std::size_t at = 0; (at = text.find(kMark, at)) != std::string::npos; at += list.size()) {
    text.replace(at, kMark.size(), list);
  }
  return text;
}

}  // namespace

Result<NextSteps> NextSteps::built_in() {
  const auto bytes = content::find(kFile);
  if (!bytes)
    return fail(ErrorCode::invalid, "the texts of next steps are not built in",
                {std::string(kFile), 0, 0, {}});
  return parse(*bytes, std::string(kFile));
}

Result<NextSteps> NextSteps::parse(std::string_view bytes, const std::string& file) {
  const auto documents = yaml::parse(bytes, file);
  if (!documents) return std::unexpected(documents.error());
  const yaml::Node* list = documents->empty() ? nullptr : documents->front().find("steps");
  if (list == nullptr || list->kind != yaml::Node::Kind::list) {
    return fail(ErrorCode::invalid, "there is no list 'steps'", {file, 0, 0, {}});
  }
  NextSteps out;
  for (const yaml::Node& entry : list->items) {
    const yaml::Node* text = entry.find("text");
    if (text == nullptr) return fail(ErrorCode::invalid, "a step needs a text", entry.place(file));
    Step step{.levels = {},
              .techniques = texts_of(entry, "techniques"),
              .tactics = texts_of(entry, "tactics"),
              .text = text->text};
    for (const std::string& name : texts_of(entry, "levels")) {
      const auto level = sigma::parse_level(name);
      if (!level) return fail(ErrorCode::invalid, "no such level: " + name, entry.place(file));
      step.levels.push_back(*level);
    }
    if (step.levels.empty()) step.levels = {sigma::Level::medium, sigma::Level::high, sigma::Level::critical};
    out.steps_.push_back(std::move(step));
  }
  return out;
}

bool NextSteps::applies(const Step& step, const sigma::Rule& rule, const triage::AttackTable& attack) {
  if (step.techniques.empty() && step.tactics.empty()) return true;
  for (const std::string& tag : rule.tags) {
    const triage::AttackTag read = attack.read_tag(tag);
    if (read.tactic) {
      for (const std::string& name : attack.tactics()[*read.tactic].tags) {
        if (std::ranges::find(step.tactics, name) != step.tactics.end()) return true;
      }
    }
    for (const std::string& technique : step.techniques) {
      if (read.technique == technique || read.technique.starts_with(technique + ".")) return true;
    }
  }
  return false;
}

std::vector<std::string> NextSteps::choose(const triage::Summary& summary, const HostNames& names,
                                           std::size_t limit) const {
  std::vector<std::string> out;
  bool above_low = false;
  for (const sigma::Level level : {sigma::Level::medium, sigma::Level::high, sigma::Level::critical}) {
    above_low |= summary.of(level).matches > 0;
  }
  std::set<std::uint32_t> served;  // rules that a step for their technique spoke of already
  for (const Step& step : steps_) {
    if (out.size() >= limit) break;
    if (above_low && step.levels.front() < sigma::Level::medium)
      continue;  // they say that there is nothing worse
    std::vector<std::string> hosts;
    std::set<std::string_view> named;
    bool any = false;
    for (const sigma::Level level : kAllLevels) {
      if (std::ranges::find(step.levels, level) == step.levels.end()) continue;
      for (const triage::RuleFindings& entry : summary.findings(level)) {
        if (!applies(step, summary.rule(entry.rule), summary.attack())) continue;
        if (!step.techniques.empty() && !served.insert(entry.rule).second) continue;
        any = true;
        for (const triage::Finding* finding : entry.findings) {
          if (named.insert(finding->host).second) hosts.push_back(names.show(finding->host));
        }
      }
    }
    if (any) out.push_back(with_hosts(step.text, hosts));
  }
  return out;
}

}  // namespace landwarden::report
