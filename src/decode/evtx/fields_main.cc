// Prints every record of EVTX files as one line of JSON: {"file", "offset", "id", "time", "fields": {name:
// value or list}}. For comparing with other people's parsers (tools/evtx_differential.py); null is null, all
// else is text.
//
//   lw_evtx_fields [--unfold] FILE…     or the files' names, one a line, on standard input

#include <fmt/core.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "decode/evtx/reader.h"

namespace {

using namespace landwarden;

void append_json(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_cell(std::string& out, const event::ValueTable& values, std::span<const event::Code> codes) {
  const bool list = codes.size() > 1;
  if (list) out += '[';
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (i > 0) out += ',';
    if (codes[i] == event::kNull) {
      out += "null";
    } else {
      append_json(out, values.at(codes[i]).text);
    }
  }
  if (list) out += ']';
}

class PrintingSink final : public event::BatchSink {
 public:
  explicit PrintingSink(event::Catalogue& catalogue) : catalogue_(catalogue) {}

  event::Wanted wanted(event::ShapeId) override { return {}; }

  void consume(const event::EventBatch& batch) override {
    for (std::size_t row = 0; row < batch.rows.size(); ++row) {
      line_ = "{\"file\":";
      append_json(line_, file);
      const event::RowMeta& meta = batch.rows[row];
      line_ += fmt::format(",\"offset\":{},\"id\":{},\"time\":\"{}\",\"fields\":{{", meta.offset,
                           meta.record_id, to_rfc3339(meta.time));
      bool first = true;
      for (const event::Column& column : batch.columns) {
        const auto codes = column.cell(row);
        if (codes.empty()) continue;
        if (!first) line_ += ',';
        first = false;
        append_json(line_, catalogue_.field_name(column.field));
        line_ += ':';
        append_cell(line_, *column.values, codes);
      }
      line_ += "}}\n";
      std::fwrite(line_.data(), 1, line_.size(), stdout);
    }
  }

  std::string file;

 private:
  event::Catalogue& catalogue_;
  std::string line_;
};

void print_file(const std::string& path, PrintingSink& sink, decode::evtx::Reader& reader) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  sink.file = path;
  event::Receipt receipt;
  reader.decode_unit({}, decode::evtx::as_bytes(bytes), 0, receipt);
  for (const auto& lost : receipt.quarantined) {
    fmt::print(stderr, "{}: lost {:#x}+{}: {}\n", path, lost.offset, lost.size, lost.reason);
  }
  for (const auto& damage : receipt.damage)
    fmt::print(stderr, "{}: {} x {}\n", path, damage.count, damage.what);
}

}  // namespace

int main(int argc, char** argv) {
  event::Catalogue catalogue;
  PrintingSink sink(catalogue);
  event::BatchBuilder builder(catalogue, sink);
  decode::evtx::Reader reader(builder);
  bool any = false;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--unfold") {
      reader.always_unfold(true);
      continue;
    }
    any = true;
    print_file(argv[i], sink, reader);
  }
  if (any) return 0;
  for (std::string path; std::getline(std::cin, path);) print_file(path, sink, reader);
  return 0;
}
