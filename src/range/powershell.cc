#include "range/powershell.h"

#include <fmt/format.h>

namespace landwarden::range {
namespace {

constexpr std::string_view kImage = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";

struct Engine {
  std::string version;
  std::string host_id;
  std::string runspace;
  std::string application;

  /// The block of text that the old log keeps as its third string.
  [[nodiscard]] std::string details(std::string_view state, int sequence, bool running) const {
    return fmt::format(
        "\t{}\r\n\r\n\tSequenceNumber={}\r\n\r\n\tHostName=ConsoleHost\r\n\tHostVersion={}\r\n\tHostId={}"
        "\r\n\tHostApplication={}"
        "\r\n\tEngineVersion={}\r\n\tRunspaceId={}\r\n\tPipelineId=\r\n\tCommandName=\r\n\tCommandType="
        "\r\n\tScriptName=\r\n\t"
        "CommandPath=\r\n\tCommandLine=",
        state, sequence, version, host_id, application, running ? version : "", running ? runspace : "");
  }
};

std::string plain(const Guid& guid) {
  return guid.to_string().substr(1, 36);
}

void open_engine(Machine& machine, Time time, const Process& process, const Engine& engine) {
  int sequence = 1;
  for (const std::string_view name :
       {"Registry", "Alias", "Environment", "FileSystem", "Function", "Variable"}) {
    machine.log_by(process, kind::kProviderStarted, time,
                   {std::string(name), "Started",
                    engine.details(fmt::format("ProviderName={}\r\n\tNewProviderState=Started", name),
                                   sequence, false)});
    sequence += 2;
  }
  machine.log_by(process, kind::kEngineAvailable, time,
                 {"Available", "None",
                  engine.details("NewEngineState=Available\r\n\tPreviousEngineState=None", sequence, true)});
  machine.log_by(process, kind::kConsoleStarting, time, {});
  machine.log_by(process, kind::kIpcListening, time, {std::to_string(process.pid), "DefaultAppDomain"});
  machine.log_by(process, kind::kConsoleReady, time, {});
}

std::string context(const Engine& engine, const Process& process, std::string_view command,
                    std::string_view path, int sequence) {
  return fmt::format(
      "        Severity = Informational\r\n        Host Name = ConsoleHost\r\n        Host Version = {}\r\n  "
      "      Host ID = {}\r\n"
      "        Host Application = {}\r\n        Engine Version = {}\r\n        Runspace ID = {}\r\n        "
      "Pipeline ID = 1\r\n"
      "        Command Name = {}\r\n        Command Type = Cmdlet\r\n        Script Name = {}\r\n        "
      "Command Path = \r\n"
      "        Sequence Number = {}\r\n        User = {}\r\n        Connected User = \r\n        Shell ID = "
      "Microsoft.PowerShell\r\n",
      engine.version, engine.host_id, engine.application, engine.version, engine.runspace, command, path,
      sequence, process.session.account->full());
}

}  // namespace

Process run_powershell(Machine& machine, Time time, const Process& parent, const Session& session,
                       std::string command_line, const Script& script, std::int64_t for_ms) {
  const Process process =
      machine.run_console(time, parent, std::string(kImage), std::move(command_line), session, for_ms);
  // The engine joins its arguments anew, so quotation marks of the command line are gone.
  std::string application = process.command_line;
  std::erase(application, '"');
  const Engine engine{.version = fmt::format("5.1.{}.1", machine.host().build),
                      .host_id = plain(machine.random_guid()),
                      .runspace = plain(machine.random_guid()),
                      .application = std::move(application)};
  machine.load(later(time, 300), process, "C:\\Windows\\System32\\amsi.dll");
  open_engine(machine, later(time, 450), process, engine);
  machine.create_file(
      later(time, 700), process,
      fmt::format("{}\\__PSScriptPolicyTest_{}.ps1",
                  session.account->is_system()
                      ? "C:\\Windows\\Temp"
                      : fmt::format("C:\\Users\\{}\\AppData\\Local\\Temp", session.account->name),
                  plain(machine.random_guid()).substr(0, 8)));
  machine.log_by(
      process, kind::kScriptBlock, later(time, 800),
      {"1", "1", std::string(script.text), plain(machine.random_guid()), std::string(script.path)});
  std::int64_t offset = 900;
  int sequence = 15;
  for (const std::string_view command : script.commands) {
    machine.log_by(process, kind::kPipeline, later(time, offset),
                   {context(engine, process, command, script.path, sequence), "",
                    fmt::format("CommandInvocation({0}): \"{0}\"\r\n", command)});
    offset += machine.dice().between(30, 400);
    sequence += 2;
  }
  machine.log_by(
      process, kind::kEngineStopped, later(time, std::max(for_ms - 60, offset)),
      {"Stopped", "Available",
       engine.details("NewEngineState=Stopped\r\n\tPreviousEngineState=Available", sequence, true)});
  return process;
}

}  // namespace landwarden::range
