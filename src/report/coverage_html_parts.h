// Parts that the HTML forms of coverage and of an assessment share.

#pragma once

#include <string>

#include "assess/host_view.h"
#include "assess/settings.h"
#include "report/html.h"

namespace landwarden::report {

/// How a setting is switched on, every way, and what has to be known besides.
void setting_remedies(HtmlPage& page, const assess::Setting& setting);
/// Markup: why and when nothing would have been seen.
[[nodiscard]] std::string blind_text(const assess::Sight& sight);

}  // namespace landwarden::report
