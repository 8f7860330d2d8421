#include "command/summary.h"

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "command/limits.h"
#include "command/shape.h"

namespace landwarden::command {
namespace {

/// A text of several values, each once.
class Values {
 public:
  Values(std::string& out, char between) : out_(out), between_(between) {}

  void add(std::string_view value) {
    if (value.empty() || std::ranges::find(seen_, value) != seen_.end()) return;
    if (out_.size() + value.size() > limits::kCommandTextBytes) return;
    seen_.push_back(value);
    if (!out_.empty()) out_ += between_;
    out_ += value;
  }

 private:
  std::string& out_;
  char between_;
  std::vector<std::string_view> seen_;
};

}  // namespace

Summary summarise(const Meaning& meaning) {
  Summary out;
  const auto program_of = [](const Command& command) {
    return command.program != nullptr ? std::string_view(command.program->name) : command.name;
  };
  Values actions(out.action, ' '), programs(out.program, ' '), targets(out.target, '\n'),
      hosts(out.host, '\n'), accounts(out.account, '\n'), decoded(out.decoded, '\n');
  if (const Command* main = meaning.main_command()) {
    actions.add(main->action->id);
    programs.add(program_of(*main));
  }
  for (const Command& command : meaning.commands) {
    if (command.action != nullptr) actions.add(command.action->id);
    programs.add(program_of(command));
  }
  for (const Argument& argument : meaning.arguments) {
    switch (argument.role) {
      case Role::what:
      case Role::from:
      case Role::to:
        targets.add(argument.value);
        break;
      case Role::host:
        hosts.add(argument.value);
        break;
      case Role::account:
        accounts.add(argument.value);
        break;
      default:
        break;
    }
  }
  for (std::size_t i = 1; i < meaning.layers.size(); ++i) decoded.add(meaning.layers[i].text);
  append_shape(meaning, out.shape);
  return out;
}

std::size_t SummaryMemo::Hash::operator()(std::string_view text) const {
  return hash_text(text);
}

const Summary& SummaryMemo::of(const Input& input) {
  key_.assign(input.line);
  key_ += '\0';
  key_ += input.image;
  key_ += '\0';
  key_ += input.original_name;
  key_ += static_cast<char>(input.origin);
  const auto found = known_.find(std::string_view(key_));
  if (found != known_.end()) return found->second;
  analyzer_.analyze(input, meaning_);
  Summary summary = summarise(meaning_);
  const std::size_t bytes = key_.size() + summary.action.size() + summary.program.size() +
                            summary.target.size() + summary.host.size() + summary.account.size() +
                            summary.decoded.size() + summary.shape.size() + 256;
  if (known_.size() >= limits::kCommandMemo || bytes_ + bytes > limits::kCommandMemoBytes) {
    known_.clear();
    bytes_ = 0;
  }
  bytes_ += bytes;
  return known_.emplace(key_, std::move(summary)).first->second;
}

}  // namespace landwarden::command
