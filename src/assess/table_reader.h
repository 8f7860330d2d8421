// Reads the keys of a YAML map that people write: what is missing, wrong or unknown is an error with its
// place and the remedy. A reader is for one map and is told at the end (done) that no other keys are
// expected.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/yaml.h"

namespace landwarden::assess {

/// A text in two languages.
struct Text {
  std::string en, ja;
};

class TableReader {
 public:
  /// `node` and `file` must outlive the reader. `what` names the map in messages: "a step".
  TableReader(const yaml::Node& node, const std::string& file, std::string what)
      : node_(node), file_(file), what_(std::move(what)) {}

  [[nodiscard]] const yaml::Node* maybe(std::string_view key);
  [[nodiscard]] std::string text(std::string_view key);  ///< needed, not empty
  [[nodiscard]] std::string text_or(std::string_view key, std::string otherwise = {});
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);  ///< a text or a list; absent: none
  [[nodiscard]] std::vector<std::uint32_t> numbers(std::string_view key);
  [[nodiscard]] Text both(std::string_view key);  ///< needed: {en, ja}
  [[nodiscard]] Text both_or_none(std::string_view key);
  [[nodiscard]] std::vector<const yaml::Node*> maps(std::string_view key);  ///< a list of maps; absent: none
  /// One of `words`, whose place in the list is given.
  [[nodiscard]] std::size_t one_of(std::string_view key, std::initializer_list<std::string_view> words,
                                   std::optional<std::size_t> otherwise = std::nullopt);
  /// Something that only the caller can judge is wrong with a key.
  void wrong(std::string_view key, std::string message, std::string hint = {});

  /// The first thing that was wrong so far.
  [[nodiscard]] Result<void> so_far() const;
  /// The same at the end. A key that nobody asked for goes first: it is a slip that other things follow from.
  [[nodiscard]] Result<void> done();

 private:
  [[nodiscard]] Place place_of(std::string_view key) const;

  const yaml::Node& node_;
  const std::string& file_;
  std::string what_;
  std::vector<std::string> asked_;
  std::optional<Error> error_;
};

/// The documents of a file; each is a map.
[[nodiscard]] Result<std::vector<yaml::Node>> read_maps(std::string_view bytes, const std::string& file);

}  // namespace landwarden::assess
