// Measures decoding of EVTX files into columns: every value typed and rendered, checksums tested.
//
//   lw_decode_bench [--floor | --as-text] [--fields NAME,…] [--threads N] [--repeat N] [--unit-kib N] FILE…
//
// Values are typed, or UTF-8; --as-text wants the text of those that are typed, too: hashes of the two ways
// differ. Prints the time of the best of N runs (reading and decoding), the rates, and a hash over all
// values. With
// --fields only those are wanted. --floor measures what no decoder can do without: reading the same units and
// taking one CRC-32 over them. lw_detect_bench asks for what rules want to see.

#include "decode_bench.h"

namespace {

using namespace landwarden;

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    out.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Options options;
  std::vector<std::string> fields;
  bool understood = true;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--fields" && i + 1 < argc) {
      fields = split(argv[++i]);
    } else {
      understood = bench::take_option(options, argc, argv, i) && understood;
    }
  }
  if (options.files.empty() || !understood) {
    fmt::print(stderr,
               "usage: lw_decode_bench [--floor | --as-text] [--fields NAME,…] [--threads N] [--repeat N] "
               "[--unit-kib N] FILE…\n");
    return 2;
  }
  event::Catalogue catalogue;
  return bench::measure(options, catalogue, [&](event::Catalogue& names) -> bench::Wants {
    event::Wanted wanted{.drop = false, .all = fields.empty(), .fields = {}};
    for (const std::string& name : fields) {
      if (const auto id = names.field(name)) wanted.fields.push_back(*id);
    }
    std::sort(wanted.fields.begin(), wanted.fields.end());
    return [wanted](event::ShapeId) { return wanted; };
  });
}
