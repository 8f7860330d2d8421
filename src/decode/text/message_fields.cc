#include "decode/text/message_fields.h"

#include <algorithm>

#include "decode/text/limits.h"

namespace landwarden::decode::text {
namespace {

using Fields = MessagePattern::Fields;

void append_found(const MessageRule& rule, std::string_view name, std::string_view value, Fields& fields) {
  fields.emplace_back(name, value);
  if (name == rule.program_of && value.starts_with('/'))
    fields.emplace_back(rule.program, value.substr(0, value.find(' ')));
}

/// "TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/bin/sh -c a ; b"
void append_pairs(const MessageRule& rule, std::string_view text, Fields& fields) {
  constexpr std::size_t kLongestName = 32;
  for (std::size_t i = 0; !text.empty() && i < limits::kTextFields; ++i) {
    std::size_t end = std::min(text.find(rule.between), text.size());
    const std::size_t assign = text.substr(0, kLongestName + 1).find('=');
    const std::string_view name = text.substr(0, std::min(assign, text.size()));
    const bool pair =
        assign < end && !name.empty() && name.size() <= kLongestName &&
        std::all_of(
            name.begin(), name.end(),
            [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; });
    if (pair && name == rule.last) end = text.size();
    const std::string_view part = text.substr(0, end);
    if (pair && assign + 1 < part.size()) {
      append_found(rule, name, part.substr(assign + 1), fields);
    } else if (!pair && !rule.rest.empty() && part.find_first_not_of(" \t") != part.npos) {
      fields.emplace_back(rule.rest, part);
    }
    text.remove_prefix(std::min(end + rule.between.size(), text.size()));
  }
}

}  // namespace

void append_message_fields(const SyslogTable& table, std::string_view channel, std::string_view message,
                           Fields& fields, Fields& scratch) {
  const auto rules = table.messages.find(channel);
  if (rules == table.messages.end() || message.size() > limits::kTextMessageBytes) return;
  while (message.starts_with(' ')) message.remove_prefix(1);
  while (message.ends_with(' ')) message.remove_suffix(1);
  for (const MessageRule& rule : rules->second) {
    if (!rule.says.match(message, scratch)) continue;
    for (const auto& [name, value] : scratch) {
      if (name == rule.pairs_of) {
        append_pairs(rule, value, fields);
      } else if (!value.empty()) {
        append_found(rule, name, value, fields);
      }
    }
    for (const auto& [name, value] : rule.set) fields.emplace_back(name, value);
    return;
  }
}

}  // namespace landwarden::decode::text
