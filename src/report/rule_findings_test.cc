#include "report/rule_findings.h"

#include <gtest/gtest.h>

namespace landwarden::report {
namespace {

sigma::Diagnostic warning(std::uint32_t line, std::uint32_t column, std::string message,
                          std::string hint = {}) {
  sigma::Diagnostic out;
  out.severity = sigma::Diagnostic::Severity::warning;
  out.error = {ErrorCode::invalid, std::move(message), {"a b.yml", line, column, {}}, std::move(hint)};
  return out;
}

const SourceLine kLine = [](const std::string&, std::uint32_t) -> std::optional<std::string> {
  return "    Commandline|contains: 'it''s'  # why";
};

TEST(RuleFindings, UnderlineWhatTheMessageQuotes) {
  EXPECT_EQ(underlined("    Commandline|contains: x", 5, "no field 'Commandline'"), 11U);
}

TEST(RuleFindings, UnderlineTheTokenElse) {
  EXPECT_EQ(underlined("    Commandline|contains: x", 5, "wrong"), 20U);
  EXPECT_EQ(underlined("    key: 'it''s'  # why", 10, "wrong"), 7U);
  EXPECT_EQ(underlined("    key: \"a\\\"b\" # why", 10, "wrong"), 6U);
  EXPECT_EQ(underlined("    key: plain text # why", 10, "wrong"), 10U);
  EXPECT_EQ(underlined("    key: ä€x", 10, "wrong"), 3U);
}

TEST(RuleFindings, UnderlineNothingBeyondTheLine) {
  EXPECT_EQ(underlined("short", 60, "wrong"), 1U);
  EXPECT_EQ(underlined("", 0, "wrong"), 1U);
}

TEST(RuleFindings, ShowPlaceTextAndRemedy) {
  const sigma::Diagnostic found = warning(7, 5, "no field 'Commandline'", "did you mean 'CommandLine'?");
  const RuleFinding findings[] = {{&found, "unknown-field", false}};
  EXPECT_EQ(
      findings_text(findings, {.files = 1, .documents = 1, .run = 1, .warnings = 1}, kLine, false, false),
      "a b.yml:7:5: warning: no field 'Commandline' [unknown-field]\n"
      "  7 |     Commandline|contains: 'it''s' # why\n"
      "    |     ^^^^^^^^^^^\n"
      "  = help: did you mean 'CommandLine'?\n"
      "1 document in 1 file: 1 run, 0 with errors, 0 not run here\n1 warning, 0 notes\n");
}

TEST(RuleFindings, EscapeWhatATerminalWouldObey) {
  const sigma::Diagnostic found = warning(0, 0, "bad \x1b[2J");
  const RuleFinding findings[] = {{&found, "rule", false}};
  EXPECT_EQ(findings_text(findings, {}, kLine, false, false).find('\x1b'), std::string::npos);
}

TEST(RuleFindings, GitHubsCommandsKeepTheirForm) {
  const sigma::Diagnostic found = warning(7, 5, "50%\nof, it: x");
  const RuleFinding findings[] = {{&found, "rule", false}};
  EXPECT_EQ(findings_github(findings, false),
            "::warning file=a b.yml,line=7,col=5,title=rule::50%25%0Aof, it: x\n");
}

TEST(RuleFindings, SarifNamesFilesAsUris) {
  const sigma::Diagnostic found = warning(7, 5, "no field 'Commandline'");
  const RuleFinding findings[] = {{&found, "unknown-field", false}};
  const std::string sarif = findings_sarif(findings, kLine, "1");
  EXPECT_NE(sarif.find("\"uri\": \"a%20b.yml\""), std::string::npos);
  EXPECT_NE(sarif.find("\"startLine\": 7, \"startColumn\": 5, \"endColumn\": 16"), std::string::npos);
}

}  // namespace
}  // namespace landwarden::report
