// The fields that content/textlogs/syslog.yaml finds in a program's message.

#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "decode/text/tables.h"

namespace landwarden::decode::text {

/// Appends name and value of each, in the order in which they are found. Names view the message or the table,
/// values too; both must outlive them. `scratch` is only room to work in.
void append_message_fields(const SyslogTable& table, std::string_view channel, std::string_view message,
                           MessagePattern::Fields& fields, MessagePattern::Fields& scratch);

}  // namespace landwarden::decode::text
