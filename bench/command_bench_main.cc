// Measures the reading of command lines: cold (every line is analysed and summarised) and on repeats (the
// memo knows them all).
//
//   lw_command_bench [--repeat N] FILE…      files of command lines, one a line
//
// Times are CPU seconds of the thread; the best of the runs.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "command/summary.h"

using namespace landwarden;

namespace {

double thread_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace

int main(int count, char** arguments) {
  int repeat = 5;
  std::vector<std::string> lines;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(arguments[i], "--repeat") == 0 && i + 1 < count) {
      repeat = std::max(1, std::atoi(arguments[++i]));
      continue;
    }
    std::ifstream file(arguments[i]);
    for (std::string line; std::getline(file, line);) {
      if (!line.empty()) lines.push_back(std::move(line));
    }
  }
  const auto grammar = command::Grammar::built_in();
  if (!grammar || lines.empty()) {
    std::cerr << (grammar ? "name files of command lines" : grammar.error().to_string()) << "\n";
    return 2;
  }
  std::size_t bytes = 0, actions = 0;
  for (const std::string& line : lines) bytes += line.size();
  double cold = 1e9, warm = 1e9;
  constexpr int kPasses = 20;  // over the lines, so that one run is long enough for the clock
  for (int run = 0; run < repeat; ++run) {
    command::Analyzer analyzer(*grammar);
    command::Meaning meaning;
    actions = 0;
    double begin = thread_seconds();
    for (int pass = 0; pass < kPasses; ++pass) {
      for (const std::string& line : lines) {
        analyzer.analyze({.line = line}, meaning);
        actions += command::summarise(meaning).action.empty() ? 0 : 1;
      }
    }
    cold = std::min(cold, thread_seconds() - begin);
    command::SummaryMemo memo(*grammar);
    for (const std::string& line : lines) (void)memo.of({.line = line});
    begin = thread_seconds();
    std::size_t checked = 0;
    for (int pass = 0; pass < kPasses; ++pass) {
      for (const std::string& line : lines) checked += memo.of({.line = line}).action.size();
    }
    warm = std::min(warm, thread_seconds() - begin);
    if (checked == 0) return 1;
  }
  const double all = static_cast<double>(lines.size()) * kPasses;
  std::cout << lines.size() << " lines of " << bytes / lines.size() << " bytes, " << actions / kPasses
            << " with an action\n"
            << "cold    " << static_cast<std::uint64_t>(all / cold) << " lines/s\n"
            << "repeats " << static_cast<std::uint64_t>(all / warm) << " lines/s\n";
  return 0;
}
