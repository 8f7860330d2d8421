// Decodes work units of any format into batches. One Decoder a worker; it keeps what it learnt (templates,
// layouts) between units, but no result depends on that.

#pragma once

#include <memory>

#include "decode/options.h"
#include "decode/raw_filter.h"
#include "decode/raw_texts.h"
#include "decode/unit.h"
#include "event/builder.h"

namespace landwarden::decode {

class Decoder {
 public:
  /// The builder must outlive the decoder.
  explicit Decoder(event::BatchBuilder& builder, const DecodeOptions& options = {});
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Gives no rows for records that cannot hold what `filter` looks for, where their bytes can tell; they are
  /// seen, counted and checked all the same. Call it before the first unit; the filter must outlive the
  /// decoder.
  void pass_over(const RawFilter* filter);
  /// For shapes that are wanted "all by text" (event::Wanted): the texts. As pass_over(); one or the other.
  void keywords(const RawTexts* texts);

  /// Decodes one unit, batches go to the builder's sink before it returns. What was seen, decoded and
  /// quarantined is added to `receipt` (`receipt.source` is left alone).
  void decode(const WorkUnit& unit, event::Receipt& receipt);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace landwarden::decode
