#include "sigma/literal_index.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace landwarden::sigma {
namespace {

std::set<std::uint32_t> found(const LiteralIndex& index, std::string_view text) {
  std::set<std::uint32_t> ids;
  index.scan(text, [](std::uint32_t) { return false; }, [&](std::uint32_t id) { ids.insert(id); });
  return ids;
}

TEST(LiteralIndex, FindsLiteralsOfEveryLength) {
  LiteralIndex index;
  index.add("a", LiteralIndex::Anchor::anywhere, 0);
  index.add("bc", LiteralIndex::Anchor::anywhere, 1);
  index.add("def", LiteralIndex::Anchor::anywhere, 2);
  index.add("ghij", LiteralIndex::Anchor::anywhere, 3);
  index.add("klmnopqrst", LiteralIndex::Anchor::anywhere, 4);
  index.build();
  EXPECT_EQ(found(index, "a bc def ghij klmnopqrst"), (std::set<std::uint32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(found(index, "klmnopqrs"), std::set<std::uint32_t>{});
  EXPECT_EQ(found(index, ""), std::set<std::uint32_t>{});
}

TEST(LiteralIndex, KeepsAnchors) {
  LiteralIndex index;
  index.add("\\net.exe", LiteralIndex::Anchor::end, 0);
  index.add("c:\\windows", LiteralIndex::Anchor::start, 1);
  index.build();
  EXPECT_EQ(found(index, "c:\\windows\\net.exe"), (std::set<std::uint32_t>{0, 1}));
  EXPECT_EQ(found(index, "x c:\\windows\\net.exe x"), std::set<std::uint32_t>{});
}

TEST(LiteralIndex, AgreesWithSearchingOneByOne) {
  for (const unsigned seed : {1U, 2U, 3U, 4U, 5U}) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto text = [&](std::size_t most) {
      std::string out(random() % most, 'a');
      for (char& c : out) c = "abc\xC3"[random() % 4];
      return out;
    };
    struct Expected {
      std::string literal;
      LiteralIndex::Anchor anchor;
    };
    std::vector<Expected> literals;
    LiteralIndex index;
    for (std::uint32_t id = 0; id < 300; ++id) {
      literals.push_back({text(9) + "b", static_cast<LiteralIndex::Anchor>(random() % 3)});
      index.add(literals.back().literal, literals.back().anchor, id);
    }
    index.build();
    for (int i = 0; i < 500; ++i) {
      const std::string value = text(40);
      std::set<std::uint32_t> expected;
      for (std::uint32_t id = 0; id < literals.size(); ++id) {
        const auto& [literal, anchor] = literals[id];
        const bool is = anchor == LiteralIndex::Anchor::start ? value.starts_with(literal)
                        : anchor == LiteralIndex::Anchor::end ? value.ends_with(literal)
                                                              : value.find(literal) != std::string::npos;
        if (is) expected.insert(id);
      }
      ASSERT_EQ(found(index, value), expected) << value;
    }
  }
}

}  // namespace
}  // namespace landwarden::sigma
