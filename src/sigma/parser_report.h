// Collects what is wrong with one rule, so that all of it is told at once.
//
// Belongs to the parse of one document; refers to the caller's list of diagnostics.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/yaml.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

class RuleReport {
 public:
  /// `file` and `out` must outlive the report.
  RuleReport(const std::string& file, std::vector<Diagnostic>& out) : file_(file), out_(out) {}

  void error(const yaml::Node& where, std::string message, std::string hint = {},
             ErrorCode code = ErrorCode::invalid);
  void warning(const yaml::Node& where, std::string message, std::string hint = {});
  void error_at(Place place, std::string message, std::string hint = {}, ErrorCode code = ErrorCode::invalid);
  void warning_at(Place place, std::string message, std::string hint = {});

  /// Whether the rule cannot run.
  [[nodiscard]] bool failed() const { return errors_ > 0; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] Place place(const yaml::Node& where) const { return where.place(file_); }

  /// Go into every diagnostic from here on.
  std::string rule_id, title;
  std::string_view kind = "rule";  ///< of finding: a code of lint.h, see FindingCode

 private:
  void add(Diagnostic::Severity severity, Error error);
  const std::string& file_;
  std::vector<Diagnostic>& out_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

/// While it lives, findings are of this kind (a code of lint.h).
class FindingCode {
 public:
  FindingCode(RuleReport& report, std::string_view code)
      : report_(report), before_(std::exchange(report.kind, code)) {}
  ~FindingCode() { report_.kind = before_; }
  FindingCode(const FindingCode&) = delete;
  FindingCode& operator=(const FindingCode&) = delete;

 private:
  RuleReport& report_;
  std::string_view before_;
};

}  // namespace landwarden::sigma
