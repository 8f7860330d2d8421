#include "decode/text/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/assert.h"
#include "base/content.h"
#include "base/glob.h"
#include "base/text.h"
#include "base/yaml.h"

namespace landwarden::decode::text {
namespace {

/// The one document of a built-in file, a map.
Result<yaml::Node> document(const std::string& name) {
  const auto bytes = content::find(name);
  const std::string file = "content/" + name;
  if (!bytes) return fail(ErrorCode::invalid, "the table is not built in", {.file = file, .offset = {}});
  auto documents = yaml::parse(*bytes, file);
  if (!documents) return std::unexpected(documents.error());
  if (documents->size() != 1 || documents->front().kind != yaml::Node::Kind::map)
    return fail(ErrorCode::invalid, "the table is no map", {.file = file, .offset = {}});
  return std::move(documents->front());
}

const std::vector<yaml::Entry>& entries_of(const yaml::Node& map, std::string_view key) {
  static const std::vector<yaml::Entry> none;
  const yaml::Node* node = map.find(key);
  return node == nullptr ? none : node->entries;
}

std::vector<std::string> texts_of(const yaml::Node& map, std::string_view key) {
  std::vector<std::string> out;
  if (const yaml::Node* node = map.find(key)) {
    for (const yaml::Node& item : node->items) out.push_back(item.text);
  }
  return out;
}

std::string text_of(const yaml::Node& map, std::string_view key) {
  const yaml::Node* node = map.find(key);
  return node == nullptr ? std::string() : node->text;
}

void read_syscalls(const yaml::Node& table, AuditTable& out) {
  for (const auto& [arch, runs] : table.entries) {
    auto& names = out.syscalls[arch.text];
    for (const auto& [first, list] : runs.entries) {
      auto number = static_cast<std::uint32_t>(first.integer);
      std::string_view rest = list.text;
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find_first_of(" \n"), rest.size());
        if (end > 0) names.emplace(number++, rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
  }
}

Result<void> read_audit(AuditTable& out) {
  const auto table = document("textlogs/auditd.yaml");
  if (!table) return std::unexpected(table.error());
  for (const auto& [name, number] : entries_of(*table, "types")) {
    const auto value = static_cast<std::uint32_t>(number.integer);
    out.types.emplace(name.text, value);
    out.names.emplace(value, name.text);
  }
  for (std::string& key : texts_of(*table, "encoded")) out.encoded.insert(std::move(key));
  for (std::string& key : texts_of(*table, "lists")) out.lists.insert(std::move(key));
  out.shared = texts_of(*table, "shared");
  const auto syscalls = document("textlogs/syscalls.yaml");
  if (!syscalls) return std::unexpected(syscalls.error());
  read_syscalls(*syscalls, out);
  return {};
}

Result<MessageRule> read_message(const yaml::Node& node, const std::string& file) {
  MessageRule rule;
  auto says = MessagePattern::parse(text_of(node, "says"), node.place(file));
  if (!says) return std::unexpected(says.error());
  rule.says = std::move(*says);
  for (const auto& [name, value] : entries_of(node, "set")) rule.set.emplace_back(name.text, value.text);
  if (const yaml::Node* pairs = node.find("pairs")) {
    rule.pairs_of = text_of(*pairs, "of");
    rule.between = text_of(*pairs, "between");
    rule.last = text_of(*pairs, "last");
    rule.rest = text_of(*pairs, "rest");
    if (rule.pairs_of.empty() || rule.between.empty())
      return fail(ErrorCode::invalid, "pairs need `of` and `between`", pairs->place(file));
  }
  if (const yaml::Node* program = node.find("program")) {
    rule.program_of = text_of(*program, "of");
    rule.program = text_of(*program, "gives");
    if (rule.program_of.empty() || rule.program.empty())
      return fail(ErrorCode::invalid, "program needs `of` and `gives`", program->place(file));
  }
  return rule;
}

Result<void> read_syslog(SyslogTable& out) {
  const std::string name = "textlogs/syslog.yaml";
  const auto table = document(name);
  if (!table) return std::unexpected(table.error());
  for (const auto& [channel, programs] : entries_of(*table, "channels")) {
    for (const yaml::Node& program : programs.items) {
      const std::string folded = landwarden::text::folded(program.text);
      if (folded.find_first_of("*?") == folded.npos) {
        out.by_name.emplace(folded, channel.text);
      } else {
        out.channels.emplace_back(folded, channel.text);
      }
    }
  }
  for (const auto& [facility, channel] : entries_of(*table, "facilities"))
    out.facilities.emplace(static_cast<std::uint32_t>(facility.integer), channel.text);
  for (const auto& [channel, rules] : entries_of(*table, "messages")) {
    std::vector<MessageRule>& list = out.messages[channel.text];
    for (const yaml::Node& node : rules.items) {
      auto rule = read_message(node, "content/" + name);
      if (!rule) return std::unexpected(rule.error());
      list.push_back(std::move(*rule));
    }
  }
  return {};
}

Result<void> read_history(HistoryTable& out) {
  const auto table = document("textlogs/history.yaml");
  if (!table) return std::unexpected(table.error());
  for (const auto& [form, names] : entries_of(*table, "names")) {
    for (const yaml::Node& name : names.items)
      out.names.emplace_back(landwarden::text::folded(name.text), form.text);
  }
  if (const yaml::Node* users = table->find("users")) {
    for (const yaml::Node& node : users->items)
      out.users.push_back({text_of(node, "path"), text_of(node, "product"), text_of(node, "user")});
  }
  return {};
}

}  // namespace

Result<Tables> Tables::read() {
  Tables out;
  if (auto read = read_audit(out.audit); !read) return std::unexpected(read.error());
  if (auto read = read_syslog(out.syslog); !read) return std::unexpected(read.error());
  if (auto read = read_history(out.history); !read) return std::unexpected(read.error());
  return out;
}

const Tables& Tables::built_in() {
  static const Result<Tables> tables = read();
  LW_ASSERT(tables.has_value());  // built in, and a test reads them
  return *tables;
}

std::string_view channel_of(const SyslogTable& table, std::string_view program,
                            std::optional<std::uint32_t> facility) {
  const std::string folded = landwarden::text::folded(program.substr(program.rfind('/') + 1));
  if (const auto at = table.by_name.find(folded); at != table.by_name.end()) return at->second;
  for (const auto& [name, channel] : table.channels) {
    if (!folded.empty() && glob(name, folded)) return channel;
  }
  if (facility) {
    if (const auto at = table.facilities.find(*facility); at != table.facilities.end()) return at->second;
  }
  return "syslog";
}

}  // namespace landwarden::decode::text
