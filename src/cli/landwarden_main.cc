#include "cli/program.h"

int main(int count, char** arguments) {
  return landwarden::cli::run_program(count, arguments);
}
