// Run by the build: reads the YAML tables of content/ and writes their trees, which content.S carries.
//
// usage: lw_pack_content OUT FOLDER LIST
// LIST names the files of content/, one a line, as they are in the program. OUT gets, for each and one more,
// where its tree begins (32 bits), then the trees at multiples of 8; rules have none (compiled, they are
// cached), nor has what is no YAML.

#include <cstdio>
#include <fstream>
#include <iterator>

#include "base/yaml_packing.h"
#include "base/yaml_reader.h"

namespace {

std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int count, char** arguments) {
  using namespace landwarden;
  if (count != 4) return 2;
  const std::string folder = arguments[2];
  std::ifstream list(arguments[3]);
  std::vector<std::uint32_t> begins;
  std::vector<std::byte> trees;
  for (std::string name; std::getline(list, name);) {
    begins.push_back(static_cast<std::uint32_t>(trees.size()));
    if (!name.ends_with(".yaml") || name.starts_with("rules/")) continue;
    const auto documents = yaml::read(text_of(folder + "/" + name), "content/" + name);
    if (!documents) {
      std::fprintf(stderr, "%s\n", documents.error().to_string().c_str());
      return 1;
    }
    Packer tree;
    yaml::pack(tree, *documents);
    trees.insert(trees.end(), tree.bytes().begin(), tree.bytes().end());
    trees.resize((trees.size() + 7) / 8 * 8);
  }
  begins.push_back(static_cast<std::uint32_t>(trees.size()));
  if (begins.size() % 2 != 0) begins.push_back(0);  // trees begin at a multiple of 8
  std::ofstream out(arguments[1], std::ios::binary);
  const auto put = [&out](const auto& values) {
    out.write(reinterpret_cast<const char*>(values.data()),
              static_cast<std::streamsize>(std::as_bytes(std::span(values)).size()));
  };
  put(begins);
  put(trees);
  out.close();
  return out ? 0 : 1;
}
