// Takes XML 1.0 apart, token by token, as far as Windows events need it: elements, attributes, text, CDATA.
//
// Comments and processing instructions are passed over. Of entities only the five that XML itself knows and
// character references are understood; a document type is refused, so nothing can grow. Control characters,
// which XML forbids and Windows writes all the same, are taken as they are. Tokens view the text, or the
// scanner's own memory until the next start(). One worker's.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace landwarden::decode::xml {

struct Attribute {
  std::string_view name, value;
};

class Scanner {
 public:
  enum class Token : std::uint8_t { open, empty, close, text, end, wrong };

  /// Begins with `text`.
  void start(std::string_view text);
  /// The next token; what it is about is in name(), attributes() or value(). `empty` is an element without
  /// content, for which no `close` follows. At `wrong`, reason() says why.
  [[nodiscard]] Token next();

  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] const std::vector<Attribute>& attributes() const { return attributes_; }
  [[nodiscard]] std::string_view value() const { return value_; }
  [[nodiscard]] const char* reason() const { return reason_; }
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  [[nodiscard]] Token wrong(const char* reason);
  [[nodiscard]] Token take_text(std::size_t end);
  [[nodiscard]] Token take_markup();
  [[nodiscard]] Token take_tag();
  [[nodiscard]] Token take_close();
  [[nodiscard]] bool take_attribute();
  [[nodiscard]] bool pass_over(std::string_view end, std::size_t skip);
  [[nodiscard]] bool unescape(std::string_view raw, std::string_view& to);

  std::string_view text_, name_, value_;
  std::vector<Attribute> attributes_;
  std::size_t at_ = 0;
  const char* reason_ = "";
  std::string arena_;  ///< never grows beyond what start() reserved: views into it stay
};

/// Where the next event begins: "<Event" or "<prefix:Event" and what may follow a name. npos if there is
/// none.
[[nodiscard]] std::size_t find_event(std::string_view text, std::size_t at);
/// Just behind the next "</Event>", with or without a prefix; npos if there is none.
[[nodiscard]] std::size_t find_event_end(std::string_view text, std::size_t at);
/// The same for the last one of the text.
[[nodiscard]] std::size_t find_last_event_end(std::string_view text);

}  // namespace landwarden::decode::xml
