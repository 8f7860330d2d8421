#include "sigma/match_heads.h"

namespace landwarden::sigma {

Match MatchHeads::on(const event::EventBatch& batch, std::size_t row) {
  if (batch.shape.value >= logs_.size()) logs_.resize(batch.shape.value + std::size_t{1});
  Log& log = logs_[batch.shape.value];
  if (log.shape == nullptr) {
    const event::Shape& shape = catalogue_->shape(batch.shape);
    log = {&shape, shape.channel, shape.provider};
  }
  const event::RowMeta& meta = batch.rows[row];
  Match match{.time = meta.time,
              .channel = log.channel,
              .provider = log.provider,
              .event_id = log.shape->event_id.value_or(0),
              .has_event_id = log.shape->event_id.has_value(),
              .record_id = meta.record_id,
              .offset = meta.offset,
              .source = batch.source,
              .carved = meta.carved};
  if (meta.host < event::kFirstValue) return match;
  const std::string_view host = batch.hosts->at(meta.host).text;
  if (host_.str() != host) host_ = host;
  match.host = host_;
  return match;
}

}  // namespace landwarden::sigma
