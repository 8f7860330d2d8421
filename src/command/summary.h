// A line's meaning in seven texts, as rules and baselines use it, and a memo of lines seen before.
//
// Real logs repeat their command lines: what was worked out once is kept, bounded by limits::kCommandMemo and
// limits::kCommandMemoBytes; then the memo begins anew. One worker's; not thread-safe.

#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "command/analyzer.h"
#include "command/limits.h"

namespace landwarden::command {

/// Several values are parted by blanks (actions) or line ends (texts), each value once.
struct Summary {
  std::string action;  ///< ids of all actions, the one that speaks for the line first
  std::string
      program;  ///< names of all programs and cmdlets, as the grammars call them, that of the main one first
  std::string target;   ///< what, from and to of its arguments
  std::string host;     ///< hosts that commands go to
  std::string account;  ///< accounts that commands name
  std::string decoded;  ///< the texts of all layers but the outermost
  std::string shape;    ///< masked; command/shape.h
};

/// What a meaning comes to.
[[nodiscard]] Summary summarise(const Meaning& meaning);

class SummaryMemo {
 public:
  explicit SummaryMemo(const Grammar& grammar) : analyzer_(grammar) {}
  /// Valid until the next call.
  [[nodiscard]] const Summary& of(const Input& input);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
  };

  Analyzer analyzer_;
  Meaning meaning_;
  std::unordered_map<std::string, Summary, Hash, std::equal_to<>> known_;
  std::string key_;
  std::size_t bytes_ = 0;
};

}  // namespace landwarden::command
