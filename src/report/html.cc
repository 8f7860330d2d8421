#include "report/html.h"

#include <utility>

#include <fmt/format.h>

#include "report/screen_text.h"

namespace landwarden::report {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --faint: #5b6570; --line: #d5dae0; --box: #f4f6f8;
  --good: #1a7f37; --part: #9a6700; --bad: #b42318; --unknown: #57606a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e7eb; --paper: #14181d; --faint: #9aa5b1; --line: #313a44;
  --box: #1d232a; --good: #4ac26b; --part: #d4a72c; --bad: #ff7b72; --unknown: #9aa5b1; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto; padding: 1.5rem;
  max-width: 75rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--line); padding-bottom: .2rem; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; } th, td { text-align: left; vertical-align: top;
  padding: .35rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } th { color: var(--faint); }
.faint { color: var(--faint); } .scroll { overflow-x: auto; }
.badge { border: 1px solid currentColor; border-radius: .8rem; padding: 0 .6rem; white-space: nowrap; font-size: .85rem; }
.good { color: var(--good); } .part { color: var(--part); } .bad { color: var(--bad); } .unknown { color: var(--unknown); }
code, pre { font: .85rem/1.45 ui-monospace, monospace; } pre { background: var(--box); padding: .6rem; margin: .3rem 0;
  overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
@media print { details { break-inside: avoid; } }
)";

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char letter : visible(text, true)) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += letter;
    }
  }
  return out;
}

HtmlPage::HtmlPage(std::string_view title) : title_(html_text(title)) {}

void HtmlPage::heading(int level, std::string_view text) {
  body_ += fmt::format("<h{}>{}</h{}>\n", level, html_text(text), level);
}

void HtmlPage::paragraph(std::string_view text, std::string_view css_class) {
  body_ += fmt::format("<p class=\"{}\">{}</p>\n", html_text(css_class), html_text(text));
}

void HtmlPage::begin_table(const std::vector<std::string>& heads) {
  body_ += "<div class=\"scroll\"><table>\n";
  row(heads, true);
}

void HtmlPage::row(const std::vector<std::string>& cells, bool head) {
  body_ += "<tr>";
  for (const std::string& cell : cells)
    body_ += head ? fmt::format("<th scope=\"col\">{}</th>", cell) : fmt::format("<td>{}</td>", cell);
  body_ += "</tr>\n";
}

void HtmlPage::end_table() {
  body_ += "</table></div>\n";
}

std::string HtmlPage::badge(std::string_view word, std::string_view kind) {
  return fmt::format("<span class=\"badge {}\">{}</span>", html_text(kind), html_text(word));
}

/// Line ends of our own tables stay; visible() would make blanks of them.
std::string HtmlPage::code(std::string_view text) {
  std::string out = "<pre>";
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const auto begin = line.find_first_not_of(' ');
    if (begin != std::string_view::npos) out += std::string(begin, ' ') + html_text(line.substr(begin));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!text.empty()) out += '\n';
  }
  return out + "</pre>";
}

std::string HtmlPage::take() {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
      "<style>{}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
      title_, kStyle, std::exchange(body_, {}));
}

}  // namespace landwarden::report
