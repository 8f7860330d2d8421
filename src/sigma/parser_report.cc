#include "sigma/parser_report.h"

#include "base/limits.h"

namespace landwarden::sigma {

void RuleReport::add(Diagnostic::Severity severity, Error error) {
  std::size_t& count = severity == Diagnostic::Severity::error ? errors_ : warnings_;
  if (++count > limits::kSigmaErrorsPerRule) return;
  const std::string_view code = error.code == ErrorCode::unsupported ? "not-run" : kind;
  out_.push_back({.severity = severity,
                  .error = std::move(error),
                  .rule_id = rule_id,
                  .title = title,
                  .code = std::string(code)});
}

void RuleReport::error(const yaml::Node& where, std::string message, std::string hint, ErrorCode code) {
  error_at(place(where), std::move(message), std::move(hint), code);
}

void RuleReport::warning(const yaml::Node& where, std::string message, std::string hint) {
  warning_at(place(where), std::move(message), std::move(hint));
}

void RuleReport::error_at(Place place, std::string message, std::string hint, ErrorCode code) {
  add(Diagnostic::Severity::error, {code, std::move(message), std::move(place), std::move(hint)});
}

void RuleReport::warning_at(Place place, std::string message, std::string hint) {
  add(Diagnostic::Severity::warning,
      {ErrorCode::invalid, std::move(message), std::move(place), std::move(hint)});
}

}  // namespace landwarden::sigma
