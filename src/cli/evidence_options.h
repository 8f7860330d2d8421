// The options about how evidence is read, the same for every command that reads any.

#pragma once

#include "base/result.h"
#include "decode/options.h"

namespace landwarden::cli {

class Command;

/// Adds --carve and --ansi-codepage; `options` must live until the command has run.
void add_evidence_options(Command command, decode::DecodeOptions& options);

/// --ansi-codepage alone.
void add_codepage_option(Command command, unsigned& codepage);

/// Whether what was said makes sense.
[[nodiscard]] Result<void> understand(const decode::DecodeOptions& options);

}  // namespace landwarden::cli
