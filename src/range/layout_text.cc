#include "range/layout_text.h"

#include <fmt/format.h>

#include "range/layouts.h"

namespace landwarden::range {

Json& Json::open() {
  out_ += '{';
  first_ = true;
  return *this;
}

Json& Json::open(std::string_view name) {
  key(name);
  return open();
}

Json& Json::close() {
  out_ += '}';
  first_ = false;
  return *this;
}

void Json::key(std::string_view name) {
  if (!first_) out_ += ',';
  first_ = false;
  quoted(name);
  out_ += ':';
}

void Json::quoted(std::string_view text) {
  out_ += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out_ += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out_ += c;
    }
  }
  out_ += '"';
}

Json& Json::text(std::string_view name, std::string_view value) {
  key(name);
  quoted(value);
  return *this;
}

Json& Json::raw(std::string_view name, std::string_view value) {
  key(name);
  out_ += value;
  return *this;
}

Json& Json::number(std::string_view name, std::uint64_t value) {
  return raw(name, std::to_string(value));
}

Json& Json::texts(std::string_view name, const std::vector<std::string>& values) {
  key(name);
  out_ += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out_ += ',';
    quoted(values[i]);
  }
  out_ += ']';
  return *this;
}

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string csv_row(const std::vector<std::string>& values, char separator) {
  std::string out;
  for (const std::string& value : values) {
    if (&value != &values.front()) out += separator;
    if (value.find_first_of("\"\r\n,;") == value.npos) {
      out += value;
      continue;
    }
    out += '"';
    for (const char c : value) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }
  return out + "\r\n";
}

std::string first_small(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] - 'A' + 'a');
  return out;
}

std::vector<std::string> values_of(const std::vector<PlainValue>& values) {
  std::vector<std::string> out;
  for (const PlainValue& value : values) out.push_back(value.text);
  return out;
}

}  // namespace landwarden::range
