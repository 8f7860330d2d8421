// The bytes of a work unit: a string whose memory begins at a page.
//
// Where memory begins decides how fast the kernel can copy a file into it. Large blocks of malloc lie 16
// bytes behind a page; a log is read from places that are multiples of a page, and x86 processors copy (`rep
// movsb`) three to four times slower when the two ends lie between 1 and 63 bytes apart modulo 4,096, because
// each load looks as if it might depend on a store just before it.

#pragma once

#include <cstddef>
#include <new>
#include <string>

namespace landwarden::decode {

/// std::allocator, but every block begins at a page.
template <typename T>
struct PageAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{4096};

  PageAllocator() = default;
  template <typename Other>
  // NOLINTNEXTLINE(google-explicit-constructor): allocators of other types convert, by the standard.
  PageAllocator(const PageAllocator<Other>& other) {
    (void)other;
  }

  [[nodiscard]] T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), kAlignment));
  }
  void deallocate(T* block, std::size_t count) { ::operator delete(block, count * sizeof(T), kAlignment); }
  friend bool operator==(const PageAllocator&, const PageAllocator&) = default;
};

using Buffer = std::basic_string<char, std::char_traits<char>, PageAllocator<char>>;

}  // namespace landwarden::decode
