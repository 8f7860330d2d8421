// Random values for round trips through the EVTX writer, each with the text that it must read back as.
//
// The texts are worked out here from what was put in (docs/evtx.md, "Values"), by other code than the
// reader's. The same seed gives the same values. Not thread-safe.

#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "decode/evtx/writer.h"

namespace landwarden::decode::evtx {

/// A value and what it must show: one text, or one an item of an array. Nothing in it: one empty text, no
/// item.
struct KnownValue {
  write::Value value;
  std::vector<std::string> texts;
  [[nodiscard]] bool is_list() const { return (value.type & write::kArrayFlag) != 0; }
};

class RandomValues {
 public:
  /// `for_xml`: only characters that XML can hold, and no text that looks like an escape of the export's.
  RandomValues(std::uint64_t seed, unsigned codepage, bool for_xml)
      : random_(seed), codepage_(codepage), for_xml_(for_xml) {}

  using T = write::ValueType;
  /// Every plain type; those of them that come in arrays; those that may stand in the text of a stream.
  static constexpr T kPlain[] = {T::null,    T::string,  T::ansi,   T::int8,       T::uint8,  T::int16,
                                 T::uint16,  T::int32,   T::uint32, T::int64,      T::uint64, T::float32,
                                 T::float64, T::boolean, T::binary, T::guid,       T::size,   T::filetime,
                                 T::sid,     T::hex32,   T::hex64,  T::systemtime, T::handle, T::xml};
  static bool in_arrays(T type) {
    return type != T::null && type != T::binary && type != T::handle && type != T::xml;
  }
  static bool in_text(T type) { return type != T::null && type != T::size && type != T::handle; }

  [[nodiscard]] std::uint64_t below(std::uint64_t end) { return random_() % end; }
  [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }

  [[nodiscard]] KnownValue any(bool arrays) {
    const T type = kPlain[below(std::size(kPlain))];
    return arrays && in_arrays(type) && one_in(4) ? array(type) : plain(type);
  }
  [[nodiscard]] KnownValue any_in_text() {
    for (;;) {
      const T type = kPlain[below(std::size(kPlain))];
      if (in_text(type)) return plain(type);
    }
  }

  [[nodiscard]] KnownValue plain(T type);

  /// Items of one size, where it has more than one.
  [[nodiscard]] KnownValue array(T type);

  [[nodiscard]] std::string text(std::size_t most);

 private:
  static bool ends_in_nul(const std::vector<std::byte>& bytes, std::size_t unit);

  /// Any number, often one at the edge of something: for reals NaN, infinities, denormals, both zeroes.
  template <class N>
  N edge();

  template <class N>
  KnownValue integer(T type);

  [[nodiscard]] KnownValue number(T type);

  [[nodiscard]] KnownValue hexadecimal(T type);
  [[nodiscard]] KnownValue size(bool narrow);

  template <class R>
  static std::string shortest(R number);
  template <class R>
  static KnownValue real(T type, R number);

  [[nodiscard]] KnownValue time(T type);
  static std::string shown(std::int64_t ticks);

  [[nodiscard]] KnownValue bytes(T type);

  [[nodiscard]] KnownValue text_value(T type);

  /// A text in a code page, and what it says.
  static std::pair<const char*, const char*> ansi_piece(unsigned codepage);

  std::mt19937_64 random_;
  unsigned codepage_;
  bool for_xml_;
};

}  // namespace landwarden::decode::evtx
