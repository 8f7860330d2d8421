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

ShapePlans::ShapePlans(const Plan& plan) : watches(true) {
  for (const int index :
       {plan.system.event_id, plan.system.version, plan.system.channel, plan.system.provider}) {
    if (index < 0) continue;
    const FieldPlan& field = plan.fields[static_cast<std::size_t>(index)];
    const bool slot = field.is_slot();
    for (const std::uint16_t dependency : field.dependencies) {
      watches = watches && slot && dependency == field.parts[0].slot;
    }
    if (slot) watched.push_back(field.parts[0].slot);
  }
}

bool ShapePlans::is_as_before(const RecordValues& record) const {
  if (!watches || last == nullptr) return false;
  for (std::size_t i = 0; i < watched.size(); ++i) {
    if (!same_value(record.at(0, watched[i]), last_watched[i])) return false;
  }
  return true;
}

Layout::Layout(const Plan& outer, const Plan* inner, event::BatchBuilder& builder, event::ShapeWriter& writer)
    : writer_(writer) {
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
    step.depends_on_own =
        field.is_slot() && field.dependencies.size() == 1 && field.dependencies[0] == step.number;
    step.depends_on_other = !field.dependencies.empty() && !step.depends_on_own;
    const auto column = id ? writer_.column(*id) : std::nullopt;
    step.extra = !column;
    if (column) {
      step.column = *column;
      step.table = &writer_.table(*column);
    }
    steps_.push_back(step);
  }
}

void Layout::put(const RecordValues& record, std::uint64_t unit) {
  if (unit_ != unit) {
    // Codes may be void, and the bytes of values put last are gone.
    unit_ = unit;
    for (Step& step : steps_) {
      step.last = {};
      step.code = step.empty = event::kAbsent;
    }
  }
  for (Step& step : steps_) {
    if (step.depends_on_other && left_out(*step.field, record, step.instance)) continue;
    if (step.kind == Step::slot) {
      const RawValue value = record.at(step.instance, step.number);
      // A slot that the instance does not have is no dependency.
      if (step.depends_on_own && value.type == value_type::kNull &&
          step.number < record.counts[step.instance]) {
        continue;
      }
      if (step.code != event::kAbsent && same_value(value, step.last)) {
        writer_.put(step.column, step.code);
      } else {
        put_slot(step, value);
      }
    } else if (step.kind == Step::literal) {
      put_literal(step);
    } else {
      put_joined(step, record);
    }
  }
}

void Layout::put_slot(Step& step, const RawValue& value) {
  if (is_special(value.type) && value.size != 0 && is_list(value.type)) {
    for (RawValue rest = value; rest.size > 0;) put_value(step, next_item(rest));
    step.code = event::kAbsent;
  } else {
    put_value(step, value);
  }
}

void Layout::put_value(Step& step, const RawValue& value) {
  if (is_empty(value)) return put_empty(step);
  if (step.extra) {
    text_.clear();
    const ValueType type = render(value.type, value.bytes(), text_);
    return writer_.put_extra(step.field->name, type, text_);
  }
  step.last = value;
  step.code = step.table->intern_raw(raw_kind(value.type), value.bytes(), [&](std::string& out) {
    return render(value.type, value.bytes(), out);
  });
  writer_.put(step.column, step.code);
}

void Layout::put_empty(Step& step) {
  if (step.when_empty == WhenEmpty::absent) return;
  const bool null = step.when_empty == WhenEmpty::null;
  if (step.extra) return writer_.put_extra(step.field->name, ValueType::text, {}, null);
  if (step.empty == event::kAbsent)
    step.empty = null ? event::kNull : step.table->intern(ValueType::text, {});
  writer_.put(step.column, step.empty);
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

void Layout::put_joined(Step& step, const RecordValues& record) {
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
