// Texts that a record must hold for tests of keywords to be met, so that of most records decoders need not
// make every value. Called once, when a rule set is compiled.

#pragma once

#include "sigma/compiled.h"

namespace landwarden::sigma {

/// Fills Compiled::keyword_texts, Program::keywords and Program::texts.
void find_keyword_texts(RuleSet::Compiled& compiled);

}  // namespace landwarden::sigma
