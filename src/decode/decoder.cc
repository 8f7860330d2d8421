#include "decode/decoder.h"

#include <optional>

#include "decode/csv/reader.h"
#include "decode/evtx/reader.h"
#include "decode/json/reader.h"
#include "decode/text/reader.h"
#include "decode/xml/reader.h"

namespace landwarden::decode {

struct Decoder::State {
  State(event::BatchBuilder& given, const DecodeOptions& options)
      : builder(given), evtx(given, options.ansi_codepage) {}

  event::BatchBuilder& builder;
  evtx::Reader evtx;
  // Made when first needed: their tables of layouts take longer to read than a small log.
  std::optional<json::Reader> json;
  std::optional<xml::Reader> xml;
  std::optional<csv::Reader> csv;
  std::optional<text::Reader> text;
};

Decoder::Decoder(event::BatchBuilder& builder, const DecodeOptions& options)
    : state_(std::make_unique<State>(builder, options)) {}
Decoder::~Decoder() = default;

void Decoder::pass_over(const RawFilter* filter) {
  state_->evtx.pass_over(filter);
}

void Decoder::keywords(const RawTexts* texts) {
  state_->evtx.keywords(texts);
}

void Decoder::decode(const WorkUnit& unit, event::Receipt& receipt) {
  switch (unit.format) {
    case Format::evtx:
      if (!unit.carved.empty()) {
        return state_->evtx.decode_carved(unit.source, evtx::as_bytes(unit.bytes), unit.carved, receipt);
      }
      return state_->evtx.decode_unit(unit.source, evtx::as_bytes(unit.bytes), unit.offset, receipt);
    case Format::json:
      if (!state_->json) state_->json.emplace(state_->builder);
      return state_->json->decode_unit(unit, receipt);
    case Format::xml:
      if (!state_->xml) state_->xml.emplace(state_->builder);
      return state_->xml->decode_unit(unit, receipt);
    case Format::csv:
      if (!state_->csv) state_->csv.emplace(state_->builder);
      return state_->csv->decode_unit(unit, receipt);
    case Format::text:
      if (!state_->text) state_->text.emplace(state_->builder);
      return state_->text->decode_unit(unit, receipt);
  }
}

}  // namespace landwarden::decode
