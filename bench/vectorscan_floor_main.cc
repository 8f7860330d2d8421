// The floor that no matcher of literals goes below: one pass of Vectorscan, with all literals of a rule set,
// over the bytes of files as they are. Nothing is decoded and nothing decided. For comparison; the program
// does not use Vectorscan.
//
//   lw_vectorscan_floor --rules PATH FILE…

#include <hs/hs.h>

#include <set>

#include "base/text.h"
#include "decode_bench.h"
#include "sigma/loader.h"
#include "sigma/pattern.h"

using namespace landwarden;

namespace {

/// The longest literal of each pattern, folded: what a matcher looks for first.
std::vector<std::string> literals_of(const std::vector<std::string>& paths) {
  std::set<std::string> out;
  for (const sigma::Rule& rule : sigma::load_rules(paths).rules) {
    for (const sigma::Test& test : rule.tests) {
      const std::string longest = sigma::CompiledPattern(test.predicate.pattern).longest_literal();
      if (longest.size() >= 3) out.insert(longest);
    }
  }
  return {out.begin(), out.end()};
}

hs_database_t* database_of(const std::vector<std::string>& literals) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  std::vector<unsigned> ids, flags(literals.size(), HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH);
  for (const std::string& literal : literals) {
    ids.push_back(static_cast<unsigned>(texts.size()));
    texts.push_back(literal.data());
    sizes.push_back(literal.size());
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), sizes.data(),
                           static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, nullptr, &database,
                           &error) != HS_SUCCESS) {
    fmt::print(stderr, "{}\n", error->message);
    std::exit(2);
  }
  return database;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Options options;
  std::vector<std::string> rules;
  bool understood = true;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--rules" && i + 1 < argc) {
      rules.emplace_back(argv[++i]);
    } else {
      understood = bench::take_option(options, argc, argv, i) && understood;
    }
  }
  if (!understood || rules.empty() || options.files.empty()) {
    fmt::print(stderr, "usage: lw_vectorscan_floor --rules PATH [--repeat N] FILE…\n");
    return 2;
  }
  const auto literals = literals_of(rules);
  double before = bench::cpu_now();
  hs_database_t* database = database_of(literals);
  fmt::print("{} literals, {:.3f} s CPU to compile\n", literals.size(), bench::cpu_now() - before);
  hs_scratch_t* scratch = nullptr;
  if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) return 2;
  std::string bytes(options.unit_bytes + 4096, '\0');
  double best = 0;
  for (int i = 0; i < options.repeat; ++i) {
    std::uint64_t hits = 0, size = 0;
    bench::Pieces pieces(options);
    before = bench::cpu_now();
    while (const bench::Piece* piece = pieces.take()) {
      if (::pread(piece->file, bytes.data(), piece->size, static_cast<off_t>(piece->offset)) < 0) return 2;
      const auto count = [](unsigned, unsigned long long, unsigned long long, unsigned, void* to) {
        ++*static_cast<std::uint64_t*>(to);
        return 0;
      };
      if (hs_scan(database, bytes.data(), static_cast<unsigned>(piece->size), 0, scratch, count, &hits) !=
          HS_SUCCESS)
        return 2;
      size += piece->size;
    }
    const double seconds = bench::cpu_now() - before;
    if (i > 0 && seconds >= best) continue;
    best = seconds;
    fmt::print("{:.1f} MB, {} hits in {:.4f} s CPU\n", static_cast<double>(size) / 1e6, hits, seconds);
  }
  return 0;
}
