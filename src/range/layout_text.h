// JSON, XML and CSV text for range/layouts.cc: escaping and brackets, nothing else. Text must be UTF-8.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace landwarden::range {

struct PlainValue;

/// Appends one JSON value piece by piece. Commas look after themselves.
class Json {
 public:
  explicit Json(std::string& out) : out_(out) {}
  Json& open();
  Json& open(std::string_view key);
  Json& close();
  Json& text(std::string_view key, std::string_view value);
  Json& raw(std::string_view key, std::string_view value);
  Json& number(std::string_view key, std::uint64_t value);
  Json& texts(std::string_view key, const std::vector<std::string>& values);

 private:
  void key(std::string_view name);
  void quoted(std::string_view text);

  std::string& out_;
  bool first_ = true;
};

/// With what XML wants escaped, in text and between apostrophes or quotes.
[[nodiscard]] std::string xml_text(std::string_view text);
/// A row with its line end; values are quoted where RFC 4180 wants it.
[[nodiscard]] std::string csv_row(const std::vector<std::string>& values, char separator);
[[nodiscard]] std::string first_small(std::string_view name);
[[nodiscard]] std::vector<std::string> values_of(const std::vector<PlainValue>& values);

}  // namespace landwarden::range
