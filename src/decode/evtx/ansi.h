// ANSI text of records and templates (value type 02) in the code page of the machine that wrote the log.
//
// Code page 1252 is rendered by value.h itself. For any other, values are turned into UTF-16 text before
// anything looks at them, so that nothing else needs to know. Conversion is iconv's; what a code page does
// not define becomes U+FFFD, but bytes 0x80 to 0x9f of the pages 1250 to 1258 stay control characters, as
// Windows maps them. One worker; converted text lives until forget().

#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "decode/evtx/binxml.h"
#include "decode/evtx/value.h"

namespace landwarden::decode::evtx {

/// The code pages that there are: 437, 850, 874, 932, 936, 949, 950, 1250 to 1258, and 65001 (UTF-8).
[[nodiscard]] std::span<const unsigned> ansi_codepages();

class AnsiText {
 public:
  /// 1252 converts nothing. Others must be one of ansi_codepages(); one that this system's iconv lacks reads
  /// as U+FFFD beyond ASCII.
  explicit AnsiText(unsigned codepage);
  ~AnsiText();
  AnsiText(const AnsiText&) = delete;
  AnsiText& operator=(const AnsiText&) = delete;

  /// Whether anything is to be converted at all.
  [[nodiscard]] bool converts() const { return converter_ != nullptr; }
  /// ANSI values (and lists of them) become UTF-16 ones.
  void convert(std::span<RawValue> values);
  /// The same for values that stand in the text of a stream.
  void convert(Tree& tree);
  /// What was converted is no longer looked at.
  void forget();

 private:
  struct Converter;
  [[nodiscard]] Bytes to_utf16(Bytes text);
  void take_rest(std::vector<std::byte>& out);

  std::unique_ptr<Converter> converter_;
  std::deque<std::vector<std::byte>> kept_;
};

}  // namespace landwarden::decode::evtx
