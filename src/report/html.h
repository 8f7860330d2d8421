// One self-contained HTML page: no outside resources, no script, light and dark, everything from evidence
// escaped.
//
// A page is built from text that goes through text(), and from markup of our own that goes through raw().
// Evidence is written by attackers: whatever a terminal would not show as it is (report/screen_text.h) is
// shown as \x1b or \u{202e} here too. A content security policy in the page forbids everything but its own
// style.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace landwarden::report {

/// `text` for between tags and inside quoted attributes.
[[nodiscard]] std::string html_text(std::string_view text);

class HtmlPage {
 public:
  explicit HtmlPage(std::string_view title);

  void raw(std::string_view markup) { body_ += markup; }
  void text(std::string_view text) { body_ += html_text(text); }
  void heading(int level, std::string_view text);
  void paragraph(std::string_view text, std::string_view css_class = {});
  /// A table row; cells are markup.
  void row(const std::vector<std::string>& cells, bool head = false);
  void begin_table(const std::vector<std::string>& heads);
  void end_table();
  /// A coloured word: good, part, bad, unknown.
  [[nodiscard]] static std::string badge(std::string_view word, std::string_view kind);
  /// Preformatted text, for commands.
  [[nodiscard]] static std::string code(std::string_view text);

  [[nodiscard]] std::string take();

 private:
  std::string title_, body_;
};

}  // namespace landwarden::report
