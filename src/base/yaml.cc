#include "base/yaml_reader.h"

#include <yaml.h>

#include <cstring>
#include <iterator>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "base/limits.h"
#include "base/yaml_scalar.h"

namespace landwarden::yaml {

const Node* Node::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name.text == key) return &value;
  }
  return nullptr;
}

namespace {

class Event {
 public:
  Event() { std::memset(&raw_, 0, sizeof raw_); }
  ~Event() { yaml_event_delete(&raw_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  yaml_event_t* get() { return &raw_; }
  const yaml_event_t* operator->() const { return &raw_; }

 private:
  yaml_event_t raw_;
};

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

std::string_view line_at(std::string_view bytes, std::size_t line) {
  for (std::size_t at = 0;; --line) {
    const std::size_t end = bytes.find('\n', at);
    if (line == 0) return bytes.substr(at, end == std::string_view::npos ? end : end - at);
    if (end == std::string_view::npos) return {};
    at = end + 1;
  }
}

/// What usually is behind one of libyaml's complaints.
std::string hint_for(std::string_view problem, std::string_view line) {
  const std::size_t content = line.find_first_not_of(" \t");
  if (line.substr(0, content).find('\t') != std::string_view::npos) {
    return "indent with spaces: YAML does not allow tabs there";
  }
  const auto says = [&](std::string_view text) { return problem.find(text) != std::string_view::npos; };
  if (says("mapping values are not allowed")) return "put a value that contains ': ' in quotes";
  if (says("unknown escape character")) return "in double quotes '\\' begins an escape: use single quotes";
  if (says("alphabetic or numeric character")) return "put a value that begins with '*' or '&' in quotes";
  if (says("cannot start any token")) return "put the value in quotes";
  if (says("unexpected end of stream")) return "a quote or bracket is not closed";
  if (says("did not find expected key") || says("did not find expected '-' indicator")) {
    return "check the indentation and the quotes of this line and of the one above";
  }
  return {};
}

class Composer {
 public:
  Composer(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {
    ready_ = yaml_parser_initialize(&parser_) != 0;
    if (!ready_) return;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(bytes.data()),
                                 bytes.size());
  }
  ~Composer() {
    if (ready_) yaml_parser_delete(&parser_);
  }
  Composer(const Composer&) = delete;
  Composer& operator=(const Composer&) = delete;

  Result<std::vector<Node>> all_documents();

 private:
  struct Anchor {
    Node node;
    bool complete = false;
  };

  Result<void> next(Event& event);
  Error parser_error() const;
  Place place_of(const yaml_mark_t& mark) const {
    return {
        file_, static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1), {}};
  }
  std::unexpected<Error> invalid(const Node& node, std::string message, std::string hint = {}) const {
    return fail(ErrorCode::invalid, std::move(message), node.place(file_), std::move(hint));
  }

  Result<Node> node(const Event& event, std::size_t depth);
  Result<Node> scalar(const Event& event);
  Result<Node> list(const Event& event, std::size_t depth);
  Result<Node> map(const Event& event, std::size_t depth);
  Result<Node> alias(const Event& event, std::size_t depth);
  Result<void> charge(const Node& node, std::size_t depth);
  Result<void> merge(Node& map, std::vector<Node> sources) const;
  Result<void> check_duplicates(const Node& map) const;

  std::string_view bytes_;
  const std::string& file_;
  yaml_parser_t parser_;
  bool ready_ = false;
  std::size_t nodes_ = 0;         ///< copies by aliases too
  std::size_t copied_bytes_ = 0;  ///< by anchors and aliases
  std::unordered_map<std::string, Anchor> anchors_;
};

Error Composer::parser_error() const {
  const std::string problem = parser_.problem != nullptr ? parser_.problem : "cannot be read";
  if (parser_.error == YAML_MEMORY_ERROR) return {ErrorCode::limit, "out of memory", {file_, 0, 0, {}}, {}};
  if (parser_.error == YAML_READER_ERROR) {
    const std::string_view before = bytes_.substr(0, parser_.problem_offset);
    const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 = 0
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    for (const char c : before) line += c == '\n';
    for (const char c : before.substr(line_begin)) column += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return {ErrorCode::invalid,
            "not valid YAML text: " + problem,
            {file_, line, column, {}},
            "save the file as UTF-8"};
  }
  std::string message = "not valid YAML: ";
  if (parser_.context != nullptr) message += std::string(parser_.context) + ": ";
  return {ErrorCode::invalid, message + problem, place_of(parser_.problem_mark),
          hint_for(problem, line_at(bytes_, parser_.problem_mark.line))};
}

Result<void> Composer::next(Event& event) {
  if (yaml_parser_parse(&parser_, event.get()) == 0) return std::unexpected(parser_error());
  return {};
}

Result<std::vector<Node>> Composer::all_documents() {
  if (!ready_) return fail(ErrorCode::limit, "out of memory", {file_, 0, 0, {}});
  std::vector<Node> documents;
  while (true) {
    Event event;
    if (auto got = next(event); !got) return std::unexpected(std::move(got.error()));
    switch (event->type) {
      case YAML_STREAM_END_EVENT:
      case YAML_NO_EVENT:
        return documents;
      case YAML_STREAM_START_EVENT:
      case YAML_DOCUMENT_END_EVENT:
        break;
      case YAML_DOCUMENT_START_EVENT:
        anchors_.clear();
        break;
      default: {
        auto root = node(event, 0);
        if (!root) return std::unexpected(std::move(root.error()));
        documents.push_back(std::move(*root));
      }
    }
  }
}

Result<Node> Composer::node(const Event& event, std::size_t depth) {
  if (depth > limits::kYamlDepth) {
    return fail(ErrorCode::limit, "nested too deeply", place_of(event->start_mark));
  }
  if (++nodes_ > limits::kYamlNodes) {
    return fail(ErrorCode::limit, "too many values in one file", place_of(event->start_mark),
                "split the file");
  }
  const yaml_char_t* name = nullptr;
  switch (event->type) {
    case YAML_ALIAS_EVENT:
      return alias(event, depth);
    case YAML_SCALAR_EVENT:
      name = event->data.scalar.anchor;
      break;
    case YAML_SEQUENCE_START_EVENT:
      name = event->data.sequence_start.anchor;
      break;
    default:
      name = event->data.mapping_start.anchor;
  }
  if (name != nullptr) anchors_[std::string(view(name))] = {};
  auto made = event->type == YAML_SCALAR_EVENT           ? scalar(event)
              : event->type == YAML_SEQUENCE_START_EVENT ? list(event, depth)
                                                         : map(event, depth);
  if (made && name != nullptr) {
    if (auto fits = charge(*made, depth); !fits) return std::unexpected(std::move(fits.error()));
    anchors_[std::string(view(name))] = {*made, true};
  }
  return made;
}

Result<Node> Composer::scalar(const Event& event) {
  const auto& raw = event->data.scalar;
  Node out;
  out.line = static_cast<std::uint32_t>(event->start_mark.line + 1);
  out.column = static_cast<std::uint32_t>(event->start_mark.column + 1);
  out.text.assign(reinterpret_cast<const char*>(raw.value), raw.length);
  out.quoted = raw.style != YAML_PLAIN_SCALAR_STYLE;
  if (raw.plain_implicit != 0) {
    resolve_scalar(out);
    return out;
  }
  out.kind = Node::Kind::text;
  const std::string_view tag = view(raw.tag);
  if (tag.empty() || tag == "!") return out;
  if (!tag.starts_with(kTagPrefix))
    return invalid(out, "unknown YAML tag " + std::string(tag), "remove the tag");
  const std::string_view type = tag.substr(kTagPrefix.size());
  if (type == "str") return out;
  resolve_scalar(out);
  const bool as_said =
      (type == "int" && out.kind == Node::Kind::integer) ||
      (type == "null" && out.kind == Node::Kind::null) ||
      (type == "bool" && out.kind == Node::Kind::boolean) ||
      (type == "float" && (out.kind == Node::Kind::real || out.kind == Node::Kind::integer)) ||
      (type == "timestamp" && out.kind == Node::Kind::date);
  if (!as_said)
    return invalid(out, "value does not fit its YAML tag !!" + std::string(type), "remove the tag");
  if (type == "float") out.kind = Node::Kind::real;
  return out;
}

Result<Node> Composer::list(const Event& event, std::size_t depth) {
  Node out;
  out.kind = Node::Kind::list;
  out.line = static_cast<std::uint32_t>(event->start_mark.line + 1);
  out.column = static_cast<std::uint32_t>(event->start_mark.column + 1);
  const std::string_view tag = view(event->data.sequence_start.tag);
  if (!tag.empty() && tag != "!" && tag != "tag:yaml.org,2002:seq") {
    return invalid(out, "unknown YAML tag " + std::string(tag), "remove the tag");
  }
  while (true) {
    Event inner;
    if (auto got = next(inner); !got) return std::unexpected(std::move(got.error()));
    if (inner->type == YAML_SEQUENCE_END_EVENT) return out;
    auto item = node(inner, depth + 1);
    if (!item) return item;
    out.items.push_back(std::move(*item));
  }
}

Result<Node> Composer::map(const Event& event, std::size_t depth) {
  Node out;
  out.kind = Node::Kind::map;
  out.line = static_cast<std::uint32_t>(event->start_mark.line + 1);
  out.column = static_cast<std::uint32_t>(event->start_mark.column + 1);
  const std::string_view tag = view(event->data.mapping_start.tag);
  if (!tag.empty() && tag != "!" && tag != "tag:yaml.org,2002:map") {
    return invalid(out, "unknown YAML tag " + std::string(tag), "remove the tag");
  }
  std::vector<Node> merged;
  while (true) {
    Event key_event;
    if (auto got = next(key_event); !got) return std::unexpected(std::move(got.error()));
    if (key_event->type == YAML_MAPPING_END_EVENT) break;
    auto key = node(key_event, depth + 1);
    if (!key) return key;
    if (!key->is_scalar()) return invalid(*key, "a key must be one word, not a list or a map");
    Event value_event;
    if (auto got = next(value_event); !got) return std::unexpected(std::move(got.error()));
    auto value = node(value_event, depth + 1);
    if (!value) return value;
    if (key->text == "<<" && !key->quoted) {
      merged.push_back(std::move(*value));
    } else {
      out.entries.push_back({std::move(*key), std::move(*value)});
    }
  }
  if (auto unique = check_duplicates(out); !unique) return std::unexpected(std::move(unique.error()));
  if (auto done = merge(out, std::move(merged)); !done) return std::unexpected(std::move(done.error()));
  return out;
}

/// Counts a copy of `node` at `depth` against the bounds of expansion.
Result<void> Composer::charge(const Node& node, std::size_t depth) {
  ++nodes_;
  copied_bytes_ += node.text.size();
  if (depth > limits::kYamlDepth) return fail(ErrorCode::limit, "nested too deeply", node.place(file_));
  if (nodes_ > limits::kYamlNodes || copied_bytes_ > limits::kYamlBytes) {
    return fail(ErrorCode::limit, "aliases expand to too much", node.place(file_), "write the values out");
  }
  for (const Node& item : node.items) {
    if (auto fits = charge(item, depth + 1); !fits) return fits;
  }
  for (const auto& [key, value] : node.entries) {
    if (auto fits = charge(key, depth + 1); !fits) return fits;
    if (auto fits = charge(value, depth + 1); !fits) return fits;
  }
  return {};
}

Result<Node> Composer::alias(const Event& event, std::size_t depth) {
  const std::string name(view(event->data.alias.anchor));
  const auto found = anchors_.find(name);
  if (found == anchors_.end()) {
    return fail(ErrorCode::invalid, "alias of an anchor that is not defined: *" + name,
                place_of(event->start_mark), "put a value that begins with '*' in quotes");
  }
  if (!found->second.complete) {
    return fail(ErrorCode::invalid, "alias inside its own anchor: *" + name, place_of(event->start_mark));
  }
  if (auto fits = charge(found->second.node, depth); !fits) {
    fits.error().place = place_of(event->start_mark);
    return std::unexpected(std::move(fits.error()));
  }
  return found->second.node;
}

/// YAML 1.1 merge keys: what stands in the map wins; of several sources the first.
Result<void> Composer::merge(Node& map, std::vector<Node> sources) const {
  std::vector<Node> flat;
  for (Node& source : sources) {
    if (source.kind == Node::Kind::list) {
      flat.insert(flat.end(), std::move_iterator(source.items.begin()),
                  std::move_iterator(source.items.end()));
    } else {
      flat.push_back(std::move(source));
    }
  }
  if (flat.empty()) return {};
  std::unordered_set<std::string> known;
  for (const auto& [key, value] : map.entries) known.insert(key.text);
  for (Node& source : flat) {
    if (source.kind != Node::Kind::map) return invalid(source, "'<<' merges maps only");
    for (auto& entry : source.entries) {
      if (known.insert(entry.first.text).second) map.entries.push_back(std::move(entry));
    }
  }
  return {};
}

Result<void> Composer::check_duplicates(const Node& map) const {
  constexpr std::size_t kFewKeys = 24;  // below it comparing all pairs is faster than hashing
  const auto duplicate = [&](const Node& first, const Node& second) {
    return invalid(second, "duplicate key '" + second.text + "', first at line " + std::to_string(first.line),
                   "keep one of them, or make the values a list");
  };
  if (map.entries.size() <= kFewKeys) {
    for (std::size_t i = 1; i < map.entries.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (map.entries[i].first.text == map.entries[k].first.text) {
          return duplicate(map.entries[k].first, map.entries[i].first);
        }
      }
    }
    return {};
  }
  std::unordered_map<std::string_view, const Node*> seen;
  for (const auto& [key, value] : map.entries) {
    const auto [first, added] = seen.emplace(key.text, &key);
    if (!added) return duplicate(*first->second, key);
  }
  return {};
}

}  // namespace

Result<std::vector<Node>> read(std::string_view bytes, const std::string& file) {
  if (bytes.size() > limits::kYamlBytes) {
    return fail(ErrorCode::limit,
                "YAML file of more than " + std::to_string(limits::kYamlBytes >> 20) + " MiB",
                {file, 0, 0, {}});
  }
  return std::make_unique<Composer>(bytes, file)->all_documents();
}

}  // namespace landwarden::yaml
