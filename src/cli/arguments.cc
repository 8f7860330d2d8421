#include "cli/arguments.h"

#include <utility>

#include <CLI/CLI.hpp>

namespace landwarden::cli {
namespace {

/// The innermost command that was named so far.
CLI::App* innermost(CLI::App* app) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().back();
  return app;
}

std::string full_name_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : full_name_of(*app.get_parent()) + " " + app.get_name();
}

OptionText text_of(const CLI::Option& option) {
  return {.short_names = option.get_snames(),
          .long_names = option.get_lnames(),
          .value = option.get_type_name(),
          .text = option.get_description(),
          .required = option.get_required(),
          .many = option.get_expected_max() > 1};
}

}  // namespace

Option Option::required() const {
  option_->required();
  return *this;
}

Option Option::repeated() const {
  option_->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return *this;
}

Option Option::with_commas() const {
  option_->delimiter(',');
  return *this;
}

// What validators say of themselves would stand behind the value's name.
Option Option::one_of(std::vector<std::string> words) const {
  option_->check(CLI::IsMember(std::move(words)).description(""));
  return *this;
}

Option Option::within(int least, int most) const {
  option_->check(CLI::Range(least, most).description(""));
  return *this;
}

Option Option::check(std::function<std::string(const std::string&)> wrong) const {
  option_->check(std::move(wrong));
  return *this;
}

Option Option::excludes(Option other) const {
  option_->excludes(other.option_);
  return *this;
}

Command Command::command(const std::string& name, const std::string& text) const {
  return {app_->add_subcommand(name, text), chosen_};
}

Option Command::option(const std::string& names, Target target, const std::string& value,
                       const std::string& text) const {
  CLI::Option* option = std::visit([&](auto to) { return app_->add_option(names, to.get(), text); }, target);
  option->type_name(value);
  return Option(option);
}

Option Command::flag(const std::string& names, bool& target, const std::string& text) const {
  return Option(app_->add_flag(names, target, text));
}

void Command::footer(const std::string& text) const {
  app_->footer(text);
}

void Command::needs_command() const {
  app_->require_subcommand(1);
}

void Command::runs(Run run) const {
  app_->callback([chosen = chosen_, run = std::move(run)] { *chosen = run; });
}

std::string Command::name() const {
  return app_->get_name();
}

std::string Command::full_name() const {
  return full_name_of(*app_);
}

std::string Command::text() const {
  return app_->get_description();
}

std::string Command::footer() const {
  return app_->get_footer();
}

std::vector<Command> Command::commands() const {
  std::vector<Command> out;
  for (CLI::App* command : app_->get_subcommands([](CLI::App*) { return true; }))
    out.emplace_back(command, chosen_);
  return out;
}

std::vector<OptionText> Command::options() const {
  std::vector<OptionText> out;
  for (const CLI::Option* option : app_->get_options()) out.push_back(text_of(*option));
  return out;
}

CommandTree::CommandTree(const std::string& name, const std::string& text)
    : app_(std::make_unique<CLI::App>(text, name)) {
  app_->set_help_flag("-h,--help", "Show this help");
  // What it prints is up to who asked what the words say.
  app_->set_version_flag("--version", "", "Show the version");
}

CommandTree::~CommandTree() = default;

Command CommandTree::program() {
  return {app_.get(), &chosen_};
}

Asked CommandTree::read(int count, char** arguments) {
  const auto asked = [&](Asked::What what) {
    return Asked{.what = what, .command = {innermost(app_.get()), &chosen_}};
  };
  try {
    app_->parse(count, arguments);
  } catch (const CLI::CallForHelp&) {
    return asked(Asked::What::help);
  } catch (const CLI::CallForVersion&) {
    return asked(Asked::What::version);
  } catch (const CLI::Error& error) {
    Asked out = asked(Asked::What::wrong);
    out.wrong = error.what();
    return out;
  }
  Asked out = asked(Asked::What::run);
  out.run = std::move(chosen_);
  return out;
}

}  // namespace landwarden::cli
