#include "assess/table_reader.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace landwarden::assess {

using Kind = yaml::Node::Kind;

Place TableReader::place_of(std::string_view key) const {
  const yaml::Node* value = node_.find(key);
  return (value != nullptr ? *value : node_).place(file_);
}

void TableReader::wrong(std::string_view key, std::string message, std::string hint) {
  if (!error_) error_ = Error{ErrorCode::invalid, std::move(message), place_of(key), std::move(hint)};
}

const yaml::Node* TableReader::maybe(std::string_view key) {
  asked_.emplace_back(key);
  return node_.find(key);
}

std::string TableReader::text_or(std::string_view key, std::string otherwise) {
  const yaml::Node* node = maybe(key);
  if (node == nullptr) return otherwise;
  if (!node->is_scalar() || node->text.empty()) {
    wrong(key, fmt::format("'{}' of {} is not a text", key, what_), fmt::format("write {}: words", key));
    return otherwise;
  }
  return node->text;
}

std::string TableReader::text(std::string_view key) {
  std::string out = text_or(key);
  if (out.empty()) wrong(key, fmt::format("{} has no '{}'", what_, key), fmt::format("add {}: words", key));
  return out;
}

std::vector<std::string> TableReader::texts(std::string_view key) {
  const yaml::Node* node = maybe(key);
  if (node == nullptr) return {};
  if (node->is_scalar() && !node->text.empty()) return {node->text};
  std::vector<std::string> out;
  for (const yaml::Node& item : node->items) {
    if (item.is_scalar() && !item.text.empty()) out.push_back(item.text);
  }
  if (node->kind != Kind::list || out.size() != node->items.size())
    wrong(key, fmt::format("'{}' of {} is not a list of texts", key, what_),
          fmt::format("write {}: [one, two]", key));
  return out;
}

std::vector<std::uint32_t> TableReader::numbers(std::string_view key) {
  const yaml::Node* node = maybe(key);
  if (node == nullptr) return {};
  std::vector<std::uint32_t> out;
  for (const yaml::Node& item : node->items) {
    if (item.kind == Kind::integer && item.integer >= 0 &&
        item.integer <= std::numeric_limits<std::uint32_t>::max())
      out.push_back(static_cast<std::uint32_t>(item.integer));
  }
  if (node->kind != Kind::list || out.empty() || out.size() != node->items.size())
    wrong(key, fmt::format("'{}' of {} is not a list of numbers", key, what_),
          fmt::format("write {}: [4624, 4625]", key));
  return out;
}

Text TableReader::both_or_none(std::string_view key) {
  const yaml::Node* node = maybe(key);
  if (node == nullptr) return {};
  const yaml::Node *en = node->find("en"), *ja = node->find("ja");
  const bool whole = en != nullptr && ja != nullptr && en->is_scalar() && ja->is_scalar() &&
                     !en->text.empty() && !ja->text.empty() && node->entries.size() == 2;
  if (!whole) {
    wrong(key, fmt::format("'{}' of {} is not in both languages", key, what_),
          fmt::format("write {}: {{en: words, ja: words}}", key));
    return {};
  }
  return {en->text, ja->text};
}

Text TableReader::both(std::string_view key) {
  Text out = both_or_none(key);
  if (out.en.empty())
    wrong(key, fmt::format("{} has no '{}'", what_, key),
          fmt::format("write {}: {{en: words, ja: words}}", key));
  return out;
}

std::vector<const yaml::Node*> TableReader::maps(std::string_view key) {
  const yaml::Node* node = maybe(key);
  if (node == nullptr) return {};
  std::vector<const yaml::Node*> out;
  for (const yaml::Node& item : node->items) {
    if (item.kind == Kind::map) out.push_back(&item);
  }
  if (node->kind != Kind::list || out.size() != node->items.size())
    wrong(key, fmt::format("'{}' of {} is not a list of maps", key, what_));
  return out;
}

std::size_t TableReader::one_of(std::string_view key, std::initializer_list<std::string_view> words,
                                std::optional<std::size_t> otherwise) {
  const yaml::Node* node = maybe(key);
  if (node == nullptr && otherwise) return *otherwise;
  const auto* found = std::ranges::find(words, node == nullptr ? std::string_view() : node->text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  wrong(key,
        node == nullptr ? fmt::format("{} has no '{}'", what_, key)
                        : fmt::format("'{}' of {} cannot be: {}", key, what_, node->text),
        fmt::format("there are {}", fmt::join(words, ", ")));
  return 0;
}

Result<void> TableReader::so_far() const {
  if (error_) return std::unexpected(*error_);
  return {};
}

Result<void> TableReader::done() {
  for (const yaml::Entry& entry : node_.entries) {
    if (std::ranges::find(asked_, entry.first.text) != asked_.end()) continue;
    return fail(ErrorCode::invalid, fmt::format("{} has no key '{}'", what_, entry.first.text),
                entry.first.place(file_), fmt::format("there are {}", fmt::join(asked_, ", ")));
  }
  return so_far();
}

Result<std::vector<yaml::Node>> read_maps(std::string_view bytes, const std::string& file) {
  auto documents = yaml::parse(bytes, file);
  if (!documents) return documents;
  for (const yaml::Node& document : *documents) {
    if (document.kind != Kind::map)
      return fail(ErrorCode::invalid, "is not a table: there are no keys at its beginning",
                  document.place(file), "docs/advisories.md and content/coverage show the form");
  }
  if (documents->empty())
    return fail(ErrorCode::invalid, "is empty", {file, 1, 0, {}},
                "docs/advisories.md and content/coverage show the form");
  return documents;
}

}  // namespace landwarden::assess
