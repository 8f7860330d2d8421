#include "report/coverage_html_parts.h"

#include <fmt/format.h>

#include "report/coverage_words.h"

namespace landwarden::report {

void setting_remedies(HtmlPage& page, const assess::Setting& setting) {
  page.heading(4, setting.name.en);
  page.paragraph(setting.name.ja, "faint");
  for (const assess::Remedy& remedy : setting.remedies)
    page.raw(
        fmt::format("<p class=\"faint\">{}</p>{}\n", html_text(remedy.way), HtmlPage::code(remedy.text)));
  if (!setting.note.en.empty()) page.paragraph(setting.note.en);
}

std::string blind_text(const assess::Sight& sight) {
  std::string out;
  for (std::size_t i = 0; i < assess::kBlindnesses; ++i) {
    if (sight.blind[i].empty()) continue;
    if (!out.empty()) out += "<br>";
    out += html_text(
        fmt::format("{}: {}", ranges_text(sight.blind[i]), reason_text(static_cast<assess::Blindness>(i))));
  }
  return out;
}

}  // namespace landwarden::report
