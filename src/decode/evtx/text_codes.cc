#include "decode/evtx/text_codes.h"

namespace landwarden::decode::evtx {

void TextCodes::wait(event::ValueTable& table, Bytes text, std::uint32_t first_row, std::uint32_t rows_end) {
  Waiting& waits = texts_[waiting_++];
  waits = {.text = text, .place = place_, .first_row = first_row, .rows_end = rows_end};
  if (text.size() / 2 > kLongest) return;
  char* out = narrow_.data() + narrow_used_;
  const std::size_t size = to_ascii(out, text);
  if (size == 0) return;
  waits.narrow = static_cast<std::uint32_t>(narrow_used_);
  waits.size = static_cast<std::uint32_t>(size);
  waits.hash = event::ValueTable::text_hash(event::ValueType::text, {out, size});
  table.expect_text(waits.hash);
  narrow_used_ += size;
}

event::Code TextCodes::look_up(event::ValueTable& table, const Waiting& waits, std::string& scratch) {
  if (waits.size == 0) return intern_text(table, waits.text, scratch);
  return table.intern_hashed(event::ValueType::text, {narrow_.data() + waits.narrow, waits.size}, waits.hash);
}

}  // namespace landwarden::decode::evtx
