#include "decode/evtx/layout.h"

namespace landwarden::decode::evtx {

using event::ValueType;

bool left_out(const FieldPlan& field, const RecordValues& record, unsigned instance) {
  for (const std::uint16_t dependency : field.dependencies) {
    // A slot that the instance does not have is no dependency.
    if (dependency < record.counts[instance] &&
        record.values[instance][dependency].type == value_type::kNull) {
      return true;
    }
  }
  return false;
}

Layout::Layout(const Plan& outer, const Plan* inner, event::BatchBuilder& builder, event::ShapeWriter& writer)
    : builder_(builder), writer_(writer), epoch_(builder.dictionary_epoch()) {
  add(outer, 0, 0, outer.embedded_at, builder);
  if (inner != nullptr) add(*inner, 1, 0, inner->fields.size(), builder);
  add(outer, 0, outer.embedded_at, outer.fields.size(), builder);
}

void Layout::add(const Plan& plan, unsigned instance, std::size_t begin, std::size_t end,
                 event::BatchBuilder& builder) {
  for (std::size_t i = begin; i < end; ++i) {
    const FieldPlan& field = plan.fields[i];
    const auto id = builder.catalogue().field(field.name);
    const event::Wanted& wanted = writer_.wanted();
    if (!wanted.all && !(id && wanted.wants(*id))) continue;
    Step step{.kind = field.is_slot()      ? Step::slot
                      : field.is_literal() ? Step::literal
                                           : Step::joined,
              .instance = static_cast<std::uint8_t>(instance),
              .when_empty = field.when_empty,
              .field = &field};
    if (field.is_slot()) step.number = field.parts[0].slot;
    // Being absent because the own value is null needs no look at the dependencies if null means absent
    // anyway.
    step.depends_on_other = !field.dependencies.empty();
    if (field.when_empty == WhenEmpty::absent && field.is_slot() && field.dependencies.size() == 1 &&
        field.dependencies[0] == step.number) {
      step.depends_on_other = false;
    }
    const auto column = id ? writer_.column(*id) : std::nullopt;
    step.extra = !column;
    if (column) {
      step.column = *column;
      step.table = &writer_.table(*column);
    }
    steps_.push_back(step);
  }
}

void Layout::put(const RecordValues& record) {
  if (epoch_ != builder_.dictionary_epoch()) {
    epoch_ = builder_.dictionary_epoch();
    for (Step& step : steps_) step.code = event::kAbsent;
  }
  for (Step& step : steps_) {
    if (step.depends_on_other && left_out(*step.field, record, step.instance)) continue;
    if (step.kind == Step::slot) {
      RawValue value = record.at(step.instance, step.number);
      if (value.size == 0 || value.type == value_type::kNull || !is_list(value.type)) {
        put_value(step, value);
      } else {
        while (value.size > 0) put_value(step, next_item(value));
      }
    } else if (step.kind == Step::literal) {
      put_literal(step);
    } else {
      put_joined(step, record);
    }
  }
}

void Layout::put_value(const Step& step, const RawValue& value) {
  if (is_empty(value)) return put_empty(step);
  if (step.extra) {
    text_.clear();
    const ValueType type = render(value.type, value.bytes(), text_);
    return writer_.put_extra(step.field->name, type, text_);
  }
  writer_.put(step.column, step.table->intern_raw(raw_kind(value.type), value.bytes(), [&](std::string& out) {
    return render(value.type, value.bytes(), out);
  }));
}

void Layout::put_empty(const Step& step) {
  if (step.when_empty == WhenEmpty::absent) return;
  if (step.when_empty == WhenEmpty::text) return put_text(step, ValueType::text, {});
  if (step.extra) return writer_.put_extra(step.field->name, ValueType::text, {}, true);
  writer_.put(step.column, event::kNull);
}

void Layout::put_text(const Step& step, ValueType type, std::string_view text) {
  if (step.extra) return writer_.put_extra(step.field->name, type, text);
  writer_.put(step.column, step.table->intern(type, text));
}

void Layout::put_literal(Step& step) {
  const std::vector<Part>& parts = step.field->parts;
  if (parts.empty()) return put_empty(step);
  if (step.extra) return put_text(step, parts[0].type, parts[0].text);
  if (step.code == event::kAbsent) step.code = step.table->intern(parts[0].type, parts[0].text);
  writer_.put(step.column, step.code);
}

void Layout::put_joined(const Step& step, const RecordValues& record) {
  text_.clear();
  for (const Part& part : step.field->parts) {
    if (!part.is_slot) {
      text_ += part.text;
      continue;
    }
    const RawValue value = record.at(step.instance, part.slot);
    if (!is_empty(value)) render(value.type, value.bytes(), text_);
  }
  if (text_.empty()) return put_empty(step);
  put_text(step, ValueType::text, text_);
}

}  // namespace landwarden::decode::evtx
