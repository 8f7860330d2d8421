#include "cli/interrupt.h"

#include <csignal>

#include <unistd.h>

namespace landwarden::cli {
namespace {

std::atomic<bool> stop_asked = false;  // a signal handler can reach nothing but a global
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int signal) {
  if (!stop_asked.exchange(true)) return;
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

void let_writes_fail() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

const std::atomic<bool>& watch_for_interrupt() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  // No SA_RESTART: a read that waits for standard input must come back and see the flag.
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return stop_asked;
}

}  // namespace landwarden::cli
