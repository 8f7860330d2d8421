#include "base/yaml_packing.h"

#include <gtest/gtest.h>

#include "base/content.h"
#include "base/yaml_reader.h"

namespace landwarden::yaml {
namespace {

std::string text_of(const Node& node) {
  std::string out = std::to_string(static_cast<int>(node.kind)) + "@" + std::to_string(node.line) + ":" +
                    std::to_string(node.column) + (node.quoted ? "q" : "") + (node.flag ? "t" : "") + "[" +
                    node.text + "]" + std::to_string(node.integer) + "/" + std::to_string(node.real);
  for (const Node& item : node.items) out += "-" + text_of(item);
  for (const auto& [key, value] : node.entries) out += "{" + text_of(key) + "=" + text_of(value) + "}";
  return out;
}

std::string text_of(const std::vector<Node>& documents) {
  std::string out;
  for (const Node& document : documents) out += text_of(document) + "\n";
  return out;
}

TEST(YamlPacking, GivesBackEveryKindOfNode) {
  const auto read_now = read(
      "a: [1, -7, 2.5, true, no, ~, 2024-01-01, 'x', \"quoted \\t\", 0x1F]\nb: {c: {}, d: []}\ne: |\n  "
      "block\n---\n- second\n",
      "x.yaml");
  ASSERT_TRUE(read_now) << read_now.error().to_string();
  Packer out;
  pack(out, *read_now);
  Unpacker in(out.bytes());
  EXPECT_EQ(text_of(unpack(in)), text_of(*read_now));
  EXPECT_TRUE(in.at_end());
}

TEST(YamlPacking, TheBuildReadEveryTableAsItIsReadNow) {
  std::size_t tables = 0;
  for (const content::BuiltIn& file : content::built_in()) {
    const auto known = content::tree_of(file.bytes());
    const bool is_table =
        std::string_view(file.name).ends_with(".yaml") && !std::string_view(file.name).starts_with("rules/");
    EXPECT_EQ(!known.empty(), is_table) << file.name;
    if (known.empty()) continue;
    ++tables;
    const auto read_now = read(file.bytes(), file.name);
    ASSERT_TRUE(read_now) << file.name;
    EXPECT_EQ(text_of(*parse(file.bytes(), file.name)), text_of(*read_now)) << file.name;
    EXPECT_TRUE(content::tree_of(file.bytes().substr(1)).empty());
    EXPECT_TRUE(content::tree_of(file.bytes().substr(0, file.bytes().size() - 1)).empty());
    EXPECT_TRUE(content::tree_of(std::string(file.bytes())).empty());
  }
  EXPECT_GT(tables, 50U);
}

}  // namespace
}  // namespace landwarden::yaml
