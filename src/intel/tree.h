// Documents as trees: YAML (base/yaml.h) and JSON in the same nodes, and a reader for maps of ours in which
// every key must be known.
//
// JSON is parsed by simdjson and bounded by limits::kIntelBytes, kIntelDepth and kIntelNodes; its nodes have
// no lines, so places in it are named by the object's own id.

#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/yaml.h"

namespace landwarden::intel {

[[nodiscard]] Result<yaml::Node> parse_json(std::string_view bytes, const std::string& file);
/// JSON if it begins with a bracket, else YAML; all documents of the file.
[[nodiscard]] Result<std::vector<yaml::Node>> parse_tree(std::string_view bytes, const std::string& file);

/// The text of a scalar under a key; empty if there is none.
[[nodiscard]] std::string_view text_at(const yaml::Node& map, std::string_view key);
/// A scalar, or the scalars of a list, under a key; without empty ones.
[[nodiscard]] std::vector<std::string> texts_at(const yaml::Node& map, std::string_view key);

/// Words of ours: English, and Japanese where there is any.
struct Words {
  std::string en, ja;
  [[nodiscard]] const std::string& in(bool japanese) const { return japanese && !ja.empty() ? ja : en; }
};

/// Takes a map of ours apart. The first thing wrong is kept, with its place; what is read after it is empty.
class MapReader {
 public:
  /// `what` names the map in messages ("a decision"); `hint` goes with every error. All must outlive it.
  MapReader(const yaml::Node& map, const std::string& file, std::string_view what, std::string_view hint,
            std::initializer_list<std::string_view> known);

  [[nodiscard]] const yaml::Node* find(std::string_view key) const { return map_.find(key); }
  [[nodiscard]] std::string text(std::string_view key, bool needed = false);
  /// A text, or a list of texts.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key, bool needed = false);
  /// A text (English), or a map of en and ja.
  [[nodiscard]] Words words(std::string_view key, bool needed = false);
  [[nodiscard]] Time date(std::string_view key, bool needed = false);
  /// The list under a key; empty if there is none.
  [[nodiscard]] const std::vector<yaml::Node>& list(std::string_view key, bool needed = false);

  void wrong(const yaml::Node& at, std::string message);
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  const yaml::Node& map_;
  const std::string& file_;
  std::string_view what_, hint_;
  std::optional<Error> error_;
};

}  // namespace landwarden::intel
