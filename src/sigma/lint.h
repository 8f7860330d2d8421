// Finds what is wrong, or surely not meant, in rules that the parser takes.
//
// The parser says why a rule cannot run; the linter says what its author would want to know besides: searches
// nobody uses, tests that can never or always be met, fields that the log source does not have, values that
// YAML reads as something else, tags that do not exist, expressions that other engines choke on. Every
// finding has a code (kLints lists them), a severity and a place. What it says is certain for records with
// one value a field; where it cannot be certain it says nothing. Pure: any thread, any order.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.h"
#include "sigma/lint_tables.h"
#include "sigma/rule.h"
#include "view/log_sources.h"

namespace landwarden::sigma {

/// A kind of finding.
struct LintCode {
  std::string_view code;
  Diagnostic::Severity severity;
  std::string_view meaning;  ///< one sentence
};
/// All kinds, by code; the parser's own too.
[[nodiscard]] std::span<const LintCode> lint_codes();
/// The code of a finding of parser, loader or compiler that carries none.
[[nodiscard]] std::string_view code_of(const Diagnostic& diagnostic);

class Linter {
 public:
  /// Both must outlive the linter.
  Linter(const LintTables& tables, const view::LogSources& sources) : tables_(tables), sources_(sources) {}

  /// Lints the documents of one file; `rules` are those that the parser made of it.
  void file(std::string_view yaml, const std::string& file, std::span<const Rule> rules,
            std::vector<Diagnostic>& out) const;

 private:
  const LintTables& tables_;
  const view::LogSources& sources_;
};

/// Takes findings about one document.
class LintReport {
 public:
  LintReport(const std::string& file, std::string rule_id, std::string title, std::vector<Diagnostic>& out)
      : file_(file), rule_id_(std::move(rule_id)), title_(std::move(title)), out_(out) {}

  void at(std::string_view code, const yaml::Node& where, std::string message, std::string hint = {});
  void at(std::string_view code, Place where, std::string message, std::string hint = {});

 private:
  const std::string& file_;
  std::string rule_id_, title_;
  std::vector<Diagnostic>& out_;
};

/// The parts of the linter: keys of the document, values as YAML typed them, and the logic of the whole.
void lint_metadata(const yaml::Node& document, const LintTables& tables, LintReport& report);
void lint_values(const yaml::Node& document, LintReport& report);
void lint_logic(const Rule& rule, LintReport& report);
void lint_fields(const Rule& rule, const view::Resolution& source, const FieldTable& fields,
                 LintReport& report);

}  // namespace landwarden::sigma
