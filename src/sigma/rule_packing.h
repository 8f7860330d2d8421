// Rules and diagnostics to bytes and back, for the cache of compiled rules (base/packing.h says how far bytes
// are trusted). A rule has two parts: the head, which a hunt needs of every rule, and the body, which it
// needs of those that match.

#pragma once

#include "base/packing.h"
#include "sigma/correlation_plan.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

void save_head(Packer& out, const Rule& rule);
void load_head(Unpacker& in, Rule& rule);
/// All that the head does not have.
void save_body(Packer& out, const Rule& rule);
void load_body(Unpacker& in, Rule& rule);

void save_correlation(Packer& out, const Correlation& correlation);
void load_correlation(Unpacker& in, Correlation& correlation);
/// Without `what`, which is the correlation of the plan's rule.
void save_plan(Packer& out, const CorrelationPlan& plan);
void load_plan(Unpacker& in, CorrelationPlan& plan);

void save_diagnostics(Packer& out, const std::vector<Diagnostic>& diagnostics);
void load_diagnostics(Unpacker& in, std::vector<Diagnostic>& diagnostics);

}  // namespace landwarden::sigma
