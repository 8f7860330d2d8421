#include "decode/text/writer.h"

#include <fmt/format.h>

#include <algorithm>

namespace landwarden::decode::text {
namespace {

bool needs_hex(std::string_view value) {
  return std::any_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '"' || byte < 0x21 || byte > 0x7E;
  });
}

void append_hex(std::string& out, std::string_view bytes) {
  for (const char c : bytes) out += fmt::format("{:02X}", static_cast<unsigned char>(c));
}

void append_value(std::string& out, std::string_view value, bool hex) {
  if (hex) return append_hex(out, value);
  out += '"';
  out += value;
  out += '"';
}

void append_arguments(std::string& out, const Execution& execution, std::size_t piece, std::size_t line) {
  std::size_t begin = out.size();
  append_audit_front(out, execution.id, "EXECVE");
  out += fmt::format(" argc={}", execution.arguments.size());
  const auto make_room = [&](std::size_t bytes) {
    if (out.size() - begin + bytes <= line) return;
    out += '\n';
    begin = out.size();
    append_audit_front(out, execution.id, "EXECVE");
  };
  for (std::size_t i = 0; i < execution.arguments.size(); ++i) {
    const std::string& argument = execution.arguments[i];
    const bool hex = needs_hex(argument);
    const std::size_t written = argument.size() * (hex ? 2 : 1);
    if (argument.size() <= piece) {
      make_room(written + 16);
      out += fmt::format(" a{}=", i);
      append_value(out, argument, hex);
      continue;
    }
    make_room(64);
    out += fmt::format(" a{}_len={}", i, written);
    for (std::size_t at = 0, number = 0; at < argument.size(); at += piece, ++number) {
      make_room(2 * piece + 32);
      out += fmt::format(" a{}[{}]=", i, number);
      append_value(out, std::string_view(argument).substr(at, piece), hex);
    }
  }
  out += '\n';
}

void append_call(std::string& out, const Execution& execution) {
  append_audit_front(out, execution.id, "SYSCALL");
  out += fmt::format(
      " arch=c000003e syscall=59 success=yes exit=0 a0=55d0c0 a1=55d0e0 a2=55d100 a3=8 items=2 ppid={} "
      "pid={} "
      "auid={} uid={} gid={} euid={} suid={} fsuid={} egid={} sgid={} fsgid={} tty=pts0 ses={}",
      execution.parent, execution.pid, execution.auid, execution.uid, execution.uid, execution.uid,
      execution.uid, execution.uid, execution.uid, execution.uid, execution.uid, execution.session);
  append_untrusted(out, "comm", execution.comm);
  append_untrusted(out, "exe", execution.exe);
  if (execution.key.empty()) {
    out += " key=(null)";
  } else {
    append_untrusted(out, "key", execution.key);
  }
  if (!execution.user.empty())
    out += fmt::format(
        "\x1D"
        "ARCH=x86_64 SYSCALL=execve UID=\"{}\"",
        execution.user);
  out += '\n';
}

}  // namespace

void append_audit_front(std::string& out, const AuditEventId& id, std::string_view type) {
  if (!id.node.empty()) out += fmt::format("node={} ", id.node);
  const std::int64_t ticks = id.time.ticks - kUnixEpochTicks;
  out += fmt::format("type={} msg=audit({}.{:03}:{}):", type, ticks / kTicksPerSecond,
                     ticks % kTicksPerSecond / 10'000, id.serial);
}

void append_untrusted(std::string& out, std::string_view name, std::string_view value) {
  out += fmt::format(" {}=", name);
  append_value(out, value, needs_hex(value));
}

void append_execution_record(std::string& out, const Execution& execution, int record, std::size_t piece,
                             std::size_t line) {
  if (record == 0) return append_call(out, execution);
  if (record == 1) return append_arguments(out, execution, piece, line);
  append_audit_front(out, execution.id, record == 2 ? "CWD" : "PROCTITLE");
  if (record == 2) {
    append_untrusted(out, "cwd", execution.cwd);
  } else {
    std::string title;
    for (const std::string& argument : execution.arguments) title.append(argument).push_back('\0');
    if (!title.empty()) title.pop_back();
    constexpr std::size_t kLongest = 128;
    append_untrusted(out, "proctitle", std::string_view(title).substr(0, kLongest));
  }
  out += '\n';
}

void append_history_entry(std::string& out, std::string_view form, Time time, std::string_view command) {
  const std::int64_t seconds = time.known() ? (time.ticks - kUnixEpochTicks) / kTicksPerSecond : 0;
  if (form == "bash" && time.known()) out += fmt::format("#{}\n", seconds);
  if (form == "zsh" && time.known()) out += fmt::format(": {}:0;", seconds);
  if (form == "fish") out += "- cmd: ";
  for (const char c : command) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n' && form == "zsh") {
      out += "\\\n";
    } else if (c == '\n' && form == "powershell") {
      out += "`\n";
    } else if (form == "fish" && (c == '\n' || c == '\\')) {
      out += c == '\n' ? "\\n" : "\\\\";
    } else if (form == "zsh" && byte >= 0x83 && byte <= 0xA2) {
      out += '\x83';
      out += static_cast<char>(byte ^ 0x20);
    } else {
      out += c;
    }
  }
  out += '\n';
  if (form == "fish" && time.known()) out += fmt::format("  when: {}\n", seconds);
}

}  // namespace landwarden::decode::text
