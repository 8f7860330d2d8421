#include "command/variables.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "command/limits.h"

namespace landwarden::command {
namespace {

bool same_folded(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right,
                            [](char a, char b) { return text::ascii_lower(a) == text::ascii_lower(b); });
}

std::optional<long> number(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  long out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return std::clamp(out, -1'000'000L, 1'000'000L);
}

/// ":~from,count": negative numbers count from the end.
std::optional<std::string> part_of(std::string_view value, std::string_view numbers) {
  const std::size_t comma = numbers.find(',');
  const auto size = static_cast<long>(value.size());
  const std::string_view first = numbers.substr(0, comma);
  auto from = first.empty() ? std::optional<long>(0) : number(first);
  if (!from) return std::nullopt;
  if (*from < 0) *from += size;
  *from = std::clamp(*from, 0L, size);
  long end = size;
  if (comma != std::string_view::npos) {
    const auto count = number(numbers.substr(comma + 1));
    if (!count) return std::nullopt;
    end = std::clamp(*count < 0 ? size + *count : *from + *count, *from, size);
  }
  return std::string(value.substr(static_cast<std::size_t>(*from), static_cast<std::size_t>(end - *from)));
}

}  // namespace

bool Variables::same(std::string_view left, std::string_view right) const {
  return fold_ ? same_folded(left, right) : left == right;
}

void Variables::set(std::string_view name, std::string_view value) {
  for (Set& entry : set_) {
    if (!same(entry.name, name)) continue;
    entry.value = value;
    return;
  }
  if (set_.size() < limits::kCommandVariables) set_.push_back({name, value});
}

std::optional<std::string_view> Variables::find(std::string_view name) const {
  for (const Set& entry : set_) {
    if (same(entry.name, name)) return entry.value;
  }
  return defaults_ == nullptr ? std::nullopt : defaults_->find(name);
}

std::optional<std::string> modified_value(std::string_view value, std::string_view modifier) {
  if (modifier.starts_with('~')) return part_of(value, modifier.substr(1));
  const std::size_t equals = modifier.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  std::string_view old = modifier.substr(0, equals);
  const std::string_view fresh = modifier.substr(equals + 1);
  std::string out;
  if (old.starts_with('*') && old.size() > 1) {  // everything up to the first place
    old.remove_prefix(1);
    const auto found = std::ranges::search(
        value, old, [](char a, char b) { return text::ascii_lower(a) == text::ascii_lower(b); });
    if (found.empty()) return std::string(value);
    out = fresh;
    out.append(found.end(), value.end());
    return out;
  }
  for (std::size_t i = 0; i < value.size();) {
    if (out.size() > limits::kCommandBytes) return std::nullopt;
    if (same_folded(value.substr(i, old.size()), old)) {
      out += fresh;
      i += old.size();
    } else {
      out += value[i++];
    }
  }
  return out;
}

}  // namespace landwarden::command
