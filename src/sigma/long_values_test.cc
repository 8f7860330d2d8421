#include "sigma/long_values.h"

#include <gtest/gtest.h>

#include <string>

namespace landwarden::sigma {
namespace {

std::string text(std::size_t number) {
  return std::string(LongValues::kLeast, 'x') + std::to_string(number);
}

TEST(LongValues, KnowsATextAgainInItsFieldAlone) {
  LongValues values;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    std::uint32_t& known = values.at(i % 3, text(i));
    ASSERT_EQ(known, LongValues::kUnknown);
    known = i;
  }
  for (std::uint32_t i = 0; i < 5000; ++i) ASSERT_EQ(values.at(i % 3, text(i)), i);
  EXPECT_EQ(values.size(), 5000U);
  EXPECT_EQ(values.at(1, text(0)), LongValues::kUnknown) << "it was met in field 0";
}

TEST(LongValues, ForgetsEverythingWhenToldAndWhenThereIsTooMuch) {
  LongValues values;
  values.at(0, text(1)) = 7;
  values.clear();
  EXPECT_EQ(values.at(0, text(1)), LongValues::kUnknown);
  for (std::size_t i = 0; i <= LongValues::kMost; ++i) values.at(0, text(i)) = 7;
  EXPECT_LE(values.size(), LongValues::kMost);
}

}  // namespace
}  // namespace landwarden::sigma
