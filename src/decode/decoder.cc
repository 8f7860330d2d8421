#include "decode/decoder.h"

#include "decode/evtx/reader.h"
#include "decode/json/reader.h"

namespace landwarden::decode {

struct Decoder::State {
  State(event::BatchBuilder& builder, const DecodeOptions& options)
      : evtx(builder, options.ansi_codepage), json(builder) {}

  evtx::Reader evtx;
  json::Reader json;
};

Decoder::Decoder(event::BatchBuilder& builder, const DecodeOptions& options)
    : state_(std::make_unique<State>(builder, options)) {}
Decoder::~Decoder() = default;

void Decoder::pass_over(const RawFilter* filter) {
  state_->evtx.pass_over(filter);
}

void Decoder::decode(const WorkUnit& unit, event::Receipt& receipt) {
  switch (unit.format) {
    case Format::evtx:
      if (!unit.carved.empty()) {
        return state_->evtx.decode_carved(unit.source, evtx::as_bytes(unit.bytes), unit.carved, receipt);
      }
      return state_->evtx.decode_unit(unit.source, evtx::as_bytes(unit.bytes), unit.offset, receipt);
    case Format::json:
      return state_->json.decode_unit(unit, receipt);
  }
}

}  // namespace landwarden::decode
