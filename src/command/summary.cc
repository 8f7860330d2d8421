#include "command/summary.h"

#include "base/hash.h"
#include "command/limits.h"
#include "command/shape.h"

namespace landwarden::command {
namespace {

/// Adds a value that is not there yet.
void add(std::string& out, std::string_view value, char between) {
  if (value.empty()) return;
  for (std::size_t at = out.find(value); at != std::string::npos; at = out.find(value, at + 1)) {
    const bool begins = at == 0 || out[at - 1] == between;
    const std::size_t end = at + value.size();
    if (begins && (end == out.size() || out[end] == between)) return;
  }
  if (out.size() + value.size() > limits::kCommandTextBytes) return;
  if (!out.empty()) out += between;
  out += value;
}

}  // namespace

Summary summarise(const Meaning& meaning) {
  Summary out;
  if (const Command* main = meaning.main_command()) add(out.action, main->action->id, ' ');
  for (const Command& command : meaning.commands) {
    if (command.action != nullptr) add(out.action, command.action->id, ' ');
  }
  for (const Argument& argument : meaning.arguments) {
    switch (argument.role) {
      case Role::what:
      case Role::from:
      case Role::to:
        add(out.target, argument.value, '\n');
        break;
      case Role::host:
        add(out.host, argument.value, '\n');
        break;
      case Role::account:
        add(out.account, argument.value, '\n');
        break;
      default:
        break;
    }
  }
  for (std::size_t i = 1; i < meaning.layers.size(); ++i) add(out.decoded, meaning.layers[i].text, '\n');
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
  const std::size_t bytes = key_.size() + summary.action.size() + summary.target.size() +
                            summary.host.size() + summary.account.size() + summary.decoded.size() +
                            summary.shape.size() + 256;
  if (known_.size() >= limits::kCommandMemo || bytes_ + bytes > limits::kCommandMemoBytes) {
    known_.clear();
    bytes_ = 0;
  }
  bytes_ += bytes;
  return known_.emplace(key_, std::move(summary)).first->second;
}

}  // namespace landwarden::command
