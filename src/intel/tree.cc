#include "intel/tree.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "intel/limits.h"

namespace landwarden::intel {
namespace {

using Kind = yaml::Node::Kind;

/// Makes nodes out of simdjson's document.
class JsonTree {
 public:
  [[nodiscard]] bool build(const simdjson::dom::element& from, yaml::Node& to) {
    if (++nodes_ > limits::kIntelNodes) return false;
    switch (from.type()) {
      case simdjson::dom::element_type::OBJECT:
        to.kind = Kind::map;
        for (const auto& [key, value] : simdjson::dom::object(from)) {
          yaml::Entry& entry = to.entries.emplace_back();
          entry.first.kind = Kind::text;
          entry.first.text = key;
          if (!build(value, entry.second)) return false;
        }
        return true;
      case simdjson::dom::element_type::ARRAY:
        to.kind = Kind::list;
        for (const auto& value : simdjson::dom::array(from)) {
          if (!build(value, to.items.emplace_back())) return false;
        }
        return true;
      case simdjson::dom::element_type::STRING:
        to.kind = Kind::text;
        to.quoted = true;
        to.text = std::string_view(from);
        return true;
      default:
        scalar(from, to);
        return true;
    }
  }

 private:
  static void scalar(const simdjson::dom::element& from, yaml::Node& to) {
    switch (from.type()) {
      case simdjson::dom::element_type::BOOL:
        to.kind = Kind::boolean;
        to.flag = bool(from);
        break;
      case simdjson::dom::element_type::INT64:
        to.kind = Kind::integer;
        to.integer = std::int64_t(from);
        to.real = static_cast<double>(to.integer);
        break;
      case simdjson::dom::element_type::UINT64:
        to.kind = Kind::real;
        to.real = static_cast<double>(std::uint64_t(from));
        break;
      case simdjson::dom::element_type::DOUBLE:
        to.kind = Kind::real;
        to.real = double(from);
        break;
      default:
        to.kind = Kind::null;
        return;
    }
    to.text = simdjson::minify(from);
  }

  std::size_t nodes_ = 0;
};

const std::vector<yaml::Node>& no_nodes() {
  static const std::vector<yaml::Node> none;
  return none;
}

bool is_text(const yaml::Node& node) {
  return node.is_scalar() && node.kind != Kind::null;
}

}  // namespace

Result<yaml::Node> parse_json(std::string_view bytes, const std::string& file) {
  if (bytes.size() > limits::kIntelBytes)
    return fail(ErrorCode::limit, "larger than what is read", {file, 0, 0, {}}, "split it");
  simdjson::dom::parser parser(limits::kIntelBytes);
  if (const auto error = parser.allocate(std::max<std::size_t>(bytes.size(), 64), limits::kIntelDepth)) {
    return fail(ErrorCode::limit, std::string("no JSON: ") + simdjson::error_message(error),
                {file, 0, 0, {}});
  }
  simdjson::dom::element root;
  if (const auto error = parser.parse(bytes.data(), bytes.size()).get(root)) {
    return fail(ErrorCode::damaged, std::string("no JSON: ") + simdjson::error_message(error),
                {file, 0, 0, {}});
  }
  yaml::Node out;
  if (!JsonTree().build(root, out)) return fail(ErrorCode::limit, "too many values", {file, 0, 0, {}});
  return out;
}

Result<std::vector<yaml::Node>> parse_tree(std::string_view bytes, const std::string& file) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string_view::npos || (bytes[first] != '{' && bytes[first] != '['))
    return yaml::parse(bytes, file);
  auto root = parse_json(bytes.substr(first), file);
  if (!root) return std::unexpected(std::move(root.error()));
  std::vector<yaml::Node> out;
  out.push_back(std::move(*root));
  return out;
}

std::string_view text_at(const yaml::Node& map, std::string_view key) {
  const yaml::Node* node = map.find(key);
  return node != nullptr && is_text(*node) ? std::string_view(node->text) : std::string_view();
}

std::vector<std::string> texts_at(const yaml::Node& map, std::string_view key) {
  std::vector<std::string> out;
  const yaml::Node* node = map.find(key);
  if (node == nullptr) return out;
  const auto take = [&](const yaml::Node& one) {
    if (is_text(one) && !one.text.empty()) out.push_back(one.text);
  };
  take(*node);
  for (const yaml::Node& item : node->items) take(item);
  return out;
}

MapReader::MapReader(const yaml::Node& map, const std::string& file, std::string_view what,
                     std::string_view hint, std::initializer_list<std::string_view> known)
    : map_(map), file_(file), what_(what), hint_(hint) {
  if (map.kind != Kind::map) {
    wrong(map, std::string(what) + " is a map of keys");
    return;
  }
  for (const auto& [key, value] : map.entries) {
    if (std::ranges::find(known, std::string_view(key.text)) != known.end()) continue;
    wrong(key, "unknown key '" + key.text + "' in " + std::string(what));
    return;
  }
}

void MapReader::wrong(const yaml::Node& at, std::string message) {
  if (error_) return;
  error_ = Error{ErrorCode::invalid, std::move(message), at.place(file_), std::string(hint_)};
}

std::string MapReader::text(std::string_view key, bool needed) {
  const yaml::Node* node = map_.find(key);
  if (node == nullptr) {
    if (needed) wrong(map_, std::string(what_) + " needs '" + std::string(key) + "'");
    return {};
  }
  if (!is_text(*node) || node->text.empty()) {
    wrong(*node, "'" + std::string(key) + "' is a text");
    return {};
  }
  return node->text;
}

std::vector<std::string> MapReader::texts(std::string_view key, bool needed) {
  const yaml::Node* node = map_.find(key);
  if (node == nullptr || node->kind != Kind::list) {
    std::string one = text(key, needed);
    return one.empty() ? std::vector<std::string>() : std::vector<std::string>{std::move(one)};
  }
  std::vector<std::string> out;
  for (const yaml::Node& item : node->items) {
    if (!is_text(item) || item.text.empty()) {
      wrong(item, "'" + std::string(key) + "' is a list of texts");
      return {};
    }
    out.push_back(item.text);
  }
  if (needed && out.empty()) wrong(*node, "'" + std::string(key) + "' is empty");
  return out;
}

Words MapReader::words(std::string_view key, bool needed) {
  const yaml::Node* node = map_.find(key);
  if (node == nullptr || node->kind != Kind::map) return {text(key, needed), {}};
  MapReader inner(*node, file_, "words in two languages", hint_, {"en", "ja"});
  Words out{inner.text("en", true), inner.text("ja")};
  if (inner.error() && !error_) error_ = inner.error();
  return out;
}

Time MapReader::date(std::string_view key, bool needed) {
  const std::string said = text(key, needed);
  if (said.empty()) return Time::unknown();
  const auto time = parse_time(said);
  if (!time)
    wrong(*map_.find(key), "'" + std::string(key) + "' is a date such as 2027-03-31, not '" + said + "'");
  return time.value_or(Time::unknown());
}

const std::vector<yaml::Node>& MapReader::list(std::string_view key, bool needed) {
  const yaml::Node* node = map_.find(key);
  if (node == nullptr) {
    if (needed) wrong(map_, std::string(what_) + " needs '" + std::string(key) + "'");
    return no_nodes();
  }
  if (node->kind != Kind::list) wrong(*node, "'" + std::string(key) + "' is a list");
  return node->items;
}

}  // namespace landwarden::intel
