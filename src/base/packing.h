// Values back to back in memory, and back again: for files that this program writes for itself to read.
//
// A Packer appends; an Unpacker takes in the same order and never trusts what it reads: what does not fit
// gives an empty value, and from then on nothing more (failed()). Numbers are as this machine has them,
// arrays stand at multiples of 8 so that they can be used where they are. Who reads checks what the numbers
// mean.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace landwarden {

class Packer {
 public:
  template <class T>
    requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
  void put(T value) {
    append(&value, sizeof value);
  }
  /// Most are small: seven bits a byte.
  void put_size(std::size_t size) {
    for (; size >= 0x80; size >>= 7) put(static_cast<std::uint8_t>(size | 0x80));
    put(static_cast<std::uint8_t>(size));
  }
  void put(std::string_view text) {
    put_size(text.size());
    append(text.data(), text.size());
  }
  void put(const std::string& text) { put(std::string_view(text)); }
  void put(const std::vector<std::string>& texts) {
    put_size(texts.size());
    for (const std::string& text : texts) put(text);
  }
  /// Without their number.
  void put_bytes(std::span<const std::byte> bytes) { append(bytes.data(), bytes.size()); }
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void put_array(std::span<const T> values) {
    put_size(values.size());
    bytes_.resize((bytes_.size() + 7) / 8 * 8);
    append(values.data(), values.size_bytes());
  }
  template <class T>
  void put_array(const std::vector<T>& values) {
    put_array(std::span<const T>(values));
  }

  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  void append(const void* data, std::size_t size) {
    const auto* from = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), from, from + size);
  }
  std::vector<std::byte> bytes_;
};

class Unpacker {
 public:
  /// `bytes` begin at a multiple of 8 and must outlive the views that are given out.
  explicit Unpacker(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool failed() const { return failed_; }
  void fail() {
    failed_ = true;
    at_ = bytes_.size();
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

  template <class T>
    requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
  void get(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = number<std::uint8_t>() != 0;
    } else {
      value = number<T>();
    }
  }
  void get(std::string& value) { value = text(); }
  void get(std::vector<std::string>& values) {
    values.resize(count());
    for (std::string& value : values) get(value);
  }
  [[nodiscard]] std::string_view text() {
    const std::span<const std::byte> bytes = take(size());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// What put_size() put.
  [[nodiscard]] std::uint64_t size() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = number<std::uint8_t>();
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  template <class T>
  [[nodiscard]] T number() {
    T value{};
    const std::span<const std::byte> bytes = take(sizeof value);
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  /// How many things follow that take at least `least` bytes each: never more than there is room for.
  [[nodiscard]] std::size_t count(std::size_t least = 1) {
    const std::uint64_t value = size();
    if (value <= (bytes_.size() - at_) / least) return static_cast<std::size_t>(value);
    fail();
    return 0;
  }
  template <class T>
    requires std::is_trivially_copyable_v<T>
  [[nodiscard]] std::span<const T> array() {
    static_assert(alignof(T) <= 8);
    const std::size_t values = count(1);
    if (values > bytes_.size() / sizeof(T)) fail();
    (void)take((8 - at_ % 8) % 8);
    const std::span<const std::byte> bytes = take(failed_ ? 0 : values * sizeof(T));
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

 private:
  [[nodiscard]] std::span<const std::byte> take(std::uint64_t size) {
    if (size > bytes_.size() - at_) {
      fail();
      return {};
    }
    const auto out = bytes_.subspan(at_, static_cast<std::size_t>(size));
    at_ += static_cast<std::size_t>(size);
    return out;
  }
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace landwarden
