#include "decode/evtx/ansi.h"

#include <iconv.h>

#include <cerrno>
#include <string>

namespace landwarden::decode::evtx {
namespace {

constexpr unsigned kCodepages[] = {437,  850,  874,  932,  936,  949,  950,  1250, 1251,
                                   1252, 1253, 1254, 1255, 1256, 1257, 1258, 65001};

const iconv_t kNoConverter = reinterpret_cast<iconv_t>(-1);  // what iconv_open says when it has none

void append_unit(std::vector<std::byte>& out, unsigned unit) {
  out.push_back(static_cast<std::byte>(unit & 0xff));
  out.push_back(static_cast<std::byte>(unit >> 8));
}

}  // namespace

std::span<const unsigned> ansi_codepages() {
  return kCodepages;
}

struct AnsiText::Converter {
  explicit Converter(unsigned codepage) : windows_125x(codepage >= 1250 && codepage <= 1258) {
    const std::string name = codepage == 65001 ? "UTF-8" : "CP" + std::to_string(codepage);
    handle = iconv_open("UTF-16LE", name.c_str());
  }
  ~Converter() {
    if (handle != kNoConverter) iconv_close(handle);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  iconv_t handle;
  bool windows_125x;
};

AnsiText::AnsiText(unsigned codepage) {
  if (codepage != 1252) converter_ = std::make_unique<Converter>(codepage);
}
AnsiText::~AnsiText() = default;

void AnsiText::convert(std::span<RawValue> values) {
  for (RawValue& value : values) {
    if ((value.type & ~value_type::kArray) != value_type::kAnsi || value.size == 0) continue;
    const Bytes text = to_utf16(value.bytes());
    const auto type = static_cast<std::uint8_t>(value_type::kText | (value.type & value_type::kArray));
    value = {text.data(), static_cast<std::uint32_t>(text.size()), type};
  }
}

void AnsiText::convert(Tree& tree) {
  for (Node& node : tree.nodes) {
    if (node.kind != NodeKind::value || node.type != value_type::kAnsi) continue;
    node.bytes = to_utf16(node.bytes);
    node.type = value_type::kText;
  }
}

void AnsiText::forget() {
  kept_.clear();
}

/// Some code pages (1258) combine letters: the last one waits for what may follow it.
void AnsiText::take_rest(std::vector<std::byte>& out) {
  char rest[16];
  char* to = rest;
  std::size_t room = sizeof rest;
  iconv(converter_->handle, nullptr, nullptr, &to, &room);
  const auto* begin = reinterpret_cast<const std::byte*>(rest);
  out.insert(out.end(), begin, begin + (sizeof rest - room));
}

Bytes AnsiText::to_utf16(Bytes text) {
  std::vector<std::byte>& out = kept_.emplace_back();
  out.reserve(text.size() * 2);
  char* in = reinterpret_cast<char*>(const_cast<std::byte*>(text.data()));  // iconv does not write there
  std::size_t left = text.size();
  if (converter_->handle != kNoConverter) iconv(converter_->handle, nullptr, nullptr, nullptr, nullptr);
  while (left > 0) {
    const auto byte = static_cast<unsigned char>(*in);
    if (converter_->handle != kNoConverter) {
      // No character of any of these code pages needs more than two units a byte.
      const std::size_t before = out.size();
      std::size_t room = left * 4 + 8;
      out.resize(before + room);
      char* to = reinterpret_cast<char*>(out.data() + before);
      const std::size_t done = iconv(converter_->handle, &in, &left, &to, &room);
      out.resize(out.size() - room);
      if (done != static_cast<std::size_t>(-1)) {
        take_rest(out);
        break;
      }
      if (errno == E2BIG) continue;
      if (left == 0) break;
    }
    const auto bad = static_cast<unsigned char>(*in);
    const bool control = converter_->windows_125x && bad >= 0x80 && bad < 0xA0;
    const bool plain = converter_->handle == kNoConverter && byte < 0x80;
    append_unit(out, plain || control ? bad : 0xFFFDU);
    ++in;
    --left;
  }
  return out;
}

}  // namespace landwarden::decode::evtx
