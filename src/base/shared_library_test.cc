#include "base/shared_library.h"

#include <gtest/gtest.h>

namespace landwarden {
namespace {

TEST(SharedLibrary, GivesItsFunctions) {
  const auto library = SharedLibrary::load("libc.so.6");
  ASSERT_TRUE(library) << library.error().to_string();
  int (*function)(int) = nullptr;
  ASSERT_TRUE(library->find("toupper", function));
  EXPECT_EQ(function('a'), 'A');
}

TEST(SharedLibrary, SaysWhatIsMissing) {
  const auto none = SharedLibrary::load("libthere-is-none.so.1");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::unsupported);
  EXPECT_NE(none.error().message.find("libthere-is-none.so.1"), std::string::npos) << none.error().message;
  const auto library = SharedLibrary::load("libc.so.6");
  ASSERT_TRUE(library);
  int (*function)(int) = nullptr;
  const auto found = library->find("there_is_no_such_function", function);
  ASSERT_FALSE(found);
  EXPECT_EQ(function, nullptr);
  EXPECT_NE(found.error().message.find("there_is_no_such_function"), std::string::npos)
      << found.error().message;
}

}  // namespace
}  // namespace landwarden
