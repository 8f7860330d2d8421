#include "view/command_field.h"

#include <array>
#include <utility>

#include "command/summary.h"

namespace landwarden::view {
namespace {

using command::Origin;
using command::Summary;

constexpr char kKnownBesides = '\x1f';
static_assert(kCommandImage[0] == kKnownBesides && kCommandMaker[0] == kKnownBesides);

/// In the order of kCommandFields.
constexpr std::array<std::string Summary::*, kCommandFields.size()> kTexts = {
    &Summary::action,  &Summary::program, &Summary::target, &Summary::host,
    &Summary::account, &Summary::decoded, &Summary::shape};

struct Asked {
  std::string Summary::* field = nullptr;
  Origin origin = Origin::guessed;
};

std::optional<Asked> asked(std::string_view argument) {
  const std::size_t blank = argument.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  Asked out;
  for (std::size_t i = 0; i < kCommandFields.size(); ++i) {
    if (kCommandFields[i] == argument.substr(0, blank)) out.field = kTexts[i];
  }
  const auto origin = command::origin_named(argument.substr(blank + 1));
  if (out.field == nullptr || !origin) return std::nullopt;
  out.origin = *origin;
  return out;
}

/// The line, and what the record knows besides.
command::Input input_of(std::string_view text, Origin origin) {
  command::Input input{.line = text.substr(0, text.find(kKnownBesides)), .origin = origin};
  for (std::size_t at = text.find(kKnownBesides); at != std::string_view::npos;) {
    const std::size_t next = text.find(kKnownBesides, at + 1);
    const std::string_view part = text.substr(at + 1, next - at - 1);
    if (part.starts_with(kCommandImage[1])) input.image = part.substr(1);
    if (part.starts_with(kCommandMaker[1])) input.original_name = part.substr(1);
    at = next;
  }
  return input;
}

/// Built in, so it can only fail if the program was built wrong; then there are no such fields.
const command::Grammar* grammar() {
  static const auto loaded = command::Grammar::built_in();
  return loaded ? &*loaded : nullptr;
}

}  // namespace

bool is_command_field(std::string_view argument) {
  return asked(argument).has_value();
}

std::optional<std::string> command_field(std::string_view argument, std::string_view text) {
  const auto field = asked(argument);
  const command::Grammar* known = grammar();
  if (!field || known == nullptr) return std::nullopt;
  thread_local command::SummaryMemo memo(*known);
  const std::string& out = memo.of(input_of(text, field->origin)).*(field->field);
  if (out.empty()) return std::nullopt;
  return out;
}

}  // namespace landwarden::view
