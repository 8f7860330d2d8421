// Patterns of messages: literal text with {fields} in it, as content/textlogs/syslog.yaml has them.
//
// "Failed {method} for {user:any} from {src_ip} port {src_port:number}" is a whole message. A field is a word
// (no blank), digits, or anything. "Anything" takes as much as it can: what others put into it (a user's
// name) cannot pass for the words behind it. Immutable; any thread.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace landwarden::decode::text {

class MessagePattern {
 public:
  using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

  /// `place` is where the pattern stands.
  [[nodiscard]] static Result<MessagePattern> parse(std::string_view pattern, const Place& place);

  /// Whether the pattern is all of `message`. Gives the fields, which view both; those found before are
  /// forgotten.
  [[nodiscard]] bool match(std::string_view message, Fields& fields) const;

 private:
  enum class What : std::uint8_t { word, number, any };
  struct Hole {
    std::string name;  ///< empty: no field
    What what = What::word;
    std::string behind;  ///< literal text that follows
  };
  /// Fields from `hole` on, in the rest of a message.
  [[nodiscard]] bool match_from(std::size_t hole, std::string_view rest, Fields& fields, int& steps) const;

  std::string front_;
  std::vector<Hole> holes_;
};

}  // namespace landwarden::decode::text
