// Writes seeds of the fuzz target text_log with our own writer: audit events and a history of each form. The
// seeds of syslog, and of records that our writer does not write, are beside them, written by hand.
//
//   lw_text_log_seeds FOLDER

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "decode/text/writer.h"

namespace {

using namespace landwarden;
namespace write = decode::text;

write::Execution execution(std::uint64_t serial, std::vector<std::string> arguments) {
  write::Execution out;
  out.id = {.node = "web1", .time = from_unix(1'700'000'000, 123'000'000), .serial = serial};
  out.arguments = std::move(arguments);
  out.exe = "/usr/bin/my curl";
  out.comm = "my curl";
  out.cwd = "/tmp";
  out.key = serial % 2 == 0 ? "exec" : "";
  out.pid = 11;
  out.parent = 10;
  out.auid = 1000;
  out.session = 3;
  out.user = serial % 2 == 0 ? "root" : "";
  return out;
}

std::string audit_events() {
  const write::Execution first = execution(45, {"curl", "-s", "http://x/a b?c='d"});
  const write::Execution second = execution(46, {"sh", "-c", "for i in a b; do echo \"$i\"; done", ""});
  std::string out;
  for (int record = 0; record < write::kExecutionRecords; ++record) {
    write::append_execution_record(out, first, record, 8, 120);
    write::append_execution_record(out, second, record, 8, 120);
  }
  return out;
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) return std::fprintf(stderr, "usage: lw_text_log_seeds FOLDER\n"), 2;
  const std::filesystem::path folder = words[1];
  const auto save = [&](const char* name, char form, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << form << bytes;
  };
  save("audit", '\0', audit_events());
  char form = '\1';
  for (const char* shell : {"bash", "zsh", "fish", "powershell"}) {
    std::string text;
    const bool timed = std::string(shell) != "powershell";
    write::append_history_entry(text, shell, Time::unknown(), "old");
    write::append_history_entry(text, shell, timed ? from_unix(1'700'000'000) : Time::unknown(),
                                "for i in a\ndo echo \xC3\xA9 \\\\ $i\ndone");
    write::append_history_entry(text, shell, timed ? from_unix(1'700'000'001) : Time::unknown(), "id -u");
    save(shell, form++, text);
  }
  return 0;
}
