#include "decode/evtx/export_program.h"

#include <utility>

#include "base/limits.h"

namespace landwarden::decode::evtx {
namespace {

/// Pieces are short: two stores of sixteen bytes instead of a call. A program's text ends in this much room.
constexpr std::size_t kOvercopy = 32;

template <bool json>
class Runner {
 public:
  Runner(TextOut& out, const std::byte* readable)
      : out_(out), readable_(readable), to_(out.room(0)), limit_(out.limit()) {}
  ~Runner() { out_.end_at(to_); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void run(const Program& program, const Values& values, const Program* inner, const Values& inner_values) {
    const Step* step = program.steps.data();
    const Step* end = step + program.steps.size();
    for (; step < end; ++step) {
      switch (step->kind) {
        case Step::literal:
          put_before(program, *step, 0);
          break;
        case Step::leaf:
          put_leaf(program, *step, values);
          break;
        case Step::depends:
          if (values.is_null(step->slot)) step += step->count;
          break;
        case Step::object:
          put_object(program, *step, values);
          break;
        case Step::attribute:
          put_attribute(program, *step, values.at(step->slot));
          break;
        case Step::embed:
          put_before(program, *step, 0);
          if (inner != nullptr) run(*inner, inner_values, nullptr, {});
          break;
        case Step::close:
          put_before(program, *step, 0);
          need(8);
          if (to_[-1] == '{') {
            --to_;
            put("null");
          } else {
            *to_++ = '}';
          }
          break;
      }
    }
  }

 private:
  void need(std::size_t size) {
    if (static_cast<std::size_t>(limit_ - to_) >= size) [[likely]]
      return;
    out_.end_at(to_);
    to_ = out_.room(size);
    limit_ = out_.limit();
  }
  void put(std::string_view text) {
    std::memcpy(to_, text.data(), text.size());
    to_ += text.size();
  }
  void put(const Program& program, Piece piece) {
    const char* from = program.text.data() + piece.at;
    if (piece.size <= kOvercopy) [[likely]] {
      std::memcpy(to_, from, kOvercopy);
    } else {
      std::memcpy(to_, from, piece.size);
    }
    to_ += piece.size;
  }
  void put_before(const Program& program, const Step& step, std::size_t more) {
    need(step.before.size + kOvercopy + more);
    if (step.comma && to_[-1] == '{') {
      put(program, {step.before.at + 1, step.before.size - 1});
    } else {
      put(program, step.before);
    }
  }

  void put_leaf(const Program& program, const Step& step, const Values& values) {
    const RawValue value = values.at(step.slot);
    if (step.dependent && values.is_null(step.slot)) return;
    put_before(program, step,
               step.empty.size + step.after.size + 3 * kOvercopy + value_room(value.size, value.type));
    if (is_empty(value)) {
      put(program, step.empty);
      return put(program, step.after);
    }
    if ((value.type & value_type::kArray) != 0 && is_list(value.type)) return put_list(program, step, value);
    if constexpr (json) {
      to_ = put_json(to_, value, readable_);
    } else {
      to_ = put_value<Escape::xml>(to_, value, readable_);
    }
    put(program, step.after);
  }

  /// The items as a JSON array; as XML, the element once for each. An array of one is that one.
  void put_list(const Program& program, const Step& step, RawValue rest) {
    RawValue item = next_item(rest);
    const bool several = rest.size > 0;
    if (json && several) *to_++ = '[';
    for (bool first = true;; first = false) {
      need(value_room(item.size, item.type) + step.before.size + step.empty.size + step.after.size +
           4 * kOvercopy);
      if (!first) {
        if constexpr (json) {
          *to_++ = ',';
        } else {
          put(program, step.before);
        }
      }
      if (is_empty(item)) {
        put(program, step.empty);
      } else if constexpr (json) {
        to_ = put_json(to_, item, readable_);
      } else {
        to_ = put_value<Escape::xml>(to_, item, readable_);
      }
      if (!json) put(program, step.after);
      if (rest.size == 0) break;
      item = next_item(rest);
    }
    if (!json) return;
    need(step.after.size + 2 * kOvercopy);
    if (several) *to_++ = ']';
    put(program, step.after);
  }

  void put_attribute(const Program& program, const Step& step, const RawValue& value) {
    if (is_empty(value)) return;
    put_before(program, step, step.after.size + 2 * kOvercopy + value_room(value.size, value.type));
    to_ = put_value<Escape::xml_attribute>(to_, value, readable_);
    put(program, step.after);
  }

  void put_object(const Program& program, const Step& step, const Values& values) {
    put_before(program, step, 0);
    const ObjectStep& object = program.objects[step.count];
    const auto begin = static_cast<std::size_t>(to_ - out_.room_begin());
    need(object.open.size + kOvercopy);
    put(program, object.open);
    bool any = false;
    for (const ObjectStep::Attribute& attribute : object.attributes) {
      const RawValue value = attribute.is_slot ? values.at(attribute.slot) : RawValue{};
      if (attribute.is_slot && is_empty(value)) continue;
      need(attribute.key.size + attribute.literal.size + 3 * kOvercopy + value_room(value.size, value.type));
      if (any) *to_++ = ',';
      any = true;
      put(program, attribute.key);
      if (attribute.is_slot) {
        to_ = put_json(to_, value, readable_);
      } else {
        put(program, attribute.literal);
      }
    }
    const RawValue content = object.content_is_slot ? values.at(object.content_slot) : RawValue{};
    const bool has_content = object.content_is_slot ? !is_empty(content) : object.content.size != 0;
    need(object.between.size + object.plain.size + object.content.size + object.close.size + 5 * kOvercopy +
         value_room(content.size, content.type));
    if (!any) {
      to_ = out_.room_begin() + begin;
      put(program, object.plain);
      if (!has_content) put("null");
    } else if (has_content) {
      put(program, object.between);
    }
    if (has_content) {
      if (object.content_is_slot) {
        to_ = put_json(to_, content, readable_);
      } else {
        put(program, object.content);
      }
    }
    if (any) put(program, has_content ? object.close_content : object.close);
  }

  TextOut& out_;
  const std::byte* readable_;
  char* to_;
  char* limit_;
};

}  // namespace

template <bool json>
void run(const Program& outer, const Values& outer_values, const Program* inner, const Values& inner_values,
         const std::byte* readable, TextOut& out) {
  Runner<json>(out, readable).run(outer, outer_values, inner, inner_values);
}
template void run<true>(const Program&, const Values&, const Program*, const Values&, const std::byte*,
                        TextOut&);
template void run<false>(const Program&, const Values&, const Program*, const Values&, const std::byte*,
                         TextOut&);

Piece ProgramMaker::keep(std::string_view text) {
  const Piece piece{static_cast<std::uint32_t>(program_.text.size()),
                    static_cast<std::uint32_t>(text.size())};
  program_.text += text;
  return piece;
}

Piece ProgramMaker::take() {
  const Piece piece = keep(pending_.text());
  pending_.clear(pending_.size() + (64 << 10));
  return piece;
}

void ProgramMaker::flush() {
  if (pending_.size() != 0) add({.kind = Step::literal});
}

void ProgramMaker::add(Step step) {
  step.before = take();
  step.comma = std::exchange(comma_, false) && step.before.size != 0;
  program_.steps.push_back(step);
}

void ProgramMaker::comma_unless_first() {
  flush();
  comma_ = true;
  pending_.add(',');
}

std::size_t ProgramMaker::begin_guard(std::uint16_t slot) {
  flush();
  program_.steps.push_back({.kind = Step::depends, .slot = slot});
  return program_.steps.size() - 1;
}

void ProgramMaker::end_guard(std::size_t guard) {
  flush();
  const std::size_t count = program_.steps.size() - guard - 1;
  Step& step = program_.steps[guard];
  step.count = static_cast<std::uint32_t>(count);
  // A leaf that depends on its own value, as most do, needs no guard of its own.
  if (count == 1 && program_.steps.back().kind == Step::leaf && program_.steps.back().slot == step.slot) {
    Step own = program_.steps.back();
    own.dependent = true;
    program_.steps.pop_back();
    program_.steps.back() = own;
  }
}

bool ProgramMaker::use(std::uint16_t slot, Program::SlotUse use) {
  constexpr std::uint32_t kOften = 16;  // what is used often could unfold to much: the long way round counts
  if (slot >= program_.slots.size()) {
    program_.slots.resize(slot + std::size_t{1}, 0xff);
    uses_.resize(slot + std::size_t{1}, 0);
  }
  std::uint8_t& known = program_.slots[slot];
  if (use == Program::stream && known != 0xff) return false;
  if (known == Program::stream) return false;
  known = known == 0xff ? use : known & use;
  return ++uses_[slot] <= kOften;
}

bool ProgramMaker::too_large() const {
  return program_.text.size() + pending_.size() > limits::kEvtxProgramText;
}

}  // namespace landwarden::decode::evtx
